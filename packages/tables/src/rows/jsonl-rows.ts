/**
 * Rows of a `.jsonl` file: a JSON record a line; empty lines count as lines only.
 *
 * The columns are the keys of the first 1,000 records, in the order in which they appear: to know all, the file would have to be read
 * twice. A key that comes later is refused with its line, rather than left out in silence. Cells are as in `json.ts`.
 *
 * Cost: about a microsecond a line and more with its length. Memory: a piece of the file, the longest line (there is a limit), and the
 * block that is being filled.
 */
import type { Scalar, Table } from "@reckon/value";
import type { RowBlockOptions, RowSource } from "../api.ts";
import { scalarOfJson } from "../json.ts";
import { parseJson } from "../json-numbers.ts";
import { problemOfNames, type TableProblem, tableProblem } from "../table-problem.ts";
import { estimateLines, type FilePlace, piecesOf, sizeOfFile } from "./file-bytes.ts";
import { OpenLine } from "./open-line.ts";
import { RowTrouble } from "./row-trouble.ts";
import { slotsOf, TableBlocks } from "./table-blocks.ts";

const namingRecords = 1000;

export async function openJsonlRows(place: FilePlace): Promise<RowSource | TableProblem> {
  const bytes = await sizeOfFile(place);
  if (typeof bytes !== "number") return bytes;
  const names = new Set<string>();
  let records = 0;
  try {
    for await (const { record } of recordsOf(place)) {
      for (const name of Object.keys(record)) names.add(name);
      records += 1;
      if (records === namingRecords) break;
    }
  } catch (cause) {
    if (!(cause instanceof RowTrouble)) throw cause;
    return cause.line === undefined
      ? { problem: cause.message }
      : { problem: cause.message, line: cause.line };
  }
  if (records === 0)
    return tableProblem(place.name, "the file is empty; its first lines must name the columns");
  const columns = [...names];
  const rowsEstimate = await estimateLines(place, bytes);
  return (
    problemOfNames(place.name, columns) ?? {
      name: place.name,
      columns,
      rows: undefined,
      rowsEstimate,
      blocks: (options) => jsonlBlocks(place, columns, options),
      close: async () => undefined,
    }
  );
}

async function* jsonlBlocks(
  place: FilePlace,
  names: readonly string[],
  { rowsMax, columns }: RowBlockOptions = {},
): AsyncGenerator<Table, void> {
  const wanted = columns ?? names;
  const known = new Set(names);
  slotsOf(place.name, names, wanted);
  const blocks = new TableBlocks(place.name, wanted, rowsMax);
  for await (const { record, line } of recordsOf(place)) {
    for (const key in record)
      if (!known.has(key))
        throw trouble(
          place,
          `\`${key}\` is in none of the first ${namingRecords} records, which name the columns`,
          line,
        );
    for (const [i, name] of wanted.entries()) {
      const value = Object.hasOwn(record, name) ? scalarOfJson(record[name]) : null;
      if (value === undefined)
        throw trouble(
          place,
          `\`${name}\` is neither a number, a text, a boolean, null nor {"error": "#N/A"}`,
          line,
        );
      (blocks.columns[i] as Scalar[]).push(value);
    }
    blocks.endRow(line);
    yield* blocks.take();
  }
  blocks.close();
  yield* blocks.take();
}

interface JsonRecord {
  readonly record: Readonly<Record<string, unknown>>;
  readonly line: number;
}

async function* recordsOf(place: FilePlace): AsyncGenerator<JsonRecord, void> {
  const rest = new OpenLine(place.name);
  let line = 0;
  for await (const piece of piecesOf(place)) {
    const read = piece.toString("utf8");
    const end = read.lastIndexOf("\n");
    if (end === -1) {
      rest.add(read, line + 1);
      continue;
    }
    const lines = (rest.take() + read.slice(0, end)).split("\n");
    rest.add(read.slice(end + 1), line + lines.length + 1);
    for (const text of lines) {
      line += 1;
      const record = recordOf(place, text, line);
      if (record !== undefined) yield { record, line };
    }
  }
  const record = recordOf(place, rest.take(), line + 1);
  if (record !== undefined) yield { record, line: line + 1 };
}

function recordOf(place: FilePlace, text: string, line: number): JsonRecord["record"] | undefined {
  if (text.trim() === "") return undefined;
  let read: unknown;
  try {
    read = parseJson(text);
  } catch (cause) {
    throw trouble(place, `not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, line);
  }
  if (typeof read === "object" && read !== null && !Array.isArray(read)) return read as JsonRecord["record"];
  throw trouble(place, 'a line is a record ({"column": value, …})', line);
}

function trouble({ name }: FilePlace, text: string, line: number): RowTrouble {
  return new RowTrouble("unreadable", tableProblem(name, text, line));
}
