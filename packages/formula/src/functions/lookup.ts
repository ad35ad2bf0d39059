/** Look-ups: finding a value in an array and taking what stands beside it. */
import {
  type ArrayValue,
  arrayValue,
  type ErrorValue,
  errorValue,
  isErrorValue,
  type Scalar,
} from "@reckon/value";
import { asArray, asValue, columnOf, rowOf, sliceOf } from "./array-shape.ts";
import type { FunctionDefinition, Value } from "./definition.ts";
import { type Direction, findExact, findNearest, findSorted } from "./lookup-search.ts";
import { familyOf, lazy, logical, number, optional, optionalOrBlank, scalar, value } from "./parameter.ts";

const wanted = scalar("lookup_value", "what to find");
const table = value("table_array", "the table");
const approximate = optionalOrBlank(
  logical("range_lookup", "TRUE: the last entry at or below, in sorted entries; FALSE: an equal one"),
  true,
);
const matchMode = optional(
  number("match_mode", "0 equal, -1 or the next smaller, 1 or the next larger, 2 wildcards"),
  0,
);
const searchMode = optional(
  number("search_mode", "1 from the first, -1 from the last, 2 sorted upwards, -2 downwards"),
  1,
);

export const lookupFunctions: readonly FunctionDefinition[] = familyOf("lookup", [
  {
    name: "INDEX",
    parameters: [
      value("array", "the array"),
      number("row_num", "from 1; 0 for all rows"),
      optional(number("column_num", "from 1; 0 for all columns")),
      optional(number("area_num", "always 1: an array is one area"), 1),
    ],
    doc: "The cell, row or column at a place in an array.",
    example: ["=INDEX({1,2;3,4},2,1)", "3"],
    implement: index,
  },
  {
    name: "MATCH",
    parameters: [
      wanted,
      value("lookup_array", "one row or column"),
      optionalOrBlank(
        number("match_type", "1: last at or below, sorted upwards; 0: equal; -1: sorted downwards"),
        1,
      ),
    ],
    doc: "Where a value stands in a row or column.",
    example: ["=MATCH(3,{1,3,5},0)", "2"],
    implement: (sought: Scalar, array: Value, type: number) => {
      const cells = vectorOf(array);
      if (isErrorValue(cells)) return cells;
      const order = type > 0 ? "ascending" : "descending";
      return place(
        type === 0 ? findExact(cells, sought, { usesWildcards: true }) : findSorted(cells, sought, order),
      );
    },
  },
  {
    name: "XMATCH",
    parameters: [wanted, value("lookup_array", "one row or column"), matchMode, searchMode],
    doc: "Where a value stands in a row or column, with modes of matching and searching.",
    example: ["=XMATCH(4,{1,3,5},1)", "3"],
    implement: (sought: Scalar, array: Value, mode: number, search: number) => {
      const cells = vectorOf(array, "#VALUE!");
      if (isErrorValue(cells)) return cells;
      const found = findByMode(cells, sought, mode, search);
      return typeof found === "number" ? place(found) : found;
    },
  },
  {
    name: "XLOOKUP",
    parameters: [
      wanted,
      value("lookup_array", "one row or column to search"),
      value("return_array", "what to give, row by row or column by column"),
      optional(lazy("if_not_found", "the result when nothing matches; #N/A unless given")),
      matchMode,
      searchMode,
    ],
    doc: "What stands in one array where a value is found in another.",
    example: ['=XLOOKUP("b",{"a","b"},{1,2})', "2"],
    implement: xlookup,
  },
  {
    name: "VLOOKUP",
    parameters: [wanted, table, number("col_index_num", "the column to give, from 1"), approximate],
    doc: "The cell of a column in the row whose first cell is a value.",
    example: ['=VLOOKUP("b",{"a",1;"b",2},2,FALSE)', "2"],
    implement: (sought: Scalar, from: Value, column: number, isApproximate: boolean) => {
      const array = asArray(from);
      const at = Math.trunc(column) - 1;
      if (at < 0) return errorValue("#VALUE!", "the column is below 1");
      if (at >= array.columns) return errorValue("#REF!", "the table has fewer columns");
      const row = findInTable(columnOf(array, 0), sought, isApproximate);
      return row < 0 ? notFound() : (array.cells[row * array.columns + at] as Scalar);
    },
  },
  {
    name: "HLOOKUP",
    parameters: [wanted, table, number("row_index_num", "the row to give, from 1"), approximate],
    doc: "The cell of a row in the column whose first cell is a value.",
    example: ['=HLOOKUP("b",{"a","b";1,2},2,FALSE)', "2"],
    implement: (sought: Scalar, from: Value, row: number, isApproximate: boolean) => {
      const array = asArray(from);
      const at = Math.trunc(row) - 1;
      if (at < 0) return errorValue("#VALUE!", "the row is below 1");
      if (at >= array.rows) return errorValue("#REF!", "the table has fewer rows");
      const column = findInTable(rowOf(array, 0), sought, isApproximate);
      return column < 0 ? notFound() : (array.cells[at * array.columns + column] as Scalar);
    },
  },
  {
    name: "LOOKUP",
    parameters: [
      wanted,
      value("lookup_vector", "sorted cells, or a whole array"),
      optional(value("result_vector", "what to give")),
    ],
    doc: "What stands beside the last entry at or below a value, in sorted entries.",
    example: ['=LOOKUP(4,{1,3,5},{"a","b","c"})', "b"],
    implement: lookup,
  },
  {
    name: "ROWS",
    parameters: [value("array", "the array")],
    doc: "How many rows an array has.",
    example: ["=ROWS({1,2;3,4;5,6})", "3"],
    implement: (array: Value) => (isErrorValue(array) ? array : asArray(array).rows),
  },
  {
    name: "COLUMNS",
    parameters: [value("array", "the array")],
    doc: "How many columns an array has.",
    example: ["=COLUMNS({1,2,3})", "3"],
    implement: (array: Value) => (isErrorValue(array) ? array : asArray(array).columns),
  },
]);

