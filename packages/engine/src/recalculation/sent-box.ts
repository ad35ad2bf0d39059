/**
 * Heavy kernels inside components: one box of a member as a task of its own.
 *
 *   1. What the component computes itself is still being written, so the task gets copies of it, and of these the cells
 *      that the box reads. What comes from outside stands still, and is shared.
 *   2. With a memo store and a version the result is looked up first. The key is the box and every cell that it reads, so it
 *      says nothing of other periods, and an edit of a late period finds the early ones again.
 *   3. The outcome's cells are put into the box; anything but `done` is `#VALUE!` with what happened as detail.
 *
 * Cost: a column a task, and the cells that its box reads.
 */
import { Column, errorValue } from "@reckon/value";
import type { Box, Precedent } from "../formula-node.ts";
import type { MemoKey, Task, TaskOutcome } from "../ports.ts";
import { wholeBox } from "../state/boxes.ts";
import { eachRead } from "../structure/time-reach.ts";
import { type Answer, cellsOf, putAnswer } from "./calls.ts";
import { formulaOf } from "./column-step.ts";
import type { ComponentRun, Member } from "./component-run.ts";
import { lookUp, namesOfPrecedents, outcomeError, storeResult, submitTask } from "./departure.ts";
import { boxKey } from "./memo-key.ts";
import { isPromise } from "./scalar-step.ts";
import { thrownText } from "./thrown-text.ts";

/** Sends a box of a member to the executor; a promise, unless the answer came at once and is in the box. */
export function sendBox(
  run: ComponentRun,
  member: Member,
  out: Column,
  box: Box,
): Promise<Answer> | undefined {
  const { graph } = run;
  const { name, kernel, precedents } = formulaOf(graph, member.node);
  const { version } = kernel;
  const places = placesOf(run, member, out, box);
  const task = taskOf(run, member, { out, box, places });
  const inputName = namesOfPrecedents(graph, precedents);
  const key =
    graph.memoStore === null || version === undefined
      ? null
      : boxKey({ name, version, shape: out.shape, inputs: task.inputs, inputName }, box, places);
  const answer = found(run, member, task, key);
  if (answer instanceof Promise) return answer;
  putAnswer(graph, member.node, out, box, answer);
  return undefined;
}

function found(run: ComponentRun, member: Member, task: Task, key: MemoKey | null): Answer | Promise<Answer> {
  const { graph, state } = run;
  const kept = key === null || graph.memoStore === null ? undefined : lookUp(graph.memoStore, key);
  const reuse = (cells: Column): Answer => {
    if (graph.trace !== null) graph.emitNode("reused", state, member.node);
    return { cells };
  };
  if (kept === undefined) return submit(run, member, task, key);
  if (!isPromise(kept)) return reuse(kept);
  return Promise.resolve(kept).then(
    (cells) => (cells === undefined ? submit(run, member, task, key) : reuse(cells)),
    () => submit(run, member, task, key),
  );
}

function submit(
  run: ComponentRun,
  member: Member,
  task: Task,
  key: MemoKey | null,
): Answer | Promise<Answer> {
  const { signal } = run.controller;
  // A look-up may take longer than anybody wants to know.
  if (signal.aborted) return { error: errorValue("#VALUE!", "cancelled") };
  const outcome = submitTask(run.graph, task, signal);
  if (!isPromise(outcome)) return answerOf(run, member, task, key, outcome);
  return Promise.resolve(outcome).then(
    (answer) => answerOf(run, member, task, key, answer),
    (reason: unknown) => answerOf(run, member, task, key, { kind: "failed", message: thrownText(reason) }),
  );
}

function answerOf(
  run: ComponentRun,
  member: Member,
  task: Task,
  key: MemoKey | null,
  outcome: TaskOutcome,
): Answer {
  if (outcome.kind !== "done") return { error: outcomeError(outcome) };
  if (run.clock !== null) member.costMs += outcome.costMs;
  const cells = cellsOf(outcome.out, task.box);
  if (key !== null) storeResult(run.graph, key, cells, outcome.costMs);
  return { cells };
}

interface Sent {
  readonly out: Column;
  readonly box: Box;
  readonly places: readonly Box[];
}

function taskOf(run: ComponentRun, member: Member, { out, box, places }: Sent): Task {
  const { graph, order } = run;
  const { name, kernel, precedents } = formulaOf(graph, member.node);
  const draft = new Column(out.shape);
  copyBox(draft, out, box);
  const inputs = member.inputs.map((input, i) => {
    const place = places[i] as Box;
    if (input === out) {
      copyBox(draft, out, place);
      return draft;
    }
    if (!order.members.includes((precedents[i] as Precedent).node)) return input;
    const copy = new Column(input.shape);
    copyBox(copy, input, place);
    return copy;
  });
  return { id: ++graph.tokens, name, kernel, inputs, out: draft, box };
}

/** Of each input the cells that a box may read. */
function placesOf(run: ComponentRun, member: Member, out: Column, box: Box): Box[] {
  const { precedents } = formulaOf(run.graph, member.node);
  return member.inputs.map((input, i) => {
    const whole = wholeBox(input.shape);
    // The flow of a stock is computed a period before what the reaches say.
    if (out !== member.out) return whole;
    const { time, outer } = precedents[i] as Precedent;
    const rows = outer.kind === "same" && input.shape.outer === out.shape.outer ? box : whole;
    const { outerFrom, outerTo } = rows;
    if (time.kind === "all" || input.shape.periods !== out.shape.periods)
      return { ...whole, outerFrom, outerTo };
    let from = whole.to;
    let to = 0;
    for (let t = box.from; t < box.to; t++) {
      eachRead(time, t, whole.to, (period) => {
        from = Math.min(from, period);
        to = Math.max(to, period + 1);
      });
    }
    return { outerFrom, outerTo, from: Math.min(from, to), to };
  });
}

function copyBox(to: Column, from: Column, box: Box): void {
  const { periods } = from.shape;
  for (let outer = box.outerFrom; outer < box.outerTo; outer++) {
    for (let cell = outer * periods + box.from; cell < outer * periods + box.to; cell++) {
      to.copyCell(cell, from, cell);
    }
  }
}
