/**
 * A column formula as tasks: one for its boxes together, or one for each part that they are cut into.
 *
 *   job ──► looked up? ──► parts ──► submitted, or done by this thread ──► answers ──► all in: settled as in one piece
 *
 *   1. A whole job is one task on the draft, and its answer takes the draft's place.
 *   2. The parts of a job are tasks over the same inputs, with a column of their own to be filled. Of each answer the
 *      cells of its box are copied to the draft. So what a part that was given up writes late is seen by nobody.
 *   3. The first part that fails fails the node, as its kernel does in one piece.
 *   4. When an edit reaches some cells of a node in parts, the parts without such cells stay, answered or not; only the
 *      others are given up, and their cells are computed again with the dirty ones.
 *
 * With pins no key is made: the draft holds pinned cells, which are no result of the formula.
 */
import { Column } from "@reckon/value";
import type { Box, NodeId } from "../formula-node.ts";
import type { MemoKey, Task, TaskOutcome } from "../ports.ts";
import {
  draftColumn,
  formulaOf,
  lendInputs,
  publishedColumn,
  shareInputs,
  takeBoxes,
  touchBox,
} from "../recalculation/column-step.ts";
import {
  arrive,
  beginFlight,
  endFlight,
  failColumn,
  lookUp,
  namesOfPrecedents,
  outcomeError,
  storeResult,
  submitTask,
} from "../recalculation/departure.ts";
import { finishColumn } from "../recalculation/finish-column.ts";
import type { Flight, Part, SentColumn } from "../recalculation/flight.ts";
import type { Graph } from "../recalculation/graph.ts";
import { memoKey } from "../recalculation/memo-key.ts";
import { isPromise } from "../recalculation/scalar-step.ts";
import { thrownText } from "../recalculation/thrown-text.ts";
import { BoxSet } from "../state/box-set.ts";
import { boundingBox, cellCount, overlap } from "../state/boxes.ts";
import { flagDirty, flagWhole, type StateTable } from "../state/state-table.ts";

/** What a node computes next: its dirty boxes, taken, and a draft. */
export interface Job {
  readonly state: StateTable;
  readonly node: number;
  readonly boxes: readonly Box[];
  readonly out: Column;
  /** Of the boxes those that are not computed yet. */
  rest: readonly Box[];
  key: MemoKey | null;
  /** What the rest is estimated to take; 0: unknown. */
  ms: number;
  /** What the others took. */
  spentMs: number;
}

/** A task of a job, on its way. */
export interface Errand {
  readonly state: StateTable;
  readonly node: number;
  readonly flight: Flight;
  readonly part: Part;
  readonly task: Task;
}

/** Takes the node's dirty boxes. */
export function jobOf(graph: Graph, state: StateTable, node: number, ms = 0): Job {
  const slot = state.slotOf(node);
  const taken = new BoxSet();
  takeBoxes(graph, state, node, slot, taken);
  const boxes = taken.list();
  // Of one cell all is computed, always.
  const before = graph.structure.isWide(node) ? publishedColumn(graph, state, node, slot) : null;
  const out = draftColumn(graph.structure.shapeOf(node), before, boxes);
  return { state, node, boxes, out, rest: boxes, key: null, ms, spentMs: 0 };
}

/** Tells that the job's boxes are computed from now on. */
export function tellStarted(
  graph: Graph,
  { state, node, boxes }: Pick<Job, "state" | "node" | "boxes">,
): void {
  graph.computedCount++;
  if (graph.trace !== null) graph.emitBoxes("started", state, node, boxes);
}

/** The key that the node's result is kept under, or `null` where it is not. */
export function keyOf(graph: Graph, state: StateTable, node: number, out: Column): MemoKey | null {
  const { name, kernel, precedents } = formulaOf(graph, node);
  if (graph.memoStore === null || state.pinOf(node) !== undefined) return null;
  const { version } = kernel;
  if (version === undefined) return null;
  const inputs = lendInputs(graph, state, node, out);
  return memoKey({
    name,
    version,
    shape: out.shape,
    inputs,
    inputName: namesOfPrecedents(graph, precedents),
  });
}

