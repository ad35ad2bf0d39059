/**
 * What a thread that ended had in hand: who is to blame, and who runs again.
 *
 *   - Terminated on purpose: nobody is to blame; what was to be answered has been.
 *   - It was computing a task: that one is lost.
 *   - What ended it came from a task, as the thread has said: that one is lost, if it is not finished yet. The others run
 *     again; one under which `endingsMax` threads have ended is lost, too: something that others left behind for good may
 *     end every thread that it runs on.
 *   - Nobody knows where it came from, a module that was being imported perhaps: if there is one started task, it
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

const endingsMax = 8;

export function attribute(thread: Thread): Attribution {
  const jobs = [...thread.jobs.values()];
  if (thread.end !== "crashed") return { lost: [], again: jobs, fatal: new Set() };
  const { control } = thread;
  const computed = jobs.find((job) => job.number === control.task);
  if (computed !== undefined) return split(jobs, [computed]);
  const suspects = jobs.filter((job) => control.isStarted(job.number));
  if (control.blamed !== 0) {
    const blamed = suspects.filter((job) => job.number === control.blamed);
    for (const job of suspects) job.endings++;
    return split(jobs, blamed.length > 0 ? blamed : suspects.filter(({ endings }) => endings >= endingsMax));
  }
  const fatal = new Set(suspects.filter((job) => job.state !== "waiting").map((job) => job.record.address));
  for (const job of suspects) job.suspicions += suspects.length === 1 ? 2 : 1;
  return split(
    jobs,
    suspects.filter((job) => job.suspicions >= 2),
    fatal,
  );
}

function split(
  jobs: readonly Job[],
  lost: readonly Job[],
  fatal: ReadonlySet<string> = new Set(),
): Attribution {
  return { lost, again: jobs.filter((job) => !lost.includes(job)), fatal };
}
