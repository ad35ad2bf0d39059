/**
 * The floor of sums over beginnings of a column: sums of blocks of 256 cells, running sums of the blocks, and for each
 * range the part of its last block. An edit adds up its block again, then only adds.
 */
import type { RangeSums } from "../engine.ts";

const blockCells = 256;

export function blockSums(cells: Float64Array, ends: Int32Array): RangeSums {
  const blockCount = Math.ceil(cells.length / blockCells);
  const blocks = new Float64Array(blockCount);
  /** Sum of all blocks before. */
  const before = new Float64Array(blockCount + 1);
  const inner = new Float64Array(ends.length);
  const sums = new Float64Array(ends.length);

  const refresh = (cell: number) => {
    const block = Math.floor(cell / blockCells);
    const from = block * blockCells;
    const to = Math.min(cells.length, from + blockCells);
    let sum = 0;
    for (let i = from; i < to; i++) sum += cells[i]!;
    blocks[block] = sum;
    for (let i = block; i < blockCount; i++) before[i + 1] = before[i]! + blocks[i]!;
    for (let k = firstEnding(ends, cell); k < ends.length; k++) {
      const end = ends[k]!;
      const last = Math.floor(end / blockCells);
      if (last === block) inner[k] = sumTo(cells, last * blockCells, end);
      sums[k] = before[last]! + inner[k]!;
    }
  };
  for (let block = 0; block < blockCount; block++) refresh(block * blockCells);
  return {
    setCell(cell, value) {
      if (cells[cell] === value) return;
      cells[cell] = value;
      refresh(cell);
    },
    readSum: (sum) => sums[sum]!,
    readSums: (out) => out.set(sums),
  };
}

/** The first range that holds the cell; ends ascend. */
function firstEnding(ends: Int32Array, cell: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! < cell) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sumTo(cells: Float64Array, from: number, end: number): number {
  let sum = 0;
  for (let i = from; i <= end; i++) sum += cells[i]!;
  return sum;
}

/** A sum at every cell: one running sum, worked out again from the edited cell on. */
export function runningSum(cells: Float64Array): RangeSums {
  const sums = new Float64Array(cells.length);
  const refresh = (from: number) => addUp(cells, sums, from);
  refresh(0);
  return {
    setCell(cell, value) {
      if (cells[cell] === value) return;
      cells[cell] = value;
      refresh(cell);
    },
    readSum: (sum) => sums[sum]!,
    readSums: (out) => out.set(sums),
  };
}

function addUp(cells: Float64Array, sums: Float64Array, from: number): void {
  let sum = from === 0 ? 0 : sums[from - 1]!;
  for (let i = from; i < cells.length; i++) {
    sum += cells[i]!;
    sums[i] = sum;
  }
}
