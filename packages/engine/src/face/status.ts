import type { Status } from "../api.ts";
import type { Graph } from "../recalculation/graph.ts";
import {
  flagCheck,
  flagDirty,
  flagInFlight,
  flagsUnresolved,
  type StateTable,
} from "../state/state-table.ts";

/**
 * Fresh, pending (its own work or something before it is in flight) or stale (parked, or behind a parked node).
 * Cost: constant for fresh nodes; otherwise the unresolved nodes before it.
 */
export function statusOf(graph: Graph, state: StateTable, node: number): Status {
  const { structure } = graph;
  if (!structure.isLive(node)) return "fresh";
  if ((state.flagsOf(node) & flagsUnresolved) === 0)
    return isSettled(graph, state, node) ? "fresh" : "pending";
  const seen = new Set<number>();
  const stack = [node];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const flags = state.flagsOf(next);
    if ((flags & flagInFlight) !== 0) return "pending";
    if ((flags & (flagDirty | flagCheck)) === 0) continue;
    for (const member of structure.unitMembers(next)) stack.push(...structure.precedentsOf(member));
  }
  return isSettled(graph, state, node) ? "stale" : "pending";
}

/** Whether no later slice can change the node. */
function isSettled(graph: Graph, state: StateTable, node: number): boolean {
  return graph.yielding === null || graph.yielding.isConsistent(state, node);
}
