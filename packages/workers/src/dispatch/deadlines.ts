/**
 * Timeouts and cancellation. Neither can stop a thread that computes but by terminating it, so:
 *
 *   - A task past its timeout is answered `timed-out`. If it is being computed its thread is terminated; if it waits for
 *     something else it is only forgotten, as long as the thread still takes messages. Time counts from when it was
 *     started; importing has `loadMsMax`.
 *   - A cancelled task is answered `cancelled` at once. In the queue, or not started yet, it never runs. If it is being
 *     computed it may go on for `graceMs`, and after that for as long as nothing waits; its result is dropped.
 */
import type { ThreadEnd, WorkerEvent } from "../api.ts";
import type { Thread } from "../pool/thread.ts";
import { sharedNow } from "../protocol.ts";
import type { Job, Outcome } from "./job.ts";

/** How long importing what a task needs may take before its timeout counts all the same. */
const loadMsMax = 10_000;

/** A thread that takes no message for this long is busy, and not only slow. */
const silentMsMin = 1_000;

export interface DeadlineOptions {
  readonly graceMs: number;
  readonly threadOf: (job: Job) => Thread | undefined;
  readonly isWorkQueued: () => boolean;
  readonly onEvent: (event: WorkerEvent) => void;
  readonly settle: (job: Job, outcome: Outcome) => void;
  /** There may be room for others. */
  readonly plan: () => void;
}

export class Deadlines {
  private readonly options: DeadlineOptions;

  constructor(options: DeadlineOptions) {
    this.options = options;
  }

  /** The job was sent and has a timeout. */
  watch(job: Job): void {
    this.check(job, job.timeoutMs);
  }

  cancel(job: Job): void {
    const { settle, threadOf, plan } = this.options;
    const thread = threadOf(job);
    settle(job, { kind: "cancelled", message: "the task was superseded" });
    if (thread === undefined) {
      // It may have been the last that waited.
      plan();
      return;
    }
    if (thread.control.recall(job.number)) {
      thread.drop(job);
      plan();
    } else if (job.state === "waiting") this.forget(thread, job, "cancelled");
    else this.terminateIfWanted(job);
  }

  private check(job: Job, inMs: number): void {
    job.timer = setTimeout(() => {
      const { threadOf, onEvent, settle } = this.options;
      const thread = threadOf(job);
      if (thread === undefined || job.isSettled) return;
      const elapsed = elapsedOf(job, thread);
      if (elapsed < job.timeoutMs) {
        this.check(job, Math.max(1, job.timeoutMs - elapsed));
        return;
      }
      const message = `it took more than ${job.timeoutMs} ms`;
      onEvent({ kind: "timed-out", thread: thread.id, task: job.name, message });
      settle(job, { kind: "timed-out", message });
      if (job.state === "waiting") this.forget(thread, job, "timed-out");
      else thread.terminate("timed-out");
    }, inMs);
  }

  /** A job that waits is not wanted any more. If it does not wait but holds up its thread, the thread has to go. */
  private forget(thread: Thread, job: Job, why: ThreadEnd): void {
    thread.drop(job, true);
    this.options.plan();
    thread.answersWithin(Math.max(this.options.graceMs, silentMsMin)).then(
      (answers) => {
        if (!answers) thread.terminate(why);
      },
      () => undefined,
    );
  }

  /** Looks again and again, until the task has ended or its thread is wanted for others. */
  private terminateIfWanted(job: Job): void {
    const timer = setTimeout(() => {
      const thread = this.options.threadOf(job);
      if (thread === undefined || thread.state !== "ready" || thread.jobs.get(job.number) !== job) return;
      if (job.state === "waiting") this.forget(thread, job, "cancelled");
      else if (this.isWanted(thread) && thread.control.task === job.number) thread.terminate("cancelled");
      // What it needs is still imported, or it may go on.
      else this.terminateIfWanted(job);
    }, this.options.graceMs);
    timer.unref();
  }

  private isWanted(thread: Thread): boolean {
    return this.options.isWorkQueued() || thread.inHand > 1;
  }
}

/** For how many ms the job has been started. */
function elapsedOf(job: Job, { control }: Thread): number {
  if (job.state === "waiting") return sharedNow() - job.since;
  if (control.task === job.number) return sharedNow() - control.since;
  // Sent and not computed: it is imported, or its answer is on its way.
  return performance.now() - job.sentAt > loadMsMax ? Number.POSITIVE_INFINITY : 0;
}
