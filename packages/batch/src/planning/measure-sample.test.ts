import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createScriptedRunner } from "../doubles/scripted-runner.ts";
import { createSimulatedClock } from "../doubles/simulated-clock.ts";
import type { ChunkId, EntityChunk } from "../entity.ts";
import { fitTimes } from "./fit-times.ts";
import { measureSample, sampleEntities, sampleSizes } from "./measure-sample.ts";

/** Chunks as large as a sample wants them, and how many were asked for. */
function chunksOf(entities: number) {
  let position = 0;
  let asked = 0;
  const sizes = sampleSizes(entities).values();
  const chunks: AsyncIterator<EntityChunk> = {
    next: async () => {
      asked++;
      const { value: size, done } = sizes.next();
      if (done === true) return { value: undefined, done: true };
      const positions = Array.from({ length: size }, (_, i) => position + i);
      position += size;
      const table = { source: "t.csv", rows: size, columns: [], lines: [] };
      const keys = positions.map((each) => `p${each}`);
      return {
        done: false,
        value: { id: `c${asked}-a1` as ChunkId, attempt: 1, table, keys, positions, sideTables: {} },
      };
    },
  };
  return { chunks, asked: () => asked };
}

interface Times {
  readonly entityMs: number;
  readonly chunkMs?: number;
  /** Before the first chunk. */
  readonly openingMs?: number;
  /** CPU time per time by the clock, where others have the cores meanwhile. */
  readonly cpuShare?: number;
  readonly cores?: number;
  readonly atOnce?: number;
}

async function sampleOf(
  entities: number,
  { openingMs = 0, cpuShare = 1, cores = 1, atOnce = 1, ...times }: Times,
) {
  const clock = createSimulatedClock();
  const scripted = createScriptedRunner({ clock, ...times });
  const runner: typeof scripted = {
    ...scripted,
    run: async (chunk, options) => {
      if (openingMs > 0 && scripted.begun.length === 0)
        await new Promise<void>((resolve) => void clock.after(openingMs, resolve));
      const outcome = await scripted.run(chunk, options);
      if (outcome.kind !== "done") return outcome;
      const { cpuMs, durationMs } = outcome.figures;
      return { ...outcome, figures: { ...outcome.figures, cpuMs: cpuMs * cpuShare, activeMs: durationMs } };
    },
  };
  const { chunks } = chunksOf(entities);
  const outcomes: string[] = [];
  const measured = measureSample({
    runner,
    chunks,
    clock,
    entities,
    cores,
    atOnce,
    onOutcome: (chunk, outcome) => void outcomes.push(...chunk.keys.map(() => outcome.kind)),
  });
  return { sample: await clock.runUntil(measured), outcomes, begun: runner.begun };
}

describe("sampleSizes", () => {
  it("[BA37] is max(10, 5 %), in chunks that double", () => {
    expect(sampleSizes(300)).toEqual([1, 1, 1, 2, 5, 5]);
    expect(sampleSizes(300, 2)).toEqual([1, 1, 1, 1, 2, 2, 2, 4, 1]);
    expect(sampleSizes(4)).toEqual([1, 1, 1, 1]);
    expect(sampleSizes(0)).toEqual([]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_000_000 }), (entities) => {
        const sizes = sampleSizes(entities);
        const sum = sizes.reduce((all, each) => all + each, 0);
        expect(sum).toBe(Math.min(entities, Math.max(10, Math.ceil(entities * 0.05))));
        expect(sum).toBe(sampleEntities(entities));
        for (const size of sizes) expect(size).toBeLessThanOrEqual(4_096);
      }),
      { seed: 316227766 },
    );
  });
});

