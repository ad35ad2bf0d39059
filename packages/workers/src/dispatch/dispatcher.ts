/**
 * The dispatcher: which task goes to which thread when, and what its answer becomes.
 *
 *   submit ──► queue ──(end of the turn)──► frame to a thread ──► answer ──► settled
 *                ▲                               │
 *                └──── given back ◄── thread ended, or has too much before it
 *
 *   1. What is submitted in one turn is sent at its end, in one frame a thread.
 *   2. An answer makes room, and the next tasks go at once.
 *   3. When nothing waits, a thread without work gets what another has in hand and has not started (`balance`).
 *   4. When a thread ends, what it was computing is answered, and the rest runs elsewhere (`attribution.ts`).
 *
 * Cost: some microseconds a frame, and less than one a task besides what its columns hold.
 */
import type { Task } from "@reckon/engine";
import type { WorkerEvent } from "../api.ts";
import { AnswerFrameReader } from "../codec/answer-frame.ts";
import { Lanes } from "../codec/lanes.ts";
import type { Tally } from "../measure/tally.ts";
import { freshMs, type Thread } from "../pool/thread.ts";
import { ThreadPool } from "../pool/thread-pool.ts";
import { type AnswerFrame, answerFailed, answerValue, answerWaiting } from "../protocol.ts";
import { AbortGroups } from "./abort-groups.ts";
import { attribute } from "./attribution.ts";
import { Balance } from "./balance.ts";
import { chooseThread } from "./choice.ts";
import { Deadlines } from "./deadlines.ts";
import { FatalPrograms } from "./fatal-programs.ts";
import type { Job, Outcome } from "./job.ts";
import { JobQueue } from "./job-queue.ts";
import { Keeper } from "./keeper.ts";
import { outgoingOf, unsendable } from "./outgoing.ts";
import type { WorkRecords } from "./work-records.ts";

export interface DispatcherOptions {
  readonly threads: number;
  readonly prefetch: number;
  readonly program: string;
  readonly memoryMb: number | undefined;
  readonly memoryHint: string | undefined;
  readonly recycleAfter: number;
  readonly cancelGraceMs: number;
  readonly onEvent: (event: WorkerEvent) => void;
  readonly tally: Tally;
  readonly records: WorkRecords;
  /** No thread can be made: whatever waits is to be answered some other way. */
  readonly onHopeless: (job: Job) => void;
}

/** A thread is replaced between tasks when its heap passes this share of the limit. */
const heapShareMax = 0.75;

export class Dispatcher {
  readonly pool: ThreadPool;
  readonly queue: JobQueue = new JobQueue();
  private readonly options: DispatcherOptions;
  private readonly lanes = new Lanes();
  private readonly keeper = new Keeper();
  private readonly deadlines: Deadlines;
  private readonly groups: AbortGroups;
  private readonly balance: Balance;
  private readonly fatal = new FatalPrograms();
  private freshTimer: NodeJS.Timeout | undefined;
  private readonly drainWaiters: (() => void)[] = [];
  private isPlanned = false;
  private isClosed = false;

  constructor(options: DispatcherOptions) {
    this.options = options;
    this.pool = new ThreadPool({
      threads: options.threads,
      program: options.program,
      memoryMb: options.memoryMb,
      memoryHint: options.memoryHint,
      recycleAfter: options.recycleAfter,
      lanes: this.lanes,
      onEvent: options.onEvent,
      onRoom: () => this.pump(),
      onAnswers: (thread, frame) => this.takeAnswers(thread, frame),
      onGone: (thread) => this.takeBack(thread),
    });
    this.deadlines = new Deadlines({
      graceMs: options.cancelGraceMs,
      threadOf: ({ threadId }) => this.pool.threads.find(({ id }) => id === threadId),
      isWorkQueued: () => this.queue.length > 0,
      onEvent: options.onEvent,
      settle: (job, outcome) => this.settle(job, outcome),
      plan: () => this.plan(),
    });
    this.groups = new AbortGroups((job) => this.deadlines.cancel(job));
    this.balance = new Balance({
      threads: this.pool.threads,
      threadsMax: options.threads,
      giveBack: (jobs) => this.giveBack(jobs),
      grow: (wanted) => this.pool.grow(wanted),
    });
  }

  /** How many tasks are under way and not in the queue. */
  get running(): number {
    return this.keeper.open - this.queue.length;
  }

