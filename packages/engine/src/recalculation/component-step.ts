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
 * A component whose periods have no common order, or whose loops are loops of some members only, goes cell by cell
 * (cell-walk.ts); with too many cells for that it takes one step over all periods.
 *
 * Cost: the computed cells, one kernel call a member and period, and a few tests a member and period walked.
 */
import { Column, type Shape } from "@reckon/value";
import type { Box, NodeId } from "../formula-node.ts";
import { Integration } from "../integration/integration.ts";
import { solveBlock } from "../loops/fixed-point.ts";
import { solveCells } from "../loops/fused-cells.ts";
import { runFused } from "../loops/fused-run.ts";
import { BoxSet } from "../state/box-set.ts";
import { addBox } from "../state/boxes.ts";
import { SavedCells } from "../state/saved-cells.ts";
import type { StateTable } from "../state/state-table.ts";
import type { Block, Component, ComponentOrder } from "../structure/component.ts";
import { orderOf } from "../structure/component-order.ts";
import { readsSet } from "../structure/time-reach.ts";
import { Calls, Suspension } from "./calls.ts";
import { markCells, walkCells } from "./cell-walk.ts";
import { formulaOf, isShownBefore, publishedColumn, simplifyMarks, takeBoxes } from "./column-step.ts";
import { boxAt, type ComponentRun, computeBox, fillCycle, type Member } from "./component-run.ts";
import { notMeasured } from "./costs.ts";
import type { Graph } from "./graph.ts";
import { canStepAlone, stepSelfRecurrence } from "./self-recurrence.ts";
import { publishColumn, resolveFlags, settleCell } from "./settle.ts";
import { hasAsynchronous, outsideColumn, suspend, takeAnswers, takeTouched } from "./suspension.ts";

export function stepComponent(graph: Graph, state: StateTable, component: Component): void {
  const order = orderOf(graph.structure, component, graph.loops);
  if (graph.trace !== null) emitStarted(graph, state, order);
  let run: ComponentRun | undefined;
  const isDone = canStepAlone(graph, state, order)
    ? stepSelfRecurrence(graph, state, order)
    : solveCells(graph, state, order);
  if (!isDone) run = walk(graph, state, component, order);
  if (graph.trace !== null) emitFinished(graph, state, order, run);
}

function walk(graph: Graph, state: StateTable, component: Component, order: ComponentOrder): ComponentRun {
  const dirty: (readonly Box[])[] = [];
  const run = beginRun(graph, state, component, order, dirty);
  const integration = order.stocks === null ? null : new Integration(run, order.stocks);
  let isWalkedAgain = false;
  try {
    const computed = order.cellOrder === null ? null : walkCells(run, order.cellOrder);
    if (computed === null && !runFused(run)) walkSteps(run);
    for (const [i, member] of run.members.entries()) settleMember(run, member, computed?.[i]);
  } catch (error) {
    if (!(error instanceof Suspension)) throw error;
    isWalkedAgain = !suspend(run, dirty);
  } finally {
    integration?.release();
    returnBits(run);
  }
  return isWalkedAgain ? walk(graph, state, component, order) : run;
}

function emitStarted(graph: Graph, state: StateTable, order: ComponentOrder): void {
  const loop = [...order.blocks, ...(order.cellOrder?.steps ?? [])].find((one) => one.loop !== null)?.loop
    ?.name;
  const nodes = order.members as readonly NodeId[];
  graph.emit({
    kind: "component-started",
    state: state.id,
    nodes,
    ...(loop === undefined ? {} : { loop }),
  });
}

function emitFinished(
  graph: Graph,
  state: StateTable,
  order: ComponentOrder,
  run: ComponentRun | undefined,
): void {
  const ms = run === undefined || run.clock === null ? undefined : run.members.map(({ costMs }) => costMs);
  const nodes = order.members as readonly NodeId[];
  graph.emit({ kind: "component-finished", state: state.id, nodes, ...(ms === undefined ? {} : { ms }) });
}

