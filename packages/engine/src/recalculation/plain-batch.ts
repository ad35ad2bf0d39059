/**
 * Many cells of one level at once: what plain-run.ts does for a cell, in four short loops over up to 256 of them.
 *
 *   1. gather    while the next in the level is a cell whose arguments are all finite numbers: where they and its
 *                constants stand
 *   2. compute   runs of one family: its plain function for each
 *   3. settle    the same bits as before: cut off; otherwise written
 *   4. push      dependents of what changed; lists of changes and signals
 *
 * Cells of one level do not read each other, so the order of these loops shows nowhere. What is no finite number in the
 * end, or had no number before, is settled behind the loops, one by one. The loops call nothing but the families'
 * functions, so what is known of the tables stays known from one cell to the next: that is where the time goes.
 */
import type { CellFamily } from "../cell-node.ts";
import type {
  flagCheck,
  flagDirty,
  flagHasValue,
  flagInFlight,
  flagObserved,
  flagOther,
  flagQueued,
  flagWhole,
  StateTable,
} from "../state/state-table.ts";
import type {
  atDependentCount,
  atFirstPrecedent,
  atWork,
  rowWords,
  traitShift,
} from "../structure/node-rows.ts";
import type { kindCell, traitChained } from "../structure/structure.ts";
import { notMeasured } from "./costs.ts";
import type { Graph } from "./graph.ts";
import { type LongWay, settle } from "./plain-settle.ts";
import { pushDependents } from "./push.ts";
import { noteChange } from "./settle.ts";

// Imported constants are loaded and checked at each use, literals of this file are not: a third of the time here.
const dirty = 1 satisfies typeof flagDirty;
const check = 2 satisfies typeof flagCheck;
const inFlight = 4 satisfies typeof flagInFlight;
const queued = 8 satisfies typeof flagQueued;
const hasValue = 16 satisfies typeof flagHasValue;
const other = 32 satisfies typeof flagOther;
const whole = 64 satisfies typeof flagWhole;
const observed = 128 satisfies typeof flagObserved;
const rowSize = 5 satisfies typeof rowWords;
const firstPrecedent = 1 satisfies typeof atFirstPrecedent;
const dependentCount = 3 satisfies typeof atDependentCount;
const workWord = 4 satisfies typeof atWork;
const cell = 4 satisfies typeof kindCell;
const chained = (64 satisfies typeof traitChained) << (4 satisfies typeof traitShift);
/** What of a tag says kind and traits, but for the one that changes nothing about the way. */
const tagMask = 0xffff & ~chained;

const batchMax = 256;
/** Fewer cost less one by one. */
export const batchMin = 16;

/** In smaller levels the order of the nodes does not matter. */
export const orderMin = 64;
/** How many ids there may be for each node of a level that is put into order. */
const spreadMax = 8;

/** Cells computed in batches, and levels put into order, in this process: what shows that this way was taken. */
export const batchWork: { cells: number; ordered: number } = { cells: 0, ordered: 0 };

/** The cells of a batch side by side; `ats` and `constantAts` are indexes into the pool and the table of constants. */
const batch = {
  nodes: new Int32Array(batchMax),
  works: new Int32Array(batchMax),
  ats: new Int32Array(batchMax),
  constantAts: new Int32Array(batchMax),
  values: new Float64Array(batchMax),
  changed: new Int32Array(batchMax),
  /** A family's function that runs another engine finds the tables taken. */
  isTaken: false,
};

/**
 * Puts a level into the order of its ids where they lie close together: then all tables are read from one end to the other,
 * not at random. Its nodes are those between the lowest and the highest that are queued and of this level.
 */
export function orderLevel(graph: Graph, state: StateTable): void {
  const { queue } = graph;
  const { current, currentCount, currentLevel } = queue;
  if (isOrderly(current)) return;
  let least = current[0] as number;
  let most = least;
  for (let k = 1; k < currentCount; k++) {
    const node = current[k] as number;
    if (node < least) least = node;
    else if (node > most) most = node;
  }
  if (most - least > currentCount * spreadMax) return;
  const { flags } = state;
  const { ranks } = graph.structure.rowTable;
  const ordered = queue.spareFor(currentCount);
  let count = 0;
  // Taken from the end, so the highest comes first.
  for (let node = most; node >= least; node--) {
    const isHere = ((flags[node] as number) & queued) !== 0 && (ranks[node] as number) >> 1 === currentLevel;
    if (!isHere) continue;
    if (count === currentCount) return;
    ordered[count++] = node;
  }
  if (count < currentCount) return;
  queue.useSpare();
  batchWork.ordered++;
}

/** By a sample: whether few of the nodes stand behind a higher one. */
function isOrderly(nodes: Int32Array): boolean {
  let descents = 0;
  for (let k = 1; k < orderMin; k++) if ((nodes[k] as number) < (nodes[k - 1] as number)) descents++;
  return descents * 4 < orderMin || descents === orderMin - 1;
}

/** Runs cells from the top of the level that is being emptied; how many. */
export function runBatch(graph: Graph, state: StateTable, longWay: LongWay): number {
  if (batch.isTaken) return 0;
  const count = gather(graph, state);
  if (count === 0) return 0;
  graph.queue.drop(count);
  let left: number[] | null = null;
  batch.isTaken = true;
  try {
    compute(graph, state, count);
    const changed = settleBatch(graph, state, count);
    if (changed < 0) left = leftOver(state, count);
    push(graph, state, changed < 0 ? ~changed : changed);
  } finally {
    batch.isTaken = false;
  }
  batchWork.cells += count;
  if (left !== null) settleLeft(graph, state, left, longWay);
  return count;
}

