import type { Table } from "@reckon/value";
import { readCsv } from "./csv.ts";
import { readJson } from "./json.ts";
import { type TableProblem, tableProblem } from "./table-problem.ts";

/** A table from a file's text, in the format that the path's ending names: `.csv`, `.tsv` or `.json`. */
export function readTable(path: string, text: string): Table | TableProblem {
  const ending = /\.[^./\\]+$/.exec(path)?.[0].toLowerCase();
  switch (ending) {
    case ".csv":
      return readCsv(text, path);
    case ".tsv":
      return readCsv(text, path, { delimiter: "\t" });
    case ".json":
      return readJson(text, path);
    default:
      return tableProblem(path, "tables are read from `.csv`, `.tsv` and `.json` files");
  }
}
