/**
 * Work that may come back later: promises, and heavy kernels sent to the executor or answered by the memo store.
 *
 *   started ──► done at once ─────────────────────────────► settled
 *      │
 *      └──► in flight ──► answer, values read unchanged ──► settled in a recalculation of its own
 *               │
 *               └── a value that it reads changed ──► given up (aborted), dirty again; its late answer is dropped
 *
 * A flight is known by its token; an answer counts only while its flight is the node's present one and the node is not dirty.
 */
import { type Column, type ErrorValue, errorValue } from "@reckon/value";
import type { Box, NodeId, Precedent } from "../formula-node.ts";
import type { Executor, MemoKey, MemoStore, Task, TaskOutcome } from "../ports.ts";
import {
  flagDirty,
  flagInFlight,
  flagsUnresolved,
  flagWhole,
  type StateTable,
} from "../state/state-table.ts";
import { traitAsynchronous } from "../structure/structure.ts";
import type { Arrival } from "./arrival.ts";
import { endColumn, fillError, lendInputs, runKernel, shareInputs } from "./column-step.ts";
import type { ColumnWork } from "./column-work.ts";
import { notMeasured } from "./costs.ts";
import { finishColumn } from "./finish-column.ts";
import { cancelWith, type Flight } from "./flight.ts";
import type { Graph } from "./graph.ts";
import { markCells, markUnresolved, releaseDependents } from "./marking.ts";
import { isStorable } from "./memo-key.ts";
import { thrownValue } from "./scalar-step.ts";
import { settleScalar } from "./settle.ts";
import { thrownText } from "./thrown-text.ts";

/** Aborts the node's present work, if any; its cells are dirty again. */
export function giveUpFlight(graph: Graph, state: StateTable, node: number, reason: string): void {
  const flight = state.flights.get(node);
  if (flight === undefined) return;
  endFlight(graph, state, node);
  if (flight.boxes === null) markCells(graph, state, node, null);
  else for (const box of flight.boxes) markCells(graph, state, node, box);
  graph.emit({ kind: "dropped", state: state.id, node: node as NodeId, reason });
  flight.controller.abort();
  for (const { controller, isDone } of flight.sent?.parts ?? []) if (!isDone) controller.abort();
}

export function startScalarPromise(
  graph: Graph,
  state: StateTable,
  node: number,
  promise: PromiseLike<unknown>,
): void {
  const flight = beginFlight(graph, state, node, null);
  const arrive = (value: unknown): void => {
    land(graph, state, node, flight, () => {
      graph.costs?.end(node, flight.began);
      settleScalar(graph, state, node, state.slotOf(node), value);
    });
  };
  // Through a promise of ours: a foreign one may answer at once, in the middle of this recalculation, or throw.
  Promise.resolve(promise).then(arrive, (reason: unknown) => arrive(thrownValue(graph, node, reason)));
}

/** Computes the boxes of a draft here. */
export function computeDraft(graph: Graph, state: StateTable, node: number, work: ColumnWork): void {
  const began = graph.costs?.begin(node) ?? notMeasured;
  const promises: Promise<void>[] = [];
  const inputs = lendInputs(graph, state, node, work.out);
  for (const box of work.boxes) {
    const promise = runKernel(graph, node, inputs, work.out, box);
    if (promise !== undefined) promises.push(promise as Promise<void>);
  }
  if (promises.length === 0) {
    endColumn(graph, node, began, work.boxes);
    finishColumn(graph, state, node, work.out, work.boxes);
    return;
  }
  const { structure } = graph;
  structure.addTrait(node, traitAsynchronous);
  shareInputs(graph, state, node, work.out);
  graph.lending.abandon();
  awaitColumn(graph, state, node, work, promises);
}

/** Puts the node in flight until the promises of its kernel are kept. */
export function awaitColumn(
  graph: Graph,
  state: StateTable,
  node: number,
  work: ColumnWork,
  promises: readonly Promise<void>[],
): void {
  const flight = beginFlight(graph, state, node, work.boxes);
  for (const promise of promises) cancelWith(flight.controller.signal, promise);
  Promise.all(promises).then(
    () => landColumn(graph, state, node, flight, work, work.out),
    (reason: unknown) => landError(graph, state, node, flight, work, thrownText(reason)),
  );
}

/** What a key calls the things that were read. */
export function namesOfPrecedents(graph: Graph, precedents: readonly Precedent[]): (i: number) => string {
  return (i) => graph.structure.nameOf((precedents[i] as Precedent).node);
}

export function lookUp(store: MemoStore, key: MemoKey): ReturnType<MemoStore["get"]> {
  try {
    return store.get(key);
  } catch {
    // A store in trouble is a miss, as the port says; the result is computed instead.
    return undefined;
  }
}

export function submitTask(graph: Graph, task: Task, signal: AbortSignal): ReturnType<Executor["submit"]> {
  try {
    return graph.executor.submit(task, signal);
  } catch (error) {
    return { kind: "failed", message: thrownText(error) };
  }
}

