/** What computing takes, as estimated. */
import type { Graph } from "../recalculation/graph.ts";
import { staleUnits } from "../recalculation/stale-units.ts";
import type { StateTable } from "../state/state-table.ts";
import { kindCell } from "../structure/structure.ts";

/** The cells of a family share an estimate, but for those that were measured in a component. */
export function costOf(graph: Graph, node: number): number | undefined {
  const { structure, costs } = graph;
  if (costs === null) return undefined;
  const shared =
    structure.kindOf(node) === kindCell ? costs.ofFamily(structure.workNumberOf(node)) : undefined;
  return shared ?? costs.of(node);
}

/** The estimates of all that is stale at or before the nodes. */
export function refreshMs(graph: Graph, state: StateTable, nodes: Iterable<number>): number {
  let ms = 0;
  for (const [, unit] of staleUnits(graph, state, nodes))
    for (const member of graph.structure.unitMembers(unit)) ms += costOf(graph, member) ?? 0;
  return ms;
}
