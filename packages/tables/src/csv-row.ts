/** What a row of CSV has to be, whoever splits the text into cells. */
import type { Scalar } from "@reckon/value";
import type { CsvError } from "csv-parse/sync";
import { counted, problemOfNames, type TableProblem, tableProblem } from "./table-problem.ts";

export type CsvDelimiter = "," | "\t" | ";";

/** The first problem of the first line. */
export function problemOfHeader(
  source: string,
  names: readonly string[],
  line: number,
): TableProblem | undefined {
  return problemOfNames(source, names, line) ?? foreignDelimiter(source, names, line);
}

export function emptyFile(source: string): TableProblem {
  return tableProblem(source, "the file is empty; its first line must name the columns");
}

/** A row with more or fewer cells than the header has. */
export function unevenRow(
  source: string,
  cells: number,
  names: readonly string[],
  line: number,
): TableProblem {
  return tableProblem(
    source,
    `${counted(cells, "cell")}, but the first line names ${counted(names.length, "column")} (${names.join(", ")})`,
    line,
  );
}

/** The parser counts lines at the end of a row; a row begins as many lines before as its texts have line breaks. */
export function lineBreaksIn(record: readonly Scalar[]): number {
  let breaks = 0;
  for (const cell of record) {
    if (typeof cell === "string" && cell.includes("\n")) breaks += cell.split("\n").length - 1;
  }
  return breaks;
}

export function describeCsvError(error: CsvError): string {
  switch (error.code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return "a quoted cell is not closed before the end of the file";
    case "INVALID_OPENING_QUOTE":
      return 'a quote inside a cell: put the whole cell in quotes and double the quote ("6"" nails")';
    case "CSV_INVALID_CLOSING_QUOTE":
      return "text behind a closing quote: double a quote that belongs to the text";
    default:
      return error.message;
  }
}

/** A header of one name with another separator in it was most likely meant as several. */
function foreignDelimiter(source: string, names: readonly string[], line: number): TableProblem | undefined {
  const only = names.length === 1 ? (names[0] as string) : "";
  if (!only.includes(";") && !only.includes("\t")) return undefined;
  return tableProblem(
    source,
    "cells are separated by a comma (by a tab in `.tsv` files), not by `;` or a tab",
    line,
  );
}
