/**
 * A recalculation: from marked nodes to quiet. The scheduler: it decides, the steps compute.
 *
 *   1. For each state, parents before children: take over what changed in the parent, then empty the queue, lowest
 *      level first. A unit (a node, or a component as a whole) that is taken out is
 *        waiting      marked `check` and something before it is still unresolved: left alone
 *        verified     marked `check` only, and everything before it is resolved: clean again, nothing runs
 *        parked       manual or known to be costly, and nobody demands it: stays dirty, what is behind it waits
 *        computed     otherwise; it settles at once, or is in flight and what is behind it waits
 *   2. Watched nodes that are left stale are resolved (demand).
 *   3. All signals that changed are bumped in one batch.
 *
 * Levels make sure that a unit is taken out after everything before it, so nothing is computed twice.
 * Cost: the marked nodes and their edges.
 */
import { checkInvariants } from "../invariants/check-invariants.ts";
import { inheritChanges } from "../overlays/inheritance.ts";
import { releaseOwnership } from "../overlays/ownership.ts";
import { computeReaders } from "../ranges/range-step.ts";
import {
  flagCheck,
  flagDirty,
  flagInFlight,
  flagQueued,
  flagsUnresolved,
  type StateTable,
} from "../state/state-table.ts";
import {
  kindCell,
  kindColumnFormula,
  kindScalarFormula,
  traitChained,
  traitCostly,
  traitManual,
} from "../structure/structure.ts";
import { resumeComponent, stepComponent } from "./component-step.ts";
import { notMeasured } from "./costs.ts";
import { giveUpFlight, leaveInFlight, startScalarPromise } from "./departure.ts";
import type { Graph } from "./graph.ts";
import { hasUnresolvedPrecedent, markUnresolved, releaseDependents } from "./marking.ts";
import { runPlainly } from "./plain-run.ts";
import type { LongWay } from "./plain-settle.ts";
import { enqueue } from "./push.ts";
import { computeScalar, isPromise } from "./scalar-step.ts";
import { resolveFlags, settleScalar } from "./settle.ts";
import { stepColumn } from "./single-column.ts";
import { staleUnits } from "./stale-units.ts";

/** Runs every state until nothing is queued, serves the watched nodes, and publishes. */
export function recalculate(graph: Graph): void {
  if (graph.yielding !== null) {
    graph.yielding.run();
    return;
  }
  runStates(graph);
  if (graph.hasParked) {
    graph.hasParked = false;
    resolveWatched(graph);
  }
  finish(graph);
}

/** Brings a node up to date as far as that is possible at once (what is in flight is not waited for). */
export function resolveNodes(graph: Graph, state: StateTable, nodes: Iterable<number>): void {
  graph.yielding?.finishAll();
  if (!collectStale(graph, state, nodes)) return;
  runStates(graph);
  graph.hasParked = false;
  finish(graph);
}

export function finish(graph: Graph): void {
  if (graph.isChecked && !graph.hasUnlinked) checkInvariants(graph);
  graph.tellChanges();
  const { raised } = graph;
  graph.raised = null;
  try {
    graph.publish();
  } finally {
    // An effect that throws concerns neither those who wait nor the next edit. Its exception goes to the caller first.
    graph.wakeWaiters();
  }
  if (raised !== null) throw raised.error;
}

function runStates(graph: Graph): void {
  graph.isRunning = true;
  try {
    for (const state of graph.states) {
      if (state.parent !== null) inheritChanges(graph, state, state.parent);
      if (state.edits.length > 0) applyEdits(state);
      if (state.seeds.length > 0) plantSeeds(graph, state);
      if (graph.ranges.length > 0) computeReaders(graph, longWay.settle);
      if (graph.queue.size > 0 || graph.dispatch?.hasHeld === true) runQueue(graph, state);
      if (state.isShrinking) shrink(graph, state);
    }
  } finally {
    graph.isRunning = false;
    graph.forced = null;
    graph.ranges.clear();
    // Not empty only after a defect of the engine itself: what is left stays dirty and is computed when it is read.
    if (graph.queue.size > 0) abandonQueue(graph);
    if (graph.states.length > 1) {
      for (const state of graph.states) {
        state.changes.clear();
        state.touched.clear();
      }
    }
  }
}

function abandonQueue(graph: Graph): void {
  for (let unit = graph.queue.pop(); unit >= 0; unit = graph.queue.pop()) {
    for (const state of graph.states) {
      const slot = state.slotOf(unit);
      if (slot >= 0) state.flags[slot] = (state.flags[slot] as number) & ~flagQueued;
    }
  }
}

function applyEdits(state: StateTable): void {
  const { edits } = state;
  state.edits = [];
  for (const edit of edits) edit();
}

