import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createRuntime } from "@reckon/host";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createRecordSource } from "./doubles/record-source.ts";
import { seededRandom } from "./doubles/seeded-random.ts";
import type { EntitySource } from "./entity-source.ts";
import { type BatchFolder, batchFolder, workedText } from "./fixtures/batch-folder.ts";
import { openLedger } from "./ledger/open-ledger.ts";
import type { RunState } from "./ledger.ts";
import { startBatch } from "./run-batch.ts";
import { systemClock as clock } from "./system-clock.ts";

/* From when on there is a file `armed`: 7 ends its thread, 8 hangs. */
const module = `import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync } from "node:fs";
const outside = AsyncLocalStorage.snapshot();
export function work(x) {
  if (!existsSync(new URL("./armed", import.meta.url))) return 2 * x;
  if (x === 7) outside(() => process.exit(7));
  if (x === 8) for (;;);
  return 2 * x;
}
`;
const runtime = createRuntime({ threads: 0, cache: "off" });
let folder: BatchFolder;
beforeAll(async () => {
  folder = await batchFolder(workedText);
  await folder.write("work.js", module);
});
afterEach(() => rm(join(folder.path, "armed"), { force: true }));
afterAll(async () => {
  await folder.remove();
  await runtime.close();
});

it("[BA49] [BA52] what crashes or hangs when it is computed again is a mismatch that names the entity, of a run that has ended", async () => {
  const ledger = await openLedger("memory", { clock });
  const records = createRecordSource(Array.from({ length: 12 }, (_, x) => ({ id: `p${x}`, x })));
  const states: (RunState | undefined)[] = [];
  let passes = 0;
  const source: EntitySource = {
    ...records,
    blocks: async function* (options) {
      if (++passes === 2) {
        await folder.write("armed", "");
        states.push((await ledger.query.run("last"))?.state);
      }
      yield* records.blocks(options);
    },
  };
  const summary = await startBatch({
    program: await folder.program({ columns: ["id", "x"] }),
    source,
    ledger,
    policy: { retry: { attemptsMax: 1, firstMs: 1, factor: 2, longestMs: 10, jitter: 0 }, timeoutMs: 3_000 },
    strategy: "threads",
    concurrency: 1,
    resume: "never",
    verify: { count: 12 },
    runtime,
    clock,
    random: seededRandom(1),
  }).summary;
  expect(states).toEqual(["succeeded"]);
  expect(summary).toMatchObject({ state: "succeeded", succeeded: 12, verify: { sampled: 12 } });
  expect(summary.verify?.mismatches).toMatchObject([
    { entity: "p7", expected: expect.stringMatching(/^lost: .*exited with code 7/), found: "values" },
    { entity: "p8", expected: expect.stringMatching(/^timed-out: /), found: "values" },
  ]);
  expect(await ledger.query.run("last")).toMatchObject({ state: "succeeded", owner: undefined, summary });
});

it("[BA49] a run stays ended where it cannot be verified", async () => {
  const ledger = await openLedger("memory", { clock });
  const records = createRecordSource(Array.from({ length: 12 }, (_, x) => ({ id: `p${x}`, x })));
  let passes = 0;
  const source: EntitySource = {
    ...records,
    blocks: async function* (options) {
      if (++passes === 2) throw new Error("the rows are gone");
      yield* records.blocks(options);
    },
  };
  const batch = startBatch({
    program: await folder.program({ columns: ["id", "x"] }),
    source,
    ledger,
    policy: { retry: { attemptsMax: 1, firstMs: 1, factor: 2, longestMs: 10, jitter: 0 } },
    strategy: "sequential",
    resume: "never",
    verify: { count: 3 },
    runtime,
    clock,
    random: seededRandom(1),
  });
  await expect(batch.summary).rejects.toThrow("the rows are gone");
  expect(await ledger.query.run("last")).toMatchObject({
    state: "succeeded",
    owner: undefined,
    summary: { succeeded: 12 },
  });
});
