/** The rule of warming up, on clocks that are made up: what counts is how many calls were made, and which are samples. */
import { describe, expect, it } from "vitest";
import { type Clock, eachCallMs, figureOf, medianOf, perCallMs, type Sampling, warmUp } from "./timing.ts";

const sampling: Sampling = { edits: 9, warmMsMin: 1000, warmMsMax: 4000, batchMs: 50, samplesMsMax: 2500 };

/** An engine whose i-th call takes `msOf(i)` on a clock that nothing else moves. */
function madeUp(msOf: (i: number) => number): { clock: Clock; call: (i: number) => void; calls: number[] } {
  let now = 1_000_000;
  const calls: number[] = [];
  const call = (i: number) => {
    calls.push(i);
    now += msOf(i);
  };
  return { clock: () => now, call, calls };
}

describe("an engine is warm", () => {
  it("when two rounds were no faster and the least time is over", () => {
    const { clock, call, calls } = madeUp(() => 10);
    const { ms, isSlow } = warmUp(sampling, call, clock);
    // 1 + 2 + 4 + 8 + 16 + 32 + 64 calls: 630 ms after six rounds, 1,270 after seven.
    expect(calls).toHaveLength(127);
    expect([ms, isSlow]).toEqual([10, false]);
  });

  it("not before a compiler that comes later has made it faster, and twice as long has shown no more", () => {
    const { clock, call, calls } = madeUp((i) => (i < 200 ? 4 : 1));
    // Rounds end at 127, 255, 511, 1,023, 2,047 calls: the third is faster, the two after it are not.
    expect(warmUp(sampling, call, clock).ms).toBe(1);
    expect(calls).toHaveLength(2047);
  });

  it("where times fall slowly, once a round twice as long is less than 5 % faster, twice", () => {
    // Falls like 1 + 30/i: 15 at 2 calls, 1.06 at 500, 1.03 at 1,000.
    const { clock, call, calls } = madeUp((i) => 1 + 30 / (i + 1));
    const { ms } = warmUp(sampling, call, clock);
    expect(ms).toBeLessThan(1.06);
    expect(calls).toHaveLength(2047);
  });

  it("at the latest when its time is over", () => {
    const { clock, call } = madeUp((i) => 2000 * 0.99 ** i);
    const before = clock();
    warmUp(sampling, call, clock);
    expect(clock() - before).toBeGreaterThanOrEqual(4000);
    expect(clock() - before).toBeLessThan(6000);
  });

  it("although a moment was slow", () => {
    const { clock, call, calls } = madeUp((i) => (i % 500 === 3 ? 300 : 1));
    expect(warmUp(sampling, call, clock).ms).toBe(1);
    expect(calls.length).toBeLessThan(1100);
  });

  it("by its parts: long rounds are timed in sixteen", () => {
    let reads = 0;
    const { clock, call, calls } = madeUp(() => 0.001);
    const counting = () => {
      reads++;
      return clock();
    };
    warmUp(sampling, call, counting);
    expect(calls.length).toBeGreaterThan(500_000);
    expect(reads).toBeLessThan(1000);
  });
});

describe("samples", () => {
  it("are calls after those of warming up, and the counter goes on", () => {
    const { clock, call, calls } = madeUp((i) => (i < 5 ? 100 : 10));
    const samples = eachCallMs(sampling, call, clock);
    expect(samples).toEqual(new Array(9).fill(10));
    expect(calls).toEqual([...calls.keys()]);
  });

  it("of short calls are as many as make a batch together", () => {
    const { clock, call } = madeUp(() => 0.5);
    expect(eachCallMs(sampling, call, clock)).toHaveLength(100);
  });

  it("of a call slower than all warming up are three, the first call one of them", () => {
    const { clock, call, calls } = madeUp(() => 5000);
    expect(eachCallMs(sampling, call, clock)).toEqual([5000, 5000, 5000]);
    expect(calls).toHaveLength(3);
    const batches = madeUp(() => 5000);
    expect(perCallMs(sampling, batches.call, batches.clock)).toEqual([5000, 5000, 5000]);
    expect(batches.calls).toHaveLength(3);
  });

  it("of calls too short to be timed are batches", () => {
    const { clock, call } = madeUp((i) => (i < 30_000 ? 0.02 : 0.01));
    const samples = perCallMs(sampling, call, clock);
    expect(samples).toHaveLength(9);
    expect(medianOf(samples)).toBeCloseTo(0.01, 6);
  });

  it("are one, without warming, where it is enough that results are right", () => {
    const tiny: Sampling = { edits: 1, warmMsMin: 0, warmMsMax: 0, batchMs: 0, samplesMsMax: 0 };
    for (const measure of [eachCallMs, perCallMs]) {
      const { clock, call, calls } = madeUp(() => 1);
      expect(measure(tiny, call, clock)).toHaveLength(1);
      expect(calls).toHaveLength(2);
    }
  });

  it("make a figure of their median, with their spread", () => {
    expect(figureOf("edit", [2, 1, 4], 7)).toEqual({ measure: "edit", ms: 2, spread: 1.5, heapMb: 7 });
  });
});
