/** Files that rows are written to, block by block; memory is a block, for Parquet a row group. */
import { basename } from "node:path";
import type { RowFormat, RowSink } from "../api.ts";
import { openCsvSink } from "./csv-sink.ts";
import { openJsonlSink } from "./jsonl-sink.ts";
import { openParquetSink } from "./parquet-sink.ts";

/** The format that a path's ending names: `.csv`, `.jsonl` or `.parquet`. */
export function rowFormatOf(path: string): RowFormat | undefined {
  const ending = /\.[^./\\]+$/.exec(basename(path))?.[0].toLowerCase();
  return ending === ".csv" || ending === ".jsonl" || ending === ".parquet"
    ? (ending.slice(1) as RowFormat)
    : undefined;
}

/**
 * Begins a file of rows with these columns. It has the name `path` once it is finished. Rejects with `RowTrouble` where the
 * file cannot be written, and so do the calls of the sink.
 *
 * @example
 * ```ts
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { createRowSink } from "@reckon/tables";
 *
 * const sink = await createRowSink(join(tmpdir(), "points.csv"), "csv", ["player", "points"]);
 * await sink.write([["p001", "p002"], [12.5, null]]);
 * await sink.finish();
 * ```
 */
export function createRowSink(path: string, format: RowFormat, columns: readonly string[]): Promise<RowSink> {
  switch (format) {
    case "csv":
      return openCsvSink(path, columns);
    case "jsonl":
      return openJsonlSink(path, columns);
    case "parquet":
      return openParquetSink(path, columns);
  }
}
