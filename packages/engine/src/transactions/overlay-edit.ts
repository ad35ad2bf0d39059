/** Overrides and pins: each is noted at once; its effect is worked out when the overlay's turn comes. */
import { composeOverride } from "../overlays/composition.ts";
import { ownReach } from "../overlays/ownership.ts";
import type { Graph } from "../recalculation/graph.ts";
import { markCells } from "../recalculation/marking.ts";
import type { StateTable } from "../state/state-table.ts";
import type { Edit, OverlayEdit } from "./edit.ts";

export function applyOverlayEdits(graph: Graph, edits: readonly Edit[]): void {
  const byState = new Map<StateTable, OverlayEdit[]>();
  for (const edit of edits) {
    if (!("state" in edit) || edit.state.isClosed) continue;
    const own = byState.get(edit.state);
    if (own === undefined) byState.set(edit.state, [edit]);
    else own.push(edit);
  }
  for (const [state, own] of byState) {
    state.revision = graph.revision;
    state.edits.push(() => editOverlay(graph, state, own));
  }
}

function editOverlay(graph: Graph, state: StateTable, edits: readonly OverlayEdit[]): void {
  const composed = new Set<number>();
  for (const edit of edits) {
    const { node } = edit;
    if (!graph.structure.isLive(node)) continue;
    switch (edit.kind) {
      case "override": {
        ownReach(graph, state, node);
        const parts = state.overrides.get(node)?.parts;
        if (parts === undefined) state.overrides.set(node, { parts: [edit.part] });
        else parts.push(edit.part);
        composed.add(node);
        break;
      }
      case "clear-override":
        if (state.overrides.delete(node)) {
          composed.add(node);
          state.isShrinking = true;
        }
        break;
      case "pin": {
        ownReach(graph, state, node);
        const part = { box: edit.box, cells: edit.cells };
        const pin = state.pins.get(node);
        if (pin === undefined) state.pins.set(node, { parts: [part] });
        else pin.parts.push(part);
        markCells(graph, state, node, edit.box);
        state.seeds.push(node);
        break;
      }
      case "unpin": {
        const pin = state.pins.get(node);
        if (pin === undefined) break;
        for (const part of pin.parts) markCells(graph, state, node, part.box);
        state.pins.delete(node);
        state.seeds.push(node);
        state.isShrinking = true;
        break;
      }
      default:
        edit satisfies never;
    }
  }
  for (const node of composed) composeOverride(graph, state, node);
}
