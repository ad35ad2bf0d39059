import type { ThreadCounts } from "../api.ts";
import type { Thread } from "../pool/thread.ts";
import { sharedNow } from "../protocol.ts";

/** What each thread is at, as its control block says. */
export function threadCounts(threads: readonly Thread[]): ThreadCounts[] {
  return threads.map((thread) => {
    const { id, waiting, inHand, doneCount, control } = thread;
    const counts = { thread: id, state: stateOf(thread), tasks: inHand, waiting, done: doneCount };
    const job = thread.jobs.get(control.task);
    if (job === undefined) return counts;
    return { ...counts, runs: job.name, forMs: Math.max(0, sharedNow() - control.since) };
  });
}

function stateOf({ state, inHand }: Thread): ThreadCounts["state"] {
  if (state === "starting") return "starting";
  if (state !== "ready") return "ending";
  return inHand > 0 ? "running" : "idle";
}
