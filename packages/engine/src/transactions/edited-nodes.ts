/** After a structure edit: what must be computed, what waits, and what overlays own now. */
import type { InputNode } from "../formula-node.ts";
import { composeOverride } from "../overlays/composition.ts";
import { ownReach } from "../overlays/ownership.ts";
import { changedBoxes, publishedColumn } from "../recalculation/column-step.ts";
import type { Graph } from "../recalculation/graph.ts";
import {
  hasUnresolvedPrecedent,
  markCells,
  markUnresolved,
  releaseDependents,
} from "../recalculation/marking.ts";
import { publishColumn, resolveFlags } from "../recalculation/settle.ts";
import { wholeBox } from "../state/boxes.ts";
import { flagCheck, flagsUnresolved, type StateTable } from "../state/state-table.ts";
import { kindColumnInput } from "../structure/structure.ts";

interface EditedNodes {
  readonly added: readonly number[];
  readonly rewired: ReadonlySet<number>;
  /** Former members of dissolved components. */
  readonly loosened: readonly number[];
}

export function markEdited(graph: Graph, edited: EditedNodes): void {
  for (const state of graph.states) {
    if (state.parent !== null) extendOwnership(graph, state, edited);
    // What waits is found before anything new is dirty: a precedent that will be computed in a moment is no reason.
    eachFormula(graph, state, edited, onceAComponent(markWaiting));
    eachFormula(graph, state, edited, markWhole);
    for (const node of edited.rewired) writeInput(graph, state, node);
  }
}

function eachFormula(graph: Graph, state: StateTable, edited: EditedNodes, visit: Visit): void {
  const visitOwned = (node: number): void => {
    if (graph.structure.isFormula(node) && state.slotOf(node) >= 0) visit(graph, state, node);
  };
  edited.added.forEach(visitOwned);
  edited.rewired.forEach(visitOwned);
  edited.loosened.forEach(visitOwned);
}

function markWhole(graph: Graph, state: StateTable, node: number): void {
  markCells(graph, state, node, null);
  state.seeds.push(node);
}

type Visit = (graph: Graph, state: StateTable, node: number) => void;

/** A component waits as a whole: looking at one member is enough. */
function onceAComponent(visit: Visit): Visit {
  const seen = new Set<number>();
  return (graph, state, node) => {
    const id = graph.structure.componentIdOf(node);
    if (id !== 0 && seen.has(id)) return;
    if (id !== 0) seen.add(id);
    visit(graph, state, node);
  };
}

function markWaiting(graph: Graph, state: StateTable, node: number): void {
  if (!hasUnresolvedPrecedent(graph, state, node)) return;
  for (const member of graph.structure.unitMembers(node)) {
    const slot = state.slotOf(member);
    state.flags[slot] = (state.flags[slot] as number) | flagCheck;
    markUnresolved(graph, state, member);
  }
}

/** A formula that became an input, or an input with another column. */
function writeInput(graph: Graph, state: StateTable, node: number): void {
  if (graph.structure.kindOf(node) !== kindColumnInput || state.slotOf(node) < 0) return;
  if (state.parent !== null) {
    state.edits.push(() => {
      composeOverride(graph, state, node, null, true);
      releaseDependents(graph, state, node);
    });
    return;
  }
  const { column } = graph.structure.workOf(node) as InputNode;
  state.edits.push(() => {
    const slot = state.slotOf(node);
    resolveFlags(graph, state, node, slot);
    state.flags[slot] = (state.flags[slot] as number) & ~flagCheck;
    const before = publishedColumn(graph, state, node, slot);
    const { changed } = graph.lending;
    if (changedBoxes(before, column, [wholeBox(column.shape)], changed)) {
      publishColumn(graph, state, node, column, changed, true);
    }
    releaseDependents(graph, state, node);
  });
}

/** New edges from owned nodes, and components that an owned node has joined. */
function extendOwnership(graph: Graph, state: StateTable, edited: EditedNodes): void {
  const { structure } = graph;
  const isEdited = new Set([...edited.added, ...edited.rewired, ...edited.loosened]);
  for (const node of isEdited) {
    if (!structure.isLive(node)) continue;
    const members = structure.unitMembers(node);
    const isReached = members.some(
      (member) =>
        state.slotOf(member) >= 0 ||
        structure.precedentsOf(member).some((precedent) => state.slotOf(precedent) >= 0),
    );
    if (!isReached) continue;
    for (const member of members) {
      if (state.slotOf(member) >= 0) continue;
      // The parent was marked first: what is unresolved there comes along, and what was owned before must hear of it.
      for (const adopted of ownReach(graph, state, member)) {
        // An edited node is dirty because it will be computed in a moment.
        const reasons = isEdited.has(adopted) ? flagCheck : flagsUnresolved;
        if ((state.flagsOf(adopted) & reasons) !== 0) markUnresolved(graph, state, adopted);
      }
      markCells(graph, state, member, null);
      state.seeds.push(member);
    }
  }
}
