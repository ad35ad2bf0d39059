/**
 * What a thread that ended had in hand: who is to blame, and who runs again.
 *
 *   - Terminated on purpose: nobody is to blame; what was to be answered has been.
 *   - It was computing a task: that one is lost.
 *   - It was computing none, so something that waited did it, or what was being imported: if there is one started task, it
 *     is lost; of several each runs again alone, and is lost if it ends a second thread.
 *   - What was not started, or was finished and could not be told any more, runs again.
 */
import type { Thread } from "../pool/thread.ts";
import type { Job } from "./job.ts";

export interface Attribution {
  readonly lost: readonly Job[];
  readonly again: readonly Job[];
  /** Addresses of programs and modules in whose import the thread ended. */
  readonly fatal: ReadonlySet<string>;
}

export function attribute(thread: Thread): Attribution {
  const jobs = [...thread.jobs.values()];
  if (thread.end !== "crashed") return { lost: [], again: jobs, fatal: new Set() };
  const { control } = thread;
  const computed = jobs.find((job) => job.number === control.task);
  if (computed !== undefined) {
    return { lost: [computed], again: jobs.filter((job) => job !== computed), fatal: new Set() };
  }
  const suspects = jobs.filter((job) => control.isStarted(job.number));
  const fatal = new Set(suspects.filter((job) => job.state !== "waiting").map((job) => job.record.address));
  for (const job of suspects) job.suspicions += suspects.length === 1 ? 2 : 1;
  const lost = suspects.filter((job) => job.suspicions >= 2);
  return { lost, again: jobs.filter((job) => !lost.includes(job)), fatal };
}
