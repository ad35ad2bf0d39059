import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createRuntime } from "@reckon/host";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { BatchRequest } from "./api.ts";
import { createRecordSource } from "./doubles/record-source.ts";
import { seededRandom } from "./doubles/seeded-random.ts";
import { type BatchFolder, batchFolder, workedText } from "./fixtures/batch-folder.ts";
import { openLedger } from "./ledger/open-ledger.ts";
import { startBatch } from "./run-batch.ts";
import { systemClock as clock } from "./system-clock.ts";

/* Where there is a file `armed`, the entity 25 changes the module and ends its thread. */
const module = `import { AsyncLocalStorage } from "node:async_hooks";
import { appendFileSync, existsSync } from "node:fs";
const outside = AsyncLocalStorage.snapshot();
export function work(x) {
  if (x === 25 && existsSync(new URL("./armed", import.meta.url))) {
    appendFileSync(new URL(import.meta.url), "// changed");
    outside(() => process.exit(1));
  }
  return 2 * x;
}
`;
const runtime = createRuntime({ threads: 0, cache: "off" });
let folder: BatchFolder;
beforeAll(async () => {
  folder = await batchFolder(workedText);
});
beforeEach(() => folder.write("work.js", module));
afterAll(async () => {
  await folder.remove();
  await runtime.close();
});

async function requestOf(more: Partial<BatchRequest> = {}): Promise<BatchRequest> {
  return {
    program: await folder.program({ columns: ["id", "x"] }),
    source: createRecordSource(Array.from({ length: 40 }, (_, x) => ({ id: `p${x}`, x }))),
    ledger: await openLedger("memory", { clock }),
    policy: { retry: { attemptsMax: 2, firstMs: 1, factor: 2, longestMs: 10, jitter: 0 } },
    strategy: "threads",
    concurrency: 1,
    chunkEntities: 4,
    resume: "auto",
    runtime,
    clock,
    random: seededRandom(1),
    ...more,
  };
}

it("[BA67] a module that changes while a run goes on ends it, fails no entity, and the run goes on when it is as it was", async () => {
  const request = await requestOf();
  await folder.write("armed", "");
  await expect(startBatch(request).summary).rejects.toMatchObject({
    code: "program",
    message: expect.stringContaining(
      "./work.js is not what it was when the run began; no entity has failed by that",
    ),
  });
  const left = await request.ledger.query.run("last");
  expect(left).toMatchObject({ state: "interrupted", counts: { failed: 0, invalid: 0 } });
  expect(left?.counts.succeeded).toBeGreaterThanOrEqual(10);

  await rm(join(folder.path, "armed"));
  await folder.write("work.js", module);
  const summary = await startBatch(request).summary;
  expect(summary).toMatchObject({ run: left?.run, state: "succeeded", succeeded: 40, retried: 0 });
});

it("[BA67] a module that has changed before the first thread opens it ends the run as well", async () => {
  const request = await requestOf();
  await folder.write("work.js", `${module}// changed`);
  await expect(startBatch(request).summary).rejects.toMatchObject({ code: "program" });
  expect(await request.ledger.query.run("last")).toMatchObject({
    state: "interrupted",
    counts: { entities: 0, attempts: 0 },
  });
});

it.each(["threads", "sequential"] as const)(
  "[BA67] where the program cannot be written for the threads of `%s` the run ends, and fails no entity",
  async (strategy) => {
    const { policy, ...request } = await requestOf({ strategy });
    vi.stubEnv("TMPDIR", join(folder.path, "nowhere"));
    const batch = startBatch({ ...request, policy: { ...policy, timeoutMs: 60_000 } });
    await expect(batch.summary).rejects.toMatchObject({
      code: "program",
      message: expect.stringContaining("the program cannot be written for threads"),
    });
    vi.unstubAllEnvs();
    expect(await request.ledger.query.run("last")).toMatchObject({
      state: "interrupted",
      counts: { entities: 0, attempts: 0 },
    });
  },
);
