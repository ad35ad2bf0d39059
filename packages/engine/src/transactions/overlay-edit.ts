/** Overrides and pins: each is noted at once; its effect is worked out when the overlay's turn comes. */

import type { Box, FormulaNode } from "../formula-node.ts";
import { joinedSteps } from "../integration/joined-stocks.ts";
import { composeOverride } from "../overlays/composition.ts";
import type { OverridePart } from "../overlays/override.ts";
import { ownReach } from "../overlays/ownership.ts";
import type { Graph } from "../recalculation/graph.ts";
import { markCells } from "../recalculation/marking.ts";
import { addBox, contains, wholeBox } from "../state/boxes.ts";
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
  /** Per node the boxes to compose again; `null`: all. */
  const composed = new Map<number, Box[] | null>();
  for (const edit of edits) {
    const { node } = edit;
    if (!graph.structure.isLive(node) || !isFitting(graph, edit)) continue;
    switch (edit.kind) {
      case "override": {
        ownReach(graph, state, node);
        addPart(state, node, edit.part);
        const boxes = composed.get(node);
        if (boxes === undefined) composed.set(node, [edit.part.box]);
        else if (boxes !== null) addBox(boxes, edit.part.box);
        break;
      }
      case "clear-override":
        if (state.overrides.delete(node)) {
          composed.set(node, null);
          state.isShrinking = true;
        }
        break;
      case "pin": {
        ownReach(graph, state, node);
        const parts = uncovered(state.pins.get(node)?.parts ?? [], edit.box);
        state.pins.set(node, { parts: [...parts, { box: edit.box, cells: edit.cells }] });
        markPinned(graph, state, node, edit.box);
        break;
      }
      case "unpin": {
        const pin = state.pins.get(node);
        if (pin === undefined) break;
        for (const part of pin.parts) markPinned(graph, state, node, part.box);
        state.pins.delete(node);
        state.isShrinking = true;
        break;
      }
      default:
        edit satisfies never;
    }
  }
  for (const [node, boxes] of composed) composeOverride(graph, state, node, boxes);
}

function addPart(state: StateTable, node: number, part: OverridePart): void {
  const parts = uncovered(state.overrides.get(node)?.parts ?? [], part.box);
  state.overrides.set(node, { parts: [...parts, part] });
}

/** Parts that a later one covers say nothing any more. */
function uncovered<T extends { readonly box: Box }>(parts: readonly T[], box: Box): T[] {
  return parts.filter((part) => !contains(box, part.box));
}

/**
 * Marks the cells in the overlay and in those over it: they inherit its pins. Of a stock also those a period later: whether
 * it stands still before them depends on both, and may be another answer where the value is not.
 */
function markPinned(graph: Graph, state: StateTable, node: number, pinned: Box): void {
  const { structure } = graph;
  const box =
    structure.isColumn(node) && joinedSteps(structure.workOf(node) as FormulaNode) > 0
      ? { ...pinned, to: Math.min(pinned.to + 1, structure.shapeOf(node).periods) }
      : pinned;
  const stack = [state];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    stack.push(...next.children);
    if (next.slotOf(node) < 0) continue;
    markCells(graph, next, node, box);
    next.seeds.push(node);
  }
}

/** An override or pin that was made before its node was replaced by another kind or shape went with the old one. */
function isFitting(graph: Graph, edit: OverlayEdit): boolean {
  const { structure } = graph;
  if (edit.kind === "clear-override" || edit.kind === "unpin") return true;
  const box = edit.kind === "pin" ? edit.box : edit.part.box;
  return (
    structure.isFormula(edit.node) === (edit.kind === "pin") &&
    contains(wholeBox(structure.shapeOf(edit.node)), box)
  );
}
