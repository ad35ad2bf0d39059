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
}

/** An array of `rows × columns`; throws nothing, checks nothing: `cells.length` must be `rows * columns`. */
export function arrayValue(
  rows: number,
  columns: number,
  cells: readonly Scalar[],
  options: { readonly isRange?: boolean } = {},
): ArrayValue {
  return { kind: "array", rows, columns, cells, isRange: options.isRange ?? false };
}

export function isArrayValue(value: unknown): value is ArrayValue {
  return typeof value === "object" && value !== null && (value as ArrayValue).kind === "array";
}
