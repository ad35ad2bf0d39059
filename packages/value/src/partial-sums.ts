/**
 * Partial sums of the rows of a column, so that sums over many ranges of one row do not add its cells again and again.
 *
 * The order of a sum (sum.ts) takes a head, whole blocks of 256 positions and a tail, each from left to right. So for
 * every row there are kept, each made when first wanted:
 *
 *   block sums      B₀ B₁ B₂ …                     a whole block
 *   running sums    within a block, from its start  any tail
 *   chains          head, head + B₁, head + B₁ + B₂ …   any number of whole blocks behind one start
 *
 * One chain starts at position 0 and one where another range has started twice in a row, so `x[first..t]` for all t costs one
 * addition a cell. Cells that are no numbers count for nothing and are 0 in `numbers`, so adding them changes no bit;
 * the first error of a block is kept beside its sum.
 *
 * Writing a cell forgets its block's sum, and the chains from that block on. Memory: for rows with sums over more than
 * 512 cells some bytes a block, and 8 bytes a cell of those blocks in which two sums or more have ended.
 */
import type { Attachment } from "./attachments.ts";
import { type Column, errorAt, markFirstError } from "./column.ts";
import type { ErrorValue } from "./error-value.ts";
import { blockSum, sumBlockCells } from "./sum.ts";

/** Ranges up to this long are added cell by cell, and a column that has no longer ones keeps nothing. */
const plainCellsMax = 2 * sumBlockCells;
/** As short as this where something is kept anyway. */
const shortCellsMax = 32;

/** How many cells `rangeSum` has added one by one in this process: what shows that partial sums were used. */
export const sumWork: { cells: number } = { cells: 0 };

/**
 * The sum of the numbers at positions `from` ≤ p < `to` of the row that begins at cell `rowStart`, in the documented
 * order; the first error among them instead, if there is one. Bits as of `sumOfRange`. Cost: constant for ranges that
 * share their start with earlier ones, otherwise a block or two of cells and an addition a block.
 *
 * @example
 * ```ts
 * const column = columnFrom({ outer: 2, periods: 3 }, [1, 2, 3, 10, 20, 30]);
 * rangeSum(column, 3, 0, 2); // 30
 * ```
 */
export function rangeSum(column: Column, rowStart: number, from: number, to: number): number | ErrorValue {
  if (to - from <= plainCellsMax) return plainSum(column, rowStart, from, to);
  return partialSumsOf(column).row(rowStart).sum(from, to);
}

/**
 * The partial sums of the row that begins at cell `rowStart`, for whoever sums it many times: `sum(from, to)` is
 * `rangeSum`. They hold until cells are written (`Column.touched`), and hold again after that.
 */
export function rowSumsOf(column: Column, rowStart: number): RowSums {
  return partialSumsOf(column).row(rowStart);
}

function partialSumsOf(column: Column): PartialSums {
  const kept = column.attachments();
  const found = kept.find(partialSumsKey) as PartialSums | undefined;
  return found ?? kept.keep(partialSumsKey, new PartialSums(column));
}

/**
 * How many numbers stand at positions `from` ≤ p < `to` of the row that begins at cell `rowStart`. Cost: an addition a
 * block, and constant in columns of numbers only.
 */
export function rangeCount(column: Column, rowStart: number, from: number, to: number): number {
  if (column.marks === null) return Math.max(0, to - from);
  if (to - from <= plainCellsMax) return numbersIn(column.marks, rowStart + from, rowStart + to);
  return partialSumsOf(column).row(rowStart).count(from, to);
}

function numbersIn(marks: Int32Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if (marks[i] === 0) count++;
  return count;
}

const partialSumsKey = "partial sums";

function plainSum(column: Column, rowStart: number, from: number, to: number): number | ErrorValue {
  sumWork.cells += Math.max(0, to - from);
  const { marks } = column;
  if (marks !== null) {
    for (let i = rowStart + from; i < rowStart + to; i++) {
      if ((marks[i] as number) >= markFirstError) return errorAt(column, i);
    }
  }
  return blockSum(column.numbers, rowStart + from, rowStart + to, from);
}

class PartialSums implements Attachment {
  private readonly column: Column;
  private readonly rowCells: number;
  private readonly rows: (RowSums | undefined)[] = [];

