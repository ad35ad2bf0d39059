import type { Column } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import type { StateTable } from "../state/state-table.ts";
import { applyPins, fillOrigins } from "./column-step.ts";
import type { Graph } from "./graph.ts";
import { settleCell, settleColumn } from "./settle.ts";

/** Origins and pins for the computed boxes of a draft, then the comparison with what is published. */
export function finishColumn(
  graph: Graph,
  state: StateTable,
  node: number,
  out: Column,
  boxes: readonly Box[],
  isShared = false,
): void {
  const pin = state.pinOf(node);
  for (const box of boxes) {
    fillOrigins(graph, node, out, box);
    applyPins(out, pin, box);
  }
  if (graph.structure.isWide(node)) settleColumn(graph, state, node, out, boxes, isShared);
  else settleCell(graph, state, node, state.slotOf(node), out.get(0));
}
