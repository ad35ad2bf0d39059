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

it("[VA14] equal errors share an id; another origin or detail is another one", () => {
  const origin = { attribute: "a.b", at: ["x"] };
  const error = (detail?: string) => withOrigin(errorValue("#REF!", detail), origin);
  expect(internError(error("a"))).toBe(internError(error("a")));
  expect(internError(error("a"))).not.toBe(internError(error("b")));
  expect(internError(error())).not.toBe(internError(errorValue("#REF!")));
});

it("[VA14] an error keeps its own detail, and is the same as one with another", () => {
  const origin = { attribute: "a.b", at: ["y"] };
  const [first, second] = ["first", "second"].map((detail) =>
    columnFrom({ outer: 1, periods: 1 }, [withOrigin(errorValue("#VALUE!", detail), origin)]),
  ) as [Column, Column];
  expect([first.get(0), second.get(0)]).toMatchObject([{ detail: "first" }, { detail: "second" }]);
  expect([first.sameCell(0, second, 0), first.readsAlike(0, second, 0)]).toEqual([true, false]);
  expect(first.readsAlike(0, first.clone(), 0)).toBe(true);
  const other = columnFrom({ outer: 1, periods: 1 }, [errorValue("#VALUE!", "first")]);
  expect([first.sameCell(0, other, 0), first.sameCell(0, new Column(other.shape), 0)]).toEqual([
    false,
    false,
  ]);
});

it("[VA14] a bounded number of details is kept apart, whatever is typed", () => {
  const origin = { attribute: "a.b", at: ["z"] };
  const ids = new Set<number>();
  for (let i = 0; i < 1000; i++) {
    const error = withOrigin(errorValue("#VALUE!", `cannot read ${i}`), origin);
    ids.add(internError(error));
    expect(columnFrom({ outer: 1, periods: 1 }, [error]).get(0)).toEqual(error);
  }
  expect(ids.size).toBe(16);
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
