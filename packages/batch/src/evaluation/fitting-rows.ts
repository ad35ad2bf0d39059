/**
 * The rows of a chunk that fit the model, and what the checker says of the others.
 *
 * The checker names the cells of values that are not allowed, or not there. So the rows of such cells are taken out, and the rest is tried again,
 * until it checks. Where it says something that is not about one row's value the chunk is refused as it is; its runner's user halves
 * it then.
 *
 * Cost: one check of the rows for each round; a column tells all its problems in one, a side table some.
 */
import type { Diagnostic } from "@reckon/formula";
import { labelOf } from "@reckon/model";
import type { SheetResult } from "@reckon/sheet";
import type { Table } from "@reckon/value";
import type { ChunkOutcome, EntityChunk, EntityOutcome } from "../entity.ts";
import type { BatchProgram } from "../program.ts";

export interface FittingRows {
  /** The chunk with the rows that fit; shown, unless there is none. */
  readonly part: EntityChunk;
  /** The others, by their place in the chunk. */
  readonly invalid: ReadonlyMap<number, EntityOutcome>;
}

type Refusal = Extract<ChunkOutcome, { kind: "refused" }>;

/** `show` makes the sheet one over a part of the chunk. */
export function fittingRows(
  chunk: EntityChunk,
  program: Pick<BatchProgram, "axis" | "sideTables">,
  show: (part: EntityChunk) => SheetResult<unknown>,
): FittingRows | Refusal {
  const invalid = new Map<number, EntityOutcome>();
  const places = new Map(chunk.keys.map((key, i) => [key, i]));
  let part = chunk;
  while (part.keys.length > 0) {
    const shown = show(part);
    if (shown.ok) break;
    const before = invalid.size;
    for (const diagnostic of shown.diagnostics) {
      if (diagnostic.severity !== "error") continue;
      const rows = rowsOf(diagnostic, program.axis, places);
      if (rows.length === 0) return refusal(chunk, diagnostic);
      for (const row of rows)
        if (!invalid.has(row)) invalid.set(row, invalidRow(chunk.table, row, diagnostic));
    }
    if (invalid.size === before) return refusal(chunk, shown.diagnostics[0]);
    part = without(chunk, invalid, program.sideTables);
  }
  return { part, invalid };
}

/** The rows whose cells a problem is about; none where it is about anything else as well. */
function rowsOf(
  { cells = [] }: Diagnostic,
  axis: string,
  places: ReadonlyMap<string, number>,
): readonly number[] {
  const rows = cells.map((cell) => places.get(cell[axis] ?? ""));
  return rows.every((row) => row !== undefined) ? rows : [];
}

function invalidRow(table: Table, row: number, diagnostic: Diagnostic): EntityOutcome {
  const line = table.lines[row];
  const message = withPlace(diagnostic.message, table, row);
  return { kind: "invalid", code: diagnostic.code, message, ...(line === undefined ? {} : { line }) };
}

/** A message that names no line of a file, with that of the row. */
function withPlace(message: string, { source, lines }: Table, row: number): string {
  const line = lines[row] ?? 0;
  const place = line === 0 ? source : `${source}:${line}`;
  return message.startsWith(`${place}: `) || /^[^`]*:\d+: /.test(message) ? message : `${place}: ${message}`;
}

/** What is wrong with a chunk as a whole, with the line of its row where it has one. */
function refusal({ table }: EntityChunk, diagnostic: Diagnostic | undefined): Refusal {
  const { code, message } = diagnostic ?? { code: "model/refused", message: "the model does not check" };
  const line = table.rows === 1 ? table.lines[0] : undefined;
  return { kind: "refused", code, message, ...(line === undefined ? {} : { line }) };
}

/** The columns of a chunk, and no entity. */
export function withoutRows(chunk: EntityChunk): EntityChunk {
  const sideTables: Record<string, Table> = Object.create(null);
  for (const [path, table] of Object.entries(chunk.sideTables))
    sideTables[path] = rowsWhere(table, () => false);
  return { ...chunk, keys: [], positions: [], table: rowsWhere(chunk.table, () => false), sideTables };
}

function without(
  chunk: EntityChunk,
  invalid: ReadonlyMap<number, unknown>,
  sides: BatchProgram["sideTables"],
): EntityChunk {
  const isKept = (_: unknown, i: number): boolean => !invalid.has(i);
  const keys = chunk.keys.filter(isKept);
  const left = new Set(keys);
  const sideTables: Record<string, Table> = Object.create(null);
  for (const [path, table] of Object.entries(chunk.sideTables)) {
    const column = table.columns.find(({ name }) => name === sides[path]?.keyColumn)?.values ?? [];
    sideTables[path] = rowsWhere(table, (_, i) => left.has(labelOf(column[i] ?? null) ?? ""));
  }
  const positions = chunk.positions.filter(isKept);
  return { ...chunk, keys, positions, table: rowsWhere(chunk.table, isKept), sideTables };
}

function rowsWhere(table: Table, isKept: (value: unknown, row: number) => boolean): Table {
  const lines = table.lines.filter(isKept);
  return {
    source: table.source,
    rows: lines.length,
    columns: table.columns.map(({ name, values }) => ({ name, values: values.filter(isKept) })),
    lines,
  };
}
