/**
 * What kernels are lent for one call, used over and over: the array of columns they read, columns of one cell, and
 * the boxes. A kernel that answers with a promise keeps what it was lent; then all of it is made anew (`abandon`).
 */
import { Column } from "@reckon/value";
import { BoxSet } from "../state/box-set.ts";
import { SavedCells } from "../state/saved-cells.ts";

/** Longer tables are not kept. */
const keptBitsMax = 1 << 20;

const oneCell = { outer: 1, periods: 1 };

export class Lending {
  /** The dirty boxes of the node that is computed. */
  boxes: BoxSet = new BoxSet();
  /** A part of a box. */
  part: BoxSet = new BoxSet();
  /** The cells that differ after computing. */
  readonly changed: BoxSet = new BoxSet();
  readonly saved: SavedCells = new SavedCells();
  private out: Column = new Column(oneCell);
  private singles: Column[] = [];
  private arrays: Column[][] = [];
  private readonly tables: Uint8Array[] = [];

  /** A column of one cell that holds 0. */
  cell(): Column {
    const { out } = this;
    out.numbers[0] = 0;
    out.marks = null;
    out.texts = null;
    return out;
  }

  /** The column of one cell for the argument at `index`. */
  single(index: number): Column {
    let column = this.singles[index];
    if (column === undefined) {
      column = new Column(oneCell);
      this.singles[index] = column;
    }
    column.marks = null;
    column.touched(0, 1);
    return column;
  }

  array(length: number): Column[] {
    let array = this.arrays[length];
    if (array === undefined) {
      array = new Array<Column>(length);
      this.arrays[length] = array;
    }
    return array;
  }

  /** A table of zeros of at least `length`, one for each `index`; whoever borrows it leaves zeros behind. */
  bits(index: number, length: number): Uint8Array {
    if (length > keptBitsMax) return new Uint8Array(length);
    let table = this.tables[index];
    if (table === undefined || table.length !== length) {
      table = new Uint8Array(length);
      this.tables[index] = table;
    }
    return table;
  }

  abandon(): void {
    this.boxes = new BoxSet();
    this.part = new BoxSet();
    this.out = new Column(oneCell);
    this.singles = [];
    this.arrays = [];
  }
}
