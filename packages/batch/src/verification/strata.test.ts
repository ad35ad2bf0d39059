import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../doubles/seeded-random.ts";
import type { EntityRow } from "../ledger.ts";
import { Strata } from "./strata.ts";

function row(position: number, changes: Partial<EntityRow> = {}): EntityRow {
  return {
    key: `p${position}`,
    position,
    state: "succeeded",
    deepKey: "",
    chunk: 1,
    chunkRow: position,
    errorCode: undefined,
    errorMessage: undefined,
    attempts: 1,
    durationMs: 1,
    errorAttribute: undefined,
    checksFailed: 0,
    worker: "main",
    startedAtMs: 1_000 + position,
    waitMs: 0,
    cacheHits: 0,
    ...changes,
  };
}

function sample(rows: readonly EntityRow[], size: number, seed = 1) {
  const strata = new Strata(size, seededRandom(seed));
  for (const each of rows) strata.add(each);
  return strata.take();
}

const all = Array.from({ length: 200 }, (_, i) =>
  row(i, {
    durationMs: i === 77 ? 90 : i === 78 ? 80 : 1,
    attempts: i === 50 || i === 51 ? 2 : 1,
    cacheHits: i === 60 ? 1 : 0,
    state: i === 61 ? "skipped" : "succeeded",
    // What a worker did first need not come first in the source.
    startedAtMs: i === 130 ? 900 : 1_000 + i,
    worker: i < 100 ? "thread 1" : "thread 2",
  }),
);

describe("Strata", () => {
  it("[BA50] takes the slowest, retried, cached, first of each worker and random ones by turns", () => {
    const chosen = sample(all, 12);
    const of = (stratum: string) =>
      chosen.filter((each) => each.stratum === stratum).map(({ position }) => position);
    expect(chosen).toHaveLength(12);
    expect(of("slowest")).toEqual(expect.arrayContaining([77, 78]));
    expect(of("retried")).toEqual([50, 51]);
    expect(of("cached")).toEqual([60, 61]);
    expect(of("first-of-worker")).toEqual([0, 130]);
    expect(of("slowest").length + of("random").length).toBe(6);
    expect(
      sample(all, 5)
        .map(({ stratum }) => stratum)
        .toSorted(),
    ).toEqual(["slowest", "retried", "cached", "first-of-worker", "random"].toSorted());
    expect(sample(all, 1)).toMatchObject([{ key: "p77", stratum: "slowest" }]);
  });

  it("[BA50] is the same for the same seed, and another for another", () => {
    const keys = (seed: number) => sample(all, 20, seed).map(({ key }) => key);
    expect(keys(7)).toEqual(keys(7));
    expect(keys(7)).not.toEqual(keys(8));
  });

  it("[BA50] takes nobody twice, only those with values, and fills the sample where there are enough", () => {
    const states = fc.constantFrom("succeeded", "skipped", "failed", "invalid", "open");
    const rows = fc.array(
      fc.record({ state: states, attempts: fc.integer({ min: 1, max: 3 }), durationMs: fc.nat(5) }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(rows, fc.nat(60), fc.integer(), (told, size, seed) => {
        const made = told.map((each, i) => row(i, each as Partial<EntityRow>));
        const chosen = sample(made, size, seed);
        const good = made.filter(({ state }) => state === "succeeded" || state === "skipped");
        expect(chosen).toHaveLength(Math.min(size, good.length));
        expect(new Set(chosen.map(({ key }) => key)).size).toBe(chosen.length);
        for (const { position } of chosen) expect(good).toContain(made[position]);
      }),
      { seed: 346410161 },
    );
  });

  it("[BA50] draws all alike where nothing sets them apart", () => {
    const plain = Array.from({ length: 100 }, (_, i) => row(i, { state: "skipped", worker: "w" }));
    const drawn = new Array<number>(100).fill(0);
    for (let seed = 0; seed < 400; seed++)
      for (const { position } of sample(plain, 10, seed)) drawn[position] = (drawn[position] ?? 0) + 1;
    // 40 are expected of each; four standard deviations are 24.
    expect(Math.min(...drawn)).toBeGreaterThan(12);
    expect(Math.max(...drawn)).toBeLessThan(68);
  });
});
