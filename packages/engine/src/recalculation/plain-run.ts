/**
 * The commonest steps, written for speed: cells and scalar formulas without traits, in a base state that nobody traces,
 * whose arguments and result are finite numbers. It does what the long way does (recalculate.ts), and hands over to it as
 * soon as anything is not so.
 *
 *   1. Take the next node off the queue. Its tag, from its row of words, says whether this is the way for it.
 *   2. Arguments: `numbers` holds NaN where a node has no finite number, so looking at an argument is checking it.
 *   3. A cell calls its family's plain function with the tables themselves; a scalar formula its function.
 *   4. The same bits as before: cut off. Otherwise write, and push the dependents that are not queued yet; along a chain
 *      the only dependent is the next node, without the queue.
 *
 * Levels of many nodes go in batches (plain-batch.ts).
 * No object is made, and of a node only the cache lines of its row, flags, number and arguments are touched.
 * The differential tests (plain-run.test.ts, plain-batch.test.ts, cells.test.ts) play the same edits this way and the long one.
 */
import type { CellFamily } from "../cell-node.ts";
import { computeReaders } from "../ranges/range-step.ts";
import type {
  flagCheck,
  flagDirty,
  flagInFlight,
  flagQueued,
  flagWhole,
  StateTable,
} from "../state/state-table.ts";
import type {
  atDependentCount,
  atFirstDependent,
  atFirstPrecedent,
  atWork,
  rowWords,
  traitShift,
} from "../structure/node-rows.ts";
import type { kindCell, kindScalarFormula, traitChained } from "../structure/structure.ts";
import { notMeasured } from "./costs.ts";
import type { Graph } from "./graph.ts";
import { batchMin, orderLevel, orderMin, runBatch } from "./plain-batch.ts";
import { type LongWay, settle, write } from "./plain-settle.ts";
import { pushDependents } from "./push.ts";
import { thrownValue } from "./scalar-step.ts";

type Compute = (...values: number[]) => unknown;

// Literals, for the same reason as in plain-batch.ts.
const dirty = 1 satisfies typeof flagDirty;
const unresolved = dirty | (2 satisfies typeof flagCheck) | (4 satisfies typeof flagInFlight);
const queued = 8 satisfies typeof flagQueued;
const whole = 64 satisfies typeof flagWhole;
const rowSize = 5 satisfies typeof rowWords;
const firstPrecedent = 1 satisfies typeof atFirstPrecedent;
const workWord = 4 satisfies typeof atWork;
const cell = 4 satisfies typeof kindCell;
const scalarFormula = 2 satisfies typeof kindScalarFormula;
const firstDependent = 2 satisfies typeof atFirstDependent;
const dependentCount = 3 satisfies typeof atDependentCount;
const chained = (64 satisfies typeof traitChained) << (4 satisfies typeof traitShift);
const none = -1;
/** What of a tag says kind and traits, but for the one that changes nothing about the way. */
const tagMask = 0xffff & ~chained;

