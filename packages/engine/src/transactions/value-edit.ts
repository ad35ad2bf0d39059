/**
 * Values of base inputs: several edits of one input become their net effect, and none if it ends as it began.
 *
 * Cells are compared with the present column in the edited boxes and written into it in place, so an edit of a few
 * cells of a large column costs those cells. Where boxes may overlap, each cell counts with the last edit of it.
 */
import { Column } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { copyBox } from "../overlays/override.ts";
import { clearMarks, columnOf, simplifyMarks, touchBoxes } from "../recalculation/column-step.ts";
import type { Graph } from "../recalculation/graph.ts";
import { writeScalar } from "../recalculation/scalar-step.ts";
import { settleCell, spread } from "../recalculation/settle.ts";
import { BoxSet } from "../state/box-set.ts";
import { cellCount } from "../state/boxes.ts";
import { changedPart } from "../state/column-change.ts";
import { type Edit, isInputNode } from "./edit.ts";

interface CellsPart {
  readonly box: Box;
  readonly cells: Column;
}

export type NetValue =
  | { readonly kind: "value"; readonly node: number; readonly value: unknown }
  | {
      readonly kind: "cells";
      readonly node: number;
      /** In the order of the edits. */
      readonly parts: readonly CellsPart[];
      readonly changed: BoxSet;
    };

/** Above so many cells the net effect of several edits is worked out in a copy of the column. */
const cellwiseMax = 4096;

/** What the edits change in the end. Reads only. */
export function netValues(graph: Graph, edits: readonly Edit[]): NetValue[] {
  const scalars = new Map<number, unknown>();
  const written = new Map<number, CellsPart[]>();
  const replacements = new Map<number, Column>();
  for (const edit of edits) {
    if (edit.kind === "value") scalars.set(edit.node, edit.value);
    else if (edit.kind === "cells") {
      const parts = written.get(edit.node);
      if (parts === undefined) written.set(edit.node, [edit]);
      else parts.push(edit);
    } else if (edit.kind === "remove" || edit.kind === "replace") {
      scalars.delete(edit.node);
      written.delete(edit.node);
      if (edit.kind === "replace" && isInputNode(edit.definition)) {
        replacements.set(edit.node, edit.definition.column);
      }
    }
  }
  const net: NetValue[] = [];
  for (const [node, value] of scalars) {
    if (!Object.is(graph.base.valueOf(node), value)) net.push({ kind: "value", node, value });
  }
  for (const [node, parts] of written) {
    const before = replacements.get(node) ?? columnOf(graph, graph.base, node);
    const changed = new BoxSet();
    netChange(before, parts, changed);
    if (changed.count > 0) net.push({ kind: "cells", node, parts, changed });
  }
  return net;
}

function netChange(before: Column, parts: readonly CellsPart[], changed: BoxSet): void {
  const [first] = parts as readonly [CellsPart];
  if (parts.length === 1) {
    differingCells(before, first, changed);
    return;
  }
  const cells = parts.reduce((sum, part) => sum + cellCount(part.box), 0);
  if (cells <= cellwiseMax) lastCells(before, parts, changed);
  else {
    const draft = before.clone();
    for (const part of parts) writePart(draft, part);
    for (const { box } of parts) {
      const part = changedPart(before, draft, box);
      if (part !== undefined) changed.addBox(part);
    }
  }
}

/** The hull of the cells of one part that differ. */
function differingCells(before: Column, { box, cells }: CellsPart, changed: BoxSet): void {
  const { periods } = before.shape;
  const width = box.to - box.from;
  let outerFrom = -1;
  let outerTo = 0;
  let from = width;
  let to = 0;
  for (let member = box.outerFrom; member < box.outerTo; member++) {
    const start = member * periods + box.from;
    const given = (member - box.outerFrom) * width;
    let first = 0;
    while (first < width && before.readsAlike(start + first, cells, given + first)) first++;
    if (first === width) continue;
    let last = width;
    while (before.readsAlike(start + last - 1, cells, given + last - 1)) last--;
    if (outerFrom < 0) outerFrom = member;
    outerTo = member + 1;
    from = Math.min(from, first);
    to = Math.max(to, last);
  }
  if (outerFrom >= 0) changed.add(outerFrom, outerTo, box.from + from, box.from + to);
}

/** The cells that end differently, each by the last part that writes it. */
function lastCells(before: Column, parts: readonly CellsPart[], changed: BoxSet): void {
  const { periods } = before.shape;
  const seen = new Set<number>();
  for (let i = parts.length - 1; i >= 0; i--) {
    const { box, cells } = parts[i] as CellsPart;
    let given = 0;
    for (let member = box.outerFrom; member < box.outerTo; member++) {
      for (let period = box.from; period < box.to; period++, given++) {
        const cell = member * periods + period;
        if (seen.has(cell)) continue;
        seen.add(cell);
        if (!before.readsAlike(cell, cells, given)) changed.add(member, member + 1, period, period + 1);
      }
    }
  }
}

function writePart(column: Column, part: CellsPart): void {
  clearMarks(column, part.box);
  copyBox(column, part.box, part.cells);
}

export function applyValues(graph: Graph, values: readonly NetValue[]): void {
  const { base } = graph;
  if (values.length === 0) return;
  base.revision = graph.revision;
  base.edits.push(() => {
    for (const net of values) {
      if (net.kind === "cells") writeCells(graph, net.node, net.parts, net.changed);
      else if (writeScalar(graph, base, net.node, net.node, net.value)) {
        spread(graph, base, net.node, net.node, null);
      }
    }
  });
}

function writeCells(graph: Graph, node: number, parts: readonly CellsPart[], changed: BoxSet): void {
  const { base } = graph;
  if (!graph.structure.isWide(node)) {
    settleCell(graph, base, node, node, (parts.at(-1) as CellsPart).cells.get(0));
    return;
  }
  const column = ownWritten(graph, node, parts);
  const hadMarks = column.marks !== null && parts.some(({ box }) => isAnyMarked(column, box));
  for (const part of parts) writePart(column, part);
  if (hadMarks) simplifyMarks(column);
  touchBoxes(column, changed);
  base.changedAt[node] = graph.revision;
  spread(graph, base, node, node, changed);
}

/** A column that is written as a whole needs no copy of what it held. */
function ownWritten(graph: Graph, node: number, parts: readonly CellsPart[]): Column {
  const { base } = graph;
  const held = base.columnSlot(node);
  if (held.isShared && parts.some(({ box }) => cellCount(box) === held.column?.length)) {
    base.writeColumn(node, new Column(graph.structure.shapeOf(node)), false);
  }
  return base.ownColumn(node);
}

function isAnyMarked(column: Column, box: Box): boolean {
  const marks = column.marks as Int32Array;
  const { periods } = column.shape;
  for (let member = box.outerFrom; member < box.outerTo; member++) {
    const end = member * periods + box.to;
    for (let cell = member * periods + box.from; cell < end; cell++) if (marks[cell] !== 0) return true;
  }
  return false;
}
