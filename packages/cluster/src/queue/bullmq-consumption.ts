/**
 * One consumer of the queue. BullMQ gives out jobs, holds their leases and gives lost ones out again; what is ours is to know
 * when going on is pointless, and to give back what does not end in time.
 *
 *   1. A job of a cancelled group is not begun, and leaves the queue.
 *   2. While a job is active its group's mark is looked at, once for all jobs of a group. With the mark, and when the lease is
 *      lost or could not be renewed for as long as it lasts, the job's signal aborts.
 *   3. What the handler then gives is the answer of a cancelled job; of one whose lease is lost it goes nowhere, as the queue
 *      knows that the lease is another's.
 *   4. Stopping: nothing more is taken; what is active after the grace goes back to the queue, to be taken by another.
 *   5. A job that is passed on goes behind the others of its priority, with what the library calls an attempt: that counts how
 *      often it was passed on, and nothing else does. Its place rests: it stays taken, without a job.
 */
import type {
  ActiveJob,
  BatchClock,
  ConsumeOptions,
  Consumption,
  JobId,
  JobWork,
  PassedOn,
} from "@reckon/batch";
import { UnrecoverableError, WaitingError } from "bullmq";
import { closeWithin, closingMsMax, within } from "../server/close-within.ts";
import { lostTooOften } from "./bullmq-events.ts";
import {
  type AnswerLetter,
  type JobConsumer,
  openConsumer,
  type QueuedJob,
  type QueuePlace,
} from "./bullmq-queue.ts";
import { bytesOf, letterOf } from "./job-letter.ts";

/** Looks for marks at least so often. */
const watchMsMax = 1_000;
/** For saying that a job is free again. */
const givingBackMsMax = 1_000;
/** For the answers of the last jobs, when nothing more is taken. */
const answeringMsMax = 5_000;
/** Nobody computes later because nobody can be told. */
const tellingMsMax = 500;
export const leaseMsDefault = 30_000;

export interface ConsumptionParts {
  readonly place: QueuePlace;
  readonly clock: BatchClock;
  readonly lostMax: number;
  readonly isCancelled: (group: string) => Promise<boolean>;
  /** Every trouble of its connections; most mend themselves. */
  readonly onTrouble: (error: unknown) => void;
  readonly onTaken: () => void;
}

interface ActiveEntry {
  readonly job: QueuedJob;
  readonly token: string;
  readonly abort: AbortController;
  /** Ends waiting for the handler; BullMQ knows errors that say where the job goes. */
  readonly end: (where: Error) => void;
  renewedAt: number;
}

export class BullmqConsumption implements Consumption {
  private readonly parts: ConsumptionParts;
  private readonly handler: JobWork;
  private readonly leaseMs: number;
  private readonly consumer: JobConsumer;
  private readonly active = new Map<string, ActiveEntry>();
  /** Ends the rest of each place that rests. */
  private readonly resting = new Set<() => void>();
  private onQuiet: () => void = () => undefined;
  private stopWatching: () => void = () => undefined;
  private stopping: Promise<void> | undefined;

  constructor(parts: ConsumptionParts, handler: JobWork, options: ConsumeOptions) {
    this.parts = parts;
    this.handler = handler;
    this.leaseMs = options.leaseMs ?? leaseMsDefault;
    const { place, lostMax } = parts;
    const settings = { ...options, leaseMs: this.leaseMs, lostMax };
    this.consumer = openConsumer(place, (job, token) => this.work(job, token ?? ""), settings);
    this.consumer.on("error", (error) => parts.onTrouble(error));
    this.consumer.on("lockRenewalFailed", (ids: string[]) => this.abort(ids, "the lease is lost"));
    this.consumer.on("locksRenewed", ({ jobIds }: { jobIds: string[] }) => this.renewed(jobIds));
    this.watch();
  }

  ready(): Promise<void> {
    return this.consumer.waitUntilReady();
  }

  stop(graceMs: number): Promise<void> {
    this.stopping ??= this.end(graceMs);
    return this.stopping;
  }

  private async end(graceMs: number): Promise<void> {
    const { clock } = this.parts;
    const hadWork = this.active.size > 0;
    const closed = this.consumer.close();
    for (const endRest of this.resting) endRest();
    if (hadWork) {
      const stopGrace = clock.after(graceMs, () => {
        for (const entry of this.active.values()) void this.giveBack(entry);
      });
      const quiet = new Promise<void>((resolve) => {
        this.onQuiet = resolve;
      });
      await within(clock, graceMs + givingBackMsMax, Promise.race([quiet, closed]));
      stopGrace();
    }
    await closeWithin(clock, hadWork ? answeringMsMax : closingMsMax, {
      close: () => closed,
      drop: async () => {
        const backend = this.consumer.getBackend();
        await Promise.all([backend.disconnectBlocking(false), backend.disconnect()]);
      },
    });
    this.stopWatching();
  }

