/**
 * A node that reads only its own past: `x[t] = f(x[t-1], …)`. The most frequent recurrence by far, so it gets runs of
 * periods in one kernel call instead of a call a period.
 *
 *   1. From the first dirty period on, compute runs of 8, 16, 32 … periods.
 *   2. After a run, compare its last `distanceMax` periods (all that the future can see) with the published column.
 *      The same, and nothing dirty ahead: done. The same, but dirt further on: jump there.
 *   3. Never computed before: there is nothing to compare with, so one run over everything.
 *
 * A saturating recurrence thus stops at most one run after it has met its old path. Cost: the computed cells.
 */
import type { Column } from "@reckon/value";
import { errorValue } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { addBox, boundingBox } from "../state/boxes.ts";
import { isSameIn } from "../state/column-change.ts";
import type { StateTable } from "../state/state-table.ts";
import type { ComponentOrder } from "../structure/component.ts";
import {
  clearMarks,
  draftColumn,
  fillError,
  fillOrigins,
  gatherInputs,
  publishedColumn,
  runKernel,
  takeBoxes,
} from "./column-step.ts";
import { notMeasured } from "./costs.ts";
import type { Graph } from "./graph.ts";
import { settleColumn } from "./settle.ts";

const firstRunPeriods = 8;

export function canStepAlone(graph: Graph, state: StateTable, order: ComponentOrder): boolean {
  const node = order.members[0] as number;
  const block = order.blocks[0];
  return (
    order.members.length === 1 &&
    order.direction === "forward" &&
    // A kernel goes through the periods member by member; across members it would read what is not there yet.
    order.isOuterSame &&
    block?.loop === null &&
    block.undeclared === null &&
    state.pinOf(node) === undefined &&
    graph.structure.isColumn(node)
  );
}

export function stepSelfRecurrence(graph: Graph, state: StateTable, order: ComponentOrder): void {
  const { structure } = graph;
  const node = order.members[0] as number;
  const slot = state.slotOf(node);
  const shape = structure.shapeOf(node);
  const dirty = takeBoxes(graph, state, node, slot);
  const before = publishedColumn(state, slot);
  const out = draftColumn(graph, shape, before, []);
  const inputs = gatherInputs(graph, state, node, out);
  const hull = dirty.reduce(boundingBox);
  const { outerFrom, outerTo } = hull;
  const computed: Box[] = [];
  const began = graph.costs?.begin(node) ?? notMeasured;
  let from = hull.from;
  let length = before === null ? shape.periods : firstRunPeriods;
  while (from < shape.periods) {
    const box = { outerFrom, outerTo, from, to: Math.min(shape.periods, from + length) };
    computeRun(graph, node, inputs, out, box);
    addBox(computed, box);
    from = box.to;
    length *= 2;
    const lagState = { ...box, from: Math.max(0, box.to - order.distanceMax) };
    if (before === null || !isSameIn(before, out, lagState)) continue;
    const ahead = dirty.filter((one) => one.to > from);
    if (ahead.length === 0) break;
    const next = Math.max(from, Math.min(...ahead.map((one) => one.from)));
    if (next > from) length = firstRunPeriods;
    from = next;
  }
  graph.costs?.end(node, began);
  graph.computedCount++;
  if (graph.trace !== null) graph.emitBoxes("started", state, node, computed);
  settleColumn(graph, state, node, out, computed);
}

function computeRun(graph: Graph, node: number, inputs: readonly Column[], out: Column, box: Box): void {
  clearMarks(out, box);
  const work = runKernel(graph, node, inputs, out, box);
  if (work instanceof Promise) {
    work.catch(() => undefined);
    fillError(
      graph,
      node,
      out,
      box,
      errorValue("#VALUE!", "an asynchronous formula cannot read its own past"),
    );
  }
  fillOrigins(graph, node, out, box);
}