function shrink(graph: Graph, state: StateTable): void {
  state.isShrinking = false;
  releaseOwnership(graph, state);
  if (graph.queue.size > 0) runQueue(graph, state);
}

function plantSeeds(graph: Graph, state: StateTable): void {
  const { seeds } = state;
  state.seeds = [];
  for (const seed of seeds) if (state.slotOf(seed) >= 0) enqueue(graph, state, seed);
}

export function runQueue(graph: Graph, state: StateTable): void {
  const { queue } = graph;
  graph.computedCount = 0;
  graph.changedCount = 0;
  if (graph.trace !== null) {
    graph.emit({ kind: "recalculation-started", state: state.id, revision: state.revision });
  }
  do {
    graph.dispatch?.begin();
    if (graph.trace === null && state.parent === null) runPlainly(graph, state, longWay);
    else for (let unit = queue.pop(); unit >= 0; unit = queue.pop()) runLong(graph, state, unit);
  } while (graph.dispatch?.runHeld(state) === true);
  queue.shrink();
  graph.figures.computed += graph.computedCount;
  if (graph.trace !== null) {
    graph.emit({
      kind: "recalculation-finished",
      state: state.id,
      revision: state.revision,
      computed: graph.computedCount,
      changed: graph.changedCount,
    });
  }
}

/** One unit, whatever it is and whoever listens. */
function runLong(graph: Graph, state: StateTable, unit: number): void {
  const slot = state.slotOf(unit);
  const flags = (state.flags[slot] as number) & ~flagQueued;
  state.flags[slot] = flags;
  runOther(graph, state, unit);
}

/** One unit that was taken off the queue. */
function runOther(graph: Graph, state: StateTable, unit: number): void {
  const { structure } = graph;
  const slot = state.slotOf(unit);
  const flags = state.flags[slot] as number;
  const kind = structure.kindOf(unit);
  if (
    (kind === kindScalarFormula || kind === kindCell) &&
    (structure.traitsOf(unit) & ~traitChained) === 0 &&
    (flags & flagsUnresolved) === flagDirty
  ) {
    runScalar(graph, state, unit, slot);
  } else if (isPlainColumn(graph, unit, flags)) {
    stepColumn(graph, state, unit, slot);
    if (((state.flags[slot] as number) & flagInFlight) !== 0) leaveInFlight(graph, state, unit);
  } else runUnit(graph, state, unit);
}

const longWay: LongWay = {
  run: runOther,
  settle: (graph, state, node, value) => settleResult(graph, state, node, node, value),
};

/** A column formula outside components that nothing waits for and that need not wait. */
function isPlainColumn(graph: Graph, node: number, flags: number): boolean {
  const { structure } = graph;
  return (
    structure.kindOf(node) === kindColumnFormula &&
    structure.componentIdOf(node) === 0 &&
    !waitsForDemand(graph, node) &&
    (flags & flagsUnresolved) === flagDirty
  );
}

function runScalar(graph: Graph, state: StateTable, node: number, slot: number): void {
  graph.computedCount++;
  if (graph.trace !== null) graph.emitBoxes("started", state, node, null);
  const pin = state.parent === null ? undefined : state.pinOf(node);
  const isMeasured = graph.costs !== null && pin === undefined;
  const began = isMeasured ? beginCost(graph, node) : notMeasured;
  const value = pin === undefined ? computeScalar(graph, state, node) : pin.parts.at(-1)?.cells.get(0);
  // What is awaited is measured when it arrives.
  if (began !== notMeasured && !isPromise(value)) endCost(graph, node, began);
  settleResult(graph, state, node, slot, value);
}

function beginCost(graph: Graph, node: number): number {
  const { structure, costs } = graph;
  if (costs === null) return notMeasured;
  return structure.kindOf(node) === kindCell
    ? costs.beginFamily(structure.workNumberOf(node))
    : costs.begin(node);
}

function endCost(graph: Graph, node: number, began: number): void {
  const { structure, costs } = graph;
  if (structure.kindOf(node) === kindCell) costs?.endFamily(structure.workNumberOf(node), began);
  else costs?.end(node, began);
}

function settleResult(graph: Graph, state: StateTable, node: number, slot: number, value: unknown): void {
  if (isPromise(value)) {
    startScalarPromise(graph, state, node, value);
    leaveInFlight(graph, state, node);
  } else settleScalar(graph, state, node, slot, value);
}