  constructor(column: Column) {
    this.column = column;
    this.rowCells = column.shape.periods;
  }

  row(rowStart: number): RowSums {
    const row = rowStart / this.rowCells;
    let sums = this.rows[row];
    if (sums === undefined) {
      sums = new RowSums(this.column, rowStart);
      this.rows[row] = sums;
    }
    return sums;
  }

  readonly touched = (from: number, to: number): void => {
    const first = Math.floor(from / this.rowCells);
    const last = Math.min(this.rows.length - 1, Math.floor((to - 1) / this.rowCells));
    for (let row = first; row <= last; row++) {
      const start = row * this.rowCells;
      this.rows[row]?.touched(Math.max(0, from - start), Math.min(this.rowCells, to - start));
    }
  };
}

/** A block without an error. */
const noError = -1;

/** Totals of a head and the whole blocks behind it: `totals[i]` is with the first i blocks. */
interface Chain {
  from: number;
  readonly firstBlock: number;
  readonly totals: Float64Array;
  /** How many entries of `totals` hold. */
  known: number;
  /** The cell of the first error up to the last known block, and the block from which on it is one. */
  errorAt: number;
  errorBlock: number;
}

/** The partial sums of one row. */
export class RowSums {
  private readonly column: Column;
  private readonly rowStart: number;
  private readonly cells: number;
  private readonly blocks: number;
  /** Per block whether its sum holds. */
  private readonly isKnown: Uint8Array;
  /** Per block how many numbers it has, −1 while that is not known; only for columns with marks. */
  private counts: Int16Array | undefined;
  private readonly sums: Float64Array;
  /** Per block the cell of its first error; only while the column has marks. */
  private errors: Int32Array | undefined;
  private readonly running: (Float64Array | undefined)[] = [];
  /** Per block: 0 no tail was wanted, 1 one was, 2 its running sums hold. */
  private readonly tails: Uint8Array;
  private fromStart: Chain | undefined;
  private fromElsewhere: Chain | undefined;
  private lastFrom = 0;

  constructor(column: Column, rowStart: number) {
    this.column = column;
    this.rowStart = rowStart;
    this.cells = column.shape.periods;
    this.blocks = Math.ceil(this.cells / sumBlockCells);
    this.isKnown = new Uint8Array(this.blocks);
    this.sums = new Float64Array(this.blocks);
    this.tails = new Uint8Array(this.blocks);
  }

  /** The sum of positions `from` ≤ p < `to`: see `rangeSum`. */
  sum(from: number, to: number): number | ErrorValue {
    const lastBlock = Math.floor(to / sumBlockCells);
    // Within one block, or next to nothing: there is nothing to be kept.
    if (to - from <= shortCellsMax || lastBlock * sumBlockCells < from) {
      return plainSum(this.column, this.rowStart, from, to);
    }
    const chain = this.chainFrom(from);
    let total: number;
    if (chain === undefined) {
      const firstBlock = Math.ceil(from / sumBlockCells);
      const head = this.part(from, firstBlock * sumBlockCells);
      if (typeof head !== "number") return head;
      total = head;
      for (let block = firstBlock; block < lastBlock; block++) {
        if (this.isKnown[block] !== 1) this.make(block);
        const error = this.errors?.[block] ?? noError;
        if (error !== noError) return errorAt(this.column, error);
        total += this.sums[block] as number;
      }
    } else {
      const count = lastBlock - chain.firstBlock;
      if (chain.known <= count) this.extend(chain, count);
      if (lastBlock > chain.errorBlock) return errorAt(this.column, chain.errorAt);
      total = chain.totals[count] as number;
    }
    if (to === lastBlock * sumBlockCells) return total;
    const tail = this.tail(lastBlock, to);
    return typeof tail === "number" ? total + tail : tail;
  }

