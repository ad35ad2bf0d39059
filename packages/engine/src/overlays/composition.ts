/**
 * The value of an overridden input: the parent's cells with the override's parts over them, later parts winning.
 *
 * Only cells that can differ are composed again, in place: those of a part that was added, or those that changed in
 * the parent. A relation may read any cell of the parent, so a change there works its whole box out again; and where
 * composed cells meet a relation's box, that box is composed as a whole.
 *
 * Cost: the composed cells and the parts; at first the column, which is the parent's until then.
 */
import { type Column, errorValue } from "@reckon/value";
import { EngineError } from "../engine-error.ts";
import type { Box } from "../formula-node.ts";
import { clearMarks, columnOf, fillError, simplifyMarks, touchBoxes } from "../recalculation/column-step.ts";
import type { Graph } from "../recalculation/graph.ts";
import { writeScalar } from "../recalculation/scalar-step.ts";
import { hasValue, publishColumn, resolveFlags, settleCell, spread } from "../recalculation/settle.ts";
import { thrownText } from "../recalculation/thrown-text.ts";
import { BoxSet } from "../state/box-set.ts";
import { cellCount, overlap, wholeBox } from "../state/boxes.ts";
import { flagCheck, type StateTable } from "../state/state-table.ts";
import { copyOverlap, type OverridePart } from "./override.ts";

/**
 * Composes the cells of `boxes` (`null`: all) again and publishes what differs. The overlay owns the node.
 * `isInherited`: the boxes are those that changed in the parent.
 */
export function composeOverride(
  graph: Graph,
  state: StateTable,
  node: number,
  boxes: readonly Box[] | null,
  isInherited = false,
): void {
  const slot = state.slotOf(node);
  resolveFlags(graph, state, node, slot);
  state.flags[slot] = (state.flags[slot] as number) & ~flagCheck;
  const inherited = columnOf(graph, state.parent as StateTable, node);
  const parts = state.overrides.get(node)?.parts ?? [];
  if (!graph.structure.isWide(node)) composeCell(graph, state, node, inherited, parts);
  else if (!hasValue(state, slot)) composeFirst(graph, state, node, inherited, parts);
  else {
    const region = new BoxSet();
    if (boxes === null) region.setWhole(inherited.shape);
    else for (const box of boxes) region.addBox(box);
    composeRegion(graph, state, node, inherited, parts, reachRelations(region, parts, isInherited));
  }
}

function composeRegion(
  graph: Graph,
  state: StateTable,
  node: number,
  inherited: Column,
  parts: readonly OverridePart[],
  region: BoxSet,
): void {
  const slot = state.slotOf(node);
  const { saved, changed } = graph.lending;
  const out = state.ownColumn(slot);
  saved.clear();
  changed.clear();
  for (let i = 0; i < region.count; i++) saved.save(out, region.at(i));
  for (let i = 0; i < region.count; i++) {
    const box = region.at(i);
    clearMarks(out, box);
    copyOverlap(out, box, { box: wholeBox(inherited.shape), cells: inherited });
  }
  for (const part of parts) writePart(graph, node, inherited, out, part, region);
  let at = 0;
  for (let i = 0; i < region.count; i++) {
    saved.compare(out, region.at(i), at, changed);
    at += cellCount(region.at(i));
  }
  if (saved.hadMarks(0, at)) simplifyMarks(out);
  if (changed.count === 0) return;
  touchBoxes(out, changed);
  state.changedAt[slot] = graph.revision;
  spread(graph, state, node, slot, changed);
}

function writePart(
  graph: Graph,
  node: number,
  inherited: Column,
  out: Column,
  part: OverridePart,
  region: BoxSet,
): void {
  for (let i = 0; i < region.count; i++) {
    const box = overlap(region.at(i), part.box);
    if (box === null) continue;
    clearMarks(out, box);
    if (part.kind === "cells") copyOverlap(out, box, part);
    else {
      relate(graph, node, part, inherited, out);
      return;
    }
  }
}

/** The region with every relation's box that it meets; with all of them where the parent changed. */
function reachRelations(region: BoxSet, parts: readonly OverridePart[], isInherited: boolean): BoxSet {
  const boxes = parts.filter((part) => part.kind === "relation").map((part) => part.box);
  for (let isGrowing = true; isGrowing; ) {
    isGrowing = false;
    for (const box of boxes) {
      if (isCovered(region, box)) continue;
      if (!isInherited && !meets(region, box)) continue;
      region.addBox(box);
      isGrowing = true;
    }
  }
  return region;
}

function meets(region: BoxSet, box: Box): boolean {
  for (let i = 0; i < region.count; i++) if (overlap(region.at(i), box) !== null) return true;
  return false;
}

function isCovered(region: BoxSet, box: Box): boolean {
  if (cellCount(box) === 0) return true;
  for (let i = 0; i < region.count; i++) {
    const part = overlap(region.at(i), box);
    if (part !== null && cellCount(part) === cellCount(box)) return true;
  }
  return false;
}

/** A relation that throws leaves `#VALUE!` in its box, as a kernel does. */
function relate(
  graph: Graph,
  node: number,
  part: Extract<OverridePart, { kind: "relation" }>,
  inherited: Column,
  out: Column,
): void {
  clearMarks(out, part.box);
  try {
    part.relation(inherited, out, part.box);
  } catch (error) {
    if (error instanceof EngineError) graph.raise(error);
    fillError(graph, node, out, part.box, errorValue("#VALUE!", thrownText(error)));
  }
}

function composeFirst(
  graph: Graph,
  state: StateTable,
  node: number,
  inherited: Column,
  parts: readonly OverridePart[],
): void {
  const out = composed(graph, node, inherited, parts);
  const { changed } = graph.lending;
  changed.clear();
  changed.setWhole(out.shape);
  simplifyMarks(out);
  publishColumn(graph, state, node, out, changed, false);
}

/** One cell. Without parts the parent's own value, which may be one that no column can hold. */
function composeCell(
  graph: Graph,
  state: StateTable,
  node: number,
  inherited: Column,
  parts: readonly OverridePart[],
): void {
  const slot = state.slotOf(node);
  const scalar = composed(graph, node, inherited, parts).get(0);
  if (graph.structure.isColumn(node)) settleCell(graph, state, node, slot, scalar);
  else {
    const value = parts.length > 0 ? scalar : (state.parent as StateTable).valueOf(node);
    if (writeScalar(graph, state, node, slot, value)) spread(graph, state, node, slot, null);
  }
}

function composed(graph: Graph, node: number, inherited: Column, parts: readonly OverridePart[]): Column {
  const out = inherited.clone();
  const whole = new BoxSet();
  whole.setWhole(out.shape);
  for (const part of parts) writePart(graph, node, inherited, out, part, whole);
  return out;
}