/** From the first dirty step on; steps before it cannot change. */
function walkSteps(run: ComponentRun): void {
  const { stepCount, order, dirtyFrom, dirtyTo } = run;
  const isBackward = order.direction === "backward";
  let quiet = 0;
  let step = isBackward ? dirtyTo - 1 : dirtyFrom;
  while (dirtyFrom < dirtyTo && step >= 0 && step < stepCount) {
    let hasChanged = false;
    const blocks = step === 0 && order.first !== null ? order.first : order.blocks;
    for (const block of blocks) hasChanged = stepBlock(run, block, step) || hasChanged;
    quiet = hasChanged ? 0 : quiet + 1;
    const isDirtAhead = isBackward ? step > dirtyFrom : step < dirtyTo - 1;
    if (!isDirtAhead && quiet > order.distanceMax) break;
    step += isBackward ? -1 : 1;
  }
  run.walkedFrom = isBackward ? Math.max(0, step) : dirtyFrom;
  run.walkedTo = isBackward ? dirtyTo : Math.min(stepCount, step + 1);
}

/** Leaves the borrowed tables as they were, clearing no more than was walked. */
function returnBits(run: ComponentRun): void {
  const { walkedFrom, walkedTo, dirtyFrom, dirtyTo } = run;
  for (const { isDirty, isComputed, isChanged } of run.members) {
    isDirty.fill(0, Math.min(walkedFrom, dirtyFrom), Math.max(walkedTo, dirtyTo));
    isComputed.fill(0, walkedFrom, walkedTo);
    isChanged.fill(0, walkedFrom, walkedTo);
  }
}

function beginRun(
  graph: Graph,
  state: StateTable,
  component: Component,
  order: ComponentOrder,
  taken: (readonly Box[])[],
): ComponentRun {
  const { structure } = graph;
  const isAside = hasAsynchronous(graph, order.members);
  const isWhole = order.direction === "whole";
  const hull = new BoxSet();
  const dirtyBoxes = order.members.map((node) => {
    const boxes = new BoxSet();
    takeBoxes(graph, state, node, state.slotOf(node), boxes);
    hull.addAll(boxes);
    taken.push(boxes.list());
    return boxes;
  });
  const isByCells = order.cellOrder !== null && !order.cellOrder.graph.isByPeriods;
  const stepCounts = order.members.map((node) => stepsOf(structure.shapeOf(node), isWhole, isByCells));
  const members = order.members.map((node, i): Member => {
    const shape = structure.shapeOf(node);
    const stepCount = stepCounts[i] as number;
    const slot = state.slotOf(node);
    const before = publishedColumn(graph, state, node, slot);
    const isKept = isAside || isShownBefore(graph, before);
    const isOwned = structure.isWide(node) && !state.columnSlot(slot).isShared && !isKept;
    const isDirty = graph.lending.bits(3 * i, stepCount);
    const dirty = dirtyBoxes[i] as BoxSet;
    for (let at = 0; at < dirty.count; at++) {
      if (isWhole) isDirty[0] = 1;
      else if (isByCells) markCells(isDirty, dirty.at(at), shape.periods);
      else isDirty.fill(1, dirty.at(at).from, dirty.at(at).to);
    }
    const isBanded = order.isOuterSame && order.cellOrder === null && hull.count > 0;
    return {
      node,
      hasValue: before !== null,
      out: before !== null && isOwned ? before : (before?.clone() ?? new Column(shape)),
      saved: new SavedCells(),
      changed: new BoxSet(),
      inputs: [],
      pin: state.pinOf(node),
      integrate: null,
      outerFrom: isBanded ? hull.outerFrom : 0,
      outerTo: isBanded ? hull.outerTo : shape.outer,
      isDirty,
      isComputed: graph.lending.bits(3 * i + 1, stepCount),
      isChanged: graph.lending.bits(3 * i + 2, stepCount),
      costMs: 0,
      wasComputed: false,
    };
  });
  const outs = new Map(members.map((member) => [member.node, member.out]));
  for (const member of members) {
    member.inputs = formulaOf(graph, member.node).precedents.map(
      ({ node }) => outs.get(node) ?? outsideColumn({ graph, state }, node, isAside),
    );
  }
  const isMeasured = graph.costs !== null && graph.costs.begin(order.members[0] as number) !== notMeasured;
  const clock = graph.traceClock ?? (isMeasured ? graph.costs : null);
  const isFromStart = isWhole || order.stocks?.groups.some((group) => group.hasFineDelay) === true;
  const dirtyFrom = isFromStart ? 0 : hull.from;
  const dirtyTo = hull.count === 0 ? dirtyFrom : isWhole ? 1 : hull.to;
  const stepCount = stepCounts.reduce((most, count) => Math.max(most, count), 0);
  const walked = { walkedFrom: 0, walkedTo: stepCount };
  return {
    graph,
    state,
    component,
    order,
    members,
    dirtyFrom,
    dirtyTo,
    ...walked,
    stepCount,
    isMeasured,
    clock,
    calls: new Calls(takeAnswers(graph, state, order)),
    integration: null,
    isBetween: false,
  };
}

