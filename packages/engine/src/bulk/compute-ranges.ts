/**
 * Levels and first values of ranges of added nodes, in the order of their ids, up to 256 cells of one family at a time:
 *
 *   1. where everything that a cell reads has a lower id and a finite number: its level; the first cell that reads one
 *      of the same batch begins the next one
 *   2. the family's plain function for each
 *   3. what is a finite number is written; the others are left over for the long way
 *
 * Cost: a few nanoseconds an edge.
 */
import type { CellFamily } from "../cell-node.ts";
import type { Graph } from "../recalculation/graph.ts";
import type { flagCheck, flagDirty, flagHasValue, flagInFlight, flagOther } from "../state/state-table.ts";
import type { atFirstPrecedent, atWork, rowWords } from "../structure/node-rows.ts";
import type { kindCell, kindFree } from "../structure/structure.ts";
import type { AddedRange } from "./added-nodes.ts";

// Literals, for the same reason as in plain-batch.ts.
const hasValue = 16 satisfies typeof flagHasValue;
const flagsOfValue =
  hasValue |
  (32 satisfies typeof flagOther) |
  (1 satisfies typeof flagDirty) |
  (2 satisfies typeof flagCheck) |
  (4 satisfies typeof flagInFlight);
const rowSize = 5 satisfies typeof rowWords;
const firstPrecedent = 1 satisfies typeof atFirstPrecedent;
const workWord = 4 satisfies typeof atWork;
const kindMask = 0xf;
const tagMask = 0xffff;
const cell = 4 satisfies typeof kindCell;
const free = 0 satisfies typeof kindFree;

const batchMax = 256;

/** First values that were computed this way in this process: what shows that it was taken. */
export const rangesWork: { cells: number } = { cells: 0 };

interface Batch {
  readonly graph: Graph;
  readonly values: Float64Array;
  /** 1: what it reads is there. */
  readonly isReady: Uint8Array;
  readonly left: number[];
}

/** False as soon as a cell reads itself, one with a higher id, or something that a cell may not read. */
export function computeRanges(graph: Graph, ranges: readonly AddedRange[], left: number[]): boolean {
  const batch = { graph, left, values: new Float64Array(batchMax), isReady: new Uint8Array(batchMax) };
  return ranges.every(({ first, count }) => computeRange(batch, first, first + count));
}

function computeRange(batch: Batch, first: number, end: number): boolean {
  const { structure } = batch.graph;
  const { ranks } = structure.rowTable;
  // The kinds of inputs are odd. Of their ranks only the level is written.
  if ((structure.kindOf(first) & 1) === 1) {
    for (let node = first; node < end; node++) ranks[node] = (ranks[node] as number) & 1;
    return true;
  }
  const { costs } = batch.graph;
  // Measured all together: a clock takes longer than a cell.
  const began = costs === null ? 0 : costs.now();
  const leftBefore = batch.left.length;
  for (let from = first; from < end; ) {
    const count = look(batch, from, end);
    if (count === 0) return false;
    compute(batch, from, count);
    write(batch, from, count);
    from += count;
  }
  const computed = end - first - (batch.left.length - leftBefore);
  rangesWork.cells += computed;
  if (computed > 0) costs?.endFamily(structure.workNumberOf(first), began, computed);
  return true;
}

/** Gives levels to cells from `from` on; how many, 0 where one reads what it may not, or not yet. */
function look({ graph, isReady }: Batch, from: number, end: number): number {
  const { structure, base } = graph;
  const { words, ranks } = structure.rowTable;
  const { poolNode } = structure.edges;
  const { flags } = base;
  const arity = (words[from * rowSize] as number) >>> 16;
  const isPlain = graph.trace === null && ((words[from * rowSize] as number) & tagMask) === cell ? 1 : 0;
  const size = Math.min(end - from, batchMax);
  let at = words[from * rowSize + firstPrecedent] as number;
  for (let k = 0; k < size; k++) {
    let rank = -2;
    let joined = hasValue;
    let separate = hasValue;
    for (const last = at + arity; at < last; at++) {
      const precedent = poolNode[at] as number;
      if (precedent >= from) return precedent < from + k ? k : 0;
      const flag = flags[precedent] as number;
      joined |= flag;
      separate &= flag;
      const before = ranks[precedent] as number;
      // Odd is what a cell may not read, and members of loops.
      if ((before & 1) === 1) return 0;
      if (before > rank) rank = before;
    }
    const isValue = (joined & flagsOfValue) === hasValue && separate === hasValue;
    if (!isValue && readsNothing(graph, from + k)) return 0;
    isReady[k] = isValue ? isPlain : 0;
    ranks[from + k] = rank + 2;
  }
  return size;
}

/** Whether one of a cell's precedents is no node any more. */
function readsNothing({ structure }: Graph, node: number): boolean {
  const { edges } = structure;
  const first = edges.firstPrecedentOf(node);
  const end = first + edges.precedentCountOf(node);
  for (let i = first; i < end; i++) {
    const tag = structure.rowTable.words[(edges.poolNode[i] as number) * rowSize];
    if (tag === undefined || (tag & kindMask) === free) return true;
  }
  return false;
}

function compute({ graph, values, isReady }: Batch, from: number, count: number): void {
  const { structure, base } = graph;
  const { words } = structure.rowTable;
  const { plain, arity, constantCount } = structure.works.list[
    words[from * rowSize + workWord] as number
  ] as CellFamily;
  if (plain === undefined) {
    values.fill(Number.NaN, 0, count);
    return;
  }
  const { numbers } = base;
  const { poolNode } = structure.edges;
  const constants = structure.cells.constants.table;
  // Rows and constants of a range lie one behind the other.
  const at = words[from * rowSize + firstPrecedent] as number;
  const constantAt = constantCount === 0 ? 0 : structure.cells.constantAt(from);
  for (let k = 0; k < count; k++) {
    if (isReady[k] === 0) continue;
    try {
      values[k] = plain(numbers, poolNode, at + k * arity, constants, constantAt + k * constantCount);
    } catch {
      // What it throws is told on the long way.
      values[k] = Number.NaN;
    }
  }
}

function write({ graph, values, isReady, left }: Batch, from: number, count: number): void {
  const { flags, numbers, changedAt } = graph.base;
  const revision = graph.revision + 1;
  for (let k = 0; k < count; k++) {
    const node = from + k;
    const value = values[k] as number;
    // A cell with a signal already goes the long way.
    if (isReady[k] === 0 || value - value !== 0 || flags[node] !== 0) {
      left.push(node);
      continue;
    }
    numbers[node] = value;
    flags[node] = hasValue;
    changedAt[node] = revision;
  }
}
