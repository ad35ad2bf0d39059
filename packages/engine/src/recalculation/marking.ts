/**
 * Marking: who must look at themselves again.
 *
 * A changed node marks its direct dependents dirty and puts them in the queue. An unresolved node (parked, or in
 * flight) cannot say yet whether it changes; everything behind it is marked `check` and waits.
 *
 *   flags of a unit        meaning                             leaves by
 *   –                      clean                               –
 *   dirty                  queued, or parked                   computing
 *   check                  something before it is unresolved   looking again when that resolves
 *   dirty + check          both: waits                         looking again
 *   in flight              its own result is awaited           the result
 *
 * Invariant: if a node is unresolved, all its dependents outside its unit carry `check`, in every state that owns
 * them. So a node without `check` may be computed without looking at its precedents.
 *
 * Cost: marking dirty O(dependents), of many fixed ranges only those that the change meets (ranges/range-readers.ts); `check` O(nodes newly marked), with an explicit stack.
 */
import type { Box } from "../formula-node.ts";
import type { IntervalIndex } from "../ranges/interval-index.ts";
import { eachRow, rangeReadersOf } from "../ranges/range-readers.ts";
import { takeReaders } from "../ranges/range-step.ts";
import { BoxSet } from "../state/box-set.ts";
import { wholeBox } from "../state/boxes.ts";
import {
  flagCheck,
  flagDirty,
  flagQueued,
  flagsUnresolved,
  flagWhole,
  type StateTable,
} from "../state/state-table.ts";
import type { RangeReaders } from "../structure/edges.ts";
import { mapInto, type Reach } from "../structure/reach.ts";
import type { Graph } from "./graph.ts";
import { enqueue, pushDependents } from "./push.ts";

/** Marks the cells of `box` (`null`: all) dirty without queueing the node. The state owns the node. */
export function markCells(graph: Graph, state: StateTable, node: number, box: Box | null): void {
  const slot = state.slotOf(node);
  const flags = state.flags[slot] as number;
  if ((flags & flagWhole) !== 0) return;
  if (box === null || !graph.structure.isWide(node)) {
    state.flags[slot] = flags | flagDirty | flagWhole;
    if (graph.structure.isWide(node)) state.columnSlot(slot).dirty?.clear();
    return;
  }
  state.flags[slot] = flags | flagDirty;
  const dirty = state.dirtyBoxes(slot);
  dirty.addBox(box);
  widenIfWhole(graph, state, node, slot, dirty);
}

function widenIfWhole(graph: Graph, state: StateTable, node: number, slot: number, dirty: BoxSet): void {
  if (!dirty.isWhole(graph.structure.shapeOf(node))) return;
  state.flags[slot] = (state.flags[slot] as number) | flagDirty | flagWhole;
  dirty.clear();
}

/**
 * Marks what reads the changed cells of `node` as this state sees it: the dependents that the state owns, but for
 * those in the node's own component, which the component's step looks after.
 */
export function markDependents(graph: Graph, state: StateTable, node: number, boxes: BoxSet | null): void {
  if (
    boxes === null &&
    state.parent === null &&
    graph.trace === null &&
    graph.structure.componentIdOf(node) === 0
  ) {
    pushDependents(graph, state, node);
    return;
  }
  const readers = boxes === null ? null : rangeReadersOf(graph.structure, node);
  if (readers !== null && boxes !== null) {
    markReaders(graph, state, node, readers, boxes);
    return;
  }
  graph.structure.edges.eachDependent(node, (dependent, reach) => {
    markDependent(graph, state, node, dependent, reach, boxes);
  });
}

/** Those whose ranges meet the boxes, found in the indexes, and all others by their reaches. */
function markReaders(
  graph: Graph,
  state: StateTable,
  node: number,
  readers: RangeReaders,
  boxes: BoxSet,
): void {
  const { own, fixed, others, otherReaches } = readers;
  const mark = (dependent: number): void => markDependent(graph, state, node, dependent, 0, boxes);
  const canWait = graph.trace === null && state.parent === null && graph.yielding === null;
  for (let i = 0; i < boxes.count; i++) {
    const { outerFrom, outerTo, from, to } = boxes.at(i);
    eachRow(own, outerFrom, outerTo, (row) => {
      const end = graph.ranges.search(row.index, from, to);
      if (canWait) takeReaders(graph, node, row, end, mark);
      else markFound(graph, row.index, end, mark);
    });
    eachRow(fixed, outerFrom, outerTo, ({ index }) => {
      markFound(graph, index, graph.ranges.search(index, from, to), mark);
    });
  }
  for (let i = 0; i < others.length; i++) {
    markDependent(graph, state, node, others[i] as number, otherReaches[i] as number, boxes);
  }
}

function markFound(graph: Graph, index: IntervalIndex, end: number, mark: (dependent: number) => void): void {
  const { entries, length } = graph.ranges;
  for (let i = length; i < end; i++) mark(index.nodes[entries[i] as number] as number);
}