/**
 * Looks the job's result up, if it has a key. `hit`: the node is settled. `later`: it is in flight, and `onMiss` is called
 * with it out of flight if nothing was found.
 */
export function lookUpJob(graph: Graph, job: Job, onMiss: (job: Job) => void): "hit" | "miss" | "later" {
  const { state, node, key } = job;
  if (key === null || graph.memoStore === null) return "miss";
  const found = lookUp(graph.memoStore, key);
  if (!isPromise(found)) {
    if (found === undefined) return "miss";
    reuse(graph, job, found);
    return "hit";
  }
  const flight = beginFlight(graph, state, node, job.boxes);
  const answer = (column: Column | undefined): void =>
    arrive(graph, {
      state,
      node,
      flight,
      take: () => true,
      settle: () => (column === undefined ? onMiss(job) : reuse(graph, job, column)),
    });
  Promise.resolve(found).then(answer, () => answer(undefined));
  return "later";
}

function reuse(graph: Graph, { state, node, boxes }: Job, column: Column): void {
  graph.figures.reused++;
  if (graph.trace !== null) graph.emitNode("reused", state, node);
  // The store's column is shared with others; pins and origins are written into a copy.
  finishColumn(graph, state, node, column.clone(), boxes);
}

/** Puts the job in flight as one task, or as one for each of several boxes; nothing is submitted yet. */
export function errandsOf(graph: Graph, job: Job, cuts: readonly Box[] | null): Errand[] {
  const { state, node, out, key, rest } = job;
  const flight = beginFlight(graph, state, node, job.boxes);
  const isInParts = (cuts !== null && cuts.length > 1) || rest !== job.boxes;
  const sent: SentColumn = {
    out,
    key,
    isInParts,
    parts: [],
    whole: null,
    failure: null,
    costMs: job.spentMs,
    spentMs: job.spentMs,
  };
  flight.sent = sent;
  if (isInParts) return addParts(graph, { state, node, flight, sent }, cuts ?? rest, job.ms);
  const box = job.boxes.reduce(boundingBox);
  const part: Part = { box, controller: flight.controller, ms: job.ms, isDone: false };
  sent.parts.push(part);
  const task = taskOf(graph, { state, node, out, box, inputs: shareInputs(graph, state, node, out) });
  return [{ state, node, flight, part, task }];
}

interface SentNode {
  readonly state: StateTable;
  readonly node: number;
  readonly flight: Flight;
  readonly sent: SentColumn;
}

/** More parts of a node in flight, over the present inputs; `ms`: the estimate of all of them. */
function addParts(
  graph: Graph,
  { state, node, flight, sent }: SentNode,
  boxes: readonly Box[],
  ms: number,
): Errand[] {
  const out = new Column(sent.out.shape);
  const inputs = shareInputs(graph, state, node, out);
  const cells = boxes.reduce((sum, box) => sum + cellCount(box), 0);
  return boxes.map((box) => {
    const part: Part = {
      box,
      controller: new AbortController(),
      ms: (ms * cellCount(box)) / cells,
      isDone: false,
    };
    sent.parts.push(part);
    return { state, node, flight, part, task: taskOf(graph, { state, node, out, box, inputs }) };
  });
}

function taskOf(
  graph: Graph,
  {
    node,
    inputs,
    out,
    box,
  }: {
    readonly state: StateTable;
    readonly node: number;
    readonly inputs: readonly Column[];
    readonly out: Column;
    readonly box: Box;
  },
): Task {
  const { name, kernel } = formulaOf(graph, node);
  return { id: ++graph.tokens, name, kernel, inputs, out, box };
}