  /**
   * Sums of ranges that share their start: `out[i]` becomes the sum up to `to[entries[i]]`, for first ≤ i < end; NaN where
   * an error is among the cells. Bits as of `sum`.
   */
  sumsFrom(
    from: number,
    to: Int32Array,
    entries: Int32Array,
    first: number,
    end: number,
    out: Float64Array,
  ): void {
    const chain = this.chainFrom(from) ?? this.chainFrom(from);
    if (chain === undefined) return;
    const { firstBlock, totals } = chain;
    const { tails, running } = this;
    let block = -1;
    let total = 0;
    let ends: Float64Array | undefined;
    for (let i = first; i < end; i++) {
      const position = to[entries[i] as number] as number;
      const last = Math.floor(position / sumBlockCells);
      if (last !== block) {
        block = last;
        ends = undefined;
        if (last >= firstBlock) {
          const count = last - firstBlock;
          if (chain.known <= count) this.extend(chain, count);
          total = totals[count] as number;
        }
      }
      if (last < firstBlock) {
        out[i] = numberOf(plainSum(this.column, this.rowStart, from, position));
        continue;
      }
      const cells = position - last * sumBlockCells;
      if (last > chain.errorBlock) out[i] = Number.NaN;
      else if (cells === 0) out[i] = total;
      else {
        if (ends === undefined && tails[last] === 2 && this.isFree(last)) ends = running[last];
        out[i] =
          total + (ends === undefined ? numberOf(this.tail(last, position)) : (ends[cells - 1] as number));
      }
    }
  }

  /** The whole blocks before position `to`, as the first part of every sum from 0. Only where no cell is an error. */
  blocksBefore(to: number): number {
    const count = Math.floor(to / sumBlockCells);
    this.fromStart ??= this.chain(0);
    if (this.fromStart.known <= count) this.extend(this.fromStart, count);
    return this.fromStart.totals[count] as number;
  }

  /** The cells of the last block before position `to`; 0 when there are none. Only where no cell is an error. */
  tailBefore(to: number): number {
    const block = Math.floor(to / sumBlockCells);
    return to === block * sumBlockCells ? 0 : (this.tail(block, to) as number);
  }

  /** How many numbers there are; the column has marks. */
  count(from: number, to: number): number {
    const marks = this.column.marks as Int32Array;
    const firstBlock = Math.ceil(from / sumBlockCells);
    const lastBlock = Math.floor(to / sumBlockCells);
    if (lastBlock < firstBlock) return numbersIn(marks, this.rowStart + from, this.rowStart + to);
    this.counts ??= new Int16Array(this.blocks).fill(-1);
    const { counts, rowStart } = this;
    let count = numbersIn(marks, rowStart + from, rowStart + firstBlock * sumBlockCells);
    for (let block = firstBlock; block < lastBlock; block++) {
      const start = rowStart + block * sumBlockCells;
      if (counts[block] === -1) counts[block] = numbersIn(marks, start, start + sumBlockCells);
      count += counts[block] as number;
    }
    return count + numbersIn(marks, rowStart + lastBlock * sumBlockCells, rowStart + to);
  }

  touched(from: number, to: number): void {
    const first = Math.floor(from / sumBlockCells);
    const last = Math.floor((to - 1) / sumBlockCells);
    this.isKnown.fill(0, first, last + 1);
    this.tails.fill(0, first, last + 1);
    this.counts?.fill(-1, first, last + 1);
    this.fromStart = cut(this.fromStart, from, first);
    this.fromElsewhere = cut(this.fromElsewhere, from, first);
    if (this.column.marks === null) this.errors = undefined;
  }

  /** The chain of ranges that start at `from`; none when it is the first such range in a row. */
  private chainFrom(from: number): Chain | undefined {
    if (from === 0) {
      this.fromStart ??= this.chain(0);
      return this.fromStart;
    }
    if (this.fromElsewhere?.from === from) return this.fromElsewhere;
    if (this.lastFrom !== from) {
      this.lastFrom = from;
      return undefined;
    }
    const chain = this.chain(from);
    this.fromElsewhere = chain;
    return chain;
  }

  private chain(from: number): Chain {
    const firstBlock = Math.ceil(from / sumBlockCells);
    const totals = new Float64Array(this.blocks - firstBlock + 1);
    return { from, firstBlock, totals, known: 0, errorAt: noError, errorBlock: Number.POSITIVE_INFINITY };
  }

