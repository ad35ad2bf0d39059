/**
 * One long-lived worker thread, and what it has in hand.
 *
 *   starting ──► ready ──► ending ──► gone
 *        └──────────┴─────────────────┘   by itself
 *
 * `worker-threads-pool` removes its own listeners at the first `error`, before the thread has ended. So a thread counts as
 * gone at `exit` only, by listeners of its own.
 */
import { setImmediate, setTimeout as wait } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import type { ThreadEnd } from "../api.ts";
import type { Lanes } from "../codec/lanes.ts";
import { TaskFrameWriter } from "../codec/task-frame.ts";
import type { Job } from "../dispatch/job.ts";
import { thrownMessage } from "../program/thrown-message.ts";
import {
  type AnswerFrame,
  ControlBlock,
  ping,
  printed,
  ready,
  sharedNow,
  type TaskFrame,
  taskNumbersMax,
} from "../protocol.ts";

/** How long an idle thread that is to end may take to hand over what it has printed, and whoever reads it to take it in. */
const printMs = 5_000;

/** What has waited for so long without ending its thread counts as harmless. */
export const freshMs = 1_000;

export type ThreadState = "starting" | "ready" | "ending" | "gone";

export interface ThreadListener {
  readonly ready: (thread: Thread, spawnMs: number) => void;
  readonly answers: (thread: Thread, frame: AnswerFrame) => void;
  readonly gone: (thread: Thread) => void;
  /** What is said of one that used more memory than it may. */
  readonly outOfMemory: string;
}

export class Thread {
  readonly id: number;
  readonly control: ControlBlock = new ControlBlock();
  state: ThreadState = "starting";
  /** Why it ends or ended. */
  end: ThreadEnd = "crashed";
  /** What it said when it ended by itself. */
  problem = "";
  /** Sent and not answered, by task number, those that wait included. */
  readonly jobs: Map<number, Job> = new Map();
  /** Of those: how many wait for something else. */
  waiting = 0;
  /** What the others are estimated to take, in ms; those of unknown cost count nothing. */
  aheadMs = 0;
  /** A task that has the thread to itself: until it ends, or waits; one that may have ended a thread, for longer. */
  exclusive: Job | null = null;
  /** It has as many short tasks before it as it should have. */
  isFull = false;
  /** It is to be replaced as soon as it has nothing in hand. */
  isRetiring = false;
  wasReady = false;
  /** How many tasks it gets in its life. */
  readonly taskMax: number;
  taskCount = 0;
  doneCount = 0;
  /** By number the kernels that it has, the least used first. */
  readonly kernels: Map<number, true> = new Map();
  /** Not answered yet. */
  private pings = 0;
  private worker: Worker | null = null;
  private readonly listener: ThreadListener;
  /** What is to be sent next, and the tasks in it. */
  readonly outgoing: TaskFrameWriter;
  readonly unsent: Job[] = [];
  private readonly ended: Promise<void>;
  private resolveEnded: () => void = () => undefined;
  private resolvePrinted: () => void = () => undefined;

  private readonly lanes: Lanes;

  constructor(id: number, taskMax: number, lanes: Lanes, listener: ThreadListener) {
    this.taskMax = Math.min(taskMax, taskNumbersMax);
    this.id = id;
    this.lanes = lanes;
    this.listener = listener;
    this.outgoing = new TaskFrameWriter(lanes);
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
  }

  /** How many tasks it works on or has before it. */
  get inHand(): number {
    return this.jobs.size - this.waiting;
  }

  /** A task is no longer in hand: it was answered or given back, or it is forgotten while it is still at it. */
  drop(job: Job, isAtIt = false): void {
    if (!this.jobs.delete(job.number)) return;
    job.leaveLanes(this.lanes, isAtIt);
    this.release(job);
    if (job.state === "waiting") this.waiting--;
  }

  /** A task waits for something else from now on; others may run meanwhile. */
  markWaiting(job: Job, since: number): void {
    this.release(job);
    if (job.isAlone) this.exclusive = job;
    job.state = "waiting";
    job.since = since;
    this.waiting++;
  }

  /** Whether something on it has not waited for long yet. */
  get isFresh(): boolean {
    const now = sharedNow();
    for (const job of this.jobs.values()) if (now - job.since < freshMs) return true;
    return false;
  }

  private release(job: Job): void {
    if (this.exclusive === job) this.exclusive = null;
    if (job.state === "waiting") return;
    this.aheadMs = this.jobs.size === this.waiting ? 0 : this.aheadMs - job.estimateMs;
  }

  /** The worker is there; it keeps no process alive. */
  attach(worker: Worker, began: number): void {
    this.worker = worker;
    worker.on("message", (message: AnswerFrame | typeof ready | typeof ping | typeof printed) => {
      if (message === ready) {
        this.wasReady = true;
        if (this.state === "starting") this.state = "ready";
        this.listener.ready(this, performance.now() - began);
      } else if (message === ping) this.pings--;
      else if (message === printed) this.resolvePrinted();
      else this.listener.answers(this, message);
    });
    worker.on("messageerror", (error) => {
      this.problem = `an answer could not be read: ${error.message}`;
      this.terminate("crashed");
    });
    worker.on("error", (error: unknown) => {
      this.problem = isOutOfMemory(error) ? this.listener.outOfMemory : thrownMessage(error);
      if (this.state !== "gone") this.state = "ending";
    });
    worker.on("exit", (code) => {
      this.leave(`the thread exited with code ${code}`);
    });
    // After the listeners: adding one for messages references the worker again.
    worker.unref();
    if (this.state === "ending") this.stop();
  }

  /** Throws what cannot be cloned. */
  post(frame: TaskFrame): void {
    this.worker?.postMessage(frame);
  }

  /** It is gone, or never was. */
  leave(problem: string): void {
    if (this.problem === "") this.problem = problem;
    this.state = "gone";
    this.listener.gone(this);
    this.resolveEnded();
  }

  /** Whether it still takes messages, asked by giving it `ms` to answer one. */
  async answersWithin(ms: number): Promise<boolean> {
    if (this.state !== "ready") return false;
    this.pings++;
    this.worker?.postMessage(ping);
    // Nobody waits for this answer: it keeps no process alive.
    await wait(ms, undefined, { ref: false });
    // This thread may have been busy: what has arrived is taken in first.
    await setImmediate(undefined, { ref: false });
    return this.pings === 0;
  }

  /** Resolves when what it has printed is here; at once where it computes, or has never worked. */
  allPrinted(): Promise<void> {
    if (this.state !== "ready" || this.inHand > 0 || this.doneCount === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, printMs);
      this.resolvePrinted = () => {
        clearTimeout(timer);
        resolve();
      };
      void this.whenGone().then(this.resolvePrinted);
      this.worker?.postMessage(printed);
    });
  }

  /**
   * Resolves when a thread that is gone has nothing left of what it has printed: a reader that is slow holds it up in the
   * stream on this side.
   */
  allPassedOn(): Promise<void> {
    const stderr = this.worker?.stderr;
    if (stderr === undefined || stderr.readableEnded || this.doneCount === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, printMs);
      stderr.once("end", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  terminate(why: ThreadEnd): void {
    if (this.state === "ending" || this.state === "gone") return;
    this.end = why;
    this.state = "ending";
    this.stop();
  }

  /** Resolves when the thread is gone. */
  whenGone(): Promise<void> {
    return this.ended;
  }

  private stop(): void {
    // Also rejects nothing: an ended worker is ended.
    this.worker?.terminate().catch(() => undefined);
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY";
}
