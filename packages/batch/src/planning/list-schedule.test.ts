import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkSize } from "./chunk-size.ts";
import { scheduleMs } from "./list-schedule.ts";

const even = (count: number, ms: number, lanes: number) =>
  scheduleMs({ count, ms, lastMs: ms, spreadMs: 0 }, lanes);

describe("scheduleMs", () => {
  it("[BA43] counts rounds: 200 of 15 s on 20 take 150 s, and 201 take 165", () => {
    expect(even(200, 15_000, 20)).toBe(150_000);
    expect(even(201, 15_000, 20)).toBe(165_000);
    expect(scheduleMs({ count: 201, ms: 15_000, lastMs: 5_000, spreadMs: 0 }, 20)).toBe(155_000);
    expect(even(7, 10, 1)).toBe(70);
    expect(even(0, 10, 4)).toBe(0);
  });

  it("is never below the work by lanes, and little above it where chunks are many", () => {
    const times = fc.record({
      count: fc.integer({ min: 1, max: 20_000 }),
      lanes: fc.integer({ min: 1, max: 200 }),
      share: fc.constantFrom(0, 0.2, 1, 3),
    });
    fc.assert(
      fc.property(times, ({ count, lanes, share }) => {
        const total = scheduleMs({ count, ms: 10, lastMs: 10, spreadMs: 10 * share }, lanes);
        const fair = (count * 10) / lanes;
        expect(total).toBeGreaterThanOrEqual(fair * (1 - 1e-9));
        expect(total).toBeLessThanOrEqual(Math.min(count * 10, fair + 10 * (1 + 50 * share)) * (1 + 1e-9));
      }),
      { seed: 282842712 },
    );
  });

  it("ends later where chunks spread", () => {
    const spread = scheduleMs({ count: 40, ms: 10, lastMs: 10, spreadMs: 8 }, 20);
    expect(spread).toBeGreaterThan(even(40, 10, 20) + 5);
  });
});

describe("chunkSize", () => {
  const light = { chunkMs: 0.5, entityMs: 0.001, bytesPerEntity: 100 };

  it("[BA18] opens for at most 5 % of the time", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 5, noNaN: true }),
        fc.double({ min: 0.001, max: 100, noNaN: true }),
        (chunkMs, entityMs) => {
          const size = chunkSize({ chunkMs, entityMs, bytesPerEntity: 8 }, { entities: 1e6, lanes: 1 });
          const share = chunkMs / (chunkMs + size * entityMs);
          expect(share <= 0.05 + 1e-9 || size === 16_384).toBe(true);
          // No larger than that, but for 10 ms.
          const smallerMs = chunkMs + (size - 1) * entityMs;
          if (size > 1) expect(chunkMs / smallerMs > 0.05 - 1e-9 || smallerMs < 10).toBe(true);
        },
      ),
      { seed: 300000007 },
    );
    expect(
      chunkSize({ chunkMs: 0.5, entityMs: 15_000, bytesPerEntity: 8 }, { entities: 200, lanes: 1 }),
    ).toBe(1);
  });

  it("[BA18] holds no more than 16,384 entities or 64 MB", () => {
    expect(chunkSize({ ...light, chunkMs: 50 }, { entities: 1e6, lanes: 1 })).toBe(16_384);
    expect(chunkSize({ ...light, bytesPerEntity: 1024 * 1024 }, { entities: 1e6, lanes: 1 })).toBe(64);
    expect(chunkSize({ ...light, bytesPerEntity: 1e12 }, { entities: 1e6, lanes: 8 })).toBe(1);
  });

  it("[BA72] with a timeout takes no more than a quarter of it, but one entity", () => {
    const timed = { entities: 1e6, timeoutMs: 200 };
    for (const lanes of [1, 2, 20]) {
      expect(chunkSize({ ...light, chunkMs: 40, entityMs: 1 }, { ...timed, lanes })).toBe(10);
      expect(chunkSize({ ...light, entityMs: 50 }, { ...timed, lanes, chunkMsMin: 75 })).toBe(1);
      expect(chunkSize({ ...light, chunkMs: 60 }, { ...timed, lanes })).toBe(1);
    }
    expect(chunkSize({ ...light, chunkMs: 0, entityMs: 1 }, { ...timed, lanes: 2, chunkMsMin: 75 })).toBe(50);
  });

  it("[BA18] on threads sending chunks costs as much as the last ones leave others waiting", () => {
    const heavy = { chunkMs: 0, entityMs: 10, bytesPerEntity: 8 };
    expect(chunkSize(heavy, { entities: 290, lanes: 1 })).toBe(1);
    for (const [entities, lanes] of [
      [290, 2],
      [5000, 2],
      [5000, 8],
    ] as const) {
      const size = chunkSize(heavy, { entities, lanes });
      const costMs = (each: number): number =>
        ((entities / each) * 0.5) / lanes + (each * heavy.entityMs) / 2;
      for (const other of [size - 2, size + 2]) expect(costMs(other)).toBeGreaterThan(costMs(size));
    }
    expect(chunkSize({ ...heavy, entityMs: 15_000 }, { entities: 200, lanes: 20 })).toBe(1);
  });

  it("[BA18] leaves four chunks a thread, as far as each takes 10 ms", () => {
    const entities = 40_000;
    expect(chunkSize(light, { entities, lanes: 1 })).toBe(9_500);
    expect(chunkSize({ ...light, chunkMs: 0 }, { entities, lanes: 4 })).toBe(10_000);
    expect(chunkSize({ ...light, entityMs: 0.01, chunkMs: 10 }, { entities, lanes: 4 })).toBe(2_500);
    // A queue wants 75 ms.
    expect(
      chunkSize({ ...light, entityMs: 1, chunkMs: 0 }, { entities: 200, lanes: 20, chunkMsMin: 75 }),
    ).toBe(75);
  });
});