function gather(graph: Graph, state: StateTable): number {
  const { structure, queue } = graph;
  const { words } = structure.rowTable;
  const { current, currentCount } = queue;
  const { flags, numbers } = state;
  const { starts } = structure.cells;
  const pool = structure.edges.poolNode;
  const { nodes, works, ats, constantAts } = batch;
  const size = Math.min(currentCount, batchMax);
  for (let k = 0; k < size; k++) {
    const node = current[currentCount - 1 - k] as number;
    const row = node * rowSize;
    const tag = words[row] as number;
    if ((tag & tagMask) !== cell || ((flags[node] as number) & (dirty | check | inFlight)) !== dirty)
      return k;
    const at = words[row + firstPrecedent] as number;
    const end = at + (tag >>> 16);
    for (let i = at; i < end; i++) {
      const argument = numbers[pool[i] as number] as number;
      if (Number.isNaN(argument)) return k;
    }
    nodes[k] = node;
    works[k] = words[row + workWord] as number;
    ats[k] = at;
    constantAts[k] = node < starts.length ? (starts[node] as number) - 1 : 0;
  }
  return size;
}

function compute(graph: Graph, state: StateTable, count: number): void {
  const { structure, costs } = graph;
  const { list } = structure.works;
  const { works } = batch;
  for (let from = 0; from < count; ) {
    const work = works[from] as number;
    let to = from + 1;
    while (to < count && works[to] === work) to++;
    const { plain } = list[work] as CellFamily;
    const began = costs === null || plain === undefined ? notMeasured : costs.beginFamily(work);
    computeRun(graph, state, plain, from, to);
    if (began !== notMeasured) costs?.endFamily(work, began, to - from);
    from = to;
  }
}

function computeRun(
  graph: Graph,
  state: StateTable,
  plain: CellFamily["plain"],
  from: number,
  to: number,
): void {
  const { numbers } = state;
  const pool = graph.structure.edges.poolNode;
  const constants = graph.structure.cells.constants.table;
  const { ats, constantAts, values } = batch;
  if (plain === undefined) {
    values.fill(Number.NaN, from, to);
    return;
  }
  for (let k = from; k < to; k++) {
    try {
      values[k] = plain(numbers, pool, ats[k] as number, constants, constantAts[k] as number);
    } catch {
      // The long way calls it again, and tells what it throws.
      values[k] = Number.NaN;
    }
  }
}

/** How many are to be pushed, in `batch.changed`; its complement if some are left over for the long way. */
function settleBatch(graph: Graph, state: StateTable, count: number): number {
  const { flags, numbers, changedAt } = state;
  const { words } = graph.structure.rowTable;
  const { revision } = graph;
  const { nodes, values, changed } = batch;
  const isQuiet = !graph.isNoting && state.children.length === 0;
  let pushed = 0;
  let differing = 0;
  let left = 0;
  for (let k = 0; k < count; k++) {
    const node = nodes[k] as number;
    const value = values[k] as number;
    const before = (flags[node] as number) & ~queued;
    if (value - value !== 0 || (before & (hasValue | other)) !== hasValue) {
      flags[node] = before;
      left++;
      continue;
    }
    flags[node] = before & ~(dirty | whole);
    const old = numbers[node] as number;
    if (old === value && (value !== 0 || Object.is(old, value))) continue;
    numbers[node] = value;
    changedAt[node] = revision;
    differing++;
    const row = node * rowSize;
    const isLeaf = words[row + dependentCount] === 0 && ((words[row] as number) & chained) === 0;
    if (isLeaf && isQuiet && (before & observed) === 0) continue;
    changed[pushed++] = node;
  }
  graph.computedCount += count - left;
  graph.changedCount += differing;
  return left === 0 ? pushed : ~pushed;
}

/** Nodes and values, in turn. */
function leftOver(state: StateTable, count: number): number[] {
  const left: number[] = [];
  for (let k = 0; k < count; k++) {
    const node = batch.nodes[k] as number;
    if (((state.flags[node] as number) & dirty) !== 0) left.push(node, batch.values[k] as number);
  }
  return left;
}

/** First values, and what is no finite number. */
function settleLeft(graph: Graph, state: StateTable, left: readonly number[], longWay: LongWay): void {
  for (let i = 0; i < left.length; i += 2) {
    const node = left[i] as number;
    const value = left[i + 1] as number;
    if (Number.isFinite(value)) settle(graph, state, node, state.flags[node] as number, value);
    else longWay.run(graph, state, node);
  }
}

function push(graph: Graph, state: StateTable, count: number): void {
  const { changed } = batch;
  const { flags } = state;
  const hasChildren = state.children.length > 0;
  for (let k = 0; k < count; k++) {
    const node = changed[k] as number;
    if (((flags[node] as number) & observed) !== 0) graph.announce(state, node, node);
    if (graph.isNoting) graph.noteChanged(state, node, null);
    if (hasChildren) noteChange(state, node, null);
    pushDependents(graph, state, node);
  }
}
