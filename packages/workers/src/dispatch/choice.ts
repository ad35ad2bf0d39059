/**
 * Which thread gets a task. The one with the least before it among those that have room:
 *
 *   - a task with a timeout needs a thread with nothing in hand, since terminating it would end its neighbours too; one that
 *     may have ended a thread, a thread on which nothing else could;
 *   - otherwise a thread has at most `prefetch` tasks in hand, or as many as come to `aheadMsMax`: so short tasks
 *     travel in long frames and large ones are not hoarded;
 *   - a task of which others are computed by who submitted it leaves a thread idle where the machine has no room for all
 *     (`threadsMax`).
 */
import type { Thread } from "../pool/thread.ts";
import { claimSlots } from "../protocol.ts";
import type { Job } from "./job.ts";

/** A hundred times what a message costs, there and back, and twice that. */
const aheadMsMax = 4;
const inHandMax = claimSlots / 4;
/** Calls that wait for something else, a thread. */
const waitingMax = 64;

export function chooseThread(threads: readonly Thread[], job: Job, prefetch: number): Thread | undefined {
  let best: Thread | undefined;
  const mayBegin = busyCount(threads) < job.threadsMax;
  for (const thread of threads) {
    if (!mayBegin && thread.inHand === 0) continue;
    if (!hasRoom(thread, job, prefetch)) continue;
    if (best === undefined || thread.aheadMs < best.aheadMs) best = thread;
  }
  return best;
}

/** Threads that compute. */
export function busyCount(threads: readonly Thread[]): number {
  let busy = 0;
  for (const thread of threads) if (thread.inHand > 0) busy++;
  return busy;
}

function hasRoom(thread: Thread, job: Job, prefetch: number): boolean {
  if (thread.state !== "ready" || thread.isRetiring || thread.exclusive !== null) return false;
  if (thread.taskCount >= thread.taskMax || thread.waiting >= waitingMax) return false;
  const { inHand } = thread;
  if (job.isAlone) return inHand === 0 && !thread.isFresh;
  if (job.timeoutMs > 0) return inHand === 0;
  if (inHand < prefetch) return true;
  // Once it has its fill it gets no more before half of that is done: few long frames, not many short ones.
  if (thread.isFull && 2 * thread.aheadMs > aheadMsMax) return false;
  thread.isFull = inHand >= inHandMax || thread.aheadMs + job.estimateMs > aheadMsMax;
  return !thread.isFull;
}
