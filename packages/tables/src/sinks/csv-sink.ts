/** Rows as CSV, in the form that `readCsv` reads back to the same values. */
import type { Scalar } from "@reckon/value";
import type { RowSink } from "../api.ts";
import { csvField, quoteText } from "../csv.ts";
import { openTextSink } from "./text-sink.ts";

export function openCsvSink(path: string, columns: readonly string[]): Promise<RowSink> {
  // An empty line is no row, so the only cell of a row cannot be left empty.
  const blank = columns.length === 1 ? '""' : "";
  return openTextSink(path, `${columns.map(quoteText).join(",")}\n`, (cells, row) => {
    let line = "";
    for (let i = 0; i < cells.length; i++)
      line += (i === 0 ? "" : ",") + csvField((cells[i] as readonly Scalar[])[row] as Scalar, blank);
    return `${line}\n`;
  });
}
