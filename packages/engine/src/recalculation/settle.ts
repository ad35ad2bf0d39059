/**
 * Settling: what a computed value means for the rest. The one place where a value is published.
 *
 * Equal to the published value: cut off, nothing else happens. Different: it is published with the present revision,
 * its signals are queued, its dependents marked dirty with the cells that changed, and the children of the state
 * will hear of it.
 */
import type { Column } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { addBox } from "../state/boxes.ts";
import {
  flagCheck,
  flagDirty,
  flagHasValue,
  flagInFlight,
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
  state.verifiedAt[slot] = graph.revision;
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
    state.verifiedAt[slot] = graph.revision;
  } else resolveFlags(graph, state, node, slot);
  if (writeScalar(graph, state, node, slot, value)) {
    spread(graph, state, node, slot, null);
  } else if (graph.trace !== null) graph.emitNode("cut-off", state, node);
}

/** Compares the draft with the published column in the computed boxes and publishes it if it differs. */
export function settleColumn(
  graph: Graph,
  state: StateTable,
  node: number,
  out: Column,
  boxes: readonly Box[],
): void {
  const slot = state.slotOf(node);
  const before = publishedColumn(state, slot);
  resolveFlags(graph, state, node, slot);
  const changed = changedBoxes(before, out, boxes);
  if (changed === null) {
    graph.pool.recycle(out);
    if (graph.trace !== null) graph.emitNode("cut-off", state, node);
    return;
  }
  simplifyMarks(out);
  publishColumn(graph, state, node, out, changed);
}

/** Publishes a column that differs from the present one in `changed`. */
export function publishColumn(
  graph: Graph,
  state: StateTable,
  node: number,
  column: Column,
  changed: readonly Box[],
): void {
  const slot = state.slotOf(node);
  state.write(slot, column);
  state.changedAt[slot] = graph.revision;
  spread(graph, state, node, slot, changed);
}

/** Tells everybody that the node changed. */
export function spread(
  graph: Graph,
  state: StateTable,
  node: number,
  slot: number,
  boxes: readonly Box[] | null,
): void {
  graph.changedCount++;
  if (graph.trace !== null) graph.emitBoxes("changed", state, node, boxes);
  graph.announce(state, node, slot);
  if (state.children.length > 0) noteChange(state, node, boxes);
  markDependents(graph, state, node, boxes);
}

function noteChange(state: StateTable, node: number, boxes: readonly Box[] | null): void {
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
