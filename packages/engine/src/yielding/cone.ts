/** Cones: a node with everything before it. Cost: the cone and its edges, with a stack of its own. */
import type { Graph } from "../recalculation/graph.ts";

/** Marks the units of the given nodes and all before them, whole components, with 1. */
export function coneOf(graph: Graph, nodes: Iterable<number>): Uint8Array {
  const { structure } = graph;
  const inCone = new Uint8Array(structure.rows);
  const stack: number[] = [];
  const visit = (node: number): void => {
    if (inCone[node] === 1 || !structure.isLive(node)) return;
    for (const member of structure.unitMembers(node)) {
      inCone[member] = 1;
      stack.push(member);
    }
  };
  for (const node of nodes) visit(node);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const precedent of structure.precedentsOf(node)) visit(precedent);
  }
  return inCone;
}

/** The unit of the node and all units before it whose level is at least `levelMin`. */
export function unitsBefore(graph: Graph, node: number, levelMin: number): Set<number> {
  const { structure } = graph;
  const units = new Set<number>();
  const stack: number[] = [];
  const visit = (next: number): void => {
    const unit = structure.unitOf(next);
    if (units.has(unit) || structure.levelOf(unit) < levelMin) return;
    units.add(unit);
    stack.push(unit);
  };
  visit(node);
  for (let unit = stack.pop(); unit !== undefined; unit = stack.pop()) {
    for (const member of structure.unitMembers(unit)) {
      for (const precedent of structure.precedentsOf(member)) visit(precedent);
    }
  }
  return units;
}
