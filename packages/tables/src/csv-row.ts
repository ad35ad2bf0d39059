/** What a row of CSV has to be, whoever splits the text into cells. */
import type { Scalar } from "@reckon/value";
import type { CsvError } from "csv-parse/sync";
import { tooLong } from "./rows/open-line.ts";
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

/**
 * Lines that rows begin on. The parser counts at the end of a row, and in a text a carriage return and a line feed as two lines, so
 * that all behind it is counted too far.
 */
export class RowLines {
  private excess = 0;

  /** The line that a row begins on, given the parser's count behind it. Called for each row in turn. */
  beginOf(row: readonly Scalar[], counted: number): number {
    let [marks, breaks] = [0, 0];
    for (const cell of row) {
      if (typeof cell !== "string" || !(cell.includes("\n") || cell.includes("\r"))) continue;
      marks += cell.split(/[\r\n]/).length - 1;
      breaks += cell.split(/\r\n|[\r\n]/).length - 1;
    }
    const begin = counted - this.excess - marks;
    this.excess += marks - breaks;
    return begin;
  }

  /** The line of what the parser complains about. */
  lineOf({ lines }: CsvError): number | undefined {
    return typeof lines === "number" ? lines - this.excess : undefined;
  }
}

export function describeCsvError(error: CsvError): string {
  switch (error.code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return "a quoted cell is not closed before the end of the file";
    case "INVALID_OPENING_QUOTE":
      return 'a quote inside a cell: put the whole cell in quotes and double the quote ("6"" nails")';
    case "CSV_INVALID_CLOSING_QUOTE":
      return "text behind a closing quote: double a quote that belongs to the text";
    case "CSV_MAX_RECORD_SIZE":
      return tooLong;
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