/**
 * Stores a result, which nobody writes any more, unless it has errors. A store that cannot take it costs a computation
 * later, nothing else.
 */
export function storeResult(graph: Graph, key: MemoKey, column: Column, costMs: number): void {
  const trouble = (): void => undefined;
  try {
    if (!isStorable(column)) {
      graph.memoStore?.notKept?.(key.name, "errors");
      return;
    }
    Promise.resolve(graph.memoStore?.put(key, column, costMs)).catch(trouble);
  } catch {
    trouble();
  }
}

export function outcomeError(outcome: Exclude<TaskOutcome, { kind: "done" }>): ErrorValue {
  return errorValue("#VALUE!", `${outcome.kind}: ${outcome.message}`);
}

export function failColumn(
  graph: Graph,
  state: StateTable,
  node: number,
  work: ColumnWork,
  error: ErrorValue,
): void {
  for (const box of work.boxes) fillError(graph, node, work.out, box, error);
  finishColumn(graph, state, node, work.out, work.boxes);
}

function landColumn(
  graph: Graph,
  state: StateTable,
  node: number,
  flight: Flight,
  work: ColumnWork,
  out: Column,
): void {
  land(graph, state, node, flight, () => {
    graph.costs?.end(node, flight.began);
    finishColumn(graph, state, node, out, work.boxes);
  });
}

function landError(
  graph: Graph,
  state: StateTable,
  node: number,
  flight: Flight,
  work: ColumnWork,
  message: string,
): void {
  land(graph, state, node, flight, () =>
    failColumn(graph, state, node, work, errorValue("#VALUE!", message)),
  );
}

export function beginFlight(
  graph: Graph,
  state: StateTable,
  node: number,
  boxes: readonly Box[] | null,
  controller: AbortController = new AbortController(),
): Flight {
  const began = graph.costs?.begin(node) ?? notMeasured;
  const flight: Flight = { token: ++graph.tokens, controller, began, boxes, sent: null };
  const slot = state.slotOf(node);
  state.flights.set(node, flight);
  state.flags[slot] = ((state.flags[slot] as number) | flagInFlight) & ~(flagDirty | flagWhole);
  graph.inFlightCount++;
  return flight;
}

export function endFlight(graph: Graph, state: StateTable, node: number): void {
  const slot = state.slotOf(node);
  state.flights.delete(node);
  state.flags[slot] = (state.flags[slot] as number) & ~flagInFlight;
  graph.inFlightCount--;
}

/** Takes in an answer, if it still counts, as a recalculation of its own. */
function land(graph: Graph, state: StateTable, node: number, flight: Flight, settle: () => void): void {
  if (state.flights.get(node) !== flight) return;
  const slot = state.slotOf(node);
  if (((state.flags[slot] as number) & flagDirty) !== 0) {
    giveUpFlight(graph, state, node, "a value that it reads changed");
    graph.wakeWaiters();
    return;
  }
  state.edits.push(() => {
    endFlight(graph, state, node);
    settle();
    leaveResolved(graph, state, node);
  });
  graph.recalculate(graph);
}

/** Keeps an answer until the turn is over: all that came in it are taken in by one recalculation. */
export function arrive(graph: Graph, arrival: Arrival): void {
  graph.arrivals.push(arrival);
  if (graph.arrivals.length === 1) void Promise.resolve().then(() => landAll(graph));
}

function landAll(graph: Graph): void {
  const { arrivals } = graph;
  graph.arrivals = [];
  const states = new Set<StateTable>();
  for (const arrival of arrivals) {
    const { state, node } = arrival;
    if (!isCounting(graph, arrival) || !arrival.take()) continue;
    states.add(state);
    state.edits.push(() => {
      // What was taken in before it may have changed what it read.
      if (!isCounting(graph, arrival)) return;
      endFlight(graph, state, node);
      arrival.settle();
      leaveResolved(graph, state, node);
    });
  }
  const { dispatch } = graph;
  if (dispatch !== null) for (const state of states) state.edits.push(() => dispatch.placeMissed(state));
  if (states.size > 0) graph.recalculate(graph);
  else graph.wakeWaiters();
}

/** Whether the answer is still wanted. A node that is dirty again is given up. */
function isCounting(graph: Graph, { state, node, flight }: Arrival): boolean {
  if (state.flights.get(node) !== flight) return false;
  if (((state.flags[state.slotOf(node)] as number) & flagDirty) === 0) return true;
  giveUpFlight(graph, state, node, "a value that it reads changed");
  return false;
}

/** Lets those look again that wait for a node which is settled. */
export function leaveResolved(graph: Graph, state: StateTable, node: number): void {
  const flags = state.flags[state.slotOf(node)] as number;
  if ((flags & flagsUnresolved) === 0) releaseDependents(graph, state, node);
}

/** What stands behind a node in flight waits for it. */
export function leaveInFlight(graph: Graph, state: StateTable, node: number): void {
  const slot = state.slotOf(node);
  if (graph.trace !== null) graph.emitNode("pending", state, node);
  graph.announceStatus(state, node, slot);
  markUnresolved(graph, state, node);
}
