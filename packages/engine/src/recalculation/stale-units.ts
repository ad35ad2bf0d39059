/** What is stale at or before some nodes, each unit once, with the state that owns it. Cost: those units and their edges. */
import { flagCheck, flagDirty, type StateTable } from "../state/state-table.ts";
import type { Graph } from "./graph.ts";

export function staleUnits(
  graph: Graph,
  state: StateTable,
  nodes: Iterable<number>,
): readonly (readonly [StateTable, number])[] {
  const { structure } = graph;
  const seen = new Map<StateTable, Set<number>>();
  const found: (readonly [StateTable, number])[] = [];
  const visit = (from: StateTable, node: number): void => {
    const owner = from.ownerOf(node);
    if (((owner.flags[owner.slotOf(node)] as number) & (flagDirty | flagCheck)) === 0) return;
    const unit = structure.unitOf(node);
    let units = seen.get(owner);
    if (units === undefined) {
      units = new Set();
      seen.set(owner, units);
    }
    if (units.has(unit)) return;
    units.add(unit);
    found.push([owner, unit]);
  };
  for (const node of nodes) visit(state, node);
  for (let i = 0; i < found.length; i++) {
    const [owner, unit] = found[i] as readonly [StateTable, number];
    for (const member of structure.unitMembers(unit)) {
      for (const precedent of structure.precedentsOf(member)) visit(owner, precedent);
    }
  }
  return found;
}
