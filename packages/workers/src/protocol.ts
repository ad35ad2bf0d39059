/**
 * What travels between the executor and its threads.
 *
 * Both ways a message is a *frame*: numbers in one `Float64Array` (`words`), and beside it, where there are any, the things
 * that no number stands for. The layout of the words is in codec/task-frame.ts and codec/answer-frame.ts.
 *
 * Each thread has a *control block* in shared memory, because a thread that computes reads no messages, and one that died
 * tells nothing any more:
 *
 *   - `running`: the task that is being computed, 0 for none; `since`: from when on.
 *   - `blamed`: the task from which came what ends the thread, 0 where nobody knows.
 *   - a claim for each task in hand: `sent`, and from there either `started` by the thread or `recalled` by the executor,
 *     whoever is first (compare and exchange). So a task that was recalled is certain never to run.
 *
 * Tasks have numbers from 1 in the order in which they are sent to the thread. A claim holds number and state, so a slot
 * that is used again cannot be taken for its former task.
 */
import type { ErrorValue } from "@reckon/value";

/** Kinds of items in a frame to a thread. */
export const itemTask = 0;
export const itemCall = 1;
/** On top of the kind: it takes a while, so what is answered by then goes before it is begun. */
export const itemTakesLong = 2;

/** Kinds of answers. */
export const answerDone = 0;
export const answerFailed = 1;
/** It waits for something, and the thread is free meanwhile; another answer follows. */
export const answerWaiting = 2;
export const answerValue = 3;

/** A kernel that a thread does not know yet. */
export interface KernelNotice {
  readonly number: number;
  readonly program: string;
  readonly payload: unknown;
}

export interface CallNotice {
  readonly module: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** The marks of a column's cells, and the texts among them in cell order. */
export interface SentMarks {
  readonly marks: Int32Array;
  readonly texts: readonly string[];
}

/** Beside the words, of columns: by place. */
export interface Leftovers {
  marks: SentMarks[];
  /** What marks from `markFirstError` on stand for, by their distance from it. */
  errors: ErrorValue[];
  /** Shared lanes of large columns. */
  lanes: SharedArrayBuffer[];
}

export interface TaskFrame {
  readonly words: Float64Array;
  readonly left?: Leftovers;
  readonly kernels?: KernelNotice[];
  readonly forget?: number[];
  readonly calls?: CallNotice[];
}

export interface AnswerFrame {
  readonly words: Float64Array;
  readonly left?: Leftovers;
  readonly messages?: string[];
  readonly values?: unknown[];
  /** By place the values that could not be sent, and why. */
  readonly unsent?: Map<number, string>;
}

/** Whether a thread still takes messages: it answers with the same. */
export const ping = "ping";
export const ready = "ready";
/** Whether all that a thread has printed has arrived: it answers with the same when it has. */
export const printed = "printed";

/** What a thread is given when it is made. */
export interface ThreadGift {
  readonly control: SharedArrayBuffer;
}

/** How many claims a control block has: more tasks than a thread ever has in hand. */
export const claimSlots = 4096;
const claimSent = 0;
const claimStarted = 1;
const claimFinished = 2;
const claimRecalled = 3;
/** A thread is replaced before its numbers pass what a claim holds. */
export const taskNumbersMax: number = 2 ** 28;

/** Both sides' view of a control block. */
export class ControlBlock {
  readonly buffer: SharedArrayBuffer;
  private readonly claims: Int32Array;
  private readonly running: Int32Array;
  private readonly times: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(24 + 4 * claimSlots)) {
    this.buffer = buffer;
    this.times = new Float64Array(buffer, 0, 2);
    this.running = new Int32Array(buffer, 16, 2);
    this.claims = new Int32Array(buffer, 24, claimSlots);
  }

  /** The executor is about to send a task. */
  send(task: number): void {
    Atomics.store(this.claims, task % claimSlots, task * 4 + claimSent);
  }

  /** The thread wants to start a task; whether it may. */
  start(task: number): boolean {
    return this.change(task, claimSent, claimStarted);
  }

  /** The executor wants a task back; whether it was not started. */
  recall(task: number): boolean {
    return this.change(task, claimSent, claimRecalled);
  }

  finish(task: number): void {
    Atomics.store(this.claims, task % claimSlots, task * 4 + claimFinished);
  }

  isStarted(task: number): boolean {
    return Atomics.load(this.claims, task % claimSlots) === task * 4 + claimStarted;
  }

  isSent(task: number): boolean {
    return Atomics.load(this.claims, task % claimSlots) === task * 4 + claimSent;
  }

  /** The thread computes `task` from `now` on. */
  enter(task: number, now: number): void {
    this.times[0] = now;
    Atomics.store(this.running, 0, task);
  }

  leave(): void {
    Atomics.store(this.running, 0, 0);
  }

  /** The thread is about to end, because of what this task did or left behind. The first word counts. */
  blame(task: number): void {
    Atomics.compareExchange(this.running, 1, 0, task);
  }

  get blamed(): number {
    return Atomics.load(this.running, 1);
  }

  /** What the thread computes; 0: nothing. */
  get task(): number {
    return Atomics.load(this.running, 0);
  }

  get since(): number {
    return this.times[0] as number;
  }

  /** Bytes of the thread's heap in use, when it last looked. */
  get heapBytes(): number {
    return this.times[1] as number;
  }

  set heapBytes(bytes: number) {
    this.times[1] = bytes;
  }

  private change(task: number, from: number, to: number): boolean {
    const was = task * 4 + from;
    return Atomics.compareExchange(this.claims, task % claimSlots, was, task * 4 + to) === was;
  }
}

/** Threads have clocks of their own; the machine's monotonic one, behind them all, says how they stand to each other. */
const origin = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds by a clock that all threads share. */
export function sharedNow(): number {
  return origin + performance.now();
}
