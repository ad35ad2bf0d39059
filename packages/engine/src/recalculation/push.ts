/** Putting nodes into the queue: one, or the dependents of a node that changed, the fast way. */
import { wholeBox } from "../state/boxes.ts";
import { flagDirty, flagQueued, flagWhole, type StateTable } from "../state/state-table.ts";
import type { atDependentCount, atFirstDependent, rowWords, traitShift } from "../structure/node-rows.ts";
import { mapInto } from "../structure/reach.ts";
import { type traitChained, traitComponent, traitWide } from "../structure/structure.ts";
import type { Graph } from "./graph.ts";

// Literals, for the same reason as in plain-batch.ts.
const rowSize = 5 satisfies typeof rowWords;
const firstDependent = 2 satisfies typeof atFirstDependent;
const dependentCount = 3 satisfies typeof atDependentCount;
const queued = 8 satisfies typeof flagQueued;
const marked = (1 satisfies typeof flagDirty) | (64 satisfies typeof flagWhole) | queued;
const chained = (64 satisfies typeof traitChained) << (4 satisfies typeof traitShift);

/** Fewer are pushed one by one. */
const fanMin = 16;

/** Queues the unit of a node, if it is not queued yet. */
export function enqueue(graph: Graph, state: StateTable, node: number): void {
  const { structure } = graph;
  const unit = structure.unitOf(node);
  const slot = state.slotOf(unit);
  const flags = state.flags[slot] as number;
  if ((flags & flagQueued) !== 0) return;
  state.flags[slot] = flags | flagQueued;
  graph.queue.push(unit, structure.levelOf(unit));
}

/**
 * Marks what the dependents of a node of one cell read dirty, and queues them: in the base, where slot = node, for a node outside
 * components that all of changed, while nobody traces.
 */
export function pushDependents(graph: Graph, state: StateTable, node: number): void {
  const { structure, queue } = graph;
  const { words, ranks } = structure.rowTable;
  const { packedNode, packedReach, hasReaches } = structure.edges;
  const { flags } = state;
  const first = words[node * rowSize + firstDependent] as number;
  const end = first + (words[node * rowSize + dependentCount] as number);
  for (let i = first; i < end; i++) {
    if (end - i >= fanMin) {
      i = pushFan(graph, state, i, end);
      if (i === end) break;
    }
    const dependent = packedNode[i] as number;
    const before = flags[dependent] as number;
    if ((before & marked) === marked) continue;
    const rank = ranks[dependent] as number;
    // What is odd cannot be marked as a whole and pushed: members of components, and columns that read a cell here and there.
    if ((rank & 1) === 0) {
      flags[dependent] = before | marked;
      if ((before & queued) === 0) queue.push(dependent, rank >> 1);
    } else pushOther(graph, state, node, dependent, hasReaches ? (packedReach[i] as number) : 0);
  }
  if (((words[node * rowSize] as number) & chained) !== 0) pushChained(graph, state, node);
}

/**
 * Marks and queues dependents of one cell that stand on the level ahead, from `i` on; where it stopped, at one for which
 * that is not the way, or the end.
 */
function pushFan(graph: Graph, state: StateTable, from: number, end: number): number {
  const { structure, queue } = graph;
  const target = queue.fanTarget();
  if (target === null) return from;
  const { ranks } = structure.rowTable;
  const { packedNode } = structure.edges;
  const { flags } = state;
  const { apart } = queue;
  target.reserveAhead(end - from, (ranks[packedNode[from] as number] as number) >> 1);
  const { ahead } = target;
  const rank = (target.currentLevel + 1) << 1;
  let count = target.aheadCount;
  let i = from;
  // Level 0 is that of no dependent, so nothing is taken for it where nothing is being emptied.
  if (rank > 0) {
    for (; i < end; i++) {
      const dependent = packedNode[i] as number;
      if (ranks[dependent] !== rank || (apart !== null && apart[dependent] === 1)) break;
      const before = flags[dependent] as number;
      flags[dependent] = before | marked;
      ahead[count] = dependent;
      if ((before & queued) === 0) count++;
    }
  }
  target.takeAhead(count);
  queue.noteFan();
  return i;
}

function pushChained(graph: Graph, state: StateTable, node: number): void {
  const { structure, queue } = graph;
  const { chainHead, chainNode, chainNext, chainReach, hasReaches } = structure.edges;
  const { flags } = state;
  for (let at = chainHead[node] as number; at !== 0; at = chainNext[at - 1] as number) {
    const dependent = chainNode[at - 1] as number;
    const before = flags[dependent] as number;
    if ((before & marked) === marked) continue;
    if ((structure.traitsOf(dependent) & (traitComponent | traitWide)) !== 0) {
      pushOther(graph, state, node, dependent, hasReaches ? (chainReach[at - 1] as number) : 0);
    } else {
      flags[dependent] = before | marked;
      if ((before & queued) === 0) queue.push(dependent, structure.levelOf(dependent));
    }
  }
}

/** A component is queued by its first member, which alone carries the queued flag. */
function pushOther(graph: Graph, state: StateTable, precedent: number, node: number, reachId: number): void {
  const { structure } = graph;
  if (reachId !== 0 && structure.componentIdOf(node) === 0) {
    if (!markReached(graph, state, precedent, node, reachId)) return;
  } else state.flags[node] = (state.flags[node] as number) | flagDirty | flagWhole;
  enqueue(graph, state, node);
}

/** Marks the cells of a column that read a node; whether there are any. */
function markReached(
  graph: Graph,
  state: StateTable,
  precedent: number,
  node: number,
  reachId: number,
): boolean {
  const { structure } = graph;
  const flags = state.flags[node] as number;
  if ((flags & flagWhole) !== 0) return true;
  const dirty = state.dirtyBoxes(node);
  const shape = structure.shapeOf(node);
  try {
    mapInto(structure.reachOf(node, reachId), wholeBox(structure.shapeOf(precedent)), shape, dirty);
  } catch (error) {
    graph.raise(error);
    dirty.setWhole(shape);
  }
  if (dirty.count === 0) return false;
  state.flags[node] = flags | flagDirty;
  if (dirty.isWhole(shape)) {
    state.flags[node] = flags | flagDirty | flagWhole;
    dirty.clear();
  }
  return true;
}
