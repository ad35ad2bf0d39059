/**
 * Threads without work get what others have in hand and have not started.
 *
 *   1. When nothing waits and a thread is idle, the thread with most before it gives back half of that: each task is claimed
 *      back, so none runs twice.
 *   2. A thread that has been at one task for `patienceMs` while others stand behind it counts as such too, whatever was
 *      estimated; where there is no idle thread for them, and one may be made, it is.
 */
import type { Thread } from "../pool/thread.ts";
import { sharedNow } from "../protocol.ts";
import { busyCount } from "./choice.ts";
import type { Job } from "./job.ts";

/** Less is not worth a message. */
const worthMs = 0.2;
const patienceMs = 10;
/** A task that takes so many times what was estimated is late. */
const late = 4;

export interface BalanceOptions {
  readonly threads: readonly Thread[];
  readonly threadsMax: number;
  readonly giveBack: (jobs: readonly Job[]) => void;
  readonly grow: (wanted: number) => void;
}

export class Balance {
  private readonly options: BalanceOptions;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: BalanceOptions) {
    this.options = options;
  }

  /** Nothing waits to be sent. */
  look(): void {
    const { threads, threadsMax, giveBack } = this.options;
    let most: Thread | undefined;
    for (const thread of threads) {
      if (thread.inHand > 1 && thread.aheadMs > (most?.aheadMs ?? -1)) most = thread;
    }
    if (most === undefined) return;
    const hasIdle = threads.some(isIdle);
    const isWorth = hasIdle && most.aheadMs > worthMs && mayMove(most, threads);
    const taken = isWorth ? takeHalf(most) : [];
    // All of it may be started, or finished and on its way.
    if (taken.length > 0) giveBack(taken);
    else if (hasIdle || threads.length < threadsMax) this.lookLater();
  }

  close(): void {
    clearTimeout(this.timer);
  }

  /** Estimates may be wrong: what has not moved for a while is looked at as it is. */
  private lookLater(): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      const { threads, grow, giveBack } = this.options;
      const stuck = threads.find(isStuck);
      if (stuck === undefined) {
        if (threads.some((thread) => thread.inHand > 1)) this.lookLater();
      } else if (threads.some(isIdle)) {
        const taken = takeHalf(stuck);
        for (const job of taken) job.threadsMax = Number.POSITIVE_INFINITY;
        giveBack(taken);
      } else {
        grow(threads.length + 1);
        this.lookLater();
      }
    }, patienceMs);
    this.timer.unref();
  }
}

function isIdle(thread: Thread): boolean {
  return thread.state === "ready" && thread.jobs.size === 0 && !thread.isRetiring;
}

/** Whether what it has in hand last may go to one without work. */
function mayMove(thread: Thread, threads: readonly Thread[]): boolean {
  const { threadsMax } = lastOf(thread);
  return busyCount(threads) < threadsMax;
}

function lastOf({ jobs }: Thread): Job {
  let last: Job | undefined;
  for (const job of jobs.values()) last = job;
  return last as Job;
}

/** It has been at one task for a while, where others may go elsewhere; otherwise for far longer than was to be expected. */
function isStuck(thread: Thread): boolean {
  const { inHand, control, jobs } = thread;
  if (inHand < 2 || control.task === 0) return false;
  const ms = sharedNow() - control.since;
  if (ms < patienceMs) return false;
  if (lastOf(thread).threadsMax === Number.POSITIVE_INFINITY) return true;
  return ms >= late * (jobs.get(control.task)?.estimateMs ?? 0);
}

/** Claims back half of what a thread has not started, the last first; in the order in which it was sent. */
function takeHalf(thread: Thread): Job[] {
  const unstarted = [...thread.jobs.values()].filter((job) => thread.control.isSent(job.number));
  const wanted = Math.ceil(unstarted.length / 2);
  const taken: Job[] = [];
  for (let job = unstarted.pop(); job !== undefined && taken.length < wanted; job = unstarted.pop()) {
    if (!thread.control.recall(job.number)) break;
    thread.drop(job);
    taken.unshift(job);
  }
  return taken;
}
