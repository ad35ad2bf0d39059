/**
 * Who reads each position of a gather: the reverse of its index arrays, as compressed rows, and the first and last
 * reader of every 64 positions.
 *
 *   forward   t = 0 → 5, 2     t = 1 → 2         first [0 2 3]    positions [5 2 2]
 *   reverse   2 → t = 0, 1     5 → t = 0         rows  [0 0 0 2 2 2 3]   readers [0 1 0]
 *
 * A run of positions with few readers gives their periods exactly; with many, the hull of them.
 *
 * Cost: made once, O(positions); a mapping O(readers) up to `exactReadersMax` of them, else O(positions / 64).
 */
import type { Box } from "../formula-node.ts";
import type { BoxSet } from "../state/box-set.ts";

const exactReadersMax = 16;
const blockShift = 6;
const blockPositions = 1 << blockShift;

export class GatherReaders {
  private readonly row: Int32Array;
  private readonly readers: Int32Array;
  private readonly blockFirst: Int32Array;
  private readonly blockLast: Int32Array;

  /** `periods`: of the dependent. */
  constructor(first: Int32Array, positions: Int32Array, periods: number) {
    let length = 0;
    eachEdge(first, positions, periods, (_, position) => {
      length = Math.max(length, position + 1);
    });
    const row = new Int32Array(length + 1);
    eachEdge(first, positions, periods, (_, position) => {
      row[position + 1] = (row[position + 1] as number) + 1;
    });
    for (let position = 0; position < length; position++) {
      row[position + 1] = (row[position + 1] as number) + (row[position] as number);
    }
    const readers = new Int32Array(row[length] as number);
    const cursor = row.slice();
    const blocks = (length >> blockShift) + 1;
    this.blockFirst = new Int32Array(blocks).fill(periods);
    this.blockLast = new Int32Array(blocks).fill(-1);
    eachEdge(first, positions, periods, (t, position) => {
      const at = cursor[position] as number;
      cursor[position] = at + 1;
      readers[at] = t;
      const block = position >> blockShift;
      this.blockFirst[block] = Math.min(this.blockFirst[block] as number, t);
      this.blockLast[block] = Math.max(this.blockLast[block] as number, t);
    });
    this.row = row;
    this.readers = readers;
  }

  /** Adds the periods that read something of the box's periods. */
  addTo(into: BoxSet, outerFrom: number, outerTo: number, box: Box): void {
    const { row, readers } = this;
    const from = Math.max(0, box.from);
    const to = Math.min(row.length - 1, box.to);
    if (from >= to) return;
    const begin = row[from] as number;
    const end = row[to] as number;
    if (end - begin > exactReadersMax) {
      this.addHull(into, outerFrom, outerTo, from, to);
      return;
    }
    for (let i = begin; i < end; i++) {
      const t = readers[i] as number;
      into.add(outerFrom, outerTo, t, t + 1);
    }
  }

  private addHull(into: BoxSet, outerFrom: number, outerTo: number, from: number, to: number): void {
    const { row, readers } = this;
    let first = Number.MAX_SAFE_INTEGER;
    let last = -1;
    for (let position = from; position < to; ) {
      if ((position & (blockPositions - 1)) === 0 && position + blockPositions <= to) {
        const block = position >> blockShift;
        first = Math.min(first, this.blockFirst[block] as number);
        last = Math.max(last, this.blockLast[block] as number);
        position += blockPositions;
        continue;
      }
      // Within a row the readers ascend.
      const begin = row[position] as number;
      const end = row[position + 1] as number;
      if (begin < end) {
        first = Math.min(first, readers[begin] as number);
        last = Math.max(last, readers[end - 1] as number);
      }
      position++;
    }
    into.add(outerFrom, outerTo, first, last + 1);
  }
}

function eachEdge(
  first: Int32Array,
  positions: Int32Array,
  periods: number,
  visit: (t: number, position: number) => void,
): void {
  for (let t = 0; t < periods; t++) {
    for (let i = first[t] as number; i < (first[t + 1] as number); i++) {
      const position = positions[i] as number;
      if (position >= 0) visit(t, position);
    }
  }
}