function markDependent(
  graph: Graph,
  state: StateTable,
  node: number,
  dependent: number,
  reach: number,
  boxes: BoxSet | null,
): void {
  const { structure } = graph;
  const slot = state.slotOf(dependent);
  if (slot < 0) return;
  const component = structure.componentIdOf(dependent);
  if (component !== 0 && component === structure.componentIdOf(node)) return;
  if (reach === 0 || boxes === null) {
    const flags = state.flags[slot] as number;
    state.flags[slot] = flags | flagDirty | flagWhole;
    if (component === 0) {
      if ((flags & flagQueued) === 0) {
        state.flags[slot] = flags | flagDirty | flagWhole | flagQueued;
        graph.queue.push(dependent, structure.levelOf(dependent));
      }
    } else enqueue(graph, state, dependent);
  } else if (!markMapped(graph, state, dependent, reach, boxes)) return;
  if (graph.trace !== null) traceMarked(graph, state, dependent, node, "dirty");
}

const mapped = new BoxSet();

function markMapped(
  graph: Graph,
  state: StateTable,
  dependent: number,
  reachId: number,
  boxes: BoxSet,
): boolean {
  const { structure } = graph;
  const slot = state.slotOf(dependent);
  const reach = structure.reachOf(dependent, reachId);
  if (!structure.isWide(dependent)) {
    mapped.clear();
    mapBoxes(graph, reach, boxes, dependent, mapped);
    if (mapped.count === 0) return false;
    state.flags[slot] = (state.flags[slot] as number) | flagDirty | flagWhole;
  } else if (((state.flags[slot] as number) & flagWhole) === 0) {
    const dirty = state.dirtyBoxes(slot);
    mapped.clear();
    mapBoxes(graph, reach, boxes, dependent, mapped);
    if (mapped.count === 0) return false;
    state.flags[slot] = (state.flags[slot] as number) | flagDirty;
    dirty.addAll(mapped);
    widenIfWhole(graph, state, dependent, slot, dirty);
  }
  enqueue(graph, state, dependent);
  return true;
}

/** A map that throws is misuse: everything counts as reached, and the caller of the edit hears of it. */
function mapBoxes(graph: Graph, reach: Reach, boxes: BoxSet, dependent: number, into: BoxSet): void {
  const shape = graph.structure.shapeOf(dependent);
  for (let i = 0; i < boxes.count; i++) {
    try {
      mapInto(reach, boxes.at(i), shape, into);
    } catch (error) {
      graph.raise(error);
      into.addBox(wholeBox(shape));
    }
  }
}

/** Marks everything behind `node` as waiting for it. */
export function markUnresolved(graph: Graph, state: StateTable, node: number): void {
  const { structure } = graph;
  const stack = [node];
  if (state.children.length > 0) state.touched.add(node);
  for (let from = stack.pop(); from !== undefined; from = stack.pop()) {
    for (const dependent of structure.dependentsOf(from)) {
      if (structure.isSameComponent(from, dependent)) continue;
      if (!markCheck(graph, state, dependent)) continue;
      if (graph.trace !== null) traceMarked(graph, state, dependent, from, "check");
      stack.push(...structure.unitMembers(dependent));
    }
  }
}

/** Marks the unit of `node` as waiting; false if it already was or this state does not own it. */
function markCheck(graph: Graph, state: StateTable, node: number): boolean {
  const slot = state.slotOf(node);
  if (slot < 0 || ((state.flags[slot] as number) & flagCheck) !== 0) return false;
  for (const member of graph.structure.unitMembers(node)) {
    const memberSlot = state.slotOf(member);
    state.flags[memberSlot] = (state.flags[memberSlot] as number) | flagCheck;
    if (state.children.length > 0) state.touched.add(member);
    graph.announce(state, member, memberSlot);
    graph.announceStatus(state, member, memberSlot);
  }
  return true;
}

/** Queues the waiting dependents of a unit that has just been resolved. */
export function releaseDependents(graph: Graph, state: StateTable, node: number): void {
  const { structure } = graph;
  if (state.children.length > 0) state.touched.add(node);
  for (const dependent of structure.dependentsOf(node)) {
    const slot = state.slotOf(dependent);
    if (slot < 0 || structure.isSameComponent(dependent, node)) continue;
    if (((state.flags[slot] as number) & flagCheck) !== 0) enqueue(graph, state, dependent);
  }
}

/** Whether the unit of `node` reads something unresolved outside itself. */
export function hasUnresolvedPrecedent(graph: Graph, state: StateTable, node: number): boolean {
  const { structure } = graph;
  const { edges } = structure;
  for (const member of structure.unitMembers(node)) {
    const first = edges.firstPrecedentOf(member);
    const end = first + edges.precedentCountOf(member);
    for (let i = first; i < end; i++) {
      const precedent = edges.poolNode[i] as number;
      if (precedent === member || structure.isSameComponent(precedent, member)) continue;
      if ((state.flagsOf(precedent) & flagsUnresolved) !== 0) return true;
    }
  }
  return false;
}

function traceMarked(
  graph: Graph,
  state: StateTable,
  node: number,
  by: number,
  flag: "dirty" | "check",
): void {
  graph.emit({ kind: "marked", state: state.id, node: node as never, flag, by: by as never });
}
