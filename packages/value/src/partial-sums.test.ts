import { expect, it } from "vitest";
import { arrayValue } from "./array-value.ts";
import { Column, columnFrom } from "./column.ts";
import { type ErrorValue, errorValue } from "./error-value.ts";
import { rangeCount, rangeSum, rowSumsOf, sumWork } from "./partial-sums.ts";
import type { Scalar } from "./scalar.ts";
import { sumOfRange } from "./sum.ts";

/** Numbers whose sum depends on the order they are added in. */
function awkward(i: number): number {
  return ((i * 7919) % 2003) * 10 ** (((i * 31) % 9) - 4) * (i % 3 === 0 ? -1 : 1);
}

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The same sum without anything kept. */
function plainly(column: Column, rowStart: number, from: number, to: number): number | ErrorValue {
  const cells: Scalar[] = [];
  for (let i = from; i < to; i++) cells.push(column.get(rowStart + i));
  return sumOfRange(arrayValue(cells.length, 1, cells, { isRange: true, firstPosition: from }));
}

it("[VA15] any range of any row has the bits of the plain sum, before and after edits", () => {
  const draw = random(7);
  for (const periods of [1, 511, 512, 513, 700, 2048, 3001]) {
    const column = new Column({ outer: 3, periods });
    for (let i = 0; i < column.length; i++) column.numbers[i] = awkward(i);
    for (let round = 0; round < 60; round++) {
      const rowStart = draw(3) * periods;
      const fixed = draw(periods);
      for (let k = 0; k < 12; k++) {
        const from = k % 3 === 0 ? 0 : k % 3 === 1 ? fixed : draw(periods);
        const to = from + draw(periods - from + 1);
        const expected = plainly(column, rowStart, from, to);
        expect(Object.is(rangeSum(column, rowStart, from, to), expected)).toBe(true);
        expect(Object.is(rowSumsOf(column, rowStart).sum(from, to), expected)).toBe(true);
      }
      const at = draw(column.length);
      if (round % 4 === 0) column.set(at, awkward(at + round));
      else if (round % 4 === 1) {
        const to = Math.min(column.length, at + draw(600));
        for (let i = at; i < to; i++) column.numbers[i] = awkward(i + round);
        column.touched(at, to);
      }
    }
  }
});

it("[VA15] the first error of a range is its sum; texts, booleans and blanks count for nothing", () => {
  const draw = random(11);
  const column = new Column({ outer: 2, periods: 2000 });
  for (let i = 0; i < column.length; i++) column.numbers[i] = awkward(i);
  const others: Scalar[] = ["a", true, null, 5, errorValue("#N/A"), errorValue("#REF!"), 1e9];
  for (let round = 0; round < 300; round++) {
    for (let k = 0; k < 6; k++) {
      const rowStart = draw(2) * 2000;
      const from = k < 2 ? 0 : k < 4 ? 300 : draw(2000);
      const to = from + draw(2001 - from);
      expect(rangeSum(column, rowStart, from, to)).toEqual(plainly(column, rowStart, from, to));
      let count = 0;
      for (let i = from; i < to; i++) if (typeof column.get(rowStart + i) === "number") count++;
      expect(rangeCount(column, rowStart, from, to)).toBe(count);
      expect(rowSumsOf(column, rowStart).sum(from, to)).toEqual(plainly(column, rowStart, from, to));
    }
    column.set(draw(column.length), others[draw(7)] as Scalar);
    // Errors go again, so that there are ranges with one, several and none.
    if (round % 5 === 4) for (let i = 0; i < column.length; i++) if (draw(3) > 0) column.set(i, awkward(i));
  }
});

it("[VA16] running sums over a row cost an addition a cell, and after an edit a block or two", () => {
  const periods = 25_600;
  const column = new Column({ outer: 1, periods });
  for (let i = 0; i < periods; i++) column.numbers[i] = awkward(i);
  const sums = rowSumsOf(column, 0);
  const work = (run: () => void): number => {
    const before = sumWork.cells;
    run();
    return sumWork.cells - before;
  };
  const all = () => {
    for (let to = 1; to <= periods; to++) sums.sum(0, to);
  };
  expect(work(all)).toBeLessThan(3 * periods);
  const long = () => {
    for (let to = 33; to <= periods; to++) sums.sum(0, to);
  };
  expect(work(long)).toBe(0);
  column.set(5, 1);
  // The block's sum, its first tail, its running sums.
  expect(work(long)).toBe(256 + 33 + 256);
  column.set(periods - 1, 1);
  // The last block's running sums: its first tail is added up, the second one makes all of them.
  expect(work(() => sums.sum(0, periods))).toBe(256);
  for (let to = 700; to <= periods; to += 7) sums.sum(77, to);
  expect(work(() => sums.sum(77, 20_000))).toBe(0);
});

it("[VA15] a copy of a column keeps nothing of it", () => {
  const column = columnFrom({ outer: 1, periods: 600 }, Array.from({ length: 600 }, awkward));
  const before = rangeSum(column, 0, 0, 600);
  const copy = column.clone();
  copy.numbers[3] = 1e6;
  expect(rangeSum(copy, 0, 0, 600)).toEqual(plainly(copy, 0, 0, 600));
  expect(rangeSum(column, 0, 0, 600)).toBe(before);
});

it("[VA15] many sums with one start have the bits of the plain sums, NaN where there is an error", () => {
  const draw = random(23);
  const others: readonly Scalar[] = [null, "text", true, errorValue("#N/A")];
  for (let round = 0; round < 120; round++) {
    const periods = 1 + draw(2000);
    const column = new Column({ outer: 2, periods });
    for (let i = 0; i < column.length; i++) column.numbers[i] = awkward(i + round);
    for (let k = draw(4); k > 0; k--)
      column.set(draw(column.length), others[draw(round % 2 === 0 ? 3 : 4)] as Scalar);
    const row = rowSumsOf(column, periods);
    for (let again = 0; again < 3; again++) {
      const from = again === 0 ? 0 : draw(periods);
      const to = Int32Array.from({ length: 40 }, () => from + draw(periods - from + 1));
      if (again !== 1) to.sort();
      const entries = Int32Array.from(to, (_, i) => to.length - 1 - i);
      const out = new Float64Array(42).fill(-1);
      row.sumsFrom(from, to, entries, 1, 40, out);
      for (let i = 1; i < 40; i++) {
        const expected = plainly(column, periods, from, to[entries[i] as number] as number);
        expect(Object.is(out[i], typeof expected === "number" ? expected : Number.NaN)).toBe(true);
      }
      expect([out[0], out[40], out[41]]).toEqual([-1, -1, -1]);
      column.set(periods + draw(periods), awkward(again));
    }
  }
});
