import { describe, expect, it } from "vitest";
import type { Box, TimeReach } from "../formula-node.ts";
import { BoxSet } from "../state/box-set.ts";
import { mapInto } from "./reach.ts";
import { eachRead, readCount, readsSet, spanWindow } from "./time-reach.ts";

const precedentPeriods = 12;
const same = { kind: "same" } as const;

function reads(time: TimeReach, t: number): number[] {
  const found: number[] = [];
  eachRead(time, t, precedentPeriods, (period) => found.push(period));
  return found;
}

/** The periods that the reach marks for a changed run, and those that read something of it, one by one. */
function readers(
  time: TimeReach,
  periods: number,
  from: number,
  to: number,
): { marked: number[]; exact: number[] } {
  const changed: Box = { outerFrom: 0, outerTo: 1, from, to };
  const into = new BoxSet();
  mapInto({ time, outer: same }, changed, { outer: 1, periods }, into);
  const marked = new Set<number>();
  for (const box of into.list()) for (let t = box.from; t < box.to; t++) marked.add(t);
  const exact: number[] = [];
  for (let t = 0; t < periods; t++) if (reads(time, t).some((p) => p >= from && p < to)) exact.push(t);
  return { marked: [...marked].sort((a, b) => a - b), exact };
}

/** A small generator, so that the cases are always the same. */
function draws(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) & 0x7f_ff_ff_ff;
    return (state >>> 8) % limit;
  };
}

describe("spans", () => {
  it("[CO8] mark every period that reads a changed one, and no other that lies between readers", () => {
    const below = draws(1);
    for (let i = 0; i < 4000; i++) {
      const bound = () => ({ scale: below(7) - 3, offset: below(16) - 4 });
      const time: TimeReach = { kind: "span", from: bound(), to: bound() };
      const from = below(precedentPeriods);
      const { marked, exact } = readers(time, 8, from, from + 1 + below(4));
      expect(exact.filter((t) => !marked.includes(t))).toEqual([]);
      // Where bounds do not cross, the readers are exactly the run that is marked.
      const areOrdered = Array.from({ length: 8 }, (_, t) => reads(time, t)).every((one) => one.length > 0);
      if (areOrdered) expect(marked).toEqual(exact);
    }
  });

  it("[CO8] of a running sum reach from the change to the end", () => {
    const running: TimeReach = { kind: "span", from: { scale: 0, offset: 0 }, to: { scale: 1, offset: 1 } };
    expect(readers(running, 6, 4, 5).marked).toEqual([4, 5]);
    expect(spanWindow(running as Extract<TimeReach, { kind: "span" }>, 6)).toEqual({ from: -5, to: 0 });
    const hundreds: TimeReach = {
      kind: "span",
      from: { scale: 0, offset: 0 },
      to: { scale: 100, offset: 0 },
    };
    expect(readers(hundreds, 6, 250, 251).marked).toEqual([3, 4, 5]);
  });
});

describe("gathers", () => {
  it("[CO9] mark the readers of the changed positions exactly, or the hull of many", () => {
    const below = draws(2);
    for (let i = 0; i < 500; i++) {
      const first = new Int32Array(21);
      const positions: number[] = [];
      for (let t = 0; t < 20; t++) {
        for (let count = below(4); count > 0; count--) positions.push(below(precedentPeriods));
        first[t + 1] = positions.length;
      }
      const time: TimeReach = { kind: "gather", first, positions: Int32Array.from(positions) };
      const from = below(precedentPeriods);
      const to = from + 1 + below(precedentPeriods - from);
      const { marked, exact } = readers(time, 20, from, to);
      expect(exact.filter((t) => !marked.includes(t))).toEqual([]);
      if (exact.length > 0) {
        expect(marked.every((t) => t >= (exact[0] as number) && t <= (exact.at(-1) as number))).toBe(true);
        if (exact.length <= 4) expect(marked).toEqual(exact);
      } else expect(marked).toEqual([]);
      for (let t = 0; t < 20; t++)
        expect(reads(time, t).length).toBeLessThanOrEqual(readCount(time, precedentPeriods));
    }
  });

  it("[CO9] take the hull of a long run from its blocks", () => {
    const periods = 1000;
    const first = Int32Array.from({ length: periods + 1 }, (_, t) => t);
    const positions = Int32Array.from({ length: periods }, (_, t) => (t * 7) % periods);
    const time: TimeReach = { kind: "gather", first, positions };
    for (const [from, to] of [
      [0, 1000],
      [100, 400],
      [63, 65],
      [128, 192],
      [990, 1000],
    ] as const) {
      const into = new BoxSet();
      mapInto({ time, outer: same }, { outerFrom: 0, outerTo: 1, from, to }, { outer: 1, periods }, into);
      const exact: number[] = [];
      for (let t = 0; t < periods; t++) {
        const position = positions[t] as number;
        if (position >= from && position < to) exact.push(t);
      }
      expect([into.from, into.to]).toEqual([exact[0], (exact.at(-1) as number) + 1]);
    }
  });

  it("[CO9] say whether a period reads one that is set", () => {
    const time: TimeReach = { kind: "gather", first: Int32Array.of(0, 2, 2), positions: Int32Array.of(3, 1) };
    expect([
      readsSet(time, 0, Uint8Array.of(0, 1, 0, 0)),
      readsSet(time, 1, Uint8Array.of(1, 1, 1, 1)),
    ]).toEqual([true, false]);
  });
});
