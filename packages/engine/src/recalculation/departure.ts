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
import { boundingBox } from "../state/boxes.ts";
import {
  flagDirty,
  flagInFlight,
  flagsUnresolved,
  flagWhole,
  type StateTable,
} from "../state/state-table.ts";
import { traitAsynchronous, traitHeavy } from "../structure/structure.ts";
import { fillError, formulaOf, lendInputs, runKernel, shareInputs } from "./column-step.ts";
import type { ColumnWork } from "./column-work.ts";
import { notMeasured } from "./costs.ts";
import { finishColumn } from "./finish-column.ts";
import { cancelWith, type Flight } from "./flight.ts";
import type { Graph } from "./graph.ts";
import { markCells, releaseDependents } from "./marking.ts";
import { isStorable, memoKey } from "./memo-key.ts";
import { isPromise, thrownValue } from "./scalar-step.ts";
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

/** Computes the boxes of a draft, or sends them off. Afterwards the node is settled, or in flight. */
export function startColumn(graph: Graph, state: StateTable, node: number, work: ColumnWork): void {
  graph.computedCount++;
  if (graph.trace !== null) graph.emitBoxes("started", state, node, work.boxes);
  if ((graph.structure.traitsOf(node) & traitHeavy) !== 0) {
    startHeavy(graph, state, node, work);
    return;
  }
  computeDraft(graph, state, node, work);
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
    graph.costs?.end(node, began);
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

function startHeavy(graph: Graph, state: StateTable, node: number, work: ColumnWork): void {
  const { name, kernel, precedents } = formulaOf(graph, node);
  const { version } = kernel;
  const store = graph.memoStore;
  if (store === null || version === undefined) {
    submit(graph, state, node, work, null);
    return;
  }
  const inputs = lendInputs(graph, state, node, work.out);
  const inputName = namesOfPrecedents(graph, precedents);
  const key = memoKey({ name, version, shape: work.out.shape, inputs, inputName });
  const found = lookUp(store, key);
  if (!isPromise(found)) {
    if (found === undefined) submit(graph, state, node, work, key);
    else reuse(graph, state, node, work, found);
    return;
  }
  const flight = beginFlight(graph, state, node, work.boxes);
  Promise.resolve(found).then(
    (column) => land(graph, state, node, flight, () => answerLookup(graph, state, node, work, key, column)),
    () => land(graph, state, node, flight, () => submit(graph, state, node, work, key)),
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

function answerLookup(
  graph: Graph,
  state: StateTable,
  node: number,
  work: ColumnWork,
  key: MemoKey,
  column: Column | undefined,
): void {
  if (column === undefined) submit(graph, state, node, work, key);
  else reuse(graph, state, node, work, column);
}

function reuse(graph: Graph, state: StateTable, node: number, work: ColumnWork, column: Column): void {
  if (graph.trace !== null) graph.emitNode("reused", state, node);
  // The store's column is shared with others; pins and origins are written into a copy.
  finishColumn(graph, state, node, column.clone(), work.boxes);
}

function submit(graph: Graph, state: StateTable, node: number, work: ColumnWork, key: MemoKey | null): void {
  const formula = formulaOf(graph, node);
  const flight = beginFlight(graph, state, node, work.boxes);
  const task = {
    id: flight.token,
    name: formula.name,
    kernel: formula.kernel,
    inputs: shareInputs(graph, state, node, work.out),
    out: work.out,
    box: work.boxes.reduce(boundingBox),
  };
  const outcome = submitTask(graph, task, flight.controller.signal);
  if (!isPromise(outcome)) {
    endFlight(graph, state, node);
    measureOutcome(graph, node, flight, outcome);
    settleOutcome(graph, state, node, work, { outcome, key, box: task.box });
    return;
  }
  const boxed = (answer: TaskOutcome): void => {
    land(graph, state, node, flight, () => {
      measureOutcome(graph, node, flight, answer);
      settleOutcome(graph, state, node, work, { outcome: answer, key, box: task.box });
    });
  };
  Promise.resolve(outcome).then(boxed, (reason: unknown) =>
    boxed({ kind: "failed", message: thrownText(reason) }),
  );
}

/** What the executor measured where it did, which leaves out the way there and back. */
function measureOutcome(graph: Graph, node: number, flight: Flight, outcome: TaskOutcome): void {
  if (outcome.kind !== "done") return;
  if (outcome.costMs > 0) graph.costs?.add(node, outcome.costMs);
  else graph.costs?.end(node, flight.began);
}

export function submitTask(graph: Graph, task: Task, signal: AbortSignal): ReturnType<Executor["submit"]> {
  try {
    return graph.executor.submit(task, signal);
  } catch (error) {
    return { kind: "failed", message: thrownText(error) };
  }
}

function settleOutcome(
  graph: Graph,
  state: StateTable,
  node: number,
  work: ColumnWork,
  answer: { readonly outcome: TaskOutcome; readonly key: MemoKey | null; readonly box: Box },
): void {
  const { outcome, key, box } = answer;
  if (outcome.kind !== "done") {
    failColumn(graph, state, node, work, outcomeError(outcome));
    return;
  }
  if (key !== null && isStorable(outcome.out)) storeResult(graph, key, outcome.out.clone(), outcome.costMs);
  // The executor may keep what it gave.
  finishColumn(graph, state, node, outcome.out, [box], true);
}

/** A store that cannot take a result costs a computation later, nothing else. */
export function storeResult(graph: Graph, key: MemoKey, column: Column, costMs: number): void {
  const trouble = (): void => undefined;
  try {
    Promise.resolve(graph.memoStore?.put(key, column, costMs)).catch(trouble);
  } catch {
    trouble();
  }
}

export function outcomeError(outcome: Exclude<TaskOutcome, { kind: "done" }>): ErrorValue {
  return errorValue("#VALUE!", `${outcome.kind}: ${outcome.message}`);
}

function failColumn(
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
  const flight: Flight = { token: ++graph.tokens, controller, began, boxes };
  const slot = state.slotOf(node);
  state.flights.set(node, flight);
  state.flags[slot] = ((state.flags[slot] as number) | flagInFlight) & ~(flagDirty | flagWhole);
  graph.inFlightCount++;
  return flight;
}

function endFlight(graph: Graph, state: StateTable, node: number): void {
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
    if (((state.flags[slot] as number) & flagsUnresolved) === 0) releaseDependents(graph, state, node);
  });
  graph.recalculate(graph);
}
