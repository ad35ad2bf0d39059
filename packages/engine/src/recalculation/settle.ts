/**
 * Settling: what a computed value means for the rest. The one place where a value is published.
 *
 * Equal to the published value: cut off, nothing else happens. Different: it is published with the present revision,
 * its signals are queued, its dependents marked dirty with the cells that changed, and the children of the state
 * will hear of it.
 */
import { type Column, isErrorValue, type Scalar, sameError } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { BoxSet } from "../state/box-set.ts";
import { addBox, wholeBox } from "../state/boxes.ts";
import {
  flagCheck,
  flagDirty,
  flagHasValue,
  flagInFlight,
  flagOther,
  flagsUnresolved,
  flagWhole,
  type StateTable,
} from "../state/state-table.ts";
import { changedBoxes, publishedColumn, simplifyMarks } from "./column-step.ts";
import type { Graph } from "./graph.ts";
import { markDependents } from "./marking.ts";
import { writeScalar } from "./scalar-step.ts";

/**
 * Clears what made the node compute. `check` is not touched: a result that was awaited may arrive while something
 * before the node is unresolved again.
 */
export function resolveFlags(graph: Graph, state: StateTable, node: number, slot: number): void {
  const flags = state.flags[slot] as number;
  state.flags[slot] = flags & ~(flagDirty | flagInFlight | flagWhole);
  if ((flags & (flagCheck | flagInFlight)) !== 0) graph.announceStatus(state, node, slot);
}

export function settleScalar(
  graph: Graph,
  state: StateTable,
  node: number,
  slot: number,
  value: unknown,
): void {
  const flags = state.flags[slot] as number;
  if ((flags & (flagsUnresolved | flagWhole)) === (flagDirty | flagWhole)) {
    state.flags[slot] = flags & ~(flagDirty | flagWhole);
  } else resolveFlags(graph, state, node, slot);
  if (writeScalar(graph, state, node, slot, value)) {
    spread(graph, state, node, slot, null);
  } else if (graph.trace !== null) graph.emitNode("cut-off", state, node);
}

const theCell = new BoxSet();
theCell.add(0, 1, 0, 1);

/** As `settleScalar` for a column node of one cell, whose dependents may read it by a reach. */
export function settleCell(graph: Graph, state: StateTable, node: number, slot: number, value: Scalar): void {
  resolveFlags(graph, state, node, slot);
  if (isSameCell(state, slot, value)) {
    if (graph.trace !== null) graph.emitNode("cut-off", state, node);
    return;
  }
  state.write(slot, value);
  state.changedAt[slot] = graph.revision;
  spread(graph, state, node, slot, theCell);
}

/** Whether the slot holds the value, in the sense of `Column.readsAlike`. */
function isSameCell(state: StateTable, slot: number, value: Scalar): boolean {
  const flags = state.flags[slot] as number;
  if ((flags & flagHasValue) === 0) return false;
  const before = (flags & flagOther) === 0 ? state.numbers[slot] : state.others[slot];
  if (Object.is(before, value)) return true;
  return (
    isErrorValue(before) && isErrorValue(value) && before.detail === value.detail && sameError(before, value)
  );
}

/**
 * Compares the draft of a wide node with the published column in the computed boxes and publishes it if it differs;
 * `isShared`: somebody else may hold it.
 */
export function settleColumn(
  graph: Graph,
  state: StateTable,
  node: number,
  out: Column,
  boxes: readonly Box[],
  isShared: boolean,
): void {
  const slot = state.slotOf(node);
  const before = publishedColumn(graph, state, node, slot);
  resolveFlags(graph, state, node, slot);
  const { changed } = graph.lending;
  if (!changedBoxes(before, out, boxes, changed)) {
    if (graph.trace !== null) graph.emitNode("cut-off", state, node);
    return;
  }
  if (!isShared) simplifyMarks(out);
  publishColumn(graph, state, node, out, changed, isShared);
}

/** Publishes a column that differs from the present one in `changed`; one cell as the scalar that it is. */
export function publishColumn(
  graph: Graph,
  state: StateTable,
  node: number,
  column: Column,
  changed: BoxSet,
  isShared: boolean,
): void {
  const slot = state.slotOf(node);
  if (graph.structure.isWide(node)) state.writeColumn(slot, column, isShared);
  else state.write(slot, column.get(0));
  state.changedAt[slot] = graph.revision;
  spread(graph, state, node, slot, changed);
}

/** Tells everybody that the node changed. */
export function spread(
  graph: Graph,
  state: StateTable,
  node: number,
  slot: number,
  boxes: BoxSet | null,
): void {
  graph.changedCount++;
  if (graph.trace !== null) graph.emitBoxes("changed", state, node, boxes);
  if (graph.isNoting) {
    const { structure } = graph;
    graph.noteChanged(
      state,
      node,
      structure.isWide(node) ? (boxes ?? wholeBox(structure.shapeOf(node))) : null,
    );
  }
  graph.announce(state, node, slot);
  if (state.children.length > 0) noteChange(state, node, boxes === null ? null : boxes.list());
  markDependents(graph, state, node, boxes);
}

/** For the children of the state, which hear of it when their turn comes. */
export function noteChange(state: StateTable, node: number, boxes: readonly Box[] | null): void {
  const present = state.changes.get(node);
  if (present === null) return;
  if (boxes === null || present === undefined) state.changes.set(node, boxes);
  else {
    const joined = [...present];
    for (const box of boxes) addBox(joined, box);
    state.changes.set(node, joined);
  }
}

export function hasValue(state: StateTable, slot: number): boolean {
  return ((state.flags[slot] as number) & flagHasValue) !== 0;
}
