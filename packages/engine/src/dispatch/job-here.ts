/**
 * Jobs that this thread does itself.
 *
 * The cost of a kernel that nobody has seen yet is found from its first cells: a large box is begun in slices, each four
 * times the one before, until what is left is known to be little or a millisecond has gone by. Then the estimate stands, and
 * what is left of the job is work like any other. Cost: a kernel call a slice, once a node.
 */
import type { Column } from "@reckon/value";
import type { Box, Kernel } from "../formula-node.ts";
import { lendInputs, runKernel } from "../recalculation/column-step.ts";
import type { Costs } from "../recalculation/costs.ts";
import { computeDraft, storeResult } from "../recalculation/departure.ts";
import { finishColumn } from "../recalculation/finish-column.ts";
import type { Graph } from "../recalculation/graph.ts";
import { notCellwise, refusePromise } from "../runs/in-place.ts";
import { cellCount } from "../state/boxes.ts";
import { flagInFlight } from "../state/state-table.ts";
import { beginBox } from "./cut-boxes.ts";
import { askMs } from "./decision.ts";
import type { Estimates } from "./estimates.ts";
import type { Job } from "./sent-column.ts";

/** After so long an estimate stands. */
const standsMs = 1;
const sliceGrowth = 4;

/**
 * Computes the first cell of a job, and settles the node if the others take no time that matters. False: that cell is
 * computed, the others are the job's `rest`. `spentMs` is what it took.
 */
export function doneAsLight(graph: Graph, costs: Costs, job: Job): boolean {
  const { state, node, boxes, out } = job;
  const cells = countCells(boxes);
  const [next, ...others] = boxes as [Box, ...Box[]];
  const { first, rest } = beginBox(next, 1);
  const inputs = lendInputs(graph, state, node, out);
  const began = costs.now();
  computeBox(graph, node, inputs, out, first);
  const firstMs = costs.since(began);
  const isLight = firstMs * (cells - 1) < askMs;
  if (isLight) {
    for (const box of rest) computeBox(graph, node, inputs, out, box);
    for (const box of others) computeBox(graph, node, inputs, out, box);
  } else job.rest = [...rest, ...others];
  const ms = isLight ? costs.since(began) : firstMs;
  job.spentMs = ms;
  graph.figures.msHere += ms;
  graph.dispatch?.learn(node, ms, isLight ? cells : 1);
  if (!isLight) return false;
  costs.add(node, ms);
  finishColumn(graph, state, node, out, boxes);
  return true;
}

/** Goes on with a job whose first cell was dear; what is not computed afterwards is its `rest`, with its estimate. */
export function beginInSlices(graph: Graph, costs: Costs, job: Job): void {
  const { node } = job;
  const from = costs.now();
  let rest = [...job.rest];
  let cells = sliceGrowth;
  let done = 0;
  const firstMs = job.spentMs;
  let before = firstMs;
  while (rest.length > 0) {
    const [next, ...others] = rest as [Box, ...Box[]];
    const { first, rest: left } = beginBox(next, cells);
    const began = costs.now();
    computeBoxes(graph, job, [first]);
    const perCell = costs.since(began) / cellCount(first);
    done += cellCount(first);
    rest = [...left, ...others];
    cells *= sliceGrowth;
    // Of two slices the cheaper: the first call is dear, and any may be interrupted.
    job.ms = Math.min(perCell, before) * countCells(rest);
    const stands = costs.since(from) + firstMs >= standsMs;
    before = perCell;
    if (job.ms < askMs || stands) break;
  }
  job.rest = rest;
  const ms = costs.since(from);
  graph.figures.msHere += ms;
  graph.dispatch?.learn(node, ms, done);
  job.spentMs += ms;
}

/** Computes what is left of a job, and settles the node. */
export function finishHere(graph: Graph, costs: Costs, job: Job): void {
  const { state, node, boxes, out, rest } = job;
  const began = costs.now();
  if (rest === boxes) computeDraft(graph, state, node, job);
  else {
    computeBoxes(graph, job, rest);
    const ms = costs.since(began);
    graph.figures.msHere += ms;
    costs.add(node, job.spentMs + ms);
    const cells = countCells(rest);
    if (cells > 0) graph.dispatch?.learn(node, ms, cells);
    finishColumn(graph, state, node, out, boxes);
  }
  if (((state.flags[state.slotOf(node)] as number) & flagInFlight) !== 0) return;
  const { key } = job;
  if (key !== null) storeResult(graph, key, out.clone(), job.spentMs + costs.since(began));
}

function computeBoxes(graph: Graph, { state, node, out }: Job, boxes: readonly Box[]): void {
  const inputs = lendInputs(graph, state, node, out);
  for (const box of boxes) computeBox(graph, node, inputs, out, box);
}

function computeBox(graph: Graph, node: number, inputs: readonly Column[], out: Column, box: Box): void {
  const promise = runKernel(graph, node, inputs, out, box);
  if (promise !== undefined) refusePromise(graph, node, out, box, promise, notCellwise);
}

export function countCells(boxes: readonly Box[]): number {
  let cells = 0;
  for (const box of boxes) cells += cellCount(box);
  return cells;
}

/** Whether a box of which nothing is known is begun in slices. */
export function isSliceable(kernel: Kernel, cells: number, { sliceableCells }: Estimates): boolean {
  return cells >= sliceableCells && kernel.isCellwise === true;
}
