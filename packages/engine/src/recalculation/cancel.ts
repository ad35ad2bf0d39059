/** Giving up what is awaited, because somebody says so. Cost: the nodes in flight, with all that waits for them. */
import { flagCheck, type StateTable } from "../state/state-table.ts";
import { giveUpFlight } from "./departure.ts";
import type { Graph } from "./graph.ts";
import { finish } from "./recalculate.ts";

/**
 * Leaves every node in flight dirty and out of the queue, as a parked one: what is behind it carries `check` already, and a
 * demand or an edit finds it. How many there were.
 */
export function cancelFlights(graph: Graph): number {
  if (graph.isRunning || graph.isClosed) return 0;
  let count = 0;
  for (const state of graph.states) {
    const nodes = [...state.flights.keys()];
    for (const node of nodes) giveUpFlight(graph, state, node, "it was cancelled");
    count += nodes.length;
    announce(graph, state, nodes);
  }
  if (count > 0) finish(graph);
  return count;
}

/** The nodes, and what waits for them, are stale now and no longer pending. */
function announce(graph: Graph, state: StateTable, nodes: readonly number[]): void {
  const seen = new Set(nodes);
  const waiting = [...nodes];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    graph.announceStatus(state, node, state.slotOf(node));
    for (const dependent of graph.structure.dependentsOf(node)) {
      const slot = state.slotOf(dependent);
      if (slot < 0 || seen.has(dependent) || ((state.flags[slot] as number) & flagCheck) === 0) continue;
      seen.add(dependent);
      waiting.push(dependent);
    }
  }
}
