/** Rows as they are read and written, without holding a whole file. */
import type { Scalar, Table } from "@reckon/value";

/** A file of rows that is read in blocks. */
export interface RowSource {
  /** As given. */
  readonly name: string;
  /** In the order of the file. */
  readonly columns: readonly string[];
  /** Where the format says how many there are (Parquet, SQLite). */
  readonly rows: number | undefined;
  /** `rows`, or about how many by the lines of the file's first 256 KB. */
  readonly rowsEstimate: number;
  /**
   * All rows in order, as tables of at most `rowsMax` rows and only the columns named (absent: all). May be asked for again.
   * Throws `RowTrouble` where the file cannot be read further.
   */
  readonly blocks: (options?: RowBlockOptions) => AsyncIterable<Table>;
  readonly close: () => Promise<void>;
}

export interface RowBlockOptions {
  readonly rowsMax?: number;
  readonly columns?: readonly string[];
}

/** The kinds of files that rows are written to. */
export type RowFormat = "csv" | "jsonl" | "parquet";

/** Columns that are written, all of the same length each time. A number that is not finite reads back as `#NUM!`. */
export interface RowSink {
  readonly write: (columns: readonly (readonly Scalar[])[]) => Promise<void>;
  /** Writes what is held, and puts the file in its place. */
  readonly finish: () => Promise<void>;
  /** Leaves no file behind. */
  readonly discard: () => Promise<void>;
}
