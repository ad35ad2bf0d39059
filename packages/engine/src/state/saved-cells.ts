/**
 * The old cells of boxes that are about to be written in place, laid out box after box, rows in order:
 *
 *   column   · · [ a b ] · · [ c ] ·        numbers  [ a b c … ]
 *
 * With them a box is compared with what it held, or put back. The buffers are used over and over. Marks are kept
 * only where the column has some.
 *
 * Cost: the cells of the boxes. Comparing looks from both ends of a row, so it costs two cells where everything
 * changed and one pass where nothing did.
 */
import { type Column, markText } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { grownFloat64, grownInt32 } from "../structure/growth.ts";
import type { BoxSet } from "./box-set.ts";
import { cellCount } from "./boxes.ts";

/** Larger buffers are given back after use. */
const keptCellsMax = 1 << 20;

/** Most are made and never used: a buffer comes with the first cells. */
const noNumbers = new Float64Array(0);
const noMarks = new Int32Array(0);

export class SavedCells {
  private numbers: Float64Array = noNumbers;
  private marks: Int32Array = noMarks;
  private texts: (string | undefined)[] = [];
  private hasMarks = false;
  private length = 0;

  clear(): void {
    this.length = 0;
    this.hasMarks = false;
    if (this.texts.length > 0) this.texts = [];
    if (this.numbers.length > keptCellsMax) {
      this.numbers = noNumbers;
      this.marks = noMarks;
    }
  }

  /** Keeps the cells of `box`; the place where they begin. */
  save(column: Column, box: Box): number {
    const at = this.length;
    const { numbers, marks } = column;
    const { periods } = column.shape;
    this.length = at + cellCount(box);
    if (this.numbers.length < this.length) this.numbers = grownFloat64(this.numbers, this.length);
    const width = box.to - box.from;
    let to = at;
    if (width === periods) copyNumbers(this.numbers, at, numbers, box.outerFrom * periods, this.length - at);
    else
      for (let member = box.outerFrom; member < box.outerTo; member++) {
        const start = member * periods + box.from;
        copyNumbers(this.numbers, to, numbers, start, width);
        to += width;
      }
    if (marks !== null || this.hasMarks) this.saveMarks(column, box, at);
    return at;
  }

  /** Puts the cells that were saved at `at` back. */
  restore(column: Column, box: Box, at: number): void {
    const { periods } = column.shape;
    let from = at;
    for (let member = box.outerFrom; member < box.outerTo; member++) {
      for (let cell = member * periods + box.from; cell < member * periods + box.to; cell++, from++) {
        column.numbers[cell] = this.numbers[from] as number;
        const mark = this.markAt(from);
        if (mark === 0 && column.marks === null) continue;
        column.marks ??= new Int32Array(column.length);
        column.marks[cell] = mark;
        if (mark !== markText) continue;
        column.texts ??= [];
        column.texts[cell] = this.texts[from] as string;
      }
    }
  }

  /** Adds to `changed` the hull of the cells that differ from those saved at `at`. */
  compare(column: Column, box: Box, at: number, changed: BoxSet): void {
    const { periods } = column.shape;
    const width = box.to - box.from;
    let outerFrom = -1;
    let outerTo = 0;
    let from = box.to;
    let to = box.from;
    let saved = at;
    for (let member = box.outerFrom; member < box.outerTo; member++, saved += width) {
      const start = member * periods + box.from;
      const first = this.firstChange(column, start, saved, width);
      if (first === width) continue;
      if (outerFrom < 0) outerFrom = member;
      outerTo = member + 1;
      if (box.from + first < from) from = box.from + first;
      const last = this.lastChange(column, start, saved, width, Math.max(first, to - box.from));
      if (box.from + last > to) to = box.from + last;
    }
    if (outerFrom >= 0) changed.add(outerFrom, outerTo, from, to);
  }

  /** Whether any of the saved cells was no plain number. */
  hadMarks(at: number, count: number): boolean {
    if (!this.hasMarks) return false;
    for (let i = at; i < at + count; i++) if (this.marks[i] !== 0) return true;
    return false;
  }

  private saveMarks(column: Column, box: Box, at: number): void {
    if (this.marks.length < this.length) this.marks = grownInt32(this.marks, this.numbers.length);
    if (!this.hasMarks) this.marks.fill(0, 0, at);
    this.hasMarks = true;
    const { periods } = column.shape;
    let to = at;
    for (let member = box.outerFrom; member < box.outerTo; member++) {
      for (let cell = member * periods + box.from; cell < member * periods + box.to; cell++, to++) {
        const mark = column.marks === null ? 0 : (column.marks[cell] as number);
        this.marks[to] = mark;
        if (mark === markText) this.texts[to] = column.texts?.[cell];
      }
    }
  }

  private markAt(at: number): number {
    return this.hasMarks ? (this.marks[at] as number) : 0;
  }

  /** The first of `count` cells that differs, or `count`. */
  private firstChange(column: Column, start: number, saved: number, count: number): number {
    const { numbers } = column;
    const old = this.numbers;
    if (column.marks === null && !this.hasMarks) {
      for (let i = 0; i < count; i++) {
        const value = numbers[start + i] as number;
        const before = old[saved + i] as number;
        if (value !== before || (value === 0 && !Object.is(value, before))) return i;
      }
      return count;
    }
    for (let i = 0; i < count; i++) if (!this.isSame(column, start + i, saved + i)) return i;
    return count;
  }

  /** One behind the last of `count` cells that differs; at least `from`, behind which is looked only. */
  private lastChange(column: Column, start: number, saved: number, count: number, from: number): number {
    for (let i = count - 1; i >= from; i--) if (!this.isSame(column, start + i, saved + i)) return i + 1;
    return from;
  }

  private isSame(column: Column, cell: number, saved: number): boolean {
    const mark = column.marks === null ? 0 : (column.marks[cell] as number);
    if (mark !== this.markAt(saved)) return false;
    if (mark === markText) return column.texts?.[cell] === this.texts[saved];
    return mark !== 0 || Object.is(column.numbers[cell], this.numbers[saved]);
  }
}

/** Below so many cells a loop is faster than a view of the buffer. */
const copiedByLoop = 32;

function copyNumbers(to: Float64Array, at: number, from: Float64Array, start: number, count: number): void {
  if (count <= copiedByLoop) {
    for (let i = 0; i < count; i++) to[at + i] = from[start + i] as number;
  } else to.set(from.subarray(start, start + count), at);
}
