/**
 * Components with members that answer later.
 *
 *   walk ──► kernels give promises ──► the walk stops where nothing is left that does not need them: in flight
 *     ▲                                          │ all of them are answered
 *     └───── goes on from there ◄────────────────┘
 *
 * The run is kept with all that it has computed, and goes on where it stopped: what is finished is not computed again, so
 * the cost of an answer does not grow with those before it. Only what is under way within one period of a stock is walked
 * again, from the answers (calls.ts). An edit meanwhile drops the run with its flights, and aborts its tasks.
 *
 * Such a component is walked on copies, so the last values stand until it is settled. Only when a kernel gives its first
 * promise after it had always answered at once, the walk has written into published columns: a copy of these is shown
 * instead, and they are told as changed everywhere.
 *
 * Cost: the members, once; a recalculation of the component alone for all that is answered together.
 */
import type { Column } from "@reckon/value";
import type { NodeId } from "../formula-node.ts";
import { flagDirty, type StateTable } from "../state/state-table.ts";
import type { Component } from "../structure/component.ts";
import { traitAsynchronous, traitHeavy } from "../structure/structure.ts";
import { columnOf, formulaOf, sharedColumn } from "./column-step.ts";
import type { ComponentRun } from "./component-run.ts";
import { beginFlight, giveUpFlight } from "./departure.ts";
import type { Flight } from "./flight.ts";
import type { Graph } from "./graph.ts";
import { markUnresolved } from "./marking.ts";
import { enqueue } from "./push.ts";

/** Runs that are answered and may go on, by their first member. */
const answered = new WeakMap<StateTable, Map<number, ComponentRun>>();
const touched = new WeakMap<StateTable, Set<number>>();

export function hasAsynchronous(graph: Graph, nodes: readonly number[]): boolean {
  return nodes.some((node) => (graph.structure.traitsOf(node) & traitAsynchronous) !== 0);
}

/** Whether some member has answered later before, or is sent to the executor. */
export function isExpectedLater(graph: Graph, nodes: readonly number[]): boolean {
  const traits = traitAsynchronous | (graph.sendsHeavy ? traitHeavy : 0);
  return nodes.some((node) => (graph.structure.traitsOf(node) & traits) !== 0);
}

/** Keeps the run, in flight, until all that it waits for is answered. */
export function suspend(run: ComponentRun): void {
  run.flights ??= depart(run);
  void run.calls.answered().then(() => land(run));
}

function depart(run: ComponentRun): Flight[] {
  const { graph, state, order, members } = run;
  const nodes = order.members;
  const inside = new Set(nodes);
  for (const node of nodes) {
    for (const precedent of formulaOf(graph, node).precedents) {
      if (!inside.has(precedent.node)) sharedColumn(graph, state, precedent.node);
    }
  }
  for (const member of members) {
    member.isDirty = ownTable(member.isDirty);
    member.isComputed = ownTable(member.isComputed);
    member.isChanged = ownTable(member.isChanged);
    if (!graph.structure.isWide(member.node)) continue;
    const held = state.columnSlot(state.slotOf(member.node));
    if (held.column !== member.out) continue;
    held.column = member.out.clone();
    noteTouched(state, member.node);
  }
  const flights = nodes.map((node, i) => beginFlight(graph, state, node, run.dirty[i] ?? [], run.controller));
  for (const node of nodes) {
    if (graph.trace !== null) graph.emitNode("pending", state, node);
    graph.announceStatus(state, node, state.slotOf(node));
    markUnresolved(graph, state, node);
  }
  return flights;
}

/** A table of its own in place of a borrowed one, which is left empty. */
function ownTable(borrowed: Uint8Array): Uint8Array {
  const own = borrowed.slice();
  borrowed.fill(0);
  return own;
}

/** The answers are there: the component goes on in a recalculation of its own. */
function land(run: ComponentRun): void {
  const { graph, state, order } = run;
  const nodes = order.members;
  const first = nodes[0] as number;
  if (state.flights.get(first) !== run.flights?.[0]) return;
  if (((state.flags[state.slotOf(first)] as number) & flagDirty) !== 0) {
    for (const node of nodes) giveUpFlight(graph, state, node, "a value that it reads changed");
    graph.wakeWaiters();
    return;
  }
  state.edits.push(() => {
    const runs = answered.get(state) ?? new Map<number, ComponentRun>();
    answered.set(state, runs);
    runs.set(first, run);
    enqueue(graph, state, first as NodeId);
  });
  graph.recalculate(graph);
}

/** The run of a component in flight that may go on. */
export function takeAnswered(graph: Graph, state: StateTable, component: Component): ComponentRun | null {
  const runs = answered.get(state);
  if (runs === undefined || runs.size === 0) return null;
  for (const node of component.members) {
    const run = runs.get(node);
    if (run === undefined) continue;
    runs.delete(node);
    if (state.flights.get(node) !== run.flights?.[0]) continue;
    if (component.order === run.order) return run;
    // Its members were put into another order; nothing of it counts any more.
    for (const member of run.order.members) giveUpFlight(graph, state, member, "the component changed");
    enqueue(graph, state, node as NodeId);
  }
  return null;
}

/** The run is complete, and about to be settled: that clears the flags, and tells the status. */
export function endFlights({ graph, state, flights, order }: ComponentRun): void {
  if (flights === null) return;
  for (const node of order.members) {
    state.flights.delete(node);
    graph.inFlightCount--;
  }
}

/** The published column of the node was written into, and nobody told. */
export function noteTouched(state: StateTable, node: number): void {
  const nodes = touched.get(state) ?? new Set();
  touched.set(state, nodes);
  nodes.add(node);
}

/** Whether the node's cells may differ from what was told of them; asked once. */
export function takeTouched(state: StateTable, node: number): boolean {
  return touched.get(state)?.delete(node) === true;
}

/** The column that a member reads from outside, for a kernel that may keep it. */
export function outsideColumn(
  run: Pick<ComponentRun, "graph" | "state">,
  node: number,
  isAside: boolean,
): Column {
  return isAside ? sharedColumn(run.graph, run.state, node) : columnOf(run.graph, run.state, node);
}
