/** How much travels with work that is sent. */
import { Column } from "@reckon/value";
import { formulaOf } from "../recalculation/column-step.ts";
import type { Graph } from "../recalculation/graph.ts";
import { cellCount } from "../state/boxes.ts";
import type { StateTable } from "../state/state-table.ts";
import type { Errand } from "./sent-column.ts";

export const cellBytes = 8;
/** What a text weighs is not counted letter by letter. */
const textBytes = 16;

/** Of columns that several tasks read each is counted once, of results the cells. */
export function bytesOfErrands(errands: readonly Errand[]): number {
  const inputs = new Set<Column>();
  let bytes = 0;
  for (const { task } of errands) {
    for (const input of task.inputs) inputs.add(input);
    bytes += cellBytes * cellCount(task.box);
  }
  return bytes + bytesOfColumns(inputs);
}

function bytesOfColumns(columns: Iterable<Column>): number {
  let bytes = 0;
  for (const { numbers, marks, texts } of columns) {
    bytes += numbers.byteLength + (marks?.byteLength ?? 0) + (texts?.length ?? 0) * textBytes;
  }
  return bytes;
}

/** What the nodes read that is columns, each counted once. */
export function bytesOfInputs(graph: Graph, state: StateTable, nodes: Iterable<number>): number {
  const columns = new Set<Column>();
  for (const node of nodes) {
    for (const precedent of formulaOf(graph, node).precedents) {
      const value = state.valueOf(precedent.node);
      if (value instanceof Column) columns.add(value);
    }
  }
  return bytesOfColumns(columns);
}
