/** The work of one column formula outside any component: its dirty boxes, a draft, and the columns it reads. */
import type { Column } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import type { StateTable } from "../state/state-table.ts";
import {
  applyPins,
  draftColumn,
  fillOrigins,
  gatherInputs,
  isPinnedWhole,
  publishedColumn,
  takeBoxes,
} from "./column-step.ts";
import type { Graph } from "./graph.ts";
import { settleColumn } from "./settle.ts";

export interface ColumnWork {
  readonly boxes: readonly Box[];
  readonly out: Column;
  readonly inputs: readonly Column[];
}

/** What must be computed; `null` when pins cover all of it and the node has been settled already. */
export function columnStep(graph: Graph, state: StateTable, node: number): ColumnWork | null {
  const slot = state.slotOf(node);
  const taken = takeBoxes(graph, state, node, slot);
  const out = draftColumn(graph, graph.structure.shapeOf(node), publishedColumn(state, slot), taken);
  const pin = state.pinOf(node);
  const boxes = pin === undefined ? taken : taken.filter((box) => !isPinnedWhole(pin, box));
  if (boxes.length > 0) return { boxes: taken, out, inputs: gatherInputs(graph, state, node, out) };
  finishColumn(graph, state, node, out, taken);
  return null;
}

/** Origins and pins for the computed boxes, then the comparison with what is published. */
export function finishColumn(
  graph: Graph,
  state: StateTable,
  node: number,
  out: Column,
  boxes: readonly Box[],
): void {
  const pin = state.pinOf(node);
  for (const box of boxes) {
    fillOrigins(graph, node, out, box);
    applyPins(out, pin, box);
  }
  settleColumn(graph, state, node, out, boxes);
}