/** Everything but the commonest case. */
function runUnit(graph: Graph, state: StateTable, unit: number): void {
  const members = graph.structure.unitMembers(unit);
  let joined = 0;
  for (const member of members) joined |= state.flags[state.slotOf(member)] as number;
  if ((joined & flagCheck) !== 0) {
    if (hasUnresolvedPrecedent(graph, state, unit)) {
      graph.hasParked = true;
      return;
    }
    for (const member of members) clearCheck(graph, state, member);
  }
  if ((joined & flagDirty) === 0) {
    if ((joined & flagInFlight) !== 0) {
      goOn(graph, state, unit, members);
      return;
    }
    if ((joined & flagCheck) === 0) return;
    for (const member of members) {
      if (graph.trace !== null) graph.emitNode("reused", state, member);
      releaseDependents(graph, state, member);
    }
    return;
  }
  if (isParked(graph, state, unit, members)) {
    graph.hasParked = true;
    for (const member of members) {
      giveUpFlight(graph, state, member, "a value that it reads changed");
      park(graph, state, member);
    }
    return;
  }
  const isAlone = graph.structure.componentIdOf(unit) === 0;
  if (isAlone && (joined & flagInFlight) !== 0 && graph.dispatch?.goOn(state, unit) === true) {
    releaseResolved(graph, state, members);
    return;
  }
  for (const member of members) {
    giveUpFlight(graph, state, member, "a value that it reads changed");
    // It may have been parked: its status signal says so until it hears otherwise.
    if (waitsForDemand(graph, member)) graph.announceStatus(state, member, state.slotOf(member));
  }
  compute(graph, state, unit);
  releaseResolved(graph, state, members);
}

/** Of a unit in flight: a component may have got what it waits for. */
function goOn(graph: Graph, state: StateTable, unit: number, members: readonly number[]): void {
  const component = graph.structure.componentOf(unit);
  if (component === undefined) return;
  resumeComponent(graph, state, component);
  releaseResolved(graph, state, members);
}

function releaseResolved(graph: Graph, state: StateTable, members: readonly number[]): void {
  const isResolved = members.every(
    (member) => ((state.flags[state.slotOf(member)] as number) & flagsUnresolved) === 0,
  );
  if (isResolved) for (const member of members) releaseDependents(graph, state, member);
}

function compute(graph: Graph, state: StateTable, unit: number): void {
  const { structure } = graph;
  const component = structure.componentOf(unit);
  if (component !== undefined) {
    stepComponent(graph, state, component);
    return;
  }
  const slot = state.slotOf(unit);
  const kind = structure.kindOf(unit);
  if (kind === kindScalarFormula || kind === kindCell) runScalar(graph, state, unit, slot);
  else if (kind === kindColumnFormula) {
    stepColumn(graph, state, unit, slot);
    if (((state.flags[slot] as number) & flagInFlight) !== 0) leaveInFlight(graph, state, unit);
  } else resolveFlags(graph, state, unit, slot);
}

function clearCheck(graph: Graph, state: StateTable, node: number): void {
  const slot = state.slotOf(node);
  state.flags[slot] = (state.flags[slot] as number) & ~flagCheck;
  graph.announceStatus(state, node, slot);
}

function isParked(graph: Graph, state: StateTable, unit: number, members: readonly number[]): boolean {
  if (graph.forced?.has(unit) === true) return false;
  return members.some((member) => waitsForDemand(graph, member) && !isWatched(state, member));
}

/** Manual and costly nodes wait for demand: a read, a watched signal, or a refresh. */
function waitsForDemand(graph: Graph, node: number): boolean {
  return (graph.structure.traitsOf(node) & (traitManual | traitCostly)) !== 0;
}

function isWatched(state: StateTable, node: number): boolean {
  return state.watched.size > 0 && state.watched.has(node);
}

function park(graph: Graph, state: StateTable, node: number): void {
  const slot = state.slotOf(node);
  // A member without dirty cells of its own is stale with the others of its component.
  state.flags[slot] = (state.flags[slot] as number) | flagDirty;
  graph.announce(state, node, slot);
  graph.announceStatus(state, node, slot);
  markUnresolved(graph, state, node);
}

export function resolveWatched(graph: Graph): void {
  for (const state of [...graph.states]) {
    if (state.watched.size > 0 && collectStale(graph, state, state.watched)) runStates(graph);
  }
}

/**
 * Forces what stands in the way of the given nodes: queues, in their states, every unresolved unit at or before
 * them. False if there is none that could be computed now.
 */
function collectStale(graph: Graph, state: StateTable, nodes: Iterable<number>): boolean {
  const forced = new Set<number>();
  for (const [owner, unit] of staleUnits(graph, state, nodes)) {
    forced.add(unit);
    owner.seeds.push(unit);
  }
  if (forced.size === 0) return false;
  graph.forced = forced;
  return true;
}