describe("measureSample", () => {
  it("[BA37] computes the first entities one chunk after another, and hands on every outcome", async () => {
    const { sample, outcomes, begun } = await sampleOf(300, { entityMs: 10, chunkMs: 3 });
    expect(sample).toMatchObject({ entities: 15, chunks: 6, saturation: 1 });
    expect(sample.chunkMs).toBeCloseTo(3, 6);
    expect(sample.entityMs).toBeCloseTo(10, 6);
    expect(sample.wallMs).toBe(15 * 10 + 6 * 3);
    expect(outcomes).toEqual(Array.from({ length: 15 }, () => "done"));
    expect(begun.flatMap(({ keys }) => keys)).toEqual(Array.from({ length: 15 }, (_, i) => `p${i}`));
  });

  it("[BA37] where others have the cores it tells the time by the clock, and the share of it that is CPU time", async () => {
    const { sample } = await sampleOf(300, { entityMs: 10, cpuShare: 0.25 });
    expect(sample).toMatchObject({ saturation: 1, cpuShare: 0.25 });
    expect(sample.entityMs).toBeCloseTo(10, 6);
  });

  it("[BA37] what sleeps on its thread is measured by the clock, whatever little CPU time its chunks took", async () => {
    let chunks = 0;
    const clock = createSimulatedClock();
    const scripted = createScriptedRunner({ clock, entityMs: 100 });
    const runner: typeof scripted = {
      ...scripted,
      run: async (chunk, options) => {
        const outcome = await scripted.run(chunk, options);
        if (outcome.kind !== "done") return outcome;
        const { durationMs } = outcome.figures;
        const cpuMs = [9, 2.2, 1.9, 2.6, 3.1][chunks++] ?? 4;
        return { ...outcome, figures: { ...outcome.figures, cpuMs, activeMs: durationMs } };
      },
    };
    const { chunks: all } = chunksOf(400);
    const measured = measureSample({ runner, chunks: all, clock, entities: 400, onOutcome: () => undefined });
    const { entityMs, chunkMs, cpuShare } = await clock.runUntil(measured);
    expect([entityMs, chunkMs].map(Math.round)).toEqual([100, 0]);
    expect(cpuShare).toBeLessThan(0.05);
  });

  it("[BA37] after ten begins none once it has taken 5 % of what the rest takes on all cores, and 100 ms", async () => {
    const sizeOf = async (entities: number, entityMs: number, cores: number): Promise<number> =>
      (await sampleOf(entities, { entityMs, cores })).sample.entities;
    // 2.9 s are left for two, 5 % of which are less than the 100 ms that are over.
    expect(await sizeOf(300, 10, 2)).toBe(10);
    expect(await sizeOf(300, 9.9, 2)).toBe(15);
    // 20 s are left for one, and for four 5.
    expect(await sizeOf(2000, 10, 1)).toBe(100);
    expect(await sizeOf(2000, 10, 4)).toBe(40);
    expect(await sizeOf(2000, 0.01, 64)).toBe(100);
  });

  it("[BA64] on threads computes several chunks at once, each entity once, and measures the same", async () => {
    const { sample, outcomes, begun } = await sampleOf(2000, { entityMs: 10, cores: 4, atOnce: 4 });
    const keys = begun.flatMap((chunk) => chunk.keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toEqual(Array.from({ length: keys.length }, (_, i) => `p${i}`));
    expect(outcomes).toHaveLength(sample.entities);
    expect(sample.entities).toBe(keys.length);
    expect(sample.entities).toBeLessThanOrEqual(100);
    expect(sample.entityMs).toBeCloseTo(10, 6);
    expect(sample.wallMs).toBeLessThan(0.6 * 10 * sample.entities);
  });

  it("[BA64] tells before each chunk what is left at least, by heavy calls from the first, by all once it is known", async () => {
    const left: number[] = [];
    for (const isHeavy of [true, false]) {
      const clock = createSimulatedClock();
      const scripted = createScriptedRunner({ clock, entityMs: 10, chunkMs: 5 });
      await clock.runUntil(
        measureSample({
          runner: {
            ...scripted,
            run: async (chunk, options) => {
              const outcome = await scripted.run(chunk, options);
              if (outcome.kind !== "done" || !isHeavy) return outcome;
              return { ...outcome, figures: { ...outcome.figures, heavyMs: 8 * chunk.keys.length } };
            },
          },
          chunks: chunksOf(300).chunks,
          clock,
          entities: 300,
          onOutcome: () => undefined,
          onChunk: async (_, workMsLeast) => void left.push(Math.round(workMsLeast)),
        }),
      );
    }
    expect(left).toEqual([0, 299 * 8, 298 * 8, 297 * 8, 295 * 8, 2900, 0, 0, 0, 0, 0, 2900]);
  });

  it("[BA37] begins none after 5 seconds", async () => {
    const { sample } = await sampleOf(200, { entityMs: 15_000 });
    expect(sample).toMatchObject({ entities: 1, chunks: 1, wallMs: 15_000 });
    expect(sample.entityMs).toBeCloseTo(15_000, 6);
    const two = await sampleOf(200, { entityMs: 2_400 });
    expect(two.sample.entities).toBe(3);
  });

  it("[BA37] opening the program is no time of the first entity, and none of the 5 seconds", async () => {
    const { sample } = await sampleOf(60, { entityMs: 10, openingMs: 10_000 });
    expect(sample).toMatchObject({ entities: 10, wallMs: 10_100 });
    expect(sample.entityMs).toBeCloseTo(10, 6);
    const one = await sampleOf(60, { entityMs: 6_000, openingMs: 10_000 });
    expect(one.sample).toMatchObject({ entities: 1, entityMs: 6_000 });
  });

  it("measures light entities in thousands", async () => {
    const { sample } = await sampleOf(100_000, { entityMs: 0.001, chunkMs: 0.5 });
    expect(sample.entities).toBe(5_000);
    expect(sample.chunks).toBeLessThan(20);
    expect(sample.entityMs).toBeCloseTo(0.001, 9);
  });

  it("takes what a row costs from reading and recording, without opening the file where one block was read", async () => {
    const rowMsOf = async (entities: number, rowsRead: number): Promise<number> => {
      let now = 0;
      const clock = { now: () => now, date: () => now, after: () => () => undefined };
      const { chunks } = chunksOf(entities);
      let asked = 0;
      const slow: typeof chunks = {
        next: async () => {
          now += asked++ === 0 ? 100 : 0;
          return await chunks.next();
        },
      };
      const sample = await measureSample({
        runner: {
          concurrency: 1,
          run: async () => ({ kind: "failed", message: "it says nothing of time" }),
          close: async () => undefined,
        },
        chunks: slow,
        clock,
        entities,
        onOutcome: ({ keys }) => {
          now += keys.length * 0.5;
        },
        settle: async () => {
          now += 4_096;
        },
        rowsRead: () => rowsRead,
      });
      return sample.rowMs;
    };
    // Half a millisecond for telling, one for what 4,096 and fewer are written in.
    expect(await rowMsOf(200, 200)).toBeCloseTo(0.5 + 1, 9);
    // All of 5,000 in the sample, 8,192 were read.
    expect(await rowMsOf(100_000, 8_192)).toBeCloseTo((100 + 0.5 * 5_000) / 8_192 + 4_096 / 5_000, 9);
  });
});

describe("fitTimes", () => {
  it("finds opening and entities in times that spread by a fifth", () => {
    const random = fc.double({ min: 0.8, max: 1.2, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(0.001, 0.1, 10),
        fc.constantFrom(0, 0.5, 5),
        fc.array(random, { minLength: 15, maxLength: 15 }),
        (entityMs, chunkMs, noise) => {
          const sizes = sampleSizes(100_000);
          const times = sizes.map((entities, i) => ({
            entities,
            ms: (chunkMs + entities * entityMs) * (noise[i] ?? 1),
          }));
          const found = fitTimes(times);
          expect(found.chunkMs).toBeGreaterThanOrEqual(0);
          const largest = sizes.reduce((sum, each) => sum + each, 0);
          const truth = sizes.length * chunkMs + largest * entityMs;
          const fitted = sizes.length * found.chunkMs + largest * found.entityMs;
          expect(fitted / truth).toBeGreaterThan(0.75);
          expect(fitted / truth).toBeLessThan(1.25);
        },
      ),
      { seed: 331662479 },
    );
  });

  it("fits CPU time where it is known, and takes from all chunks how much longer it is by the clock", () => {
    const sizes = sampleSizes(100_000);
    const times = sizes.map((entities, i) => {
      const cpuMs = 0.5 + entities * 0.002;
      // Others have the core now and then, for much longer than a small chunk takes.
      return { entities, cpuMs, ms: cpuMs + (i % 3 === 0 ? 8 : 0) };
    });
    const found = fitTimes(times);
    const counted = times.slice(1);
    const all = counted.reduce((sum, { ms }) => sum + ms, 0);
    expect(found.chunkMs / found.entityMs).toBeCloseTo(0.5 / 0.002, 0);
    const cpuMs = counted.reduce((sum, each) => sum + each.cpuMs, 0);
    expect(found.entityMs).toBeCloseTo((0.002 * all) / cpuMs, 9);
  });

  it("knows little from one chunk, and nothing from none", () => {
    expect(fitTimes([{ entities: 1, ms: 8 }])).toMatchObject({ chunkMs: 0, entityMs: 8, entityMsError: 4 });
    expect(fitTimes([])).toMatchObject({ chunkMs: 0, entityMs: 0 });
    const equal = fitTimes([1, 1, 1].map((entities) => ({ entities, ms: 5 })));
    expect(equal).toMatchObject({ chunkMs: 0, entityMs: 5, entityMsError: 0 });
  });
});
