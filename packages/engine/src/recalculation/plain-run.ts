/**
 * The commonest steps, written for speed: cells and scalar formulas without traits, in a base state that nobody traces,
 * whose arguments and result are finite numbers. It does what the long way does (recalculate.ts), and hands over to it as
 * soon as anything is not so.
 *
 *   1. Take the next node off the queue. Its tag, from its row of words, says whether this is the way for it.
 *   2. Arguments: `numbers` holds NaN where a node has no finite number, so looking at an argument is checking it.
 *   3. A cell calls its family's plain function with the tables themselves; a scalar formula its function.
 *   4. The same bits as before: cut off. Otherwise write, and push the dependents that are not queued yet.
 *
 * No object is made, and of a node only the cache lines of its row, flags, number and arguments are touched.
 * The differential tests (plain-run.test.ts, cells.test.ts) play the same edits this way and the long one.
 */
import type { CellFamily } from "../cell-node.ts";
import { computeReaders } from "../ranges/range-step.ts";
import {
  flagDirty,
  flagHasValue,
  flagObserved,
  flagOther,
  flagQueued,
  flagsUnresolved,
  flagWhole,
  type StateTable,
} from "../state/state-table.ts";
import { atFirstPrecedent, atWork, rowWords, tagOf } from "../structure/node-rows.ts";
import { kindCell, kindScalarFormula, traitChained } from "../structure/structure.ts";
import { notMeasured } from "./costs.ts";
import type { Graph } from "./graph.ts";
import { pushDependents } from "./push.ts";
import { thrownValue } from "./scalar-step.ts";
import { noteChange, settleScalar } from "./settle.ts";

type Compute = (...values: number[]) => unknown;

/** The long way: for a node as a whole, and for a result that is no finite number. */
export interface LongWay {
  readonly run: (graph: Graph, state: StateTable, node: number) => void;
  readonly settle: (graph: Graph, state: StateTable, node: number, value: unknown) => void;
}

/** What of a tag says kind and traits, but for the one that changes nothing about the way. */
const tagMask = 0xffff & ~tagOf(0, traitChained);
const flagsOfNumber = flagHasValue | flagOther;

/** Empties the queue. The tables keep their places meanwhile: nothing is added or removed during a recalculation. */
export function runPlainly(graph: Graph, state: StateTable, longWay: LongWay): void {
  const { queue, structure, costs } = graph;
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
  for (let node = queue.pop(); node >= 0; node = queue.pop()) {
    const before = (flags[node] as number) & ~flagQueued;
    flags[node] = before;
    const row = node * rowWords;
    const tag = (words[row] as number) & tagMask;
    if (tag !== kindCell || (before & flagsUnresolved) !== flagDirty) {
      const isScalar = tag === kindScalarFormula && (before & flagsUnresolved) === flagDirty;
      if (isScalar && costs === null && runScalar(graph, state, node, before, longWay)) continue;
      longWay.run(graph, state, node);
      if (graph.ranges.length > 0) computeReaders(graph, longWay.settle);
      continue;
    }
    if (words[row + atWork] !== work) {
      work = words[row + atWork] as number;
      ({ plain, arity, constantCount } = list[work] as CellFamily);
    }
    const at = words[row + atFirstPrecedent] as number;
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
    if (Number.isFinite(value)) settle(graph, state, node, before, value);
    else longWay.run(graph, state, node);
  }
}

/** Computes and settles a scalar formula; false: nothing was called. */
function runScalar(graph: Graph, state: StateTable, node: number, before: number, longWay: LongWay): boolean {
  const { structure } = graph;
  const { words } = structure.rowTable;
  const { numbers } = state;
  const pool = structure.edges.poolNode;
  const at = words[node * rowWords + atFirstPrecedent] as number;
  const count = (words[node * rowWords] as number) >>> 16;
  if (count === 0 || count > 4) return false;
  for (let i = at; i < at + count; i++) {
    const argument = numbers[pool[i] as number] as number;
    if (Number.isNaN(argument)) return false;
  }
  const compute = structure.works.list[words[node * rowWords + atWork] as number] as Compute;
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

/** Settles a finite number of a node with these flags. Of an input, too: it is written, and its dependents are queued. */
export function settle(graph: Graph, state: StateTable, node: number, before: number, value: number): void {
  graph.computedCount++;
  if ((before & flagsOfNumber) !== flagHasValue) {
    settleScalar(graph, state, node, node, value);
    return;
  }
  const { numbers } = state;
  state.flags[node] = before & ~(flagDirty | flagWhole);
  const old = numbers[node] as number;
  if (old === value && (value !== 0 || Object.is(old, value))) return;
  numbers[node] = value;
  state.changedAt[node] = graph.revision;
  graph.changedCount++;
  if ((before & flagObserved) !== 0) graph.announce(state, node, node);
  if (graph.isNoting) graph.noteChanged(state, node, null);
  if (state.children.length > 0) noteChange(state, node, null);
  pushDependents(graph, state, node);
}
