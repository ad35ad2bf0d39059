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
import { solveCells } from "../loops/fused-cells.ts";
import { runFused } from "../loops/fused-run.ts";
import { BoxSet } from "../state/box-set.ts";
import { addBox } from "../state/boxes.ts";
import { SavedCells } from "../state/saved-cells.ts";
import type { StateTable } from "../state/state-table.ts";
import type { Component, ComponentOrder } from "../structure/component.ts";
import { orderOf } from "../structure/component-order.ts";
import { traitHeavy } from "../structure/structure.ts";
import { Calls, Suspension } from "./calls.ts";
import { CellWalk, markCells } from "./cell-walk.ts";
import { formulaOf, isShownBefore, publishedColumn, simplifyMarks, takeBoxes } from "./column-step.ts";
import { boxAt, type ComponentRun, type Member } from "./component-run.ts";
import { ComponentWalk } from "./component-walk.ts";
import { notMeasured } from "./costs.ts";
import { cancelWith } from "./flight.ts";
import type { Graph } from "./graph.ts";
import { type Begun, canStepAlone, stepSelfRecurrence } from "./self-recurrence.ts";
import { publishColumn, resolveFlags, settleCell } from "./settle.ts";
import {
  endFlights,
  isExpectedLater,
  outsideColumn,
  suspend,
  takeAnswered,
  takeTouched,
} from "./suspension.ts";

export function stepComponent(graph: Graph, state: StateTable, component: Component): void {
  const order = orderOf(graph.structure, component, graph.loops);
  if (graph.trace !== null) emitStarted(graph, state, order);
  let run: ComponentRun | undefined;
  const isAlone = canStepAlone(graph, state, order);
  const begun = isAlone ? stepSelfRecurrence(graph, state, order) : null;
  const isDone = isAlone ? begun === null : solveCells(graph, state, order);
  if (!isDone) {
    run = beginRun(graph, state, component, order, begun);
    walk(run);
  }
  if (graph.trace !== null) emitFinished(graph, state, order, undefined, run);
}

/** Goes on with a component that was suspended, if everything is answered and still holds. */
export function resumeComponent(graph: Graph, state: StateTable, component: Component): void {
  const run = takeAnswered(graph, state, component);
  if (run === null) return;
  if (graph.trace !== null) emitStarted(graph, state, run.order);
  const before = run.members.map(({ costMs }) => costMs);
  walk(run);
  if (graph.trace !== null) emitFinished(graph, state, run.order, before, run);
}

function walk(run: ComponentRun): void {
  let computed: readonly Box[][] | null = null;
  try {
    computed = run.resume?.() ?? null;
  } catch (error) {
    if (error instanceof Suspension) {
      suspend(run);
      return;
    }
    returnBits(run);
    throw error;
  }
  endFlights(run);
  for (const tell of run.told) tell();
  for (const [i, member] of run.members.entries()) settleMember(run, member, computed?.[i]);
  returnBits(run);
  run.integration?.release();
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
  before: readonly number[] | undefined,
  run: ComponentRun | undefined,
): void {
  const ms =
    run === undefined || run.clock === null
      ? undefined
      : run.members.map(({ costMs }, i) => costMs - (before?.[i] ?? 0));
  const nodes = order.members as readonly NodeId[];
  graph.emit({ kind: "component-finished", state: state.id, nodes, ...(ms === undefined ? {} : { ms }) });
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
  begun: Begun | null,
): ComponentRun {
  const { structure } = graph;
  const isAside = isExpectedLater(graph, order.members);
  const isWhole = order.direction === "whole";
  const hull = new BoxSet();
  const dirtyBoxes = order.members.map((node) => {
    const boxes = new BoxSet();
    takeBoxes(graph, state, node, state.slotOf(node), boxes);
    hull.addAll(boxes);
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
      out: begun?.out ?? (before !== null && isOwned ? before : (before?.clone() ?? new Column(shape))),
      saved: new SavedCells(),
      changed: new BoxSet(),
      inputs: [],
      pin: state.pinOf(node),
      isSent: graph.sendsHeavy && (structure.traitsOf(node) & traitHeavy) !== 0,
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
  const isFromStart = isWhole || order.stocks?.groups.some((group) => group.hasFineDelay) === true;
  const dirtyFrom = isFromStart ? 0 : hull.from;
  const dirtyTo = hull.count === 0 ? dirtyFrom : isWhole ? 1 : hull.to;
  const stepCount = stepCounts.reduce((most, count) => Math.max(most, count), 0);
  const dirty = dirtyBoxes.map((boxes) => boxes.list());
  const bounds = { stepCount, dirtyFrom, dirtyTo, walkedFrom: 0, walkedTo: stepCount };
  const run = runOf(graph, state, { component, order, members, isAside, dirty, ...bounds });
  prepareWalk(run, begun);
  return run;
}

type Bounds = Pick<ComponentRun, "stepCount" | "dirtyFrom" | "dirtyTo" | "walkedFrom" | "walkedTo">;
type Parts = Pick<ComponentRun, "component" | "order" | "members" | "isAside" | "dirty">;

function runOf(graph: Graph, state: StateTable, parts: Parts & Bounds): ComponentRun {
  const first = parts.order.members[0] as number;
  const isMeasured = graph.costs !== null && graph.costs.begin(first) !== notMeasured;
  return {
    ...parts,
    graph,
    state,
    isMeasured,
    clock: graph.traceClock ?? (isMeasured ? graph.costs : null),
    calls: new Calls(),
    controller: new AbortController(),
    flights: null,
    told: [],
    resume: null,
    integration: null,
    isBetween: false,
  };
}

function prepareWalk(run: ComponentRun, begun: Begun | null): void {
  const { graph, order, members } = run;
  if (order.stocks !== null) {
    run.integration = new Integration(run, order.stocks);
    // What is under way within a period is walked again. Formulas that can be joined never answer later.
    run.calls.isKept =
      run.isAside || members.some(({ node }) => formulaOf(graph, node).kernel.part === undefined);
  }
  if (order.cellOrder !== null) {
    const cells = new CellWalk(run, order.cellOrder);
    run.resume = () => cells.resume();
    return;
  }
  let steps: ComponentWalk | null = null;
  if (begun !== null) {
    const [member] = members as [Member];
    member.changed.addAll(begun.changed);
    for (let i = 0; i < begun.changed.count; i++) {
      const { from, to } = begun.changed.at(i);
      member.isChanged.fill(1, from, to);
    }
    member.isComputed.fill(1, run.dirtyFrom, begun.box.from);
    member.wasComputed = true;
    steps = new ComponentWalk(run, begun.box.from);
    cancelWith(run.controller.signal, begun.later);
    run.calls.given = { box: begun.box, work: begun.work, answer: null };
  }
  run.resume = () => {
    if (run.calls.given !== null && run.calls.given.answer === null) throw new Suspension();
    if (steps === null && !run.isAside && runFused(run)) return null;
    steps ??= new ComponentWalk(run, null);
    steps.resume();
    return null;
  };
}

function stepsOf({ outer, periods }: Shape, isWhole: boolean, isByCells: boolean): number {
  if (isWhole) return 1;
  return isByCells ? outer * periods : periods;
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
