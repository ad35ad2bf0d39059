/**
 * JSON tables: a list of records, or an object of columns.
 *
 *   [ { "id": "a", "share": 0.05 }, … ]          a record a row; a key that a record lacks is a blank cell
 *   { "id": ["a", …], "share": [0.05, …] }       a list a column; all of one length
 *
 * Cells are numbers, texts, booleans, null (blank) or `{"error": "#N/A"}`; anything else is a problem. Texts stay as
 * they are; whole numbers beyond 2^53 are texts. For records each row keeps the line it starts on. Cost: linear.
 */
import { type ErrorCode, errorCodes, errorValue, type Scalar, type Table } from "@reckon/value";
import { parseJson } from "./json-numbers.ts";
import { counted, problemOfNames, type TableProblem, tableProblem } from "./table-problem.ts";

/**
 * The columns of a JSON text, or the first problem.
 *
 * @example
 * ```ts
 * const table = readJson('[{"id": "a"}, {"id": "b"}]', "ids.json");
 * if ("columns" in table) console.log(table.columns[0]?.values); // [ 'a', 'b' ]
 * ```
 */
export function readJson(text: string, source: string): Table | TableProblem {
  let read: unknown;
  try {
    read = parseJson(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    const line = lineOfJsonError(text, cause);
    return tableProblem(source, `not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, line);
  }
  if (Array.isArray(read)) return fromRecords(read, source, linesOfRecords(text));
  if (typeof read === "object" && read !== null) return fromColumns(read as Record<string, unknown>, source);
  return tableProblem(source, "a table is a list of records or an object of columns");
}

function fromRecords(
  records: readonly unknown[],
  source: string,
  lines: readonly number[],
): Table | TableProblem {
  const names = new Map<string, Scalar[]>();
  for (const [row, record] of records.entries()) {
    if (typeof record !== "object" || record === null || Array.isArray(record)) {
      return tableProblem(source, `row ${row + 1} is not a record ({"column": value, …})`, lines[row]);
    }
    for (const [name, cell] of Object.entries(record)) {
      const value = scalarOfJson(cell);
      if (value === undefined) return cellProblem(source, name, row, lines[row]);
      let column = names.get(name);
      if (column === undefined) {
        column = Array<Scalar>(records.length).fill(null);
        names.set(name, column);
      }
      column[row] = value;
    }
  }
  return (
    problemOfNames(source, [...names.keys()]) ?? {
      source,
      rows: records.length,
      lines: records.map((_, row) => lines[row] ?? 1),
      columns: [...names].map(([name, values]) => ({ name, values })),
    }
  );
}

function fromColumns(columns: Record<string, unknown>, source: string): Table | TableProblem {
  const read: { name: string; values: Scalar[] }[] = [];
  for (const [name, cells] of Object.entries(columns)) {
    if (!Array.isArray(cells)) return tableProblem(source, `column \`${name}\` is not a list of values`);
    const values: Scalar[] = [];
    for (const [row, cell] of cells.entries()) {
      const value = scalarOfJson(cell);
      if (value === undefined) return cellProblem(source, name, row);
      values.push(value);
    }
    read.push({ name, values });
  }
  const rows = read[0]?.values.length ?? 0;
  const uneven = read.find((column) => column.values.length !== rows);
  if (uneven !== undefined) {
    return tableProblem(
      source,
      `column \`${uneven.name}\` has ${counted(uneven.values.length, "value")}, but \`${read[0]?.name}\` has ${rows}`,
    );
  }
  const wrong = problemOfNames(source, Object.keys(columns));
  return wrong ?? { source, rows, lines: Array<number>(rows).fill(1), columns: read };
}

function cellProblem(source: string, column: string, row: number, line?: number): TableProblem {
  return tableProblem(
    source,
    `\`${column}\` in row ${row + 1} is neither a number, a text, a boolean, null nor {"error": "#N/A"}`,
    line,
  );
}

/** A cell of parsed JSON; `undefined` where it is none. */
export function scalarOfJson(cell: unknown): Scalar | undefined {
  if (cell === null || typeof cell === "boolean" || typeof cell === "string") return cell;
  if (typeof cell === "number") return Number.isFinite(cell) ? cell : undefined;
  if (typeof cell !== "object") return undefined;
  const code = (cell as { error?: unknown }).error;
  return errorCodes.includes(code as ErrorCode) ? errorValue(code as ErrorCode) : undefined;
}

/** The line each element of the outermost list starts on. The text is known to be JSON. */
function linesOfRecords(text: string): number[] {
  const lines: number[] = [];
  let line = 1;
  let depth = 0;
  let isAwaited = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (char === "\n") line += 1;
    if (/[\s\uFEFF]/.test(char)) continue;
    if (char === "," && depth === 1) {
      isAwaited = true;
      continue;
    }
    if (isAwaited && char !== "]") lines.push(line);
    isAwaited = false;
    if (char === '"') i = endOfText(text, i);
    else if (char === "[" || char === "{") {
      depth += 1;
      isAwaited = depth === 1;
    } else if (char === "]" || char === "}") depth -= 1;
  }
  return lines;
}

function endOfText(text: string, from: number): number {
  let i = from + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i;
}

/** The engine that parses says the offset in its message, when it says anything. */
function lineOfJsonError(text: string, cause: unknown): number | undefined {
  const position = /at position (\d+)/.exec(cause instanceof Error ? cause.message : "");
  return position === null ? undefined : text.slice(0, Number(position[1])).split("\n").length;
}
