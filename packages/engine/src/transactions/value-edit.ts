/** Values of base inputs: several edits of one input become their net effect, and none if it ends as it began. */
import type { Column } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { copyBox } from "../overlays/override.ts";
import { changedBoxes, clearMarks, simplifyMarks } from "../recalculation/column-step.ts";
import type { Graph } from "../recalculation/graph.ts";
import { writeScalar } from "../recalculation/scalar-step.ts";
import { publishColumn, spread } from "../recalculation/settle.ts";
import { addBox } from "../state/boxes.ts";
import { type Edit, isFormulaNode } from "./edit.ts";

export type NetValue =
  | { readonly kind: "value"; readonly node: number; readonly value: unknown }
  | {
      readonly kind: "cells";
      readonly node: number;
      readonly column: Column;
      readonly changed: readonly Box[];
    };

/** What the edits change in the end. Reads only. */
export function netValues(graph: Graph, edits: readonly Edit[]): NetValue[] {
  const scalars = new Map<number, unknown>();
  const drafts = new Map<number, { readonly column: Column; readonly boxes: Box[] }>();
  const replacements = new Map<number, Column>();
  const before = (node: number): Column => replacements.get(node) ?? (graph.base.valueOf(node) as Column);
  for (const edit of edits) {
    if (edit.kind === "value") scalars.set(edit.node, edit.value);
    else if (edit.kind === "cells") {
      let draft = drafts.get(edit.node);
      if (draft === undefined) {
        draft = { column: before(edit.node).clone(), boxes: [] };
        drafts.set(edit.node, draft);
      }
      clearMarks(draft.column, edit.box);
      copyBox(draft.column, edit.box, edit.cells);
      addBox(draft.boxes, edit.box);
    } else if (edit.kind === "remove" || edit.kind === "replace") {
      scalars.delete(edit.node);
      drafts.delete(edit.node);
      if (edit.kind === "replace" && !isFormulaNode(edit.definition)) {
        replacements.set(edit.node, edit.definition.column);
      }
    }
  }
  const net: NetValue[] = [];
  for (const [node, value] of scalars) {
    if (!Object.is(graph.base.valueOf(node), value)) net.push({ kind: "value", node, value });
  }
  for (const [node, { column, boxes }] of drafts) {
    const changed = changedBoxes(before(node), column, boxes);
    if (changed !== null) net.push({ kind: "cells", node, column, changed });
  }
  return net;
}

export function applyValues(graph: Graph, values: readonly NetValue[]): void {
  const { base } = graph;
  if (values.length === 0) return;
  base.revision = graph.revision;
  base.edits.push(() => {
    for (const net of values) {
      base.verifiedAt[net.node] = graph.revision;
      if (net.kind === "cells") {
        simplifyMarks(net.column);
        publishColumn(graph, base, net.node, net.column, net.changed);
      } else if (writeScalar(graph, base, net.node, net.node, net.value)) {
        spread(graph, base, net.node, net.node, null);
      }
    }
  });
}
