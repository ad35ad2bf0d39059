/** Arrays seen as rows and columns: views, slices and reshaping that keep whether cells came from a range. */
import { type ArrayValue, arrayValue, errorValue, isArrayValue, type Scalar } from "@reckon/value";
import { isLambda, type Value } from "./definition.ts";
import { keptColumn } from "./search-index.ts";

/** The value as an array; a scalar is 1×1, a function `#VALUE!`. */
export function asArray(from: Value): ArrayValue {
  if (isArrayValue(from)) return from;
  return arrayValue(1, 1, [isLambda(from) ? errorValue("#VALUE!") : from]);
}

/** The array, or its cell when it has only one. */
export function asValue(array: ArrayValue): Value {
  return array.cells.length === 1 && !array.isRange ? (array.cells[0] as Scalar) : array;
}

export function rowOf(array: ArrayValue, row: number): readonly Scalar[] {
  return array.cells.slice(row * array.columns, (row + 1) * array.columns);
}

export function columnOf(array: ArrayValue, column: number): readonly Scalar[] {
  if (array.columns === 1) return array.cells;
  return keptColumn(array.cells, column, () =>
    Array.from({ length: array.rows }, (_, row) => array.cells[row * array.columns + column] as Scalar),
  );
}

/** Rows `from` ≤ r < `to` and columns `left` ≤ c < `right`. */
export function sliceOf(
  array: ArrayValue,
  from: number,
  to: number,
  left: number,
  right: number,
): ArrayValue {
  const cells: Scalar[] = [];
  for (let row = from; row < to; row++) {
    for (let column = left; column < right; column++)
      cells.push(array.cells[row * array.columns + column] as Scalar);
  }
  return arrayValue(to - from, right - left, cells, { isRange: array.isRange });
}

/** An array from rows of equal length; `#CALC!` when there is no cell. */
export function fromRows(rows: readonly (readonly Scalar[])[]): Value {
  const columns = rows[0]?.length ?? 0;
  if (columns === 0) return errorValue("#CALC!", "the array is empty");
  return arrayValue(rows.length, columns, rows.flat());
}

/** The rows of an array, each fresh. */
export function rowsOf(array: ArrayValue): (readonly Scalar[])[] {
  return Array.from({ length: array.rows }, (_, row) => rowOf(array, row));
}

export function transposed(array: ArrayValue): ArrayValue {
  const cells: Scalar[] = [];
  for (let column = 0; column < array.columns; column++) {
    for (let row = 0; row < array.rows; row++)
      cells.push(array.cells[row * array.columns + column] as Scalar);
  }
  return arrayValue(array.columns, array.rows, cells, { isRange: array.isRange });
}
