import { expect, it } from "vitest";
import { Column, columnFrom, internError } from "./column.ts";
import { errorValue, withOrigin } from "./error-value.ts";

const shape = { outer: 2, periods: 3 };

it("[VA14] a column gives back what was written, cell by cell", () => {
  const cells = [1.5, null, true, "EUR", errorValue("#N/A"), false];
  const column = columnFrom(shape, cells);
  expect(cells.map((_, i) => column.get(i))).toEqual(cells);
  expect([...column.numbers]).toEqual([1.5, 0, 0, 0, 0, 0]);
});

it("[VA14] a column of numbers carries no marks, and a number that is not finite becomes #NUM!", () => {
  const column = new Column(shape);
  column.set(0, 7);
  expect(column.marks).toBeNull();
  column.set(1, Number.POSITIVE_INFINITY);
  column.set(2, Number.NaN);
  expect(column.get(1)).toEqual(errorValue("#NUM!"));
  expect(column.get(2)).toEqual(errorValue("#NUM!"));
  column.set(1, 3);
  expect(column.get(1)).toBe(3);
});

it("[VA14] equal errors share an id; another origin is another error", () => {
  const origin = { attribute: "a.b", at: ["x"] };
  expect(internError(errorValue("#REF!", "a"))).toBe(internError(errorValue("#REF!", "b")));
  expect(internError(withOrigin(errorValue("#REF!"), origin))).not.toBe(internError(errorValue("#REF!")));
});

it("[VA14] copies cells and whole columns without sharing", () => {
  const from = columnFrom(shape, ["a", 1, null, true, 2, 3]);
  const to = new Column(shape);
  for (let i = 0; i < 6; i++) to.copyCell(i, from, i);
  expect(to.sameCell(0, from, 0)).toBe(true);
  expect(to.sameCell(0, from, 1)).toBe(false);
  const copy = from.clone();
  copy.set(0, "b");
  expect(from.get(0)).toBe("a");
  to.copyCell(0, from, 1);
  expect(to.get(0)).toBe(1);
});
