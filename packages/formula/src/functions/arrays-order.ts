/** Rows and columns filtered, sorted and told apart. */
import {
  type ArrayValue,
  arrayValue,
  type ErrorValue,
  errorValue,
  isErrorValue,
  type Scalar,
} from "@reckon/value";
import { asArray, asValue, columnOf, fromRows, rowsOf, transposed } from "./array-shape.ts";
import { toLogical } from "./coerce.ts";
import { compareScalars } from "./compare.ts";
import type { FunctionDefinition, Value } from "./definition.ts";
import { numbersOf } from "./number-arguments.ts";
import { familyOf, lazy, logical, optional, value } from "./parameter.ts";

const array = value("array", "the array");

export const orderFunctions: readonly FunctionDefinition[] = familyOf("arrays", [
  {
    name: "FILTER",
    parameters: [
      array,
      value("include", "a condition for each row, or for each column"),
      optional(lazy("if_empty", "the result when nothing is left; #CALC! unless given")),
    ],
    doc: "The rows or columns of an array for which a condition holds.",
    example: ["=SUM(FILTER({1;2;3},{1;2;3}>1))", "5"],
    implement: filter,
  },
  {
    name: "SORT",
    parameters: [
      array,
      optional(value("sort_index", "by which column, or columns in an array"), 1),
      optional(value("sort_order", "1 upwards, -1 downwards; one for each column"), 1),
      optional(logical("by_col", "TRUE sorts columns"), false),
    ],
    doc: "The rows of an array in order.",
    example: ["=INDEX(SORT({3;1;2},1,-1),1)", "3"],
    implement: (from: Value, columns: Value, orders: Value, isByColumn: boolean) => {
      const of = isByColumn ? transposed(asArray(from)) : asArray(from);
      const result = sortByColumns(of, columns, orders);
      return isErrorValue(result) ? result : asValue(isByColumn ? transposed(result) : result);
    },
  },
  {
    name: "SORTBY",
    parameters: [
      array,
      value("by_array", "a key for each row, or for each column"),
      optional(value("sort_order", "1 upwards, -1 downwards"), 1),
    ],
    repeat: 2,
    doc: "The rows or columns of an array in the order of keys.",
    example: ['=INDEX(SORTBY({"a";"b"},{2;1}),1)', "b"],
    implement: sortBy,
  },
  {
    name: "UNIQUE",
    parameters: [
      array,
      optional(logical("by_col", "TRUE compares columns"), false),
      optional(logical("exactly_once", "TRUE keeps only what occurs once"), false),
    ],
    doc: "The different rows of an array, in order of their first occurrence.",
    example: ["=ROWS(UNIQUE({1;2;1}))", "2"],
    implement: (from: Value, isByColumn: boolean, once: boolean) => {
      const of = isByColumn ? transposed(asArray(from)) : asArray(from);
      const result = unique(of, once);
      return isErrorValue(result)
        ? result
        : asValue(isByColumn ? transposed(asArray(result)) : asArray(result));
    },
  },
]);

function filter(from: Value, include: Value, otherwise: (() => Value) | undefined): Value {
  if (isErrorValue(from)) return from;
  const of = asArray(from);
  const wanted = asArray(include);
  const isDown = wanted.columns === 1 && wanted.rows === of.rows;
  const isAcross = wanted.rows === 1 && wanted.columns === of.columns;
  if (!isDown && !isAcross) return errorValue("#VALUE!", "conditions and array differ in size");
  const kept: (readonly Scalar[])[] = [];
  const lines = isDown ? rowsOf(of) : rowsOf(transposed(of));
  for (let i = 0; i < lines.length; i++) {
    const truth = toLogical(wanted.cells[i] as Scalar);
    if (typeof truth !== "boolean") return truth;
    if (truth) kept.push(lines[i] as readonly Scalar[]);
  }
  if (kept.length === 0)
    return otherwise === undefined ? errorValue("#CALC!", "nothing is left") : otherwise();
  const result = asArray(fromRows(kept));
  return asValue(isDown ? result : transposed(result));
}

/** One key of a sort: the cells to compare, and 1 for upwards or −1 for downwards. */
interface SortKey {
  readonly cells: readonly Scalar[];
  readonly order: number;
}

function sortByColumns(of: ArrayValue, columns: Value, orders: Value): ArrayValue | ErrorValue {
  const places = numbersOf([columns]);
  if (isErrorValue(places)) return places;
  const directions = numbersOf([orders]);
  if (isErrorValue(directions)) return directions;
  const keys: SortKey[] = [];
  for (let i = 0; i < places.length; i++) {
    const column = Math.trunc(places[i] as number) - 1;
    const order = directions[i] ?? directions[0] ?? 1;
    if (column < 0 || column >= of.columns) return errorValue("#VALUE!", "there is no such column");
    if (Math.abs(order) !== 1) return errorValue("#VALUE!", "the order is neither 1 nor -1");
    keys.push({ cells: columnOf(of, column), order });
  }
  return rowsInOrder(of, keys);
}

function sortBy(from: Value, ...pairs: (Value | undefined)[]): Value {
  const of = asArray(from);
  const keys: SortKey[] = [];
  let isAcross = false;
  for (let i = 0; i < pairs.length; i += 2) {
    const by = asArray(pairs[i] ?? null);
    const order = numbersOf([pairs[i + 1] ?? 1]);
    if (isErrorValue(order)) return order;
    if (Math.abs(order[0] ?? 0) !== 1) return errorValue("#VALUE!", "the order is neither 1 nor -1");
    isAcross = by.rows === 1 && by.columns === of.columns && of.columns > 1;
    if (by.cells.length !== (isAcross ? of.columns : of.rows))
      return errorValue("#VALUE!", "keys and array differ in size");
    keys.push({ cells: by.cells, order: order[0] as number });
  }
  return asValue(isAcross ? transposed(rowsInOrder(transposed(of), keys)) : rowsInOrder(of, keys));
}

/** Rows in the order of keys, equal ones as they stood. */
function rowsInOrder(of: ArrayValue, keys: readonly SortKey[]): ArrayValue {
  const places = Array.from({ length: of.rows }, (_, row) => row);
  places.sort((a, b) => {
    for (const key of keys) {
      const difference = compareForSort(key.cells[a] as Scalar, key.cells[b] as Scalar, key.order);
      if (difference !== 0) return difference;
    }
    return a - b;
  });
  const rows = rowsOf(of);
  return arrayValue(
    of.rows,
    of.columns,
    places.flatMap((row) => [...(rows[row] as readonly Scalar[])]),
  );
}

/** Numbers, texts, booleans, errors; blanks last whatever the order. */
function compareForSort(a: Scalar, b: Scalar, order: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (isErrorValue(a) || isErrorValue(b)) return order * (Number(isErrorValue(a)) - Number(isErrorValue(b)));
  return order * compareScalars(a, b);
}

function unique(of: ArrayValue, once: boolean): Value {
  const counts = new Map<string, number>();
  const rows = rowsOf(of).map((row) => ({ row, key: JSON.stringify(row.map(cellKey)) }));
  for (const { key } of rows) counts.set(key, (counts.get(key) ?? 0) + 1);
  const seen = new Set<string>();
  const kept = rows.filter(({ key }) => {
    if (once) return counts.get(key) === 1;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return kept.length === 0 ? errorValue("#CALC!", "nothing is left") : fromRows(kept.map(({ row }) => row));
}

function cellKey(cell: Scalar): readonly [kind: string, content: unknown] {
  if (isErrorValue(cell)) return ["error", cell.code];
  return [typeof cell, typeof cell === "string" ? cell.toLowerCase() : cell];
}
