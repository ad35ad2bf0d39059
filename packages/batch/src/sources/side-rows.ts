/**
 * Tables that have the entity axis among their keys: each chunk gets the rows of its entities only.
 *
 * All rows of the columns that are read are held, with an index from key to rows, because they come in an order of their own; so
 * they count towards memory, and there is a limit. Whether an entity has the rows that it needs is for the checker to say, which sees the chunk's table.
 *
 * Cost: reading and indexing once; then the rows that are asked for.
 */
import { labelOf } from "@reckon/model";
import type { Scalar, Table, TableColumn } from "@reckon/value";
import type { BatchProgram } from "../program.ts";
import { inOrder } from "./row-order.ts";

/** 20 million cells are some 160 MB of numbers. */
const sideCellsMax = 20_000_000;

const noRows: readonly number[] = [];

interface SideTable {
  readonly table: Table;
  /** Those that are read, by name; the key's column is not among them where it only finds the rows. */
  readonly cells: readonly TableColumn[];
  readonly rowsByKey: ReadonlyMap<string, readonly number[]>;
  /** Keys that an entity has asked for. */
  readonly asked: Set<string>;
}

export class SideRows {
  private readonly tables: ReadonlyMap<string, SideTable>;

  private constructor(tables: ReadonlyMap<string, SideTable>) {
    this.tables = tables;
  }

  /** Reads the side tables of a program; `read` gets their paths as the model writes them. */
  static open(
    program: Pick<BatchProgram, "sideTables">,
    read: (path: string) => Table | { readonly problem: string },
  ): SideRows | { readonly problem: string } {
    const tables = new Map<string, SideTable>();
    let cells = 0;
    for (const [path, { keyColumn: key, columns }] of Object.entries(program.sideTables)) {
      const table = read(path);
      if ("problem" in table) return table;
      cells += table.rows * table.columns.length;
      if (cells > sideCellsMax)
        return {
          problem: `${path}: tables with a key in the entity axis are held whole, up to ${sideCellsMax} cells`,
        };
      const keys = table.columns.find(({ name }) => name === key)?.values;
      if (keys === undefined) return { problem: `${path}: has no column \`${key}\`` };
      const held = table.columns.filter(({ name }) => name === key || columns.includes(name));
      tables.set(path, {
        table: { ...table, columns: held },
        cells: columns.flatMap((name) => held.find((column) => column.name === name) ?? []),
        rowsByKey: rowsByKey(keys),
        asked: new Set(),
      });
    }
    return new SideRows(tables);
  }

  /** The rows of these entities, entity by entity, by path as written. */
  rowsFor(keys: readonly string[]): Readonly<Record<string, Table>> {
    const found: Record<string, Table> = {};
    for (const [path, { table, rowsByKey, asked }] of this.tables) {
      const rows: number[] = [];
      for (const key of keys) {
        const own = rowsByKey.get(key);
        if (own === undefined) continue;
        asked.add(key);
        for (const row of own) rows.push(row);
      }
      found[path] = {
        source: table.source,
        rows: rows.length,
        lines: rows.map((row) => table.lines[row] ?? row + 2),
        columns: table.columns.map(({ name, values }) => ({
          name,
          values: rows.map((row) => values[row] as Scalar),
        })),
      };
    }
    return found;
  }

  /** Where the rows of one entity are, in an order that the file's plays no part in, and the columns that are read. */
  cellsOf(
    path: string,
    key: string,
  ): { readonly rows: readonly number[]; readonly columns: readonly TableColumn[] } {
    const side = this.tables.get(path);
    const rows = side?.rowsByKey.get(key);
    if (side === undefined || rows === undefined) return { rows: noRows, columns: [] };
    side.asked.add(key);
    return { rows: inOrder(rows, side.cells), columns: side.cells };
  }

  /** A sentence for each table with rows of keys that no entity has asked for. */
  notices(): readonly string[] {
    const notices: string[] = [];
    for (const [path, { table, rowsByKey, asked }] of this.tables) {
      let claimed = 0;
      for (const key of asked) claimed += (rowsByKey.get(key) ?? noRows).length;
      const left = table.rows - claimed;
      if (left > 0)
        notices.push(`${path}: ${left === 1 ? "1 row belongs" : `${left} rows belong`} to no entity`);
    }
    return notices;
  }
}

/** Rows with a blank key are in no list. */
function rowsByKey(keys: readonly Scalar[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const [row, value] of keys.entries()) {
    const label = labelOf(value);
    if (label === undefined) continue;
    const rows = found.get(label);
    if (rows === undefined) found.set(label, [row]);
    else rows.push(row);
  }
  return found;
}