  private async work(job: QueuedJob, token: string): Promise<AnswerLetter> {
    const { group } = job.data;
    this.parts.onTaken();
    if (await this.isCancelled(group)) return leave(job);
    const abort = new AbortController();
    const { promise: givenBack, reject } = Promise.withResolvers<never>();
    // Nobody waits for it where the handler ends first.
    givenBack.catch(() => undefined);
    const entry: ActiveEntry = {
      job,
      token,
      abort,
      end: reject,
      renewedAt: this.parts.clock.now(),
    };
    const id = job.id as JobId;
    this.active.set(id, entry);
    try {
      await this.tellWhoHasIt(job);
      const answer = await Promise.race([this.handler(this.asActive(entry)), givenBack]);
      if (answer instanceof Uint8Array) return letterOf(answer);
      return await this.passOn(entry, answer);
    } finally {
      this.leave(id);
    }
  }

  private leave(id: JobId): void {
    this.active.delete(id);
    if (this.active.size === 0) this.onQuiet();
  }

  private async passOn({ job, token }: ActiveEntry, { restMs }: PassedOn): Promise<never> {
    const { clock } = this.parts;
    // If the server is away the lease runs out, and the job is given to another then.
    await within(clock, givingBackMsMax, this.consumer.getBackend().retryJob(job.id ?? "", false, token));
    this.leave(job.id as JobId);
    if (this.stopping === undefined)
      await new Promise<void>((resolve) => {
        const endRest = (): void => {
          untime();
          this.resting.delete(endRest);
          resolve();
        };
        const untime = clock.after(restMs, endRest);
        this.resting.add(endRest);
      });
    throw new WaitingError();
  }

  /** While the server is away nobody knows; the next look will tell. */
  private isCancelled(group: string): Promise<boolean> {
    return this.parts.isCancelled(group).catch(() => false);
  }

  /** For those who watch; whether the job is still there is said at its end. */
  private async tellWhoHasIt(job: QueuedJob): Promise<void> {
    const told = job.updateProgress({ worker: this.consumer.opts.name ?? "" });
    await within(this.parts.clock, tellingMsMax, told);
  }

  private asActive({ job, token, abort }: ActiveEntry): ActiveJob {
    const id = job.id as JobId;
    return {
      id,
      group: job.data.group,
      body: bytesOf(job.data),
      delivery: Math.max(job.attemptsStarted - job.attemptsMade, (job.stalledCounter ?? 0) + 1),
      signal: abort.signal,
      heartbeat: () => this.heartbeat(id, token),
    };
  }

  private async heartbeat(id: JobId, token: string): Promise<boolean> {
    const entry = this.active.get(id);
    if (entry === undefined || entry.abort.signal.aborted) return false;
    // While the server is away the lease is ours until it runs out.
    const lost = await this.consumer.extendJobLocks([id], [token], this.leaseMs).catch(ignore);
    if (lost !== undefined && lost.length > 0) this.abort([id], "the lease is lost");
    else if (lost !== undefined) this.renewed([id]);
    return !entry.abort.signal.aborted;
  }

  private renewed(ids: readonly string[]): void {
    const now = this.parts.clock.now();
    for (const id of ids) {
      const entry = this.active.get(id);
      if (entry !== undefined) entry.renewedAt = now;
    }
  }

  private abort(ids: readonly string[], reason: string): void {
    for (const id of ids) this.active.get(id)?.abort.abort(reason);
  }

  /** A job that outlasts one worker after the other is lost as well. */
  private async giveBack({ job, token, end, abort }: ActiveEntry): Promise<void> {
    if (job.attemptsStarted - job.attemptsMade > this.parts.lostMax) {
      end(new UnrecoverableError(lostTooOften));
    } else {
      // If the server is away the lease runs out, and the job is given to another then.
      await within(this.parts.clock, givingBackMsMax, job.moveToWait(token));
      end(new WaitingError());
    }
    abort.abort("given back");
  }

  private watch(): void {
    const everyMs = Math.min(watchMsMax, this.leaseMs / 3);
    this.stopWatching = this.parts.clock.after(everyMs, () => {
      void this.look().finally(() => {
        if (this.stopping === undefined || this.active.size > 0) this.watch();
      });
    });
  }

  private async look(): Promise<void> {
    const now = this.parts.clock.now();
    const entries = [...this.active.values()];
    for (const { job, abort, renewedAt } of entries) {
      if (now - renewedAt > this.leaseMs) abort.abort(`the lease of ${job.id} could not be renewed`);
    }
    const groups = new Set(entries.map(({ job }) => job.data.group));
    for (const group of groups) {
      if (!(await this.isCancelled(group))) continue;
      for (const { job, abort } of entries) if (job.data.group === group) abort.abort("cancelled");
    }
  }
}

function ignore(): undefined {
  return undefined;
}

/** Ends a job in such a way that the queue forgets it. */
function leave(job: QueuedJob): AnswerLetter {
  job.opts.removeOnComplete = true;
  return {};
}
