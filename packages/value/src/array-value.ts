import type { Scalar } from "./scalar.ts";

/**
 * A two-dimensional array inside a formula, cells in rows: the cell at (row, column) is
 * `cells[row * columns + column]`. Never empty: an empty result is the error `#CALC!`. Immutable and shared.
 */
export interface ArrayValue {
  readonly kind: "array";
  readonly rows: number;
  readonly columns: number;
  readonly cells: readonly Scalar[];
  /**
   * True when the array came from a reference (a range of cells) and false when it was written or computed:
   * `SUM` ignores texts and booleans in a range but not those written as arguments.
   */
  readonly isRange: boolean;
  /**
   * The position along its axis of the first cell, 0 when absent: a sum cuts its blocks at multiples of 256 of the
   * position, so that a window and the whole axis share partial sums (see `blockSum`).
   */
  readonly firstPosition?: number;
}

/** An array of `rows × columns`; throws nothing, checks nothing: `cells.length` must be `rows * columns`. */
export function arrayValue(
  rows: number,
  columns: number,
  cells: readonly Scalar[],
  options: { readonly isRange?: boolean; readonly firstPosition?: number } = {},
): ArrayValue {
  const isRange = options.isRange ?? false;
  const firstPosition = options.firstPosition;
  return firstPosition === undefined
    ? { kind: "array", rows, columns, cells, isRange }
    : { kind: "array", rows, columns, cells, isRange, firstPosition };
}

export function isArrayValue(value: unknown): value is ArrayValue {
  return typeof value === "object" && value !== null && (value as ArrayValue).kind === "array";
}