  /** Makes `totals[count]` and all before it known. */
  private extend(chain: Chain, count: number): void {
    const { firstBlock, totals, from } = chain;
    if (chain.known === 0) {
      const start = this.rowStart + from;
      const end = this.rowStart + Math.min(this.cells, firstBlock * sumBlockCells);
      totals[0] = this.add(start, end);
      const error = this.firstError(start, end);
      if (error !== noError) {
        chain.errorAt = error;
        chain.errorBlock = Number.NEGATIVE_INFINITY;
      }
      chain.known = 1;
    }
    let total = totals[chain.known - 1] as number;
    for (let i = chain.known; i <= count; i++) {
      const block = firstBlock + i - 1;
      if (this.isKnown[block] !== 1) this.make(block);
      total += this.sums[block] as number;
      totals[i] = total;
      const error = this.errors?.[block] ?? noError;
      if (error !== noError && chain.errorAt === noError) {
        chain.errorAt = error;
        chain.errorBlock = block;
      }
    }
    chain.known = count + 1;
  }

  /** Works out a whole block. */
  private make(block: number): void {
    const start = this.rowStart + block * sumBlockCells;
    const end = start + Math.min(sumBlockCells, this.cells - block * sumBlockCells);
    this.sums[block] = this.add(start, end);
    this.isKnown[block] = 1;
    if (this.column.marks !== null) {
      this.errors ??= new Int32Array(this.blocks).fill(noError);
      this.errors[block] = this.firstError(start, end);
    }
  }

  /** The sum of a block's cells before position `to`. */
  private tail(block: number, to: number): number | ErrorValue {
    const first = block * sumBlockCells;
    if (!this.isFree(block)) {
      const error = this.firstError(this.rowStart + first, this.rowStart + to);
      if (error !== noError) return errorAt(this.column, error);
    }
    if (this.tails[block] === 2) return (this.running[block] as Float64Array)[to - first - 1] as number;
    if (this.tails[block] === 0) {
      this.tails[block] = 1;
      return this.add(this.rowStart + first, this.rowStart + to);
    }
    const length = Math.min(sumBlockCells, this.cells - first);
    const running = this.running[block] ?? new Float64Array(length);
    this.running[block] = running;
    const { numbers } = this.column;
    let sum = 0;
    for (let i = 0; i < length; i++) {
      sum += numbers[this.rowStart + first + i] as number;
      running[i] = sum;
    }
    sumWork.cells += length;
    this.tails[block] = 2;
    return running[to - first - 1] as number;
  }

  /** Whether a block is known to be free of errors; the second tail in it is worth looking at the whole. */
  private isFree(block: number): boolean {
    if (this.column.marks === null) return true;
    if (this.isKnown[block] !== 1) {
      if (this.tails[block] === 0) return false;
      this.make(block);
    }
    return (this.errors?.[block] ?? noError) === noError;
  }

  /** The sum of positions that lie in one block, left to right; the first error instead. */
  private part(from: number, to: number): number | ErrorValue {
    const error = this.firstError(this.rowStart + from, this.rowStart + to);
    if (error !== noError) return errorAt(this.column, error);
    return this.add(this.rowStart + from, this.rowStart + to);
  }

  private add(start: number, end: number): number {
    const { numbers } = this.column;
    let sum = 0;
    for (let i = start; i < end; i++) sum += numbers[i] as number;
    sumWork.cells += end - start;
    return sum;
  }

  /** The first cell from `start` to before `end` that is an error. */
  private firstError(start: number, end: number): number {
    const { marks } = this.column;
    if (marks === null) return noError;
    for (let i = start; i < end; i++) if ((marks[i] as number) >= markFirstError) return i;
    return noError;
  }
}

function numberOf(value: number | ErrorValue): number {
  return typeof value === "number" ? value : Number.NaN;
}

/** A chain without what rests on cells from position `from` on, which lies in `block`. */
function cut(chain: Chain | undefined, from: number, block: number): Chain | undefined {
  if (chain === undefined) return undefined;
  const isInHead = from < chain.firstBlock * sumBlockCells;
  chain.known = isInHead ? 0 : Math.min(chain.known, block - chain.firstBlock + 1);
  if (isInHead || chain.errorBlock >= block) {
    chain.errorAt = noError;
    chain.errorBlock = Number.POSITIVE_INFINITY;
  }
  return chain;
}