  submit(job: Job, signal: AbortSignal | undefined): void {
    if (signal !== undefined) this.groups.join(signal, job);
    this.keeper.hold();
    this.queue.push(job);
    this.plan();
  }

  /** Sends what waits at the end of the turn. */
  plan(): void {
    if (this.isPlanned) return;
    this.isPlanned = true;
    queueMicrotask(() => {
      this.isPlanned = false;
      this.pump();
    });
  }

  settle(job: Job, outcome: Outcome): void {
    if (job.isSettled) return;
    if (job.isCounted) this.options.tally.add(outcome.kind);
    this.keeper.release();
    job.settle(outcome);
    if (job.state === "queued") this.queue.forget();
  }

  /** Puts jobs that were sent before all that wait. */
  giveBack(jobs: readonly Job[]): void {
    const wanted = jobs.filter((job) => !job.isSettled);
    for (const job of wanted) {
      job.threadId = 0;
      job.state = "queued";
      clearTimeout(job.timer);
    }
    this.options.tally.movedOn += wanted.length;
    this.queue.giveBack(wanted);
    this.plan();
  }

  drained(): Promise<void> {
    if (this.queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.drainWaiters.push(resolve));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const message = "the executor was closed";
    for (const job of this.queue.takeAll()) this.abandon(job, { kind: "cancelled", message });
    for (const thread of this.pool.threads)
      for (const job of thread.jobs.values()) this.settle(job, { kind: "cancelled", message });
    this.wakeDrainWaiters();
    this.balance.close();
    clearTimeout(this.freshTimer);
    await this.pool.close();
    this.keeper.close();
  }

  /** Sends as much as there is room for. */
  pump(): void {
    if (this.isClosed) return;
    const { pool, queue, options } = this;
    const now = performance.now();
    const written: Thread[] = [];
    for (let job = queue.peek(); job !== undefined; job = queue.peek()) {
      if (this.isFatal(job)) continue;
      job.estimateMs = estimateOf(job, options.records);
      const thread = chooseThread(pool.threads, job, options.prefetch);
      if (thread === undefined) {
        if (job.isAlone) this.lookWhenHarmless();
        break;
      }
      queue.shift();
      if (thread.unsent.length === 0) written.push(thread);
      this.assign(thread, job, now);
    }
    for (const thread of written) this.send(thread);
    const waiting = queue.peek();
    if (waiting !== undefined) this.growFor(waiting, queue.length);
    else {
      this.wakeDrainWaiters();
      this.balance.look();
    }
  }

  private growFor(first: Job, queued: number): void {
    const { pool } = this;
    let wanted = queued;
    for (const thread of pool.threads) if (thread.jobs.size > 0) wanted++;
    pool.grow(Math.min(wanted, first.threadsMax));
    if (!pool.isHopeless || pool.threads.length > 0) return;
    for (const job of this.queue.takeAll()) {
      job.state = "sent";
      this.options.onHopeless(job);
    }
    this.wakeDrainWaiters();
  }

  private assign(thread: Thread, job: Job, now: number): void {
    job.threadId = thread.id;
    job.state = "sent";
    job.sentAt = now;
    job.number = ++thread.taskCount;
    thread.jobs.set(job.number, job);
    thread.aheadMs += job.estimateMs;
    thread.unsent.push(job);
    thread.control.send(job.number);
    if (job.timeoutMs > 0 || job.isAlone) thread.exclusive = job;
    if (job.timeoutMs > 0) this.deadlines.watch(job);
    if (job.isCounted) this.options.tally.wait.add(now - job.submittedAt);
    try {
      outgoingOf(thread, job, this.lanes);
    } catch (error) {
      this.fail(thread, job, error);
    }
  }

  private fail(thread: Thread, job: Job, error: unknown): void {
    thread.drop(job);
    const message = error instanceof Error ? error.message : String(error);
    this.settle(job, { kind: "failed", message: `it could not be sent: ${message}` });
  }

  private send(thread: Thread): void {
    const jobs = thread.unsent.splice(0).filter((job) => thread.jobs.get(job.number) === job);
    const frame = thread.outgoing.take();
    this.options.tally.frames++;
    try {
      thread.post(frame);
    } catch (error) {
      // One of them holds what cannot be cloned; the others are not to blame.
      for (const kernel of frame.kernels ?? []) thread.kernels.delete(kernel.number);
      for (const kernel of frame.forget ?? []) thread.outgoing.putForgotten(kernel);
      const bad = jobs.filter(unsendable);
      for (const job of bad.length > 0 ? bad : jobs) this.fail(thread, job, error);
      const good = jobs.filter((job) => !job.isSettled);
      for (const job of good) thread.drop(job);
      this.giveBack(good);
    }
  }

