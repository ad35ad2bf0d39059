/**
 * One column formula outside any component: compute its dirty boxes into a draft.
 *
 *   1. Draft: the published column's cells (or zeros), the dirty cells' marks cleared.
 *   2. The kernel fills the dirty boxes.
 *   3. Errors without an origin get this node as theirs.
 *   4. `settleColumn` compares draft and published column; equal: the draft is recycled, nothing changed.
 *
 * A published column is never written again, so whoever holds one keeps what he saw.
 */
import {
  Column,
  type ErrorOrigin,
  type ErrorValue,
  errorValue,
  markFirstError,
  type Scalar,
  type Shape,
  withOrigin,
} from "@reckon/value";
import { EngineError } from "../engine-error.ts";
import type { Box, FormulaNode } from "../formula-node.ts";
import { copyOverlap, type Pin } from "../overlays/override.ts";
import { addBox, contains, wholeBox } from "../state/boxes.ts";
import { changedPart } from "../state/column-change.ts";
import { flagHasValue, flagWhole, type StateTable } from "../state/state-table.ts";
import type { Graph } from "./graph.ts";
import { isPromise } from "./scalar-step.ts";
import { thrownText } from "./thrown-text.ts";

export function formulaOf(graph: Graph, node: number): FormulaNode {
  return graph.structure.works[node] as FormulaNode;
}

/** The dirty boxes of a node, which becomes clean of them. Never computed: everything. */
export function takeBoxes(graph: Graph, state: StateTable, node: number, slot: number): Box[] {
  const flags = state.flags[slot] as number;
  const boxes = state.boxes.get(node);
  state.boxes.delete(node);
  if ((flags & flagWhole) !== 0 || (flags & flagHasValue) === 0)
    return [wholeBox(graph.structure.shapeOf(node))];
  return boxes ?? [];
}

export function publishedColumn(state: StateTable, slot: number): Column | null {
  return ((state.flags[slot] as number) & flagHasValue) === 0 ? null : (state.others[slot] as Column);
}

/** The columns that the kernel reads; `out` stands for the node itself. */
export function gatherInputs(graph: Graph, state: StateTable, node: number, out: Column): Column[] {
  const { precedents } = formulaOf(graph, node);
  return precedents.map((precedent) =>
    precedent.node === node ? out : columnOf(graph, state, precedent.node),
  );
}

/** The value of any node as a column. Shared and immutable for column nodes, fresh for scalar ones. */
export function columnOf(graph: Graph, state: StateTable, node: number): Column {
  const value = state.valueOf(node);
  if (value instanceof Column) return value;
  const column = new Column(graph.structure.shapeOf(node));
  const scalar = scalarOf(value);
  for (let i = 0; i < column.length; i++) column.set(i, scalar);
  return column;
}

/** Any JavaScript value as a cell; what no cell can hold is `#VALUE!`. */
function scalarOf(value: unknown): Scalar {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "object" && (value as ErrorValue).kind === "error") return value as ErrorValue;
  return errorValue("#VALUE!", "expected a number, a text, a boolean or a blank");
}

export function draftColumn(
  graph: Graph,
  shape: Shape,
  before: Column | null,
  boxes: readonly Box[],
): Column {
  const isAll = boxes.some((box) => contains(box, wholeBox(shape)));
  const out = graph.pool.draft(shape, isAll ? null : before);
  if (out.marks !== null) for (const box of boxes) clearMarks(out, box);
  return out;
}

/** Turns the box's cells into plain zeros, so that a kernel may write `numbers` straight. */
export function clearMarks(column: Column, box: Box): void {
  const { marks, numbers } = column;
  if (marks === null) return;
  const { periods } = column.shape;
  for (let member = box.outerFrom; member < box.outerTo; member++) {
    const start = member * periods;
    marks.fill(0, start + box.from, start + box.to);
    numbers.fill(0, start + box.from, start + box.to);
  }
}

/** Fills `box` of `out`; a kernel that throws leaves `#VALUE!` in the whole box. A promise is the caller's. */
export function runKernel(
  graph: Graph,
  node: number,
  inputs: readonly Column[],
  out: Column,
  box: Box,
): void | Promise<void> {
  try {
    const work: unknown = formulaOf(graph, node).kernel.compute(inputs, out, box);
    // Another realm's promise is none of ours; resolving takes it in.
    return isPromise(work) ? Promise.resolve(work as Promise<void>) : undefined;
  } catch (error) {
    if (error instanceof EngineError) graph.raise(error);
    fillError(graph, node, out, box, errorValue("#VALUE!", thrownText(error)));
  }
}

/** Fills the box with an error of this node. */
export function fillError(graph: Graph, node: number, out: Column, box: Box, error: ErrorValue): void {
  const { periods } = out.shape;
  for (let member = box.outerFrom; member < box.outerTo; member++) {
    for (let period = box.from; period < box.to; period++) {
      out.set(member * periods + period, withOrigin(error, originOf(graph, node, member, period)));
    }
  }
}

function originOf(graph: Graph, node: number, member: number, period: number): ErrorOrigin {
  // An input has no labels; what an overlay's relation threw begins in one.
  const { labelsAt } = (graph.structure.works[node] ?? {}) as Partial<FormulaNode>;
  const attribute = graph.structure.nameOf(node);
  if (labelsAt === undefined) return { attribute, at: [] };
  try {
    return { attribute, at: labelsAt(member, period) };
  } catch (error) {
    graph.raise(error);
    return { attribute, at: [] };
  }
}

/** Gives errors in the box that have no origin yet this node and cell as theirs. */
export function fillOrigins(graph: Graph, node: number, out: Column, box: Box): void {
  const { marks } = out;
  if (marks === null || formulaOf(graph, node).isTransparent === true) return;
  const { periods } = out.shape;
  for (let member = box.outerFrom; member < box.outerTo; member++) {
    for (let period = box.from; period < box.to; period++) {
      const cell = member * periods + period;
      if ((marks[cell] as number) < markFirstError) continue;
      const error = out.get(cell) as ErrorValue;
      if (error.origin !== undefined) continue;
      out.set(cell, withOrigin(error, originOf(graph, node, member, period)));
    }
  }
}

/** Overwrites the pinned cells of `box`. */
export function applyPins(out: Column, pin: Pin | undefined, box: Box): void {
  if (pin === undefined) return;
  for (const part of pin.parts) {
    clearMarks(out, {
      outerFrom: Math.max(box.outerFrom, part.box.outerFrom),
      outerTo: Math.min(box.outerTo, part.box.outerTo),
      from: Math.max(box.from, part.box.from),
      to: Math.min(box.to, part.box.to),
    });
    copyOverlap(out, box, part);
  }
}

export function isPinnedWhole(pin: Pin | undefined, box: Box): boolean {
  return pin?.parts.some((part) => contains(part.box, box)) ?? false;
}

/** The cells of `boxes` that differ from `before`, shrunk; `null` when none do. */
export function changedBoxes(
  before: Column | null,
  out: Column,
  boxes: readonly Box[],
): readonly Box[] | null {
  if (before === null) return [wholeBox(out.shape)];
  const changed: Box[] = [];
  for (const box of boxes) {
    const part = changedPart(before, out, box);
    if (part !== undefined) addBox(changed, part);
  }
  return changed.length === 0 ? null : changed;
}

/** Drops the marks table of a column whose cells are all numbers again. */
export function simplifyMarks(column: Column): void {
  if (column.marks?.every((mark) => mark === 0) === true) {
    column.marks = null;
    column.texts = null;
  }
}
