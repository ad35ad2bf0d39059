/**
 * How a change of the parent reaches an overlay.
 *
 * The parent lists what changed and what became unresolved or resolved, as it sees it. For each such node that the
 * overlay reads through, the owned dependents are marked, and the entry is passed on to the overlay's own children.
 * An owned node hears of a change through its precedents; an overridden input takes over the cells it leaves alone.
 *
 * Cost: the entries and their dependents, whatever the size of the graph.
 */
import type { Graph } from "../recalculation/graph.ts";
import { markDependents, markUnresolved, releaseDependents } from "../recalculation/marking.ts";
import { BoxSet } from "../state/box-set.ts";
import { flagsUnresolved, type StateTable } from "../state/state-table.ts";
import { composeOverride } from "./composition.ts";

const inherited = new BoxSet();

export function inheritChanges(graph: Graph, state: StateTable, parent: StateTable): void {
  state.revision = Math.max(state.revision, parent.revision);
  for (const [node, boxes] of parent.changes) {
    if (state.slotOf(node) >= 0) {
      // An input that is owned without an override will be given up: until then it follows the parent.
      if (!graph.structure.isFormula(node)) composeOverride(graph, state, node, boxes, true);
      continue;
    }
    graph.announceObservation(state.observations.get(node), true);
    if (state.children.length > 0) state.changes.set(node, boxes);
    if (boxes === null) markDependents(graph, state, node, null);
    else {
      inherited.clear();
      for (const box of boxes) inherited.addBox(box);
      markDependents(graph, state, node, inherited);
    }
  }
  for (const node of parent.touched) {
    if (state.slotOf(node) >= 0) continue;
    const observation = state.observations.get(node);
    graph.announceObservation(observation, true);
    graph.announceObservation(observation, false);
    if ((state.flagsOf(node) & flagsUnresolved) !== 0) markUnresolved(graph, state, node);
    else releaseDependents(graph, state, node);
  }
}