  private takeAnswers(thread: Thread, frame: AnswerFrame): void {
    const reader = new AnswerFrameReader(frame);
    while (reader.next()) {
      const job = thread.jobs.get(reader.task);
      if (reader.kind === answerWaiting) {
        if (job !== undefined) this.wait(thread, job, reader.ms);
        continue;
      }
      thread.doneCount++;
      if (job === undefined) {
        reader.skip();
        continue;
      }
      if (job.isSettled) reader.skip();
      else this.takeAnswer(job, reader);
      thread.drop(job);
    }
    this.pool.calm();
    this.recycle(thread);
    this.pump();
  }

  private wait(thread: Thread, job: Job, since: number): void {
    thread.markWaiting(job, since);
    this.fatal.prove(job.record.address);
    if (job.isAlone) this.lookWhenHarmless();
  }

  /** A task that may have ended a thread holds up others only until it has waited for a while. */
  private lookWhenHarmless(): void {
    if (this.freshTimer !== undefined) return;
    this.freshTimer = setTimeout(() => {
      this.freshTimer = undefined;
      for (const thread of this.pool.threads) {
        if (thread.exclusive?.state === "waiting" && !thread.isFresh) thread.exclusive = null;
      }
      this.pump();
    }, freshMs);
    this.freshTimer.unref();
  }

  private takeAnswer(job: Job, reader: AnswerFrameReader): void {
    const { tally, records } = this.options;
    const { ms } = reader;
    if (reader.kind === answerFailed) {
      this.settle(job, { kind: "failed", message: reader.message() });
      return;
    }
    this.fatal.prove(job.record.address);
    records.measured(job.record, ms);
    if (job.isCounted) tally.run.add(ms);
    if (reader.kind === answerValue) {
      const given = reader.value();
      if ("unsent" in given) this.settle(job, { kind: "failed", message: given.unsent });
      else this.settle(job, { kind: "done", value: given.value, costMs: ms });
      return;
    }
    const { out, box } = job.task as Task;
    reader.cells(out, box, job.result?.buffer ?? null);
    this.settle(job, { kind: "done", out, costMs: ms, worker: job.threadId });
  }

  private recycle(thread: Thread): void {
    const { memoryMb, tally } = this.options;
    const heapMax = memoryMb === undefined ? Number.POSITIVE_INFINITY : memoryMb * 2 ** 20 * heapShareMax;
    if (thread.taskCount >= thread.taskMax || thread.control.heapBytes > heapMax) thread.isRetiring = true;
    if (!thread.isRetiring || thread.jobs.size > 0 || thread.state !== "ready") return;
    tally.recycled++;
    thread.terminate("recycled");
  }

  /** A thread is gone: everything that it had in hand is answered, or runs elsewhere. Gives whether a task was to blame. */
  private takeBack(thread: Thread): boolean {
    const { lost, again, fatal } = attribute(thread);
    for (const address of fatal) this.fatal.blame(address);
    for (const job of lost) {
      const message = `its thread ended while it ran: ${thread.problem}`;
      if (!job.isSettled) this.options.onEvent({ kind: "lost", thread: thread.id, task: job.name, message });
      this.settle(job, { kind: "lost", message });
    }
    for (const job of [...thread.jobs.values()]) thread.drop(job);
    if (!this.isClosed) this.giveBack(again);
    return lost.length > 0;
  }

  /** Answers a job whose program has ended threads whenever it was loaded; whether it did. */
  private isFatal(job: Job): boolean {
    const { address } = job.record;
    if (!this.fatal.has(address)) return false;
    this.settle(job, { kind: "lost", message: `${address} ended every thread that loaded it` });
    return true;
  }

  private abandon(job: Job, outcome: Outcome): void {
    job.state = "sent";
    this.settle(job, outcome);
  }

  private wakeDrainWaiters(): void {
    for (const wake of this.drainWaiters.splice(0)) wake();
  }
}

/** What a task will take, in ms; where nothing is known, more than a short one. */
function estimateOf(job: Job, records: WorkRecords): number {
  if (job.record.costMs >= 0) return job.record.costMs;
  return records.meanMs >= 0 ? 2 * records.meanMs : 2;
}
