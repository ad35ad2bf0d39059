/**
 * The job engine over BullMQ, on Redis or PostgreSQL. Trying again, splitting and halting are the scheduler's, so a job here is
 * tried once; given out again it is only when its consumer was lost.
 *
 * Invariants:
 *   - A priority is always set: jobs without one would run before all others. Ours begin at 1.
 *   - Finished jobs stay until they are forgotten, so that a conductor that comes back finds their answers; an id that is
 *     known adds nothing.
 *   - A cancelled group is a mark beside the queue, which every consumer looks at. The engine that set it goes on refusing the
 *     group; one that comes later and enqueues jobs of the group lifts it: it resumes the run.
 *
 * Cost: a round trip for the jobs of one call; looking through what waits for `cancel`.
 */
import {
  BatchError,
  type ConsumeOptions,
  type Consumption,
  type DeadLetter,
  type EnqueueOutcome,
  type JobCapabilities,
  type JobCounts,
  type JobEngine,
  type JobEvent,
  type JobId,
  type JobRequest,
  type JobState,
  type JobWork,
  type RateLimit,
} from "@reckon/batch";
import type { QueueOptions } from "bullmq";
import type { ClusterOptions } from "../api.ts";
import { checkName, defaultName } from "../bundle/queue-name.ts";
import { closeWithin, closingMsMax } from "../server/close-within.ts";
import { connectStore } from "../server/connect-store.ts";
import { serverAddress } from "../server/server-address.ts";
import type { ServerStore } from "../server/server-store.ts";
import { queueError } from "../server/server-trouble.ts";
import { BullmqConsumption } from "./bullmq-consumption.ts";
import { BullmqEvents, lostText, lostTooOften } from "./bullmq-events.ts";
import {
  type AnswerLetter,
  type JobQueue,
  keepFinished,
  openQueue,
  type QueuedJob,
  type QueuePlace,
} from "./bullmq-queue.ts";
import { checkRequests } from "./job-form.ts";
import { bytesOf, letterOf } from "./job-letter.ts";
import { queueRate } from "./queue-rate.ts";

export interface JobEngineOptions extends Pick<ClusterOptions, "url" | "clock" | "name"> {
  readonly queue: string;
  readonly settings?: Pick<QueueOptions, "streams">;
  /** A job that was lost more often is a dead letter; absent: 3. */
  readonly lostMax?: number;
}

export interface JobEngineParts extends Pick<JobEngineOptions, "clock" | "settings" | "lostMax"> {
  /** Called when the server is back, before that is told. */
  readonly onReturn?: () => Promise<void>;
}

const lostMaxDefault = 3;
const noJob = "none";
const markMs = 24 * 3_600_000;
const waitingStates = ["waiting", "prioritized", "delayed"] as const;
/** Jobs looked at in one go. */
const pageJobs = 1_000;

/** Connects to a queue. Rejects with `BatchError` when the server cannot be reached or is refused. */
export async function createBullmqJobEngine(options: JobEngineOptions): Promise<JobEngine> {
  const address = serverAddress(options.url);
  const name = checkName(options.name ?? defaultName);
  const store = await connectStore(address, name);
  return openJobEngine(options, { address, name, queue: options.queue }, store);
}

/** The engine over a store that is connected; closing it closes the store. */
export async function openJobEngine(
  options: JobEngineParts,
  place: QueuePlace,
  store: ServerStore,
): Promise<JobEngine> {
  const engine = new BullmqJobEngine(options, place, store);
  try {
    await engine.ready();
    return engine;
  } catch (error) {
    await engine.close();
    throw queueError(place.address.shown, error);
  }
}

class BullmqJobEngine implements JobEngine {
  readonly name: string;
  readonly capabilities: JobCapabilities = {
    priority: true,
    delay: true,
    deduplicate: true,
    rateLimit: true,
    cancelActive: true,
    survivesRestart: true,
    isRemote: true,
  };
  private readonly options: JobEngineParts;
  private readonly place: QueuePlace;
  private readonly store: ServerStore;
  private readonly queue: JobQueue;
  private readonly heard: BullmqEvents;
  private readonly consumptions = new Set<BullmqConsumption>();
  private readonly cancelled = new Set<string>();
  /** Groups whose mark, if there was one, is lifted. */
  private readonly begun = new Set<string>();
  private rate: RateLimit | undefined;
  private closing: Promise<void> | undefined;

  constructor(options: JobEngineParts, place: QueuePlace, store: ServerStore) {
    this.options = options;
    this.place = place;
    this.store = store;
    this.name = place.address.shown;
    this.queue = openQueue(place, options.settings?.streams);
    this.heard = new BullmqEvents({
      place,
      queue: this.queue,
      clock: options.clock,
      life: () => store.life(),
      onReturn: async () => {
        await this.setRate();
        await options.onReturn?.();
      },
    });
    this.queue.on("error", (error) => this.heard.trouble(error));
  }

