/** Files of rows that are read in blocks, by the ending of their path. */
import { basename } from "node:path";
import type { RowSource } from "../api.ts";
import { type TableProblem, tableProblem } from "../table-problem.ts";
import { openCsvRows } from "./csv-rows.ts";
import { openJsonRows } from "./json-rows.ts";
import { openJsonlRows } from "./jsonl-rows.ts";
import { openParquetRows } from "./parquet-rows.ts";
import { openSqliteRows } from "./sqlite-rows.ts";
import { unchanging } from "./unchanging-file.ts";

export interface OpenRowsOptions {
  /** What the file is called in messages; its path unless told. */
  readonly name?: string;
  /** The table of a SQLite file; else what stands behind `#` in the path. */
  readonly table?: string;
}

/**
 * Opens a file of rows: `.csv`, `.tsv`, `.json`, `.jsonl`, `.parquet`, or `file.sqlite#table` (`.db` and `.sqlite3` as well). What is wrong with
 * the file is a problem that names it; what is found wrong while reading is thrown by `blocks` as `RowTrouble`.
 *
 * @example
 * ```ts
 * const rows = await openRows("players.csv");
 * if ("problem" in rows) console.error(rows.problem);
 * else for await (const { rows: count } of rows.blocks({ rowsMax: 1000 })) console.log(count);
 * ```
 */
export async function openRows(
  path: string,
  options: OpenRowsOptions = {},
): Promise<RowSource | TableProblem> {
  const name = options.name ?? path;
  const [, file = path, behind] = /^(.*\.(?:sqlite3?|db))#(.*)$/i.exec(path) ?? [];
  const place = { path: file, name };
  const ending = /\.[^./\\]+$/.exec(basename(file))?.[0].toLowerCase();
  switch (ending) {
    case ".csv":
      return unchanging(place, () => openCsvRows(place, ","));
    case ".tsv":
      return unchanging(place, () => openCsvRows(place, "\t"));
    case ".json":
      return openJsonRows(place);
    case ".jsonl":
      return unchanging(place, () => openJsonlRows(place));
    case ".parquet":
      return unchanging(place, () => openParquetRows(place));
    case ".sqlite":
    case ".sqlite3":
    case ".db":
      return openSqliteRows(place, options.table ?? behind);
    default:
      return tableProblem(
        name,
        "rows are read from `.csv`, `.tsv`, `.json`, `.jsonl` and `.parquet` files, and from `file.sqlite#table`",
      );
  }
}