/** Empties the queue. The tables keep their places meanwhile: nothing is added or removed during a recalculation. */
export function runPlainly(graph: Graph, state: StateTable, longWay: LongWay): void {
  const { structure, costs, queue } = graph;
  const { words } = structure.rowTable;
  const { list } = structure.works;
  const { cells } = structure;
  const pool = structure.edges.poolNode;
  const constants = cells.constants.table;
  const { flags, numbers } = state;
  let work = -1;
  let plain: CellFamily["plain"];
  let arity = 0;
  let constantCount = 0;
  const isYielding = graph.yielding !== null;
  for (let followed = none; ; ) {
    let node = followed;
    if (node === none) {
      // A small level goes on where it is; everything else is asked for.
      const isSmall = queue.currentCount > 0 && queue.currentCount < batchMin;
      node = isSmall ? queue.take() : nextNode(graph, state, longWay);
      if (node < 0) return;
    }
    followed = none;
    const before = (flags[node] as number) & ~queued;
    flags[node] = before;
    const row = node * rowSize;
    const tag = (words[row] as number) & tagMask;
    if (tag !== cell || (before & unresolved) !== dirty) {
      const isScalar = tag === scalarFormula && (before & unresolved) === dirty;
      if (isScalar && costs === null && runScalar(graph, state, node, before, longWay)) continue;
      longWay.run(graph, state, node);
      if (graph.ranges.length > 0) computeReaders(graph, longWay.settle);
      continue;
    }
    if (words[row + workWord] !== work) {
      work = words[row + workWord] as number;
      ({ plain, arity, constantCount } = list[work] as CellFamily);
    }
    const at = words[row + firstPrecedent] as number;
    let isPlain = plain !== undefined;
    for (let i = at; i < at + arity; i++) {
      const argument = numbers[pool[i] as number] as number;
      if (Number.isNaN(argument)) isPlain = false;
    }
    const began = costs === null || !isPlain ? notMeasured : costs.beginFamily(work);
    let value = Number.NaN;
    if (isPlain) {
      try {
        const constantAt = constantCount === 0 ? 0 : cells.constantAt(node);
        value = (plain as NonNullable<CellFamily["plain"]>)(numbers, pool, at, constants, constantAt);
      } catch {
        // The long way calls it again, and tells what it throws.
        value = Number.NaN;
      }
    }
    if (began !== notMeasured) costs?.endFamily(work, began);
    if (!Number.isFinite(value)) longWay.run(graph, state, node);
    else if (write(graph, state, node, before, value)) {
      if (!isYielding) followed = soleDependent(graph, state, node);
      if (followed === none) pushDependents(graph, state, node);
    }
  }
}

/** The next node that is to be looked at alone, after all that could be done in batches; negative: there is none. */
function nextNode(graph: Graph, state: StateTable, longWay: LongWay): number {
  const { queue } = graph;
  // Slices end after any node, which a batch does not.
  if (graph.yielding !== null) return queue.pop();
  for (;;) {
    if (queue.currentCount === 0) {
      if (!queue.enterNext()) return none;
      if (queue.currentCount >= orderMin) orderLevel(graph, state);
    }
    if (queue.currentCount < batchMin || runBatch(graph, state, longWay) === 0) return queue.pop();
  }
}

/** The only node to look at next, marked as if it had been queued; `none`: there are more, or it needs more looking. */
function soleDependent(graph: Graph, state: StateTable, node: number): number {
  const { structure, queue } = graph;
  const { words } = structure.rowTable;
  const row = node * rowSize;
  if (queue.size > 0 || words[row + dependentCount] !== 1 || ((words[row] as number) & chained) !== 0)
    return none;
  const dependent = structure.edges.packedNode[words[row + firstDependent] as number] as number;
  if (((structure.rowTable.ranks[dependent] as number) & 1) !== 0) return none;
  state.flags[dependent] = (state.flags[dependent] as number) | dirty | whole;
  return dependent;
}

/** Computes and settles a scalar formula; false: nothing was called. */
function runScalar(graph: Graph, state: StateTable, node: number, before: number, longWay: LongWay): boolean {
  const { structure } = graph;
  const { words } = structure.rowTable;
  const { numbers } = state;
  const pool = structure.edges.poolNode;
  const at = words[node * rowSize + firstPrecedent] as number;
  const count = (words[node * rowSize] as number) >>> 16;
  if (count === 0 || count > 4) return false;
  for (let i = at; i < at + count; i++) {
    const argument = numbers[pool[i] as number] as number;
    if (Number.isNaN(argument)) return false;
  }
  const compute = structure.works.list[words[node * rowSize + workWord] as number] as Compute;
  const value = call(graph, compute, numbers, pool, at, count, node);
  if (typeof value === "number" && Number.isFinite(value)) settle(graph, state, node, before, value);
  else {
    graph.computedCount++;
    longWay.settle(graph, state, node, value);
  }
  return true;
}

function call(
  graph: Graph,
  compute: Compute,
  numbers: Float64Array,
  pool: Int32Array,
  at: number,
  count: number,
  node: number,
): unknown {
  const a = numbers[pool[at] as number] as number;
  try {
    if (count === 1) return compute(a);
    const b = numbers[pool[at + 1] as number] as number;
    if (count === 2) return compute(a, b);
    const c = numbers[pool[at + 2] as number] as number;
    if (count === 3) return compute(a, b, c);
    return compute(a, b, c, numbers[pool[at + 3] as number] as number);
  } catch (error) {
    return thrownValue(graph, node, error);
  }
}
