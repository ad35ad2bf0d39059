/** How often the members of loops were computed. */
import type { NodeId, State } from "@reckon/engine";

/** Per member how often each period was computed, on average, when its loop was solved last. */
export function sweepsOf(state: State): ReadonlyMap<NodeId, number> {
  const counts = new Map<NodeId, { periods: number; iterations: number }>();
  for (const { nodes, iterations } of state.loopRecords())
    for (const node of nodes) {
      const known = counts.get(node) ?? { periods: 0, iterations: 0 };
      counts.set(node, { periods: known.periods + 1, iterations: known.iterations + iterations });
    }
  return new Map([...counts].map(([node, { periods, iterations }]) => [node, iterations / periods]));
}
