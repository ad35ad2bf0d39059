/**
 * What a thread runs: takes frames, computes, answers.
 *
 *   1. The items of a frame are taken in order. One that was recalled is skipped; the claim says so. Before one that takes
 *      long the answers so far are posted.
 *   2. A kernel or module that is there is run at once. One that is still made or imported is run when it is there.
 *   3. Work that gives a promise is told as waiting, and the thread goes on; its answer follows.
 *   4. Whatever work leaves behind (timers, promises) is known to be its own, and is blamed when that ends the thread.
 *   5. What throws, rejects or gives cells that cannot be sent is answered `failed`. Anything else that goes wrong ends the
 *      thread, and the executor finds in the control block what it was at.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import type { Kernel } from "@reckon/engine";
import { type CallItem, TaskFrameReader, type TaskItem } from "../codec/task-frame.ts";
import {
  ControlBlock,
  ping,
  printed,
  ready,
  sharedNow,
  type TaskFrame,
  type ThreadGift,
} from "../protocol.ts";
import { AnswerOutbox } from "./answer-outbox.ts";
import { KernelShelf } from "./kernel-shelf.ts";
import { type ModuleFunction, moduleFunction } from "./module-functions.ts";
import { thrownMessage } from "./thrown-message.ts";

/** Looking at the heap costs some microseconds. */
const tasksPerHeapLook = 64;

const port = parentPort as NonNullable<typeof parentPort>;
const control = new ControlBlock((workerData as ThreadGift).control);
const kernels = new KernelShelf();
const outbox = new AnswerOutbox(port);
const working = new AsyncLocalStorage<number>();
let answered = 0;

function take(message: TaskFrame): void {
  for (const number of message.forget ?? []) kernels.forget(number);
  for (const kernel of message.kernels ?? []) kernels.put(kernel);
  const reader = new TaskFrameReader(message);
  outbox.isInFrame = true;
  while (!reader.isAtEnd) {
    const item = reader.next();
    if (item.takesLong) outbox.post(sharedNow());
    if (control.start(item.number)) begin(item);
  }
  outbox.isInFrame = false;
  outbox.post(sharedNow());
}

function begin(item: TaskItem | CallItem): void {
  const fail = (reason: unknown): void => answerFailed(item.number, reason);
  try {
    if (item.kind === "task") {
      const kernel = kernels.find(item.kernel) ?? makeKernel(item);
      if (kernel instanceof Promise) kernel.then((made) => compute(item, made), fail);
      else compute(item, kernel);
      return;
    }
    const found = moduleFunction(item.call.module, item.call.name);
    if (found instanceof Promise) found.then((called) => call(item, called), fail);
    else call(item, found);
  } catch (error) {
    fail(error);
  }
}

/** Making a kernel is work of the task that needs it first: it may go on for ever as well. */
function makeKernel(item: TaskItem): Kernel | Promise<Kernel> {
  control.enter(item.number, sharedNow());
  try {
    return kernels.make(item.kernel);
  } finally {
    control.leave();
  }
}

function compute(item: TaskItem, kernel: Kernel): void {
  run(
    item.number,
    () => kernel.compute(item.inputs, item.out, item.box),
    (_, costMs) => outbox.frame.putDone(item, costMs),
  );
}

function call(item: CallItem, called: ModuleFunction): void {
  run(
    item.number,
    () => called(...item.call.args),
    (result, costMs) => outbox.frame.putValue(item.number, result, costMs),
  );
}

/** Runs work and answers with its result, `answer`, now or when it is there. */
function run(task: number, work: () => unknown, answer: (result: unknown, costMs: number) => void): void {
  const began = sharedNow();
  control.enter(task, began);
  const finish = (result: unknown): void => {
    const now = sharedNow();
    try {
      answer(result, now - began);
    } catch (error) {
      outbox.frame.putFailed(task, thrownMessage(error));
    }
    finished(task, now);
  };
  try {
    const result = working.run(task, work);
    if (!isThenable(result)) {
      finish(result);
      return;
    }
    outbox.frame.putWaiting(task, began);
    // Through a promise of ours: another one may answer at once, or twice.
    Promise.resolve(result).then(finish, (reason: unknown) => answerFailed(task, reason));
    control.leave();
    outbox.put(sharedNow());
  } catch (error) {
    answerFailed(task, error);
  }
}

function answerFailed(task: number, reason: unknown): void {
  outbox.frame.putFailed(task, thrownMessage(reason));
  finished(task, sharedNow());
}

function finished(task: number, now: number): void {
  control.finish(task);
  if (control.task === task) control.leave();
  if (++answered % tasksPerHeapLook === 0) control.heapBytes = getHeapStatistics().used_heap_size;
  outbox.put(now);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}

const tellBlame = (): void => control.blame(working.getStore() ?? 0);
process.on("uncaughtExceptionMonitor", () => {
  // Where somebody takes it the thread goes on.
  if (!process.hasUncaughtExceptionCaptureCallback()) tellBlame();
});
process.on("exit", tellBlame);
// Standard output belongs to the results of whoever runs this.
process.stdout.write = process.stderr.write.bind(process.stderr);
port.on("message", (message: TaskFrame | typeof ping | typeof printed) => {
  if (message === ping) port.postMessage(ping);
  // Called when the other side has taken in all that stands before.
  else if (message === printed) process.stderr.write("", () => port.postMessage(printed));
  else take(message);
});
port.postMessage(ready);