/** Whether the answer of the errand is still wanted. */
export function isWanted({ state, node, flight, part }: Errand): boolean {
  return state.flights.get(node) === flight && flight.sent?.parts.includes(part) === true;
}

/** What hears of answers, wanted or not. */
type Answered = () => void;

/**
 * Submits an errand. True: it was answered at once, and that was the last answer that the node awaited; it is to be
 * settled (`settleSent`).
 */
export function submitErrand(graph: Graph, errand: Errand, onAnswer?: Answered): boolean {
  const { task, part, state, node } = errand;
  const outcome = submitTask(graph, task, part.controller.signal);
  if (!isPromise(outcome)) {
    onAnswer?.();
    return takeOutcome(graph, errand, outcome);
  }
  graph.figures.dispatched++;
  if (graph.trace !== null)
    graph.emit({ kind: "sent", state: state.id, node: node as NodeId, task: task.id, box: part.box });
  awaitOutcome(graph, errand, outcome, (given) => {
    onAnswer?.();
    if (given.kind === "done") graph.figures.msElsewhere += given.costMs;
  });
  return false;
}

/** Takes the answer when it comes; `onAnswer` hears of it even if nobody wants it any more. */
export function awaitOutcome(
  graph: Graph,
  errand: Errand,
  outcome: PromiseLike<TaskOutcome>,
  onAnswer?: (outcome: TaskOutcome) => void,
): void {
  const answer = (given: TaskOutcome): void => {
    onAnswer?.(given);
    if (isWanted(errand)) arriveWith(graph, errand, given);
  };
  Promise.resolve(outcome).then(answer, (reason: unknown) =>
    answer({ kind: "failed", message: thrownText(reason) }),
  );
}

/** An answer that came later, from elsewhere or from this thread. */
function arriveWith(graph: Graph, errand: Errand, outcome: TaskOutcome): void {
  const { state, node, flight, part, task } = errand;
  const take = (): boolean => {
    if (!isWanted(errand)) return false;
    if (graph.trace !== null) {
      graph.emit({
        kind: "answered",
        state: state.id,
        node: node as NodeId,
        task: task.id,
        box: part.box,
        outcome: outcome.kind,
        ...(outcome.kind === "done" && outcome.costMs > 0 ? { ms: outcome.costMs } : {}),
        ...(outcome.kind === "done" && outcome.worker !== undefined ? { worker: outcome.worker } : {}),
      });
    }
    return takeOutcome(graph, errand, outcome);
  };
  arrive(graph, { state, node, flight, take, settle: () => settleSent(graph, state, node, flight) });
}

/** Takes an answer; true: the node awaits no other. */
export function takeOutcome(graph: Graph, { node, flight, part }: Errand, outcome: TaskOutcome): boolean {
  const sent = flight.sent as SentColumn;
  part.isDone = true;
  if (outcome.kind !== "done") {
    // What is given up now may still answer before the node is settled.
    sent.failure ??= outcomeError(outcome);
    for (const { controller, isDone } of sent.parts) if (!isDone) controller.abort();
    return true;
  }
  sent.costMs += outcome.costMs;
  sent.spentMs += outcome.costMs > 0 ? outcome.costMs : (outcome.spentMs ?? 0);
  if (outcome.costMs > 0) graph.dispatch?.learn(node, outcome.costMs, cellCount(part.box));
  if (!sent.isInParts) sent.whole = { out: outcome.out, box: part.box };
  else copyCells(sent.out, outcome.out, part.box);
  return sent.parts.every(({ isDone }) => isDone);
}

/** Settles a node that is out of flight from its answers. */
export function settleSent(graph: Graph, state: StateTable, node: number, flight: Flight): void {
  const { out, key, failure, whole, costMs, spentMs } = flight.sent as SentColumn;
  const boxes = flight.boxes as readonly Box[];
  if (failure !== null) {
    failColumn(graph, state, node, { boxes, out }, failure);
    return;
  }
  if (costMs > 0) graph.costs?.add(node, costMs);
  else graph.costs?.end(node, flight.began);
  const result = whole?.out ?? out;
  if (key !== null) storeResult(graph, key, result.clone(), spentMs);
  // The executor may keep what it gave.
  finishColumn(graph, state, node, result, whole === null ? boxes : [whole.box], whole !== null);
}

