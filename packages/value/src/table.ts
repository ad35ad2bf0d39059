import type { Scalar } from "./scalar.ts";

/** Rows read from a file, as columns. All columns have `rows` values; row `i` is line `firstLine + i` or so. */
export interface Table {
  /** The path as written in the model, for messages. */
  readonly source: string;
  readonly rows: number;
  readonly columns: readonly TableColumn[];
  /** Per row, the 1-based line of the file it starts on. */
  readonly lines: readonly number[];
}

export interface TableColumn {
  readonly name: string;
  readonly values: readonly Scalar[];
}
