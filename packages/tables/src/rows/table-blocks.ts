/** Rows that come one by one, gathered as tables of at most so many rows. */
import type { Scalar, Table } from "@reckon/value";
import { tableProblem } from "../table-problem.ts";
import { RowTrouble } from "./row-trouble.ts";

/** Rows of a block where nobody says how many. */
const blockRows = 4096;

export class TableBlocks {
  /** Whole blocks that nobody has taken yet. */
  private ready: Table[] = [];
  private readonly source: string;
  private readonly names: readonly string[];
  private readonly rowsMax: number;
  /** One list a column; all have the rows of `lines` once a row is complete. */
  columns: Scalar[][];
  private lines: number[] = [];

  constructor(source: string, names: readonly string[], rowsMax: number = blockRows) {
    this.source = source;
    this.names = names;
    this.rowsMax = Math.max(1, rowsMax);
    this.columns = names.map(() => []);
  }

  /** Called when every column has got the row's cell. */
  endRow(line: number): void {
    this.lines.push(line);
    if (this.lines.length >= this.rowsMax) this.close();
  }

  /** The rows that are left become a block as well. */
  close(): void {
    if (this.lines.length === 0) return;
    this.ready.push({
      source: this.source,
      rows: this.lines.length,
      columns: this.names.map((name, i) => ({ name, values: this.columns[i] as Scalar[] })),
      lines: this.lines,
    });
    this.columns = this.names.map(() => []);
    this.lines = [];
  }

  take(): readonly Table[] {
    const taken = this.ready;
    this.ready = [];
    return taken;
  }
}

/** For each column of a file its place among those wanted, or −1. */
export function slotsOf(
  source: string,
  names: readonly string[],
  wanted: readonly string[] | undefined,
): Int32Array {
  const slots = new Int32Array(names.length).fill(-1);
  for (const [slot, name] of (wanted ?? names).entries()) {
    const at = names.indexOf(name);
    if (at === -1) throw new RowTrouble("unreadable", tableProblem(source, `has no column \`${name}\``));
    slots[at] = slot;
  }
  return slots;
}

/** A table as blocks of its columns. */
export function* blocksOf(
  table: Table,
  { rowsMax = blockRows, columns }: { readonly rowsMax?: number; readonly columns?: readonly string[] } = {},
): Generator<Table, void> {
  const slots = slotsOf(
    table.source,
    table.columns.map(({ name }) => name),
    columns,
  );
  const chosen: (typeof table.columns)[number][] = [];
  for (const [at, slot] of slots.entries())
    if (slot !== -1) chosen[slot] = table.columns[at] as (typeof table.columns)[number];
  for (let from = 0; from < table.rows; from += rowsMax) {
    const to = Math.min(table.rows, from + rowsMax);
    yield {
      source: table.source,
      rows: to - from,
      columns: chosen.map(({ name, values }) => ({ name, values: values.slice(from, to) })),
      lines: table.lines.slice(from, to),
    };
  }
}
