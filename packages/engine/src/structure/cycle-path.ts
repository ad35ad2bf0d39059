/**
 * Cycles as people read them: attribute by attribute, with the labels of the cells where a cycle runs through some only.
 *
 *   debt.x[Ent] → debt.y[Ent] → debt.x[Ent]            within each period
 *   plan.a[SMB, 2026-01] → plan.b[SMB, 2026-02] → …    through several periods
 *
 * Labels are those of the nodes (`labelsAt`); a node without them is named alone.
 */
import type { FormulaNode } from "../formula-node.ts";
import type { CellGraph } from "./cell-graph.ts";
import { kindCell, type Structure } from "./structure.ts";

/** `cells` are cells of the graph, in the order of the path. */
export function pathText(
  structure: Structure,
  members: readonly number[],
  graph: CellGraph,
  cells: readonly number[],
): string {
  const places = cells.map((cell) => {
    const member = graph.memberOf[cell] as number;
    const { periods } = structure.shapeOf(members[member] as number);
    const at = cell - (graph.firstCell[member] as number);
    return { node: members[member] as number, outer: Math.floor(at / periods), period: at % periods };
  });
  const isOnePeriod = places.every(({ period }) => period === places[0]?.period);
  return places
    .map(({ node, outer, period }) => {
      const labels = graph.isByPeriods ? [] : labelsOf(structure, node, outer, period);
      const shown = isOnePeriod && structure.shapeOf(node).periods > 1 ? labels.slice(0, -1) : labels;
      const name = structure.nameOf(node);
      return shown.length === 0 ? name : `${name}[${shown.join(", ")}]`;
    })
    .join(" → ");
}

function labelsOf(structure: Structure, node: number, outer: number, period: number): readonly string[] {
  const labelsAt =
    structure.kindOf(node) === kindCell
      ? structure.cells.labels.get(node)
      : (structure.workOf(node) as Partial<FormulaNode>).labelsAt;
  if (labelsAt === undefined) return [];
  try {
    return labelsAt(outer, period);
  } catch {
    // What it throws is told where it gives the origin of the errors that follow.
    return [];
  }
}
