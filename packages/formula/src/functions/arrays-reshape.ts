/** Arrays cut, stacked, turned and filled. An array is never empty: nothing left is `#CALC!`. */
import {
  type ArrayValue,
  arrayValue,
  type ErrorValue,
  errorValue,
  isErrorValue,
  type Scalar,
} from "@reckon/value";
import { asArray, asValue, columnOf, fromRows, rowOf, rowsOf, sliceOf, transposed } from "./array-shape.ts";
import { arrayCellsMax, tooLarge } from "./broadcast.ts";
import type { FunctionDefinition, Value } from "./definition.ts";
import { numbersOf } from "./number-arguments.ts";
import { familyOf, logical, number, optional, scalar, value } from "./parameter.ts";

const array = value("array", "the array");
const padding = optional(scalar("pad_with", "what fills places without a cell; #N/A unless given"));
const ignore = optional(number("ignore", "1 leaves out blanks, 2 errors, 3 both"), 0);
const byColumn = optional(logical("scan_by_column", "TRUE goes down columns first"), false);

export const reshapeFunctions: readonly FunctionDefinition[] = familyOf("arrays", [
  {
    name: "SEQUENCE",
    parameters: [
      number("rows", "at least 1"),
      optional(number("columns", "at least 1"), 1),
      optional(number("start", "the first number"), 1),
      optional(number("step", "from one to the next"), 1),
    ],
    doc: "An array of numbers that follow one another, row by row.",
    example: ["=SUM(SEQUENCE(4))", "10"],
    implement: sequence,
  },
  {
    name: "TRANSPOSE",
    parameters: [array],
    doc: "An array with rows and columns exchanged.",
    example: ["=ROWS(TRANSPOSE({1,2,3}))", "3"],
    implement: (from: Value) => asValue(transposed(asArray(from))),
  },
  {
    name: "TAKE",
    parameters: [
      array,
      optional(number("rows", "how many; negative: the last")),
      optional(number("columns", "how many; negative: the last")),
    ],
    doc: "The first or last rows and columns of an array.",
    example: ["=SUM(TAKE({1;2;3;4},-2))", "7"],
    implement: (from: Value, rows?: number, columns?: number) =>
      section(
        from,
        (of) => taken(of.rows, rows),
        (of) => taken(of.columns, columns),
      ),
  },
  {
    name: "DROP",
    parameters: [
      array,
      optional(number("rows", "how many; negative: the last")),
      optional(number("columns", "how many; negative: the last")),
    ],
    doc: "An array without its first or last rows and columns.",
    example: ["=SUM(DROP({1;2;3;4},1))", "9"],
    implement: (from: Value, rows?: number, columns?: number) =>
      section(
        from,
        (of) => dropped(of.rows, rows),
        (of) => dropped(of.columns, columns),
      ),
  },
  {
    name: "HSTACK",
    parameters: [array],
    repeat: 1,
    doc: "Arrays beside one another; missing cells are #N/A.",
    example: ["=COLUMNS(HSTACK({1,2},{3}))", "3"],
    implement: (...args: Value[]) => {
      const columns = stacked(args.map((each) => transposed(asArray(each))));
      return isErrorValue(columns) ? columns : transposed(columns);
    },
  },
  {
    name: "VSTACK",
    parameters: [array],
    repeat: 1,
    doc: "Arrays below one another; missing cells are #N/A.",
    example: ["=ROWS(VSTACK({1,2},{3,4}))", "2"],
    implement: (...args: Value[]) => stacked(args.map(asArray)),
  },
  {
    name: "TOROW",
    parameters: [array, ignore, byColumn],
    doc: "All cells of an array in one row.",
    example: ["=COLUMNS(TOROW({1,2;3,4}))", "4"],
    implement: (from: Value, left: number, isByColumn: boolean) => inLine(from, left, isByColumn, "row"),
  },
  {
    name: "TOCOL",
    parameters: [array, ignore, byColumn],
    doc: "All cells of an array in one column.",
    example: ["=ROWS(TOCOL({1,2;3,4}))", "4"],
    implement: (from: Value, left: number, isByColumn: boolean) => inLine(from, left, isByColumn, "column"),
  },
  {
    name: "CHOOSEROWS",
    parameters: [array, value("row_num", "from 1; negative: from the end")],
    repeat: 1,
    doc: "Some rows of an array, in the order asked for.",
    example: ["=SUM(CHOOSEROWS({1;2;3},1,-1))", "4"],
    implement: (from: Value, ...places: Value[]) => {
      const of = asArray(from);
      return picked(of.rows, places, (chosen) => fromRows(chosen.map((row) => rowOf(of, row))));
    },
  },
  {
    name: "CHOOSECOLS",
    parameters: [array, value("col_num", "from 1; negative: from the end")],
    repeat: 1,
    doc: "Some columns of an array, in the order asked for.",
    example: ["=SUM(CHOOSECOLS({1,2,3},1,-1))", "4"],
    implement: (from: Value, ...places: Value[]) => {
      const of = asArray(from);
      return picked(of.columns, places, (chosen) =>
        transposed(asArray(fromRows(chosen.map((column) => columnOf(of, column))))),
      );
    },
  },
  {
    name: "EXPAND",
    parameters: [
      array,
      optional(number("rows", "at least as many as there are")),
      optional(number("columns", "at least as many as there are")),
      padding,
    ],
    doc: "An array made larger.",
    example: ["=ROWS(EXPAND({1,2},3))", "3"],
    implement: (from: Value, rows?: number, columns?: number, pad?: Scalar) =>
      expanded(asArray(from), rows, columns, pad),
  },
  {
    name: "WRAPROWS",
    parameters: [value("vector", "one row or column"), number("wrap_count", "cells of a row"), padding],
    doc: "The cells of a row or column in rows of equal length.",
    example: ["=ROWS(WRAPROWS({1,2,3,4},2))", "2"],
    implement: (from: Value, count: number, pad?: Scalar) => wrapped(from, count, pad),
  },
  {
    name: "WRAPCOLS",
    parameters: [value("vector", "one row or column"), number("wrap_count", "cells of a column"), padding],
    doc: "The cells of a row or column in columns of equal length.",
    example: ["=COLUMNS(WRAPCOLS({1,2,3,4},2))", "2"],
    implement: (from: Value, count: number, pad?: Scalar) => {
      const rows = wrapped(from, count, pad);
      return isErrorValue(rows) ? rows : transposed(asArray(rows));
    },
  },
]);

