/**
 * Broadcasting: scalar functions over arrays.
 *
 * The result has as many rows and columns as the largest operand. An operand with one row (or one column) is repeated down
 * (or across); a cell outside a smaller operand is `#N/A`. A 1×n row with an m×1 column gives m×n.
 */
import {
  type ArrayValue,
  arrayValue,
  type ErrorValue,
  errorValue,
  isArrayValue,
  type Scalar,
} from "@reckon/value";

/** The most cells an array of a formula may have; what would have more is `#NUM!`. */
export const arrayCellsMax = 10_000_000;

/** `combine` over every pair of cells of `a` and `b`, at least one of which is an array; `#N/A` where one has no cell. */
export function liftPair(
  a: Scalar | ArrayValue,
  b: Scalar | ArrayValue,
  combine: (a: Scalar, b: Scalar) => Scalar,
): ArrayValue | ErrorValue {
  const { rows, columns } = broadcastShape([a, b]);
  if (rows * columns > arrayCellsMax) return tooLarge();
  const cells = new Array<Scalar>(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const left = cellAt(a, row, column);
      const right = cellAt(b, row, column);
      cells[row * columns + column] =
        left === undefined || right === undefined ? errorValue("#N/A") : combine(left, right);
    }
  }
  return arrayValue(rows, columns, cells);
}

/** The error of an array that would have more than `arrayCellsMax` cells. */
export function tooLarge(): ErrorValue {
  return errorValue("#NUM!", `the array would have more than ${arrayCellsMax} cells`);
}

/** A new array with `change` done to every cell. */
export function mapCells(array: ArrayValue, change: (cell: Scalar) => Scalar): ArrayValue {
  return arrayValue(array.rows, array.columns, array.cells.map(change));
}

/** The rows and columns of the result of lifting over `values`; a scalar counts as 1×1. */
export function broadcastShape(values: readonly unknown[]): { rows: number; columns: number } {
  let rows = 1;
  let columns = 1;
  for (const value of values) {
    if (!isArrayValue(value)) continue;
    rows = Math.max(rows, value.rows);
    columns = Math.max(columns, value.columns);
  }
  return { rows, columns };
}

/** The cell of `value` at (row, column), one row or column repeated as needed; undefined outside. */
export function cellAt(value: Scalar | ArrayValue, row: number, column: number): Scalar | undefined {
  if (!isArrayValue(value)) return value;
  const from = value.rows === 1 ? 0 : row;
  const across = value.columns === 1 ? 0 : column;
  if (from >= value.rows || across >= value.columns) return undefined;
  return value.cells[from * value.columns + across] as Scalar;
}
