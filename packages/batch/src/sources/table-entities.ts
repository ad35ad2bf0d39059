/**
 * Entities from rows: the key of each row checked, its priority and its deep key worked out, a block at a time.
 *
 * A key that an earlier row of the same block has is a problem here. Over the whole source keys are not held: memory would grow
 * with it. The ledger, where keys are unique anyway, finds the others (LE7).
 *
 * Cost: a pass over the rows, and their deep keys.
 */
import { labelOf } from "@reckon/model";
import { type RowSource, RowTrouble } from "@reckon/tables";
import type { Scalar, Table } from "@reckon/value";
import { BatchError } from "../batch-error.ts";
import type { EntityBlock, RowProblem } from "../entity.ts";
import type { BlockOptions, EntitySource } from "../entity-source.ts";
import type { BatchProgram } from "../program.ts";
import { createDeepKeys, type DeepKeys } from "./deep-keys.ts";
import { blankKey, noPriority, noSuchColumns, repeatedKey } from "./row-problems.ts";
import type { SideRows } from "./side-rows.ts";

export interface EntitiesOptions {
  /** A column of numbers: lower begins first; what is no number comes last. */
  readonly priorityColumn?: string;
  /** Hears of the first cell in it that is neither a number nor blank, once. */
  readonly onNotice?: (message: string) => void;
  /** Tables with a key in the entity axis, for the deep keys. */
  readonly sides?: SideRows;
}

/**
 * The entities of a file of rows, or which of the columns that are needed it has not.
 *
 * @example
 * ```ts
 * const rows = await openRows("players.csv");
 * if ("problem" in rows) throw new Error(rows.problem);
 * const load = { model: "points.reckon", allowModules: true };
 * const prepared = await prepareProgram({ load, axis: "player", columns: rows.columns });
 * if (!("program" in prepared)) throw new Error("the model does not check");
 * const source = openEntities(rows, prepared.program, { priorityColumn: "minutes" });
 * if ("problem" in source) throw new Error(source.problem);
 * const firsts: unknown[] = [];
 * for await (const { keys } of source.blocks({ rowsMax: 100 })) firsts.push(keys[0]);
 * firsts; // ["p001", "p101"]
 * await source.close();
 * ```
 */
export function openEntities(
  rows: RowSource,
  program: BatchProgram,
  options: EntitiesOptions = {},
): EntitySource | { readonly problem: string } {
  const { keyColumn } = program;
  const { priorityColumn, sides } = options;
  const needed = [keyColumn, ...program.columns, ...(priorityColumn === undefined ? [] : [priorityColumn])];
  const columns = [...new Set(needed)];
  const missing = columns.filter((name) => !rows.columns.includes(name));
  if (missing.length > 0) return { problem: noSuchColumns(rows.name, missing, rows.columns) };
  const deepKeys = createDeepKeys(program, sides);
  const onBlock = priorityColumn === undefined ? () => undefined : hearPriorities(priorityColumn, options);
  return {
    name: rows.name,
    rows: rows.rows,
    estimate: () => rows.rowsEstimate,
    blocks: (block) => entityBlocks(rows, columns, { keyColumn, priorityColumn, onBlock }, deepKeys, block),
    close: () => rows.close(),
  };
}

interface BlockColumns {
  readonly keyColumn: string;
  readonly priorityColumn: string | undefined;
  readonly onBlock: (block: EntityBlock) => void;
}

async function* entityBlocks(
  rows: RowSource,
  columns: readonly string[],
  { keyColumn, priorityColumn, onBlock }: BlockColumns,
  deepKeys: DeepKeys,
  { rowsMax, signal }: BlockOptions = {},
): AsyncGenerator<EntityBlock, void> {
  let position = 0;
  try {
    for await (const table of rows.blocks({ columns, ...(rowsMax === undefined ? {} : { rowsMax }) })) {
      signal?.throwIfAborted();
      const block = blockOf(table, position, keyColumn, priorityColumn, deepKeys);
      onBlock(block);
      yield block;
      position += table.rows;
    }
  } catch (cause) {
    if (cause instanceof RowTrouble) throw new BatchError("source", cause.message, cause);
    throw cause;
  }
}

function blockOf(
  table: Table,
  first: number,
  keyColumn: string,
  priorityColumn: string | undefined,
  deepKeys: DeepKeys,
): EntityBlock {
  const values = columnOf(table, keyColumn);
  const lineOf = new Map<string, number>();
  const problems: RowProblem[] = [];
  const kept: number[] = [];
  const keys: string[] = [];
  for (let row = 0; row < table.rows; row++) {
    const line = table.lines[row] ?? 0;
    const key = labelOf(values[row] ?? null);
    const before = key === undefined ? undefined : lineOf.get(key);
    if (key === undefined)
      problems.push({ position: first + row, line, message: blankKey(table.source, keyColumn, line) });
    else if (before !== undefined)
      problems.push({ position: first + row, line, message: repeatedKey(table.source, key, line, before) });
    else {
      lineOf.set(key, line);
      kept.push(row);
      keys.push(key);
    }
  }
  const own = problems.length === 0 ? table : rowsOf(table, kept);
  return {
    table: own,
    keys,
    positions: kept.map((row) => first + row),
    ...(priorityColumn === undefined ? {} : { priorities: columnOf(own, priorityColumn).map(priorityOf) }),
    deepKeys: deepKeys(own, keys),
    problems,
  };
}

function columnOf(table: Table, name: string): readonly Scalar[] {
  return table.columns.find((column) => column.name === name)?.values ?? [];
}

function rowsOf(table: Table, rows: readonly number[]): Table {
  return {
    source: table.source,
    rows: rows.length,
    lines: rows.map((row) => table.lines[row] ?? 0),
    columns: table.columns.map(({ name, values }) => ({
      name,
      values: rows.map((row) => values[row] as Scalar),
    })),
  };
}

/** Tells of the first cell that is taken for no priority, whichever pass over the rows comes to it. */
function hearPriorities(column: string, { onNotice }: EntitiesOptions): (block: EntityBlock) => void {
  let isTold = false;
  return ({ table }) => {
    if (isTold || onNotice === undefined) return;
    const values = columnOf(table, column);
    const row = values.findIndex((value) => typeof value !== "number" && value !== null);
    if (row < 0) return;
    isTold = true;
    onNotice(noPriority(table.source, column, values[row] as Scalar, table.lines[row] ?? 0));
  };
}

function priorityOf(value: Scalar): number {
  return typeof value === "number" ? value : Number.POSITIVE_INFINITY;
}