  /** Scripts are run as well, as whoever asks may have no right to: by their text the first time, by their hash the next. */
  async ready(): Promise<void> {
    await this.queue.waitUntilReady();
    for (let k = 0; k < 2; k += 1) await this.queue.getJobState(noJob);
  }

  enqueue = (jobs: readonly JobRequest[]): Promise<readonly EnqueueOutcome[]> => {
    checkRequests(jobs);
    return this.reach(async () => {
      await this.liftMarks(jobs);
      const states = await Promise.all(jobs.map(({ id }) => this.queue.getJobState(id)));
      const fresh = jobs.filter(({ group }, i) => states[i] === "unknown" && !this.cancelled.has(group));
      await this.heard.take(jobs.filter(({ group }) => !this.cancelled.has(group)).map(({ id }) => id));
      try {
        if (fresh.length > 0) await this.queue.addBulk(fresh.map(queued));
      } catch (error) {
        // Whoever enqueues asks for their states; that they are not there is no news.
        this.heard.letGo(fresh.map(({ id }) => id));
        throw error;
      }
      return states.map((state) => (state === "unknown" ? "added" : "known"));
    });
  };

  consume = async (handler: JobWork, options: ConsumeOptions): Promise<Consumption> => {
    const { clock, lostMax = lostMaxDefault } = this.options;
    const isCancelled = (group: string): Promise<boolean> => this.isMarked(group);
    const consumption = new BullmqConsumption(
      {
        ...{ place: this.place, clock, lostMax, isCancelled },
        onTrouble: (error) => this.heard.trouble(error),
        onTaken: () => this.heard.untroubled(),
      },
      handler,
      options,
    );
    this.consumptions.add(consumption);
    await consumption.ready();
    return consumption;
  };

  withdraw = (ids: readonly JobId[]): Promise<readonly boolean[]> =>
    this.reach(async () => {
      const waiting = new Set<string>(waitingStates);
      const jobs = await Promise.all(ids.map((id) => this.queue.getJob(id)));
      const states = await Promise.all(ids.map((id) => this.queue.getJobState(id)));
      const taken = await Promise.all(
        jobs.map((job, i) => job !== undefined && waiting.has(states[i] ?? "") && removeUnlessTaken(job)),
      );
      this.heard.letGo(ids.filter((_, i) => taken[i]));
      return taken;
    });

  cancel = (group: string): Promise<number> =>
    this.reach(async () => {
      this.cancelled.add(group);
      // Before the mark: with it they are gone sooner than they are counted.
      const waiting = await this.jobsOf(group, waitingStates);
      const active = await this.jobsOf(group, ["active"]);
      await this.store.put(markOf(group), new Uint8Array(), markMs);
      await Promise.all(waiting.map(removeUnlessTaken));
      this.heard.letGo(waiting.map(({ id }) => id as JobId));
      return new Set([...waiting, ...active].map(({ id }) => id)).size;
    });

  states = (ids: readonly JobId[]): Promise<readonly JobState[]> =>
    this.reach(() => Promise.all(ids.map((id) => this.stateOf(id))));

  answer = (id: JobId): Promise<Uint8Array | undefined> =>
    this.reach(async () => {
      const job = await this.queue.getJob(id);
      if (job === undefined || job.finishedOn === undefined || job.failedReason) return undefined;
      return bytesOf((job.returnvalue ?? {}) as AnswerLetter);
    });

  forget = (ids: readonly JobId[]): Promise<void> =>
    this.reach(async () => {
      const states = await Promise.all(ids.map((id) => this.queue.getJobState(id)));
      const dead = await Promise.all(
        ids.map(async (id, i) => states[i] === "failed" && (await this.stateOf(id)) === "dead"),
      );
      // Dead letters stay, for whoever wants to know what ended the workers; they run out by themselves.
      const over = ids.filter((_, i) => (states[i] === "completed" || states[i] === "failed") && !dead[i]);
      this.heard.letGo(ids.filter((_, i) => dead[i]));
      this.heard.letGo(over);
      await Promise.all(over.map((id) => this.queue.remove(id)));
    });

  counts = (): Promise<JobCounts> =>
    this.reach(async () => {
      const counts = await this.queue.getJobCounts(...waitingStates, "active", "completed", "failed");
      const of = (state: string): number => counts[state] ?? 0;
      const dead = of("failed") === 0 ? 0 : (await this.dead()).length;
      return {
        waiting: of("waiting") + of("prioritized"),
        delayed: of("delayed"),
        active: of("active"),
        finished: of("completed"),
        failed: of("failed") - dead,
        dead,
        consumers: await this.queue.getWorkersCount(),
      };
    });

  events = (listener: (event: JobEvent) => void): (() => void) => this.heard.subscribe(listener);

  deadLetters = (limit: number): Promise<readonly DeadLetter[]> =>
    this.reach(async () => (await this.dead()).slice(0, limit).map(deadLetter));

