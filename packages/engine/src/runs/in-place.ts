/**
 * Computing the dirty boxes of an owned column in place.
 *
 *   column   · · · [ dirty ] · · ·        1. the old cells of the boxes are kept aside
 *                 ▼ saved                 2. the kernel writes the boxes
 *              [ old cells ]              3. errors get their origin, pins are put over
 *                                         4. written and old cells are compared: the box shrinks to what changed
 *
 * A box larger than `partCells` is taken part by part where the kernel allows it (`isCellwise`) and nothing that it
 * reads makes a part dearer than its share, so that old and new cells stay in the processor's cache.
 *
 * A kernel that answers with a promise keeps the column as its draft; the node goes on with a copy that has the old
 * cells, and is never run in place again.
 *
 * Cost: the cells of the boxes, whatever the size of the column.
 */
import { type Column, errorValue } from "@reckon/value";
import type { Box, FormulaNode } from "../formula-node.ts";
import type { Pin } from "../overlays/override.ts";
import {
  applyPins,
  clearMarks,
  endColumn,
  fillError,
  fillOrigins,
  formulaOf,
  isPinnedWhole,
  lendInputs,
  runKernel,
  shareInputs,
  simplifyMarks,
  takeBoxes,
  touchBoxes,
} from "../recalculation/column-step.ts";
import { notMeasured } from "../recalculation/costs.ts";
import { awaitColumn } from "../recalculation/departure.ts";
import type { Graph } from "../recalculation/graph.ts";
import { resolveFlags, spread } from "../recalculation/settle.ts";
import type { BoxSet } from "../state/box-set.ts";
import { cellCount } from "../state/boxes.ts";
import type { ColumnSlot } from "../state/column-slot.ts";
import type { StateTable } from "../state/state-table.ts";
import { traitAsynchronous } from "../structure/structure.ts";

/** Cells of one part: two tables of them fit into a second-level cache beside what the kernel reads. */
export const partCells = 8192;
/** A range that every part reads anew may have so many cells. */
const rereadCellsMax = 256;

/**
 * Settles the node, or leaves it in flight. False: whoever listens has asked for the column when he heard that the node
 * starts, so it may not be written any more; its boxes are in `lending.boxes`.
 */
export function computeInPlace(
  graph: Graph,
  state: StateTable,
  node: number,
  slot: number,
  held: ColumnSlot,
): boolean {
  const { boxes, changed } = graph.lending;
  takeBoxes(graph, state, node, slot, boxes);
  changed.clear();
  const column = held.column as Column;
  const pin = state.parent === null ? undefined : state.pinOf(node);
  if (pin === undefined || !areBoxesPinned(pin, boxes)) {
    graph.computedCount++;
    if (graph.trace !== null) {
      graph.emitBoxes("started", state, node, boxes);
      if (held.isShared) return false;
    }
    const began = graph.costs === null ? notMeasured : graph.costs.begin(node);
    const inputs = lendInputs(graph, state, node, column);
    if (isComputedInParts(graph, node, boxes)) computeParts(graph, node, inputs, column, pin);
    else if (!computeBoxes(graph, state, node, inputs, held, pin)) return true;
    if (began !== notMeasured) endColumn(graph, node, began, boxes);
  } else writePins(graph, column, pin);
  settleInPlace(graph, state, node, slot, column);
  return true;
}

/** Publishes what was written in place: the boxes in `lending.changed`, if any. */
function settleInPlace(graph: Graph, state: StateTable, node: number, slot: number, column: Column): void {
  const { changed } = graph.lending;
  resolveFlags(graph, state, node, slot);
  if (changed.count === 0) {
    if (graph.trace !== null) graph.emitNode("cut-off", state, node);
    return;
  }
  touchBoxes(column, changed);
  state.changedAt[slot] = graph.revision;
  spread(graph, state, node, slot, changed);
}

function areBoxesPinned(pin: Pin, boxes: BoxSet): boolean {
  for (let i = 0; i < boxes.count; i++) if (!isPinnedWhole(pin, boxes.at(i))) return false;
  return true;
}

function writePins(graph: Graph, column: Column, pin: Pin): void {
  const { boxes, changed, saved } = graph.lending;
  saved.clear();
  for (let i = 0; i < boxes.count; i++) {
    const box = boxes.at(i);
    const at = saved.save(column, box);
    applyPins(column, pin, box);
    saved.compare(column, box, at, changed);
  }
}

