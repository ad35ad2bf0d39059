/** Jobs that wait to be sent, first come, first sent; those that come back stand before the others. */
import type { Job } from "./job.ts";

/** So many answered jobs stay where they are. */
const forgottenMax = 64;

export class JobQueue {
  private jobs: Job[] = [];
  private at = 0;
  /** The last is the next one. */
  private returned: Job[] = [];
  private settledCount = 0;

  /** How many wait. */
  get length(): number {
    return this.returned.length + this.jobs.length - this.at - this.settledCount;
  }

  push(job: Job): void {
    this.jobs.push(job);
  }

  /** Puts jobs before all others, in their order. */
  giveBack(jobs: readonly Job[]): void {
    for (let i = jobs.length - 1; i >= 0; i--) this.returned.push(jobs[i] as Job);
  }

  /** A job that waits here was answered. Behind one that waits for long there may be any number of these. */
  forget(): void {
    this.settledCount++;
    if (this.settledCount > forgottenMax && this.settledCount > this.length) this.clear();
  }

  peek(): Job | undefined {
    for (;;) {
      const last = this.returned.at(-1);
      const job = last ?? this.jobs[this.at];
      if (job === undefined || !job.isSettled) return job;
      this.skip();
      this.settledCount--;
    }
  }

  shift(): void {
    this.skip();
  }

  /** All that wait, which then wait no longer. */
  takeAll(): Job[] {
    const all = [...this.returned.reverse(), ...this.jobs.slice(this.at)].filter(isWaiting);
    this.jobs = [];
    this.returned = [];
    this.at = 0;
    this.settledCount = 0;
    return all;
  }

  /** Lets go of those that were answered. */
  private clear(): void {
    this.returned = this.returned.filter(isWaiting);
    this.jobs = this.jobs.slice(this.at).filter(isWaiting);
    this.at = 0;
    this.settledCount = 0;
  }

  private skip(): void {
    if (this.returned.length > 0) {
      this.returned.pop();
      return;
    }
    this.at++;
    if (this.at < 1024 || this.at * 2 < this.jobs.length) return;
    this.jobs = this.jobs.slice(this.at);
    this.at = 0;
  }
}

function isWaiting(job: Job): boolean {
  return !job.isSettled;
}
