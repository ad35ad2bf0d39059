import { describe, expect, it } from "vitest";
import type { BatchMeasures, SampleMeasure } from "../batch-plan.ts";
import { planBatch, unmeasuredMachine } from "./choose.ts";
import { goingOnText, planText } from "./plan-text.ts";

const sample: SampleMeasure = {
  entities: 15,
  chunks: 6,
  wallMs: 161,
  chunkMs: 0.41,
  entityMs: 10.4,
  entityMsMax: 12,
  entityMsSpread: 0.2,
  entityMsError: 0.15,
  saturation: 1,
  heavyShare: 0,
  callsAtOnce: 0,
  rowMs: 0.01,
  bytesPerEntity: 400,
  memoryPeakBytes: 100e6,
  cacheHitShare: 0,
  unchangedShare: 0,
};
const machine: BatchMeasures["machine"] = {
  cores: 2,
  speedUps: [1, 1.93],
  spawnMs: 35,
  perTaskMs: 0.05,
  perMegabyteMs: 0.3,
  importMs: 60,
  threadBytes: 20e6,
  freeBytes: 4e9,
};
const measures = { entities: 300, isEstimated: false, sample, machine };
const auto = { strategy: "auto" } as const;

it("[BA70] the plan of an earlier session is one line, with how the rest is computed where that differs", () => {
  const plan = planBatch(measures, { strategy: "threads", concurrency: 2, chunkEntities: 9 });
  const said = goingOnText(plan, { strategy: "threads", concurrency: 2 });
  expect(said).toMatch(
    /^planned in an earlier session: threads on 2 threads, chunks of 9; all in all \d\S* s$/,
  );
  expect(goingOnText(plan, { strategy: "threads", concurrency: 4 })).toBe(
    `${said}; the rest with threads on 4 threads`,
  );
  expect(goingOnText(plan, { strategy: "sequential", concurrency: 1 })).toBe(
    `${said}; the rest with sequential`,
  );
});

describe("planText", () => {
  it("[BA37] prints the sample, a line a strategy with range, CPU, memory and cost, and the choice with its reason", () => {
    expect(planText(planBatch(measures, auto))).toMatchInlineSnapshot(`
      "sample: 15 of 300 entities in 161 ms; 10.4 ms an entity, 410 µs a chunk

        strategy    at once  chunk   time           range  chunk CPU   memory
        sequential        1      1  3.1 s  3.0 s to 3.2 s      3.1 s     1 KB
      → threads           2      4  1.7 s  1.6 s to 1.7 s      3.0 s  38.2 MB

      break-even: threads from 40 entities
      choice: threads on 2 threads, chunks of 4: 1.4 s less than sequential, 1.85 times as fast; all in all 1.8 s"
    `);
    const cluster = { threads: 20, workers: 5, perJobMs: 0.1, roundTripMs: 2, chunkMsMin: 10 };
    const dear = { ...measures, cluster, pricePerCpuSecond: 0.05, isEstimated: true };
    expect(planText(planBatch(dear, { strategy: "threads", concurrency: 4 }))).toMatchInlineSnapshot(`
      "sample: 15 of about 300 entities in 161 ms; 10.4 ms an entity, 410 µs a chunk

        strategy    at once  chunk    time             range  chunk CPU   memory  cost
        sequential        1      1   3.1 s    3.0 s to 3.2 s      3.1 s     1 KB  0.15
      → threads           4      3   1.7 s    1.7 s to 1.8 s      3.0 s  76.3 MB  0.15
        cluster          20      1  224 ms  219 ms to 228 ms      3.1 s    47 KB  0.15

      break-even: threads from 52 entities, cluster from 22 entities
      choice: threads on 4 threads, chunks of 3: as asked for; all in all 1.9 s"
    `);
  });

  it("prints one strategy in two lines where nothing else is looked at", () => {
    expect(planText(planBatch({ ...measures, entities: 20 }, auto))).toMatchInlineSnapshot(`
      "sample: 15 of 20 entities in 161 ms; 10.4 ms an entity, 410 µs a chunk
      choice: sequential, chunks of 1: the rest takes 54.1 ms, too little for anything else; all in all 215 ms"
    `);
  });

  it("[BA37] fits a narrow window: columns that say less go, sentences are broken", () => {
    const plan = planBatch(measures, auto);
    expect(planText(plan, 60)).toMatchInlineSnapshot(`
      "sample: 15 of 300 entities in 161 ms; 10.4 ms an entity,
        410 µs a chunk

        strategy    at once  chunk   time  chunk CPU
        sequential        1      1  3.1 s      3.1 s
      → threads           2      4  1.7 s      3.0 s

      break-even: threads from 40 entities
      choice: threads on 2 threads, chunks of 4: 1.4 s less than
        sequential, 1.85 times as fast; all in all 1.8 s"
    `);
    for (let width = 36; width < 110; width++)
      for (const line of planText(plan, width).split("\n")) expect(line.length).toBeLessThanOrEqual(width);
    expect(planText(plan, 110)).toBe(planText(plan));
  });

  it("tells small times in microseconds, and a choice that had nothing to choose from", () => {
    const light = { ...sample, entityMs: 0.0042, chunkMs: 0.12, wallMs: 0.5 };
    const text = planText(planBatch({ ...measures, sample: light, machine: unmeasuredMachine }, auto));
    expect(text).toContain("in 500 µs; 4.2 µs an entity, 120 µs a chunk");
    const none = { ...measures, entities: 1, sample: { ...light, entities: 1, entityMs: 0 } };
    expect(planText(planBatch({ ...none, machine: unmeasuredMachine }, auto))).toContain(
      "sample: 1 of 1 entity in 500 µs; less than 0.10 µs an entity, 120 µs a chunk",
    );
    const long = planBatch({ ...measures, machine: unmeasuredMachine }, auto);
    expect(planText(long)).toContain(": nothing else was looked at; ");
  });

  it("tells what is expected in the cache, unchanged, and waiting", () => {
    const more = { ...sample, cacheHitShare: 0.5, unchangedShare: 0.25, saturation: 0.1, entityMs: 9_000 };
    const text = planText(planBatch({ ...measures, sample: more }, { strategy: "sequential" }));
    expect(text).toContain("about 71 are unchanged and not computed again");
    expect(text).toContain("about 107 are expected in the cache");
    expect(text).toContain("90 % of it waiting");
    expect(text).toContain("32.1 min");
  });
});