/** Sends a job whole. Afterwards the node is settled, or in flight. */
export function sendWhole(graph: Graph, job: Job, onAnswer?: Answered): void {
  for (const errand of errandsOf(graph, job, null)) {
    if (!submitErrand(graph, errand, onAnswer)) continue;
    endFlight(graph, job.state, job.node);
    settleSent(graph, job.state, job.node, errand.flight);
  }
}

/** The way of a heavy kernel where nothing is decided by cost. */
export function startHeavy(graph: Graph, job: Job): void {
  tellStarted(graph, job);
  job.key = keyOf(graph, job.state, job.node, job.out);
  if (lookUpJob(graph, job, (missed) => sendWhole(graph, missed)) === "miss") sendWhole(graph, job);
}

/** The parts of a node in flight that the dirty cells leave alone, with what is to be computed again. */
interface Continuation {
  readonly dirty: readonly Box[];
  readonly errands: (cuts: readonly Box[], ms: number) => Errand[];
}

/**
 * Of a node in parts that an edit has reached: gives up the parts with dirty cells, and takes the dirty boxes. `null`: there
 * is nothing to keep, and nothing has happened.
 */
export function keepParts(graph: Graph, state: StateTable, node: number): Continuation | null {
  const flight = state.flights.get(node);
  const sent = flight?.sent ?? null;
  if (flight === undefined || sent === null || !sent.isInParts || sent.failure !== null) return null;
  const dirty = new BoxSet();
  const slot = state.slotOf(node);
  if (((state.flags[slot] as number) & flagWhole) !== 0) return null;
  for (const box of state.boxesOf(node)) dirty.addBox(box);
  const stale = new Set<Part>();
  for (let isGrown = true; isGrown; ) {
    isGrown = false;
    for (const part of sent.parts) {
      if (stale.has(part) || !meets(dirty, part.box)) continue;
      stale.add(part);
      dirty.addBox(part.box);
      isGrown = true;
    }
  }
  if (stale.size === sent.parts.length) return null;
  takeBoxes(graph, state, node, slot, new BoxSet());
  state.flags[slot] = (state.flags[slot] as number) & ~flagDirty;
  sent.parts = sent.parts.filter((part) => !stale.has(part));
  graph.emit({
    kind: "dropped",
    state: state.id,
    node: node as NodeId,
    reason: "a value that it reads changed",
  });
  for (const { controller, isDone } of stale) if (!isDone) controller.abort();
  const boxes = dirty.list();
  const all = new BoxSet();
  for (const box of [...(flight.boxes as readonly Box[]), ...boxes]) all.addBox(box);
  flight.boxes = all.list();
  if (sent.key !== null) sent.key = keyOf(graph, state, node, sent.out);
  return {
    dirty: boxes,
    errands: (cuts, ms) => addParts(graph, { state, node, flight, sent }, cuts, ms),
  };
}

function meets(boxes: BoxSet, box: Box): boolean {
  for (let i = 0; i < boxes.count; i++) if (overlap(boxes.at(i), box) !== null) return true;
  return false;
}

function copyCells(to: Column, from: Column, box: Box): void {
  const { periods } = to.shape;
  for (let member = box.outerFrom; member < box.outerTo; member++) {
    const start = member * periods + box.from;
    const end = member * periods + box.to;
    if (to.marks === null && from.marks === null) to.numbers.set(from.numbers.subarray(start, end), start);
    else for (let cell = start; cell < end; cell++) to.copyCell(cell, from, cell);
  }
  touchBox(to, box);
}
