/** Files of rows that are read in blocks, by the ending of their path. */
import { basename } from "node:path";
import type { RowSource } from "../api.ts";
import { type TableProblem, tableProblem } from "../table-problem.ts";
import { openCsvRows } from "./csv-rows.ts";

export interface OpenRowsOptions {
  /** What the file is called in messages; its path unless told. */
  readonly name?: string;
}

/**
 * Opens a file of rows: `.csv` or `.tsv`. What is wrong with the file is a problem that names it; what is found wrong while reading is thrown by `blocks` as `RowTrouble`.
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
  const place = { path, name };
  const ending = /\.[^./\\]+$/.exec(basename(path))?.[0].toLowerCase();
  switch (ending) {
    case ".csv":
      return openCsvRows(place, ",");
    case ".tsv":
      return openCsvRows(place, "\t");
    default:
      return tableProblem(name, "rows are read from `.csv` and `.tsv` files");
  }
}