  requeue = (ids: readonly JobId[]): Promise<number> =>
    this.reach(async () => {
      const wanted = new Set<string>(ids);
      const dead = (await this.dead()).filter(({ id }) => wanted.has(id ?? ""));
      await this.heard.take(dead.map(({ id }) => id as JobId));
      for (let from = 0; from < dead.length; from += pageJobs) {
        const jobs = dead.slice(from, from + pageJobs);
        // Added anew, as their losses count no more.
        await Promise.all(jobs.map((job) => job.remove()));
        await this.queue.addBulk(
          jobs.map(({ name, data, id, opts }) => ({
            ...{ name, data },
            opts: { ...kept, jobId: id ?? "", priority: opts.priority ?? 1 },
          })),
        );
      }
      return dead.length;
    });

  limitRate = (rate: RateLimit | undefined): Promise<void> => {
    this.rate = rate;
    return this.reach(async () => {
      if (rate === undefined) await this.queue.removeGlobalRateLimit();
      else await this.setRate();
    });
  };

  rateLimit = (): Promise<RateLimit | undefined> =>
    this.reach(async () => {
      const found = await this.queue.getGlobalRateLimit();
      return found === null ? undefined : { jobsMax: found.max, perMs: found.duration };
    });

  close = (): Promise<void> => {
    this.closing ??= this.end();
    return this.closing;
  };

  private async end(): Promise<void> {
    await Promise.all([...this.consumptions].map((consumption) => consumption.stop(0)));
    await this.heard.close();
    await closeWithin(this.options.clock, closingMsMax, {
      close: () => this.queue.close(),
      drop: () => this.queue.disconnect(),
    });
    await this.store.close();
  }

  private async setRate(): Promise<void> {
    if (this.rate === undefined) return;
    const { max, durationMs } = queueRate(this.rate);
    await this.queue.setGlobalRateLimit(max, durationMs);
  }

  private async stateOf(id: JobId): Promise<JobState> {
    const state = await this.queue.getJobState(id);
    if (state !== "failed") return stateNames[state] ?? "unknown";
    const job = await this.queue.getJob(id);
    return job?.failedReason === lostTooOften ? "dead" : "failed";
  }

  private async isMarked(group: string): Promise<boolean> {
    return (await this.store.get(markOf(group))) !== undefined;
  }

  private async liftMarks(jobs: readonly JobRequest[]): Promise<void> {
    const groups = [...new Set(jobs.map(({ group }) => group))];
    const resumed = groups.filter((group) => !this.cancelled.has(group) && !this.begun.has(group));
    await this.store.drop(resumed.map(markOf));
    for (const group of resumed) this.begun.add(group);
  }

  private async jobsOf(
    group: string,
    states: readonly (typeof waitingStates)[number][] | ["active"],
  ): Promise<QueuedJob[]> {
    const found: QueuedJob[] = [];
    for (let from = 0; ; from += pageJobs) {
      // Of each state so many.
      const page = await this.queue.getJobs([...states], from, from + pageJobs - 1);
      found.push(...page.filter((job) => job?.data.group === group));
      if (page.length === 0) return found;
    }
  }

  private async dead(): Promise<QueuedJob[]> {
    const found: QueuedJob[] = [];
    for (let from = 0; ; from += pageJobs) {
      const page = await this.queue.getJobs(["failed"], from, from + pageJobs - 1);
      found.push(...page.filter((job) => job?.failedReason === lostTooOften));
      if (page.length < pageJobs) return found;
    }
  }

  /** What goes wrong on the way to the server is told as such, without its address' secrets. */
  private async reach<T>(ask: () => Promise<T>): Promise<T> {
    if (this.closing !== undefined) throw new BatchError("misuse", `the queue at ${this.name} is closed`);
    try {
      return await ask();
    } catch (error) {
      throw queueError(this.name, error);
    }
  }
}

const stateNames: Readonly<Record<string, JobState>> = {
  waiting: "waiting",
  prioritized: "waiting",
  delayed: "delayed",
  active: "active",
  completed: "finished",
  failed: "failed",
};

const kept = { attempts: 1, removeOnComplete: keepFinished, removeOnFail: keepFinished } as const;

function queued({
  id,
  group,
  body,
  priority,
  delayMs,
}: JobRequest): Parameters<JobQueue["addBulk"]>[0][number] {
  const delay = delayMs === undefined || delayMs <= 0 ? {} : { delay: Math.ceil(delayMs) };
  return {
    name: "chunk",
    data: { group, ...letterOf(body) },
    opts: { ...kept, ...delay, jobId: id, priority: priority + 1 },
  };
}

function markOf(group: string): string {
  return `cancelled-${group}`;
}

/** A job that was taken in the meantime is locked: it is active now, and aborted as such. */
async function removeUnlessTaken(job: QueuedJob): Promise<boolean> {
  try {
    await job.remove();
    return true;
  } catch {
    return false;
  }
}

function deadLetter(job: QueuedJob): DeadLetter {
  return {
    id: job.id as JobId,
    group: job.data.group,
    body: bytesOf(job.data),
    // The start that finds it lost too often counts as one; those that were given back are only counted as starts.
    deliveries: job.stalledCounter || job.attemptsStarted,
    message: lostText,
    diedAtMs: job.finishedOn ?? 0,
  };
}
