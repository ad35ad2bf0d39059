/**
 * What the steps of column formulas share: the columns that a kernel reads, the call, origins of errors, pins, and
 * which cells of a draft differ.
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
import { cellFormula } from "../cells/cell-formula.ts";
import { EngineError } from "../engine-error.ts";
import type { Box, FormulaNode } from "../formula-node.ts";
import { copyOverlap, type Pin } from "../overlays/override.ts";
import type { BoxSet } from "../state/box-set.ts";
import { cellCount, contains, wholeBox } from "../state/boxes.ts";
import { changedPart } from "../state/column-change.ts";
import { flagHasValue, flagWhole, type StateTable } from "../state/state-table.ts";
import { kindCell } from "../structure/structure.ts";
import { notMeasured } from "./costs.ts";
import type { Graph } from "./graph.ts";
import { isPromise } from "./scalar-step.ts";
import { thrownText } from "./thrown-text.ts";

export function formulaOf(graph: Graph, node: number): FormulaNode {
  const { structure } = graph;
  if (structure.kindOf(node) === kindCell) return cellFormula(structure, node);
  return structure.workOf(node) as FormulaNode;
}

/** Moves the dirty boxes of a node, which becomes clean of them, into `boxes`. Never computed: everything. */
export function takeBoxes(graph: Graph, state: StateTable, node: number, slot: number, boxes: BoxSet): void {
  boxes.clear();
  const flags = state.flags[slot] as number;
  const isAll = (flags & flagWhole) !== 0 || (flags & flagHasValue) === 0;
  if (graph.structure.isWide(node)) {
    const { dirty } = state.columnSlot(slot);
    if (isAll) dirty?.clear();
    else if (dirty !== null) boxes.take(dirty);
  }
  if (isAll) boxes.setWhole(graph.structure.shapeOf(node));
}

/** The present column of a node, or `null` before the first; of a node of one cell a column of its own. */
export function publishedColumn(graph: Graph, state: StateTable, node: number, slot: number): Column | null {
  if (((state.flags[slot] as number) & flagHasValue) === 0) return null;
  return graph.structure.isWide(node) ? state.columnSlot(slot).column : columnOf(graph, state, node);
}

/** The columns that a kernel reads in one call, lent; `out` stands for the node itself. */
export function lendInputs(graph: Graph, state: StateTable, node: number, out: Column): Column[] {
  const { precedents } = formulaOf(graph, node);
  const { lending } = graph;
  const inputs = lending.array(precedents.length);
  for (let i = 0; i < inputs.length; i++) {
    const precedent = (precedents[i] as FormulaNode["precedents"][number]).node as number;
    if (precedent === node) {
      inputs[i] = out;
      continue;
    }
    const value = state.valueOf(precedent);
    if (typeof value === "number" && Number.isFinite(value)) {
      const single = lending.single(i);
      single.numbers[0] = value;
      inputs[i] = single;
    } else inputs[i] = value instanceof Column ? value : columnOf(graph, state, precedent);
  }
  return inputs;
}

/** The columns that a kernel reads, to be kept by whoever computes it. */
export function shareInputs(graph: Graph, state: StateTable, node: number, out: Column): Column[] {
  return formulaOf(graph, node).precedents.map((precedent) =>
    precedent.node === node ? out : sharedColumn(graph, state, precedent.node),
  );
}

/**
 * The value of any node as a column, to be read at once and not kept: the state's own column of a wide node, a fresh
 * one of any other.
 */
export function columnOf(graph: Graph, state: StateTable, node: number): Column {
  const value = state.valueOf(node);
  if (value instanceof Column) return value;
  const column = new Column(graph.structure.shapeOf(node));
  const scalar = scalarOf(value);
  for (let i = 0; i < column.length; i++) column.set(i, scalar);
  return column;
}

/** The value of any node as a column that is never written again, for whoever may keep it. */
export function sharedColumn(graph: Graph, state: StateTable, node: number): Column {
  const owner = state.ownerOf(node);
  const slot = owner.slotOf(node);
  const { structure } = graph;
  if (((owner.flags[slot] as number) & flagHasValue) === 0) return columnOf(graph, owner, node);
  if (structure.isWide(node)) {
    const held = owner.columnSlot(slot);
    held.isShared = true;
    return held.column as Column;
  }
  const value = owner.valueOf(node);
  return value instanceof Column ? value : owner.singleColumn(slot, structure.shapeOf(node), scalarOf(value));
}

/** Any JavaScript value as a cell; what no cell can hold is `#VALUE!`. */
export function scalarOf(value: unknown): Scalar {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "object" && (value as ErrorValue).kind === "error") return value as ErrorValue;
  return errorValue("#VALUE!", "expected a number, a text, a boolean or a blank");
}

export function draftColumn(shape: Shape, before: Column | null, boxes: readonly Box[]): Column {
  const isAll = before === null || boxes.some((box) => contains(box, wholeBox(shape)));
  const out = isAll ? new Column(shape) : before.clone();
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

/** A computation of boxes here has ended. */
export function endColumn(
  graph: Graph,
  node: number,
  began: number,
  boxes: readonly Box[] | BoxSet | null,
): void {
  const { costs, dispatch } = graph;
  if (costs === null || began === notMeasured) return;
  const ms = costs.since(began);
  costs.add(node, ms);
  graph.figures.msHere += ms;
  if (dispatch === null) return;
  let cells = 0;
  if (boxes === null) cells = 1;
  else if ("list" in boxes) for (let i = 0; i < boxes.count; i++) cells += cellCount(boxes.at(i));
  else for (const box of boxes) cells += cellCount(box);
  dispatch.learn(node, ms, cells);
}

/** Columns up to this long are shown to listeners as they were, see `isShownBefore`. */
const shownCellsMax = 4096;

/**
 * Whether the column of a recurrence must stay as it is until it is settled: of those it is told only afterwards that
 * they started, and a listener may want to keep what a small column held.
 */
export function isShownBefore(graph: Graph, column: Column | null): boolean {
  return graph.trace !== null && column !== null && column.length <= shownCellsMax;
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
  const { structure } = graph;
  const attribute = structure.nameOf(node);
  const labelsAt =
    structure.kindOf(node) === kindCell
      ? structure.cells.labels.get(node)
      : (structure.workOf(node) as Partial<FormulaNode> | undefined)?.labelsAt;
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

/** Puts the cells of `boxes` that differ from `before`, shrunk, into `changed`; whether any do. */
export function changedBoxes(
  before: Column | null,
  out: Column,
  boxes: readonly Box[],
  changed: BoxSet,
): boolean {
  changed.clear();
  if (before === null) {
    changed.setWhole(out.shape);
    // Also of a column without cells: its first value is a change.
    return true;
  }
  for (const box of boxes) {
    const part = changedPart(before, out, box);
    if (part !== undefined) changed.addBox(part);
  }
  return changed.count > 0;
}

/** Drops the marks table of a column whose cells are all numbers again. */
export function simplifyMarks(column: Column): void {
  if (column.marks?.every((mark) => mark === 0) === true) {
    column.marks = null;
    column.texts = null;
  }
}

/** Tells the column that cells of the boxes were written. */
export function touchBoxes(column: Column, boxes: BoxSet): void {
  for (let i = 0; i < boxes.count; i++) touchBox(column, boxes.at(i));
}

export function touchBox(column: Column, box: Box): void {
  const { periods } = column.shape;
  for (let member = box.outerFrom; member < box.outerTo; member++) {
    column.touched(member * periods + box.from, member * periods + box.to);
  }
}
