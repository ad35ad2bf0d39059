/**
 * Timeouts and cancellation. Neither can stop a thread that computes but by terminating it, so:
 *
 *   - A task past its timeout is answered `timed-out`. If it is being computed its thread is terminated; if it waits for
 *     something else it is only forgotten, as long as the thread still takes messages. Time counts from when it was started; importing has `loadMsMax`.
 *   - A cancelled task is answered `cancelled` at once. In the queue, or not started yet, it never runs. If it is being
 *     computed it may go on for `graceMs`, and after that for as long as nothing waits; its result is dropped.
 */
import type { ThreadEnd } from "../api.ts";
import type { Thread } from "../pool/thread.ts";
import { sharedNow } from "../protocol.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Job } from "./job.ts";

/** How long importing what a task needs may take before its timeout counts all the same. */
const loadMsMax = 10_000;

/** A thread that takes no message for this long is busy, and not only slow. */
const silentMsMin = 1_000;

export class Deadlines {
  private readonly dispatcher: Dispatcher;
  private readonly graceMs: number;

  constructor(dispatcher: Dispatcher, graceMs: number) {
    this.dispatcher = dispatcher;
    this.graceMs = graceMs;
  }

  /** The job was sent and has a timeout. */
  watch(job: Job): void {
    this.check(job, job.timeoutMs);
  }

  cancel(job: Job): void {
    const { thread } = job;
    const { dispatcher } = this;
    dispatcher.settle(job, { kind: "cancelled", message: "the task was superseded" });
    if (thread === null) return;
    if (thread.control.recall(job.number)) {
      thread.drop(job);
      dispatcher.plan();
    } else if (job.state === "waiting") this.forget(thread, job, "cancelled");
    else this.terminateIfWanted(job);
  }

  private check(job: Job, inMs: number): void {
    job.timer = setTimeout(() => {
      const { thread } = job;
      if (thread === null || job.isSettled) return;
      const elapsed = this.elapsed(job);
      if (elapsed < job.timeoutMs) {
        this.check(job, Math.max(1, job.timeoutMs - elapsed));
        return;
      }
      const message = `it took more than ${job.timeoutMs} ms`;
      this.dispatcher.options.onEvent({ kind: "timed-out", thread: thread.id, task: job.name, message });
      this.dispatcher.settle(job, { kind: "timed-out", message });
      if (job.state === "waiting") this.forget(thread, job, "timed-out");
      else thread.terminate("timed-out");
    }, inMs);
  }

  /** A job that waits is not wanted any more. If it does not wait but holds up its thread, the thread has to go. */
  private forget(thread: Thread, job: Job, why: ThreadEnd): void {
    thread.drop(job, true);
    this.dispatcher.plan();
    thread.answersWithin(Math.max(this.graceMs, silentMsMin)).then(
      (answers) => {
        if (!answers) thread.terminate(why);
      },
      () => undefined,
    );
  }

  /** For how many ms the job has been started. */
  private elapsed(job: Job): number {
    if (job.state === "waiting") return sharedNow() - job.since;
    const control = job.thread?.control;
    if (control?.task === job.number) return sharedNow() - control.since;
    // Sent and not computed: it is imported, or its answer is on its way.
    return performance.now() - job.sentAt > loadMsMax ? Number.POSITIVE_INFINITY : 0;
  }

  /** Looks again and again, until the task has ended or its thread is wanted for others. */
  private terminateIfWanted(job: Job): void {
    const timer = setTimeout(() => {
      const { thread } = job;
      if (thread === null || thread.state !== "ready" || thread.jobs.get(job.number) !== job) return;
      if (job.state === "waiting") this.forget(thread, job, "cancelled");
      else if (this.isWanted(thread) && thread.control.task === job.number) thread.terminate("cancelled");
      // What it needs is still imported, or it may go on.
      else this.terminateIfWanted(job);
    }, this.graceMs);
    timer.unref();
  }

  private isWanted(thread: Thread): boolean {
    return this.dispatcher.queue.length > 0 || thread.inHand > 1;
  }
}
