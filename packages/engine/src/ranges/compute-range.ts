/** One range node on the long way. */
import { Column, type Scalar } from "@reckon/value";
import type { Graph } from "../recalculation/graph.ts";
import type { StateTable } from "../state/state-table.ts";
import { aggregateOf, type RangeFamily, spanOf } from "./range-family.ts";

/** The value of a range node as a state sees it, an error without the node as its origin. */
export function computeRange(graph: Graph, state: StateTable, node: number): Scalar {
  const { structure } = graph;
  const { aggregate } = structure.familyOf(node) as RangeFamily;
  const precedent = structure.edges.poolNode[structure.edges.firstPrecedentOf(node)] as number;
  const value = state.valueOf(precedent);
  const span = spanOf(structure.cells, node);
  if (value instanceof Column) return aggregateOf(aggregate, value, span);
  return aggregateOf(aggregate, columnOfOne(value as Scalar, structure.shapeOf(precedent)), span);
}

/** A node of one cell, or what is shown of any before its first value. */
function columnOfOne(value: Scalar, shape: Column["shape"]): Column {
  const column = new Column(shape);
  for (let i = 0; i < column.length; i++) column.set(i, value);
  return column;
}
