/** How often the members of loops were computed. */
import type { NodeId, State } from "@reckon/engine";

/** Per member how often each period was computed, on average, when its loop was solved last. */
export function sweepsOf(state: State): ReadonlyMap<NodeId, number> {
  const counts = new Map<NodeId, { solves: number; sweeps: number }>();
  for (const { nodes, sweeps } of state.loopRecords())
    for (const node of nodes) {
      const known = counts.get(node) ?? { solves: 0, sweeps: 0 };
      counts.set(node, { solves: known.solves + 1, sweeps: known.sweeps + sweeps });
    }
  return new Map([...counts].map(([node, { solves, sweeps }]) => [node, sweeps / solves]));
}
