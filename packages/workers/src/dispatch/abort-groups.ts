/**
 * Jobs by the signal that cancels them. A signal gets one listener, however many jobs it has over time: a component of
 * many boxes has one signal, and adding a listener costs more than the rest of sending a small task.
 */
import type { Job } from "./job.ts";

export class AbortGroups {
  private readonly groups = new WeakMap<AbortSignal, Set<Job>>();
  private readonly cancel: (job: Job) => void;

  constructor(cancel: (job: Job) => void) {
    this.cancel = cancel;
  }

  /** Gives the group from which the job is to be deleted when it is answered. */
  join(signal: AbortSignal, job: Job): Set<Job> {
    let group = this.groups.get(signal);
    if (group === undefined) {
      group = new Set();
      this.groups.set(signal, group);
      const members = group;
      signal.addEventListener("abort", () => {
        for (const member of [...members]) this.cancel(member);
        members.clear();
      });
    }
    group.add(job);
    return group;
  }
}
