/**
 * CSV in and out. The first line names the columns; a comma separates (a tab in `.tsv` files); quotes are doubled
 * inside quotes. A cell in quotes is a text, whatever it looks like; `cell-text.ts` says what other cells mean. Spaces
 * around a cell and empty lines do not count. Each row keeps the line it starts on.
 *
 * Splitting into cells is `csv-parse`'s; names, types and rows of unequal length are judged here. Cost: linear, about
 * half a microsecond a cell.
 */
import type { Scalar, Table } from "@reckon/value";
import { CsvError, parse } from "csv-parse/sync";
import { scalarOfCell } from "./cell-text.ts";
import {
  type CsvDelimiter,
  describeCsvError,
  emptyFile,
  problemOfHeader,
  RowLines,
  unevenRow,
} from "./csv-row.ts";
import { type TableProblem, tableProblem } from "./table-problem.ts";

export interface CsvOptions {
  /** What stands between two cells; a comma unless told. */
  readonly delimiter?: CsvDelimiter;
}

interface Row {
  readonly cells: readonly Scalar[];
  readonly line: number;
}

/**
 * The columns of a CSV text, or the first problem. `source` is the file's name for messages.
 *
 * @example
 * ```ts
 * const table = readCsv("id,share\na,5%\n", "shares.csv");
 * if ("columns" in table) console.log(table.columns[1]?.values); // [ 0.05 ]
 * ```
 */
export function readCsv(text: string, source: string, options: CsvOptions = {}): Table | TableProblem {
  const split = splitRows(text, source, options.delimiter ?? ",");
  if ("problem" in split) return split;
  const [header, ...rows] = split;
  if (header === undefined) return emptyFile(source);
  const names = header.cells.map((cell) => (cell === null ? "" : String(cell)));
  const wrong = problemOfHeader(source, names, header.line);
  if (wrong !== undefined) return wrong;
  for (const { cells, line } of rows) {
    if (cells.length === names.length) continue;
    return unevenRow(source, cells.length, names, line);
  }
  return {
    source,
    rows: rows.length,
    lines: rows.map((row) => row.line),
    columns: names.map((name, i) => ({ name, values: rows.map((row) => row.cells[i] as Scalar) })),
  };
}

/** All rows that are not empty lines, the header among them as texts. */
function splitRows(text: string, source: string, delimiter: string): readonly Row[] | TableProblem {
  const rows: Row[] = [];
  const lines = new RowLines();
  let isHeader = true;
  try {
    parse(text, {
      bom: true,
      trim: true,
      delimiter,
      relax_column_count: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      cast: (cell, context) => (isHeader || context.quoting ? cell : scalarOfCell(cell)),
      on_record: (record: Scalar[], context) => {
        const line = lines.beginOf(record, context.lines);
        const isEmptyLine = record.length === 1 && (record[0] === null || (isHeader && record[0] === ""));
        if (isEmptyLine) return null;
        isHeader = false;
        rows.push({ cells: record, line });
        return null;
      },
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    return tableProblem(source, describeCsvError(cause), lines.lineOf(cause));
  }
  return rows;
}

/**
 * A table as CSV that `readCsv` reads back to the same values: texts that would mean something else without quotes
 * are put in quotes. Lines end with `\n`. The one exception: in a table of one column a blank comes back as an empty
 * text.
 */
export function writeCsv(table: Table): string {
  const lines = [table.columns.map((column) => quoteText(column.name)).join(",")];
  // An empty line is no row, so the only cell of a row cannot be left empty.
  const blank = table.columns.length === 1 ? '""' : "";
  for (let row = 0; row < table.rows; row++) {
    lines.push(table.columns.map((column) => csvField(column.values[row] as Scalar, blank)).join(","));
  }
  return `${lines.join("\n")}\n`;
}

/** One cell of a table of several columns, as `writeCsv` writes it. */
export function csvCell(value: Scalar): string {
  return csvField(value, "");
}

/** One cell; `blank` is what stands for a blank. */
export function csvField(value: Scalar, blank: string): string {
  if (typeof value === "number") return numberField(value);
  if (value === null) return blank;
  if (typeof value === "string") return quoteText(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  return value.code;
}

/** A number with all its digits, so that it reads back as the same number; one that is not finite is an error. */
export function numberField(value: number): string {
  // A long row of digits reads as an identifier; with a point and an exponent it stays a number.
  if (!Number.isFinite(value)) return "#NUM!";
  if (Math.abs(value) >= 1e15 && Number.isInteger(value)) return longWhole(value);
  return Object.is(value, -0) ? "-0" : String(value);
}

function longWhole(value: number): string {
  const text = String(value);
  return typeof scalarOfCell(text) === "number" ? text : value.toExponential();
}

/** A name or text in the form that reads back as itself. */
export function quoteText(text: string): string {
  const isPlain = !/[",\n\r\t;]/.test(text) && text.trim() === text && scalarOfCell(text) === text;
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}