function stepsOf({ outer, periods }: Shape, isWhole: boolean, isByCells: boolean): number {
  if (isWhole) return 1;
  return isByCells ? outer * periods : periods;
}

/** Computes what one block needs in one step; whether anything differs from the published values. */
function stepBlock(run: ComponentRun, block: Block, step: number): boolean {
  let isNeeded = false;
  for (const index of block.members) isNeeded ||= needsStep(run, index, step);
  if (!isNeeded) return false;
  for (const index of block.members) saveStep(run, run.members[index] as Member, step);
  if (block.undeclared !== null) {
    const path = block.undeclared.map((node) => run.graph.structure.nameOf(node)).join(" → ");
    for (const index of block.members) {
      const member = run.members[index] as Member;
      fillCycle(run, member, boxAt(run, member, step), path);
    }
  } else if (block.loop !== null) solveBlock(run, block, block.loop, step);
  else {
    const member = run.members[block.members[0] as number] as Member;
    computeBox(run, member, boxAt(run, member, step));
  }
  let hasChanged = false;
  for (const index of block.members) {
    hasChanged = compareStep(run, index, step, block.undeclared !== null) || hasChanged;
  }
  return hasChanged;
}

function needsStep(run: ComponentRun, index: number, step: number): boolean {
  const member = run.members[index] as Member;
  if (member.isDirty[step] === 1 || run.integration?.needs(index, step) === true) return true;
  if (run.order.direction === "whole") return false;
  for (const edge of run.order.inner[index] as ComponentOrder["inner"][number]) {
    const { isChanged } = run.members[edge.precedent] as Member;
    if (readsSet(edge.time, step, isChanged)) return true;
  }
  return false;
}

function saveStep(run: ComponentRun, member: Member, step: number): void {
  member.saved.clear();
  if (member.hasValue) member.saved.save(member.out, boxAt(run, member, step));
}

function compareStep(run: ComponentRun, index: number, step: number, isFilled: boolean): boolean {
  const member = run.members[index] as Member;
  // Cells of an undeclared cycle are filled without a kernel; that is work only if it changes something.
  member.isComputed[step] = isFilled ? 0 : 1;
  member.wasComputed ||= !isFilled;
  if (member.hasValue) {
    const { changed } = run.graph.lending;
    changed.clear();
    member.saved.compare(member.out, boxAt(run, member, step), 0, changed);
    if (changed.count === 0) return false;
    member.changed.addBox(changed);
  }
  member.isComputed[step] = 1;
  member.isChanged[step] = 1;
  member.wasComputed = true;
  return true;
}

function settleMember(run: ComponentRun, member: Member, boxes: readonly Box[] | undefined): void {
  const { graph, state } = run;
  if (!member.wasComputed) {
    resolveFlags(graph, state, member.node, state.slotOf(member.node));
    return;
  }
  graph.computedCount++;
  if (run.isMeasured) graph.costs?.add(member.node, member.costMs);
  if (graph.trace !== null)
    graph.emitBoxes("started", state, member.node, boxes ?? computedBoxes(run, member));
  publishMember(run, member);
}

function publishMember(run: ComponentRun, member: Member): void {
  const { graph, state } = run;
  const { node, changed } = member;
  const slot = state.slotOf(node);
  if (!graph.structure.isWide(node)) {
    settleCell(graph, state, node, slot, member.out.get(0));
    return;
  }
  resolveFlags(graph, state, node, slot);
  if (takeTouched(state, node) || !member.hasValue) changed.setWhole(member.out.shape);
  else if (changed.count === 0) {
    if (graph.trace !== null) graph.emitNode("cut-off", state, node);
    return;
  }
  simplifyMarks(member.out);
  publishColumn(graph, state, node, member.out, changed, false);
}

function computedBoxes(run: ComponentRun, member: Member): Box[] {
  if (run.order.direction === "whole") return member.isComputed[0] === 1 ? [boxAt(run, member, 0)] : [];
  const boxes: Box[] = [];
  const stepCount = Math.min(run.walkedTo, member.isComputed.length);
  for (let from = run.walkedFrom; from < stepCount; from++) {
    if (member.isComputed[from] === 0) continue;
    let to = from + 1;
    while (to < stepCount && member.isComputed[to] === 1) to++;
    addBox(boxes, { outerFrom: member.outerFrom, outerTo: member.outerTo, from, to });
    from = to;
  }
  return boxes;
}
