/**
 * One component: a recurrence stepped through time, or a loop solved in each period.
 *
 *   periods        0      1      2      3     …
 *   block A      A[0] → A[1] → A[2] → A[3]         forward: lags only
 *   block B        ↓      ↓      ↓      ↓          blocks of one period in zero-lag order
 *
 *   1. The dirty boxes of the members give, per member and period, what must be computed for reasons outside.
 *   2. Period by period (backward where only leads occur), block by block: a member is computed if it is dirty there
 *      or a cell that it reads inside the component changed; after computing, "changed" is the comparison with the
 *      published column. Nothing dirty ahead and nothing changed within reach: the walk ends early.
 *   3. A block with a cycle is solved as a whole (loops/fixed-point.ts), or filled with `#CYCLE!` if not declared.
 *   4. Each member is settled with exactly the boxes that were computed.
 *
 * A component whose edges point both ways in time is one block and takes one step over all periods.
 *
 * Cost: the computed cells, one kernel call a member and period, and a few tests a member and period walked.
 */
import { errorValue } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { solveBlock } from "../loops/fixed-point.ts";
import { addBox, boundingBox } from "../state/boxes.ts";
import { isSameIn } from "../state/column-change.ts";
import type { StateTable } from "../state/state-table.ts";
import { type Block, type ComponentOrder, orderOf } from "../structure/component-order.ts";
import type { Component } from "../structure/structure.ts";
import {
  applyPins,
  clearMarks,
  columnOf,
  draftColumn,
  fillError,
  fillOrigins,
  formulaOf,
  publishedColumn,
  takeBoxes,
} from "./column-step.ts";
import { boxAt, type ComponentRun, computeBox, type Member } from "./component-run.ts";
import type { Graph } from "./graph.ts";
import { canStepAlone, stepSelfRecurrence } from "./self-recurrence.ts";
import { resolveFlags, settleColumn } from "./settle.ts";

export function stepComponent(graph: Graph, state: StateTable, component: Component): void {
  const order = orderOf(graph.structure, component, graph.loops.values());
  if (canStepAlone(graph, state, order)) {
    stepSelfRecurrence(graph, state, order);
    return;
  }
  const run = beginRun(graph, state, component, order);
  const { stepCount } = run;
  let ahead = run.members.reduce((sum, member) => sum + countSet(member.isDirty), 0);
  let quiet = 0;
  for (let i = 0; i < stepCount; i++) {
    const step = order.direction === "backward" ? stepCount - 1 - i : i;
    for (const member of run.members) ahead -= member.isDirty[step] as number;
    let hasChanged = false;
    for (const block of order.blocks) hasChanged = stepBlock(run, block, step) || hasChanged;
    quiet = hasChanged ? 0 : quiet + 1;
    if (ahead === 0 && quiet > order.distanceMax) break;
  }
  for (const member of run.members) settleMember(run, member);
}

function beginRun(
  graph: Graph,
  state: StateTable,
  component: Component,
  order: ComponentOrder,
): ComponentRun {
  const { structure } = graph;
  const isWhole = order.direction === "whole";
  const taken = order.members.map((node) => takeBoxes(graph, state, node, state.slotOf(node)));
  const everything = taken.flat();
  const hull = everything.length === 0 ? undefined : everything.reduce(boundingBox);
  const stepCount = isWhole ? 1 : structure.shapeOf(order.members[0] as number).periods;
  const members = order.members.map((node, i): Member => {
    const shape = structure.shapeOf(node);
    const before = publishedColumn(state, state.slotOf(node));
    const isDirty = new Uint8Array(stepCount);
    for (const box of taken[i] as Box[]) {
      if (isWhole) isDirty[0] = 1;
      else isDirty.fill(1, box.from, box.to);
    }
    const isBanded = order.isOuterSame && hull !== undefined;
    return {
      node,
      before,
      out: draftColumn(graph, shape, before, []),
      inputs: [],
      pin: state.pins.get(node),
      outerFrom: isBanded ? hull.outerFrom : 0,
      outerTo: isBanded ? hull.outerTo : shape.outer,
      isDirty,
      isComputed: new Uint8Array(stepCount),
      isChanged: new Uint8Array(stepCount),
    };
  });
  const outs = new Map(members.map((member) => [member.node, member.out]));
  for (const member of members) {
    member.inputs = formulaOf(graph, member.node).precedents.map(
      (precedent) => outs.get(precedent.node) ?? columnOf(graph, state, precedent.node),
    );
  }
  return { graph, state, component, order, members, stepCount };
}