function index(from: Value, row: number, column: number | undefined, area: number): Value {
  if (isErrorValue(from)) return from;
  if (Math.trunc(area) !== 1) return errorValue("#REF!", "there is one area only");
  const array = asArray(from);
  const isRow = column === undefined && array.rows === 1;
  const atRow = isRow ? 1 : Math.trunc(row);
  const atColumn = isRow ? Math.trunc(row) : Math.trunc(column ?? (array.columns === 1 ? 1 : 0));
  if (atRow < 0 || atColumn < 0) return errorValue("#VALUE!", "a place is negative");
  if (atRow > array.rows || atColumn > array.columns)
    return errorValue("#REF!", "the place lies outside the array");
  if (atRow > 0 && atColumn > 0) return array.cells[(atRow - 1) * array.columns + atColumn - 1] as Scalar;
  const [top, bottom] = atRow === 0 ? [0, array.rows] : [atRow - 1, atRow];
  const [left, right] = atColumn === 0 ? [0, array.columns] : [atColumn - 1, atColumn];
  return sliceOf(array, top, bottom, left, right);
}

function xlookup(
  sought: Scalar,
  searched: Value,
  given: Value,
  otherwise: (() => Value) | undefined,
  mode: number,
  search: number,
): Value {
  const cells = vectorOf(searched, "#VALUE!");
  if (isErrorValue(cells)) return cells;
  if (isErrorValue(given)) return given;
  const array = asArray(given);
  const isAcross = asArray(searched).rows === 1 && cells.length > 1;
  if (cells.length !== (isAcross ? array.columns : array.rows)) {
    return errorValue("#VALUE!", "the two arrays differ in size");
  }
  const found = findByMode(cells, sought, mode, search);
  if (typeof found !== "number") return found;
  if (found < 0) return otherwise === undefined ? notFound() : otherwise();
  return isAcross
    ? unwrapped(sliceOf(array, 0, array.rows, found, found + 1))
    : unwrapped(sliceOf(array, found, found + 1, 0, array.columns));
}

function lookup(sought: Scalar, searched: Value, given: Value | undefined): Value {
  const array = asArray(searched);
  const isAcross = array.columns > array.rows;
  const cells = isAcross ? rowOf(array, 0) : columnOf(array, 0);
  const at = findSorted(cells, sought, "ascending");
  if (at < 0) return notFound();
  if (given === undefined) {
    return isAcross
      ? (array.cells[(array.rows - 1) * array.columns + at] as Scalar)
      : (array.cells[at * array.columns + array.columns - 1] as Scalar);
  }
  const results = asArray(given);
  if (results.rows !== 1 && results.columns !== 1)
    return errorValue("#N/A", "the results are no row or column");
  return at < results.cells.length ? (results.cells[at] as Scalar) : notFound();
}

function findByMode(
  cells: readonly Scalar[],
  sought: Scalar,
  mode: number,
  search: number,
): number | ErrorValue {
  const direction: Direction = search === -1 ? "last" : "first";
  if (![1, -1, 2, -2].includes(search)) return errorValue("#VALUE!", "there is no such search mode");
  if (sought === null) return direction === "first" ? cells.indexOf(null) : cells.lastIndexOf(null);
  switch (mode) {
    case 0:
      return findExact(cells, sought, { usesWildcards: false, direction });
    case 2:
      return findExact(cells, sought, { usesWildcards: true, direction });
    case -1:
    case 1:
      return findNearest(cells, sought, mode, direction);
    default:
      return errorValue("#VALUE!", "there is no such match mode");
  }
}

function findInTable(cells: readonly Scalar[], sought: Scalar, isApproximate: boolean): number {
  return isApproximate
    ? findSorted(cells, sought, "ascending")
    : findExact(cells, sought, { usesWildcards: true });
}

/** The cells of a row or column; an error of that code for an array of several of both. */
function vectorOf(from: Value, code: "#N/A" | "#VALUE!" = "#N/A"): readonly Scalar[] | ErrorValue {
  if (isErrorValue(from)) return from;
  const array = asArray(from);
  return array.rows === 1 || array.columns === 1
    ? array.cells
    : errorValue(code, "the array is no row or column");
}

function unwrapped(array: ArrayValue): Value {
  return asValue(array.cells.length === 1 ? arrayValue(1, 1, array.cells) : array);
}

function place(found: number): number | ErrorValue {
  return found < 0 ? notFound() : found + 1;
}

function notFound(): ErrorValue {
  return errorValue("#N/A", "the value is not found");
}
