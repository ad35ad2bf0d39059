/**
 * The order in which a range is summed. Floating-point addition is not associative, so the order is part of what
 * a formula means: whoever sums a range, whole or from partial sums kept for its blocks, must get the same bits.
 *
 * The order, by position along the axis (`firstPosition` is the position of the first cell):
 *   1. the head: cells up to the next multiple of 256;
 *   2. whole blocks of 256 cells;
 *   3. the tail: what is left.
 * Each part is summed left to right starting from 0, then the parts are summed in that order starting from 0.
 *
 *   position   250 … 255 | 256 … 511 | 512 … 767 | 768 … 800
 *              head      | block     | block     | tail
 *
 * Cost: one addition a cell, and one a block.
 */
import type { ArrayValue } from "./array-value.ts";
import { type ErrorValue, isErrorValue } from "./error-value.ts";

/** Cells of one block of a sum. A partial sum of a whole block may be kept and used again. */
export const sumBlockCells = 256;

/**
 * The sum of `numbers[from] … numbers[to - 1]` in the documented order, where `numbers[from]` has the axis position
 * `firstPosition` (0 by default). The sum of nothing is 0.
 *
 * @example
 * ```ts
 * blockSum(Float64Array.of(1, 2, 3), 0, 3); // 6
 * ```
 */
export function blockSum(
  numbers: Float64Array | readonly number[],
  from: number,
  to: number,
  firstPosition = 0,
): number {
  let total = 0;
  let start = from;
  while (start < to) {
    const end = Math.min(to, start + roomInBlock(firstPosition + start - from));
    let part = 0;
    for (let i = start; i < end; i++) part += numbers[i] as number;
    total += part;
    start = end;
  }
  return total;
}

/**
 * The sum of the numbers of a range, other cells skipped, in the documented order over its cells in rows; the first
 * error value instead, if there is one.
 */
export function sumOfRange(range: ArrayValue): number | ErrorValue {
  const cells = range.cells;
  const first = range.firstPosition ?? 0;
  let total = 0;
  let start = 0;
  while (start < cells.length) {
    const end = Math.min(cells.length, start + roomInBlock(first + start));
    let part = 0;
    for (let i = start; i < end; i++) {
      const cell = cells[i];
      if (typeof cell === "number") part += cell;
      else if (isErrorValue(cell)) return cell;
    }
    total += part;
    start = end;
  }
  return total;
}

/** Cells from `position` up to the end of its block. */
function roomInBlock(position: number): number {
  return sumBlockCells - (((position % sumBlockCells) + sumBlockCells) % sumBlockCells);
}