function sequence(rows: number, columns: number, start: number, step: number): Value {
  const height = Math.trunc(rows);
  const width = Math.trunc(columns);
  if (height < 0 || width < 0) return errorValue("#VALUE!", "a size is negative");
  if (height === 0 || width === 0) return errorValue("#CALC!", "the array would be empty");
  if (height * width > arrayCellsMax) return tooLarge();
  const cells = Array.from({ length: height * width }, (_, i) => start + i * step);
  return asValue(arrayValue(height, width, cells));
}

type Part = readonly [from: number, to: number];

function section(
  from: Value,
  rowsOfPart: (of: ArrayValue) => Part,
  columnsOfPart: (of: ArrayValue) => Part,
): Value {
  if (isErrorValue(from)) return from;
  const of = asArray(from);
  const [top, bottom] = rowsOfPart(of);
  const [left, right] = columnsOfPart(of);
  if (top >= bottom || left >= right) return errorValue("#CALC!", "nothing is left");
  return asValue(sliceOf(of, top, bottom, left, right));
}

function taken(length: number, count: number | undefined): Part {
  if (count === undefined) return [0, length];
  const whole = Math.trunc(count);
  return whole >= 0 ? [0, Math.min(length, whole)] : [Math.max(0, length + whole), length];
}

function dropped(length: number, count: number | undefined): Part {
  const whole = Math.trunc(count ?? 0);
  return whole >= 0 ? [Math.min(length, whole), length] : [0, Math.max(0, length + whole)];
}

function stacked(arrays: readonly ArrayValue[]): ArrayValue | ErrorValue {
  const columns = Math.max(...arrays.map((each) => each.columns));
  if (arrays.reduce((total, each) => total + each.rows, 0) * columns > arrayCellsMax) return tooLarge();
  const cells: Scalar[] = [];
  for (const each of arrays) {
    for (const row of rowsOf(each)) {
      for (let column = 0; column < columns; column++) {
        cells.push(column < each.columns ? (row[column] as Scalar) : errorValue("#N/A"));
      }
    }
  }
  return arrayValue(cells.length / columns, columns, cells);
}

function inLine(from: Value, left: number, isByColumn: boolean, direction: "row" | "column"): Value {
  if (left < 0 || left > 3) return errorValue("#VALUE!");
  const of = isByColumn ? transposed(asArray(from)) : asArray(from);
  const cells = of.cells.filter(
    (cell) => !((left === 1 || left === 3) && cell === null) && !(left >= 2 && isErrorValue(cell)),
  );
  if (cells.length === 0) return errorValue("#CALC!", "nothing is left");
  return asValue(
    direction === "row" ? arrayValue(1, cells.length, cells) : arrayValue(cells.length, 1, cells),
  );
}

function picked(length: number, places: readonly Value[], give: (chosen: readonly number[]) => Value): Value {
  const wanted = numbersOf(places);
  if (isErrorValue(wanted)) return wanted;
  const chosen = wanted.map((each) => (each < 0 ? length + Math.trunc(each) : Math.trunc(each) - 1));
  if (chosen.some((at) => at < 0 || at >= length)) return errorValue("#VALUE!", "there is no such place");
  return asValue(asArray(give(chosen)));
}

function expanded(
  of: ArrayValue,
  rows: number | undefined,
  columns: number | undefined,
  pad: Scalar | undefined,
): Value {
  const height = Math.trunc(rows ?? of.rows);
  const width = Math.trunc(columns ?? of.columns);
  if (height < of.rows || width < of.columns) return errorValue("#VALUE!", "the array would become smaller");
  if (height * width > arrayCellsMax) return tooLarge();
  const filler = pad === undefined ? errorValue("#N/A") : pad;
  const cells: Scalar[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const isInside = row < of.rows && column < of.columns;
      cells.push(isInside ? (of.cells[row * of.columns + column] as Scalar) : filler);
    }
  }
  return asValue(arrayValue(height, width, cells));
}

function wrapped(from: Value, count: number, pad: Scalar | undefined): Value | ErrorValue {
  const of = asArray(from);
  const width = Math.trunc(count);
  if (of.rows !== 1 && of.columns !== 1) return errorValue("#VALUE!", "the cells are in no row or column");
  if (width < 1) return errorValue("#NUM!", "the count is below 1");
  const filler = pad === undefined ? errorValue("#N/A") : pad;
  const rows = Math.ceil(of.cells.length / width);
  // A line longer than the vector is the vector: nothing is filled up.
  const columns = Math.min(width, of.cells.length);
  if (rows * columns > arrayCellsMax) return tooLarge();
  const cells = Array.from(
    { length: rows * columns },
    (_, i): Scalar => (i < of.cells.length ? (of.cells[i] as Scalar) : filler),
  );
  return asValue(arrayValue(rows, columns, cells));
}