/** Computes what one block needs in one step; whether anything differs from the published values. */
function stepBlock(run: ComponentRun, block: Block, step: number): boolean {
  let isNeeded = false;
  for (const index of block.members) isNeeded ||= needsStep(run, index, step);
  if (!isNeeded) return false;
  if (block.undeclared !== null) fillCycle(run, block, step);
  else if (block.loop !== null) solveBlock(run, block, block.loop, step);
  else {
    const member = run.members[block.members[0] as number] as Member;
    computeBox(run, member, boxAt(run, member, step));
  }
  let hasChanged = false;
  for (const index of block.members) hasChanged = compareStep(run, index, step) || hasChanged;
  return hasChanged;
}

function needsStep(run: ComponentRun, index: number, step: number): boolean {
  const member = run.members[index] as Member;
  if (member.isDirty[step] === 1) return true;
  if (run.order.direction === "whole") return false;
  for (const edge of run.order.inner[index] as ComponentOrder["inner"][number]) {
    const { isChanged } = run.members[edge.precedent] as Member;
    const to = Math.min(run.stepCount - 1, step + edge.to);
    for (let read = Math.max(0, step + edge.from); read <= to; read++) if (isChanged[read] === 1) return true;
  }
  return false;
}

function compareStep(run: ComponentRun, index: number, step: number): boolean {
  const member = run.members[index] as Member;
  member.isComputed[step] = 1;
  if (member.before !== null && isSameIn(member.before, member.out, boxAt(run, member, step))) return false;
  member.isChanged[step] = 1;
  return true;
}

function fillCycle(run: ComponentRun, block: Block, step: number): void {
  const { structure } = run.graph;
  const path = (block.undeclared ?? []).map((node) => structure.nameOf(node)).join(" → ");
  for (const index of block.members) {
    const member = run.members[index] as Member;
    const box = boxAt(run, member, step);
    clearMarks(member.out, box);
    fillError(member.out, box, errorValue("#CYCLE!", path));
    fillOrigins(run.graph, member.node, member.out, box);
    applyPins(member.out, member.pin, box);
  }
}

function settleMember(run: ComponentRun, member: Member): void {
  const { graph, state } = run;
  const boxes = computedBoxes(run, member);
  if (boxes.length === 0) {
    graph.pool.recycle(member.out);
    resolveFlags(graph, state, member.node, state.slotOf(member.node));
    return;
  }
  graph.computedCount++;
  if (graph.trace !== null) graph.emitBoxes("started", state, member.node, boxes);
  settleColumn(graph, state, member.node, member.out, boxes);
}

function computedBoxes(run: ComponentRun, member: Member): Box[] {
  if (run.order.direction === "whole") return member.isComputed[0] === 1 ? [boxAt(run, member, 0)] : [];
  const boxes: Box[] = [];
  for (let from = 0; from < run.stepCount; from++) {
    if (member.isComputed[from] === 0) continue;
    let to = from + 1;
    while (to < run.stepCount && member.isComputed[to] === 1) to++;
    addBox(boxes, { outerFrom: member.outerFrom, outerTo: member.outerTo, from, to });
    from = to;
  }
  return boxes;
}

function countSet(bits: Uint8Array): number {
  let count = 0;
  for (const bit of bits) count += bit;
  return count;
}
