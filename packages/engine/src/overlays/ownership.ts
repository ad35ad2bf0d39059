/**
 * Ownership: which nodes an overlay has values of its own for.
 *
 * An overlay owns the overridden inputs, the pinned formulas, and everything that reads an owned node, whole
 * components at once. So for an owned node every dependent is owned, and for a node that is not, every precedent is
 * read through: its value is the parent's.
 *
 * A node starts to be owned with the parent's value, shared, and its flags; nothing is computed by that.
 * Cost: what the overrides reach.
 */
import { giveUpFlight } from "../recalculation/departure.ts";
import type { Graph } from "../recalculation/graph.ts";
import { markUnresolved, releaseDependents } from "../recalculation/marking.ts";
import {
  flagDirty,
  flagInFlight,
  flagObserved,
  flagQueued,
  flagsUnresolved,
  flagWhole,
  type StateTable,
} from "../state/state-table.ts";

/** Makes the overlay own `node` and everything behind it. */
export function ownReach(graph: Graph, state: StateTable, node: number): void {
  const { structure } = graph;
  const stack = [node];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (state.slotOf(next) >= 0) continue;
    for (const member of structure.unitMembers(next)) {
      if (state.slotOf(member) < 0) adopt(state, member);
      for (const dependent of structure.dependentsOf(member)) stack.push(dependent);
    }
  }
}

/** Gives up what no override and no pin reaches any more. */
export function releaseOwnership(graph: Graph, state: StateTable): void {
  const { structure } = graph;
  const reached = new Set<number>();
  const stack = [...state.overrides.keys(), ...state.pins.keys()];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (reached.has(next)) continue;
    for (const member of structure.unitMembers(next)) {
      reached.add(member);
      for (const dependent of structure.dependentsOf(member)) stack.push(dependent);
    }
  }
  for (const node of state.ownedNodes()) if (!reached.has(node)) disown(graph, state, node);
}

function disown(graph: Graph, state: StateTable, node: number): void {
  const flags = state.flags[state.slotOf(node)] as number;
  giveUpFlight(graph, state, node, "the overlay does not own the node any more");
  state.dropSlot(node);
  if ((flags & flagsUnresolved) === 0) return;
  const observation = state.observations.get(node);
  graph.announceObservation(observation, true);
  graph.announceObservation(observation, false);
  if ((state.flagsOf(node) & flagsUnresolved) !== 0) markUnresolved(graph, state, node);
  else releaseDependents(graph, state, node);
}

function adopt(state: StateTable, node: number): void {
  const owner = (state.parent as StateTable).ownerOf(node);
  const from = owner.slotOf(node);
  const flags = owner.flags[from] as number;
  const value = owner.valueOf(node);
  const slot = state.addSlot(node);
  if (value !== undefined) state.write(slot, value);
  state.changedAt[slot] = owner.changedAt[from] as number;
  state.verifiedAt[slot] = owner.verifiedAt[from] as number;
  let adopted = flags & ~(flagQueued | flagObserved | flagInFlight);
  if ((flags & flagInFlight) !== 0) {
    adopted |= flagDirty | flagWhole;
    state.seeds.push(node);
  }
  if (state.observations.has(node)) adopted |= flagObserved;
  state.flags[slot] = adopted;
  const boxes = owner.boxes.get(node);
  if (boxes !== undefined) state.boxes.set(node, [...boxes]);
  const records = owner.records.get(node);
  if (records !== undefined) state.records.set(node, new Map(records));
}
