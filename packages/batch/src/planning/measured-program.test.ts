import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRecordSource } from "../doubles/record-source.ts";
import type { ChunkId, EntityChunk } from "../entity.ts";
import { createInlineRunner } from "../evaluation/inline-runner.ts";
import { prepareProgram } from "../evaluation/prepare-program.ts";
import { formChunks } from "../scheduling/chunk-forming.ts";
import { systemClock } from "../system-clock.ts";
import { planBatch, unmeasuredMachine } from "./choose.ts";
import { measureSample, sampleSizes } from "./measure-sample.ts";

const text = `model work
use "./slow.js" as slow
axis job = table("jobs.csv", key id)

block done by job
  input size = job.size
  plain = size * 2
  result = slow.twice(size) + plain
`;
/** Computes for two milliseconds a call. By the clock it may take longer: others have the core at times. */
const slow = `const usedMs = () => process.threadCpuUsage().user / 1000;
export function twice(size) {
  const end = usedMs() + 2;
  while (usedMs() < end);
  return size * 2;
}
`;
const records = Array.from({ length: 40 }, (_, i) => ({ id: `j${i}`, size: i }));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reckon-plan-"));
  await writeFile(join(folder, "work.reckon"), text);
  await writeFile(join(folder, "slow.js"), slow);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function* sampled(): AsyncGenerator<EntityChunk> {
  let from = 0;
  for await (const block of createRecordSource(records).blocks()) {
    const ones = formChunks(block, { chunkEntities: 1, firstNumber: 0 });
    for (const size of sampleSizes(records.length)) {
      const some = ones.slice(from, from + size);
      from += size;
      yield {
        ...(some[0] as EntityChunk),
        id: `c${from}-a1` as ChunkId,
        table: {
          source: "jobs.csv",
          rows: some.length,
          columns: ["id", "size"].map((name, i) => ({
            name,
            values: some.map(({ table }) => table.columns[i]?.values[0] ?? null),
          })),
          lines: some.flatMap(({ table }) => table.lines),
        },
        keys: some.flatMap(({ keys }) => keys),
        positions: some.flatMap(({ positions }) => positions),
      };
    }
  }
}

/** The time that this thread computed: however busy the machine is, the sample is not ended by its five seconds. */
const clock = { ...systemClock, now: () => process.threadCpuUsage().user / 1000 };

it("[BA37] [BA40] a sample of a real program finds its heavy calls, and `inside` is predicted", async () => {
  const load = { model: join(folder, "work.reckon"), allowModules: true };
  const prepared = await prepareProgram({ load, axis: "job", columns: ["id", "size"] });
  if (!("program" in prepared)) throw new Error(JSON.stringify(prepared));
  const runner = createInlineRunner(prepared.program);
  const kinds: string[] = [];
  const sample = await measureSample({
    runner,
    chunks: sampled(),
    clock,
    entities: records.length,
    onOutcome: (_, outcome) => void kinds.push(outcome.kind),
  });
  await runner.close();
  expect(new Set(kinds)).toEqual(new Set(["done"]));
  expect(sample).toMatchObject({ entities: 10, callsAtOnce: 1 });
  expect(sample.heavyShare).toBeGreaterThan(0);
  // Two milliseconds a call at least, whatever else the machine does.
  expect(sample.entityMs + sample.chunkMs).toBeGreaterThan(1);
  // Four attributes and the key, 8 bytes each or more.
  expect(sample.bytesPerEntity).toBeGreaterThanOrEqual(24);
  const machine = { ...unmeasuredMachine, cores: 2, speedUps: [1, 1.9] };
  const measures = { entities: 100_000, isEstimated: false, sample, machine };
  const names = planBatch(measures, { strategy: "auto" }).predictions.map(({ strategy }) => strategy);
  expect(names).toEqual(["sequential", "inside", "threads"]);
});
