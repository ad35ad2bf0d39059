/** Reading cells without handing a column out: the engine stays the only one that knows it, and edits it in place. */
import type { Column, Scalar } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { columnOf, scalarOf } from "../recalculation/column-step.ts";
import type { Graph } from "../recalculation/graph.ts";
import type { StateTable } from "../state/state-table.ts";
import { pullValue } from "./observe.ts";

/** The state's own column of a wide node, a fresh one of any other. */
export function viewColumn(graph: Graph, state: StateTable, node: number): Column {
  pullValue(graph, state, node);
  return columnOf(graph, state, node);
}

export function readCell(graph: Graph, state: StateTable, node: number, cell: number): Scalar {
  const value = pullValue(graph, state, node);
  if (!graph.structure.isWide(node)) return cell === 0 ? scalarOf(value) : null;
  const column = columnOf(graph, state, node);
  return Number.isInteger(cell) && cell >= 0 && cell < column.length ? column.get(cell) : null;
}

export function readInto(graph: Graph, state: StateTable, node: number, box: Box, out: Float64Array): void {
  const column = viewColumn(graph, state, node);
  const { marks, numbers } = column;
  const { periods } = column.shape;
  let to = 0;
  for (let member = box.outerFrom; member < box.outerTo; member++) {
    const start = member * periods;
    for (let cell = start + box.from; cell < start + box.to; cell++) {
      out[to++] = marks === null || marks[cell] === 0 ? (numbers[cell] as number) : Number.NaN;
    }
  }
}
