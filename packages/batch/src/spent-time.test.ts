import { createRuntime } from "@reckon/host";
import { expect, it } from "vitest";
import { createRecordSource } from "./doubles/record-source.ts";
import { seededRandom } from "./doubles/seeded-random.ts";
import type { RunId } from "./entity.ts";
import { batchFolder, workedText } from "./fixtures/batch-folder.ts";
import { openLedger } from "./ledger/open-ledger.ts";
import { startBatch } from "./run-batch.ts";
import { systemClock as clock } from "./system-clock.ts";

const module = `export function work(x) {
  if (x === 13) for (;;);
  return 2 * x;
}
`;
const timeoutMs = 1_000;

it("[LE29] what was spent on chunks that came to nothing is in the run's CPU time and cost, by the thread that spent it", async () => {
  const folder = await batchFolder(workedText);
  await folder.write("work.js", module);
  const runtime = createRuntime({ threads: 0, cache: "off" });
  const ledger = await openLedger("memory", { clock });
  const summary = await startBatch({
    program: await folder.program({ columns: ["id", "x"] }),
    source: createRecordSource(Array.from({ length: 20 }, (_, x) => ({ id: `p${x}`, x }))),
    ledger,
    policy: { retry: { attemptsMax: 2, firstMs: 1, factor: 2, longestMs: 10, jitter: 0 }, timeoutMs },
    strategy: "threads",
    concurrency: 1,
    chunkEntities: 5,
    resume: "never",
    pricePerCpuSecond: 1,
    runtime,
    clock,
    random: seededRandom(1),
  }).summary;
  await runtime.close();
  await folder.remove();
  expect(summary).toMatchObject({ succeeded: 19, failed: 1, retried: 1 });
  const run = await ledger.query.run(summary.run as RunId);
  // The chunk that it was in, and two attempts of its own.
  expect(run?.cpuMs).toBeGreaterThanOrEqual(3 * timeoutMs);
  expect(run?.cost).toBeCloseTo((run?.cpuMs ?? 0) / 1000, 9);
  for (const { worker } of run?.workers ?? []) expect(worker).toMatch(/^thread \d+$/);
  expect(run?.workers.reduce((sum, { entities }) => sum + entities, 0)).toBe(21);
  const attempts = [];
  for await (const page of ledger.query.attempts(summary.run as RunId)) attempts.push(...page);
  expect(attempts).toHaveLength(2);
  for (const attempt of attempts) {
    expect(attempt).toMatchObject({ key: "p13", outcome: "timed-out" });
    expect(attempt.worker).toMatch(/^thread \d+$/);
    expect(attempt.durationMs).toBeGreaterThanOrEqual(timeoutMs);
  }
});
