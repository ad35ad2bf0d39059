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
import { markDependents, markUnresolved, releaseDependents } from "../recalculation/marking.ts";
import { ColumnSlot } from "../state/column-slot.ts";
import {
  flagCheck,
  flagDirty,
  flagHasValue,
  flagInFlight,
  flagObserved,
  flagOther,
  flagQueued,
  flagsUnresolved,
  flagWhole,
  type StateTable,
} from "../state/state-table.ts";

/** Makes the overlay own `node` and everything behind it; what it did not own before. */
export function ownReach(graph: Graph, state: StateTable, node: number): number[] {
  const { structure } = graph;
  const adopted: number[] = [];
  const stack = [node];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (state.slotOf(next) >= 0) continue;
    for (const member of structure.unitMembers(next)) {
      if (state.slotOf(member) < 0) {
        adopt(state, member);
        adopted.push(member);
      }
      for (const dependent of structure.dependentsOf(member)) stack.push(dependent);
    }
  }
  return adopted;
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
  const left = state.ownedNodes().filter((node) => !reached.has(node));
  const former = left.map((node) => disown(graph, state, node));
  // Only now: what is marked and queued here must not be given up afterwards.
  left.forEach((node, i) => {
    readThrough(graph, state, node, former[i] as Former);
  });
}

/** What an overlay showed for a node that it gives up. */
interface Former {
  readonly value: unknown;
  readonly wasUnresolved: boolean;
}

function disown(graph: Graph, state: StateTable, node: number): Former {
  giveUpFlight(graph, state, node, "the overlay does not own the node any more");
  const wasUnresolved = (state.flagsOf(node) & flagsUnresolved) !== 0;
  const value = state.valueOf(node);
  state.dropSlot(node);
  return { value, wasUnresolved };
}

/** Tells signals and what stays owned that the node shows the parent's value from now on. */
function readThrough(graph: Graph, state: StateTable, node: number, former: Former): void {
  const { value, wasUnresolved } = former;
  const isUnresolved = (state.flagsOf(node) & flagsUnresolved) !== 0;
  if (!wasUnresolved && !isUnresolved) return;
  const observation = state.observations.get(node);
  graph.announceObservation(observation, true);
  graph.announceObservation(observation, false);
  // A value that one of the two states has not worked out yet: what stays owned has read the other one.
  if (!Object.is(value, state.valueOf(node))) {
    if (state.children.length > 0) state.changes.set(node, null);
    markDependents(graph, state, node, null);
  }
  if (isUnresolved) markUnresolved(graph, state, node);
  else releaseDependents(graph, state, node);
}

/** Gives a state that owns nothing yet what a state over the same parent owns, with its values and flags. */
export function ownAlike(state: StateTable, model: StateTable): void {
  state.seeds.push(...model.seeds);
  state.isShrinking = model.isShrinking;
  for (const node of model.ownedNodes()) {
    if ((model.flagsOf(node) & flagQueued) !== 0) state.seeds.push(node);
    adopt(state, node, model);
  }
}

function adopt(
  state: StateTable,
  node: number,
  owner: StateTable = (state.parent as StateTable).ownerOf(node),
): void {
  const from = owner.slotOf(node);
  const flags = owner.flags[from] as number;
  const slot = state.addSlot(node);
  if ((flags & flagHasValue) !== 0) adoptValue(state, slot, owner, node);
  state.changedAt[slot] = owner.changedAt[from] as number;
  let adopted = flags & ~(flagQueued | flagObserved | flagInFlight);
  if ((flags & flagInFlight) !== 0) {
    // What is behind it waits, so it must be taken out of the queue as something that others wait for.
    adopted |= flagDirty | flagWhole | flagCheck;
    state.seeds.push(node);
  }
  if (state.observations.has(node)) adopted |= flagObserved;
  state.flags[slot] = adopted;
  for (const box of owner.boxesOf(node)) state.dirtyBoxes(slot).addBox(box);
  const records = owner.records.get(node);
  if (records !== undefined) state.records.set(node, records.clone());
}

/** A column is shared by both states from now on. */
function adoptValue(state: StateTable, slot: number, owner: StateTable, node: number): void {
  const from = owner.slotOf(node);
  const held = ((owner.flags[from] as number) & flagOther) === 0 ? undefined : owner.others[from];
  if (held instanceof ColumnSlot && held.column !== null) {
    held.isShared = true;
    state.writeColumn(slot, held.column, true);
  } else state.write(slot, owner.valueOf(node));
}