/** All boxes at once; false where promises were given, and the node is in flight. */
function computeBoxes(
  graph: Graph,
  state: StateTable,
  node: number,
  inputs: readonly Column[],
  held: ColumnSlot,
  pin: Pin | undefined,
): boolean {
  const { boxes, changed, saved } = graph.lending;
  const column = held.column as Column;
  saved.clear();
  let promises: Promise<void>[] | null = null;
  for (let i = 0; i < boxes.count; i++) saved.save(column, boxes.at(i));
  for (let i = 0; i < boxes.count; i++) {
    const box = boxes.at(i);
    if (column.marks !== null) clearMarks(column, box);
    const promise = runKernel(graph, node, inputs, column, box);
    if (promise === undefined) continue;
    promises ??= [];
    promises.push(promise as Promise<void>);
  }
  if (promises !== null) {
    depart(graph, state, node, held, promises);
    return false;
  }
  let at = 0;
  for (let i = 0; i < boxes.count; i++) {
    const box = boxes.at(i);
    finishBox(graph, node, column, pin, box);
    saved.compare(column, box, at, changed);
    at += cellCount(box);
  }
  if (column.marks !== null && saved.hadMarks(0, at)) simplifyWritten(column, boxes);
  return true;
}

function finishBox(graph: Graph, node: number, column: Column, pin: Pin | undefined, box: Box): void {
  if (column.marks !== null) fillOrigins(graph, node, column, box);
  if (pin !== undefined) applyPins(column, pin, box);
}

/** The kernel writes into the column for some time yet; the node keeps its old cells in a copy. */
function depart(
  graph: Graph,
  state: StateTable,
  node: number,
  held: ColumnSlot,
  promises: readonly Promise<void>[],
): void {
  const { lending, structure } = graph;
  const out = held.column as Column;
  const kept = out.clone();
  let at = 0;
  for (let i = 0; i < lending.boxes.count; i++) {
    const box = lending.boxes.at(i);
    lending.saved.restore(kept, box, at);
    at += cellCount(box);
  }
  held.column = kept;
  structure.addTrait(node, traitAsynchronous);
  const boxes = lending.boxes.list();
  shareInputs(graph, state, node, out);
  lending.abandon();
  awaitColumn(graph, state, node, { boxes, out }, promises);
}

function isComputedInParts(graph: Graph, node: number, boxes: BoxSet): boolean {
  let cells = 0;
  for (let i = 0; i < boxes.count; i++) cells += cellCount(boxes.at(i));
  return cells > partCells && isCellwise(graph, formulaOf(graph, node));
}

/** Whether boxes of the formula may be split at no extra cost. */
export function isCellwise(graph: Graph, formula: FormulaNode): boolean {
  if (formula.kernel.isCellwise !== true) return false;
  for (const { node, time } of formula.precedents) {
    if (time.kind === "gather") continue;
    if (time.kind === "window" && time.to - time.from <= rereadCellsMax) continue;
    const { outer, periods } = graph.structure.shapeOf(node);
    const read = time.kind === "range" ? outer * (time.to - time.from) : outer * periods;
    if (read > rereadCellsMax) return false;
  }
  return true;
}

function computeParts(
  graph: Graph,
  node: number,
  inputs: readonly Column[],
  column: Column,
  pin: Pin | undefined,
): void {
  const { boxes, part, changed, saved } = graph.lending;
  for (let i = 0; i < boxes.count; i++) {
    const { outerFrom, outerTo, from, to } = boxes.at(i);
    const members = Math.max(1, Math.floor(partCells / (to - from)));
    for (let member = outerFrom; member < outerTo; member += members) {
      for (let period = from; period < to; period += partCells) {
        part.clear();
        part.add(member, Math.min(outerTo, member + members), period, Math.min(to, period + partCells));
        saved.clear();
        saved.save(column, part);
        if (column.marks !== null) clearMarks(column, part);
        const promise = runKernel(graph, node, inputs, column, part);
        if (promise !== undefined) refusePromise(graph, node, column, part, promise, notCellwise);
        finishBox(graph, node, column, pin, part);
        saved.compare(column, part, 0, changed);
      }
    }
  }
  if (column.marks !== null) simplifyWritten(column, boxes);
}

export const notCellwise = "a kernel that is taken in parts cannot be asynchronous";

/** A promise where none may be: the box shows an error. */
export function refusePromise(
  graph: Graph,
  node: number,
  column: Column,
  box: Box,
  promise: void | Promise<void>,
  detail: string,
): void {
  (promise as Promise<void>).catch(() => undefined);
  fillError(graph, node, column, box, errorValue("#VALUE!", detail));
}

/** Drops the marks table if the written cells were the last that needed it. */
function simplifyWritten(column: Column, boxes: BoxSet): void {
  const marks = column.marks as Int32Array;
  const { periods } = column.shape;
  for (let i = 0; i < boxes.count; i++) {
    const box = boxes.at(i);
    for (let member = box.outerFrom; member < box.outerTo; member++) {
      const end = member * periods + box.to;
      for (let cell = member * periods + box.from; cell < end; cell++) if (marks[cell] !== 0) return;
    }
  }
  simplifyMarks(column);
}
