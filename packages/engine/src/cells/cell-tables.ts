/**
 * What only cells have: the constants that differ within a family, and labels for the origin of errors.
 *
 *   starts     node → 1 + index of its first constant, 0: none       made with the first cell that has constants
 *   constants  [ 1.5, 2 | 0.1, 7 | … ]                               row by row, in the order of adding
 */
import { grownFloat64, grownInt32 } from "../structure/growth.ts";

/** Less waste than this is let be. */
const wastedMin = 1024;

type LabelsAt = (outer: number, period: number) => readonly string[];

export class CellTables {
  readonly constants: { table: Float64Array } = { table: new Float64Array(0) };
  readonly labels: Map<number, LabelsAt> = new Map();
  starts: Int32Array = new Int32Array(0);
  private length = 0;
  private wasted = 0;

  /** Index of the first constant of a cell; 0 for one without constants. */
  constantAt(node: number): number {
    return node < this.starts.length ? Math.max(0, (this.starts[node] as number) - 1) : 0;
  }

  /** Gives consecutive nodes from `first` on the constants of `values`, `count` each. */
  write(first: number, count: number, values: ArrayLike<number>): void {
    if (count === 0 || values.length === 0) return;
    const nodes = values.length / count;
    this.starts = grownInt32(this.starts, first + nodes);
    this.constants.table = grownFloat64(this.constants.table, this.length + values.length);
    this.constants.table.set(values, this.length);
    for (let i = 0; i < nodes; i++) this.starts[first + i] = 1 + this.length + i * count;
    this.length += values.length;
  }

  /** Lays the constants out anew when most of the table is waste; `constantCountOf` tells how many a live cell has. */
  compact(rows: number, constantCountOf: (node: number) => number): void {
    if (this.wasted < wastedMin || this.wasted * 2 < this.length) return;
    const table = new Float64Array(this.length - this.wasted);
    let length = 0;
    for (let node = 0; node < Math.min(rows, this.starts.length); node++) {
      const start = this.starts[node] as number;
      if (start === 0) continue;
      const count = constantCountOf(node);
      table.set(this.constants.table.subarray(start - 1, start - 1 + count), length);
      this.starts[node] = 1 + length;
      length += count;
    }
    this.constants.table = table;
    this.length = length;
    this.wasted = 0;
    if (this.starts.length > rows) this.starts = this.starts.slice(0, rows);
  }

  /** Forgets what was kept for a node with `count` constants. */
  drop(node: number, count: number): void {
    this.labels.delete(node);
    if (count === 0 || node >= this.starts.length || this.starts[node] === 0) return;
    this.starts[node] = 0;
    this.wasted += count;
  }
}
