/**
 * Port: a queue of jobs. One contract over three implementations: in this process, BullMQ on Redis, BullMQ on PostgreSQL.
 *
 * At least once: a job that is taken and not finished (its consumer died, was cut off, never came back) is given out again,
 * so whoever consumes has to be idempotent, and whoever reads `finished` has to expect it twice. What is retried is decided
 * by the scheduler, which enqueues another job: an engine gives a job out again only when its consumer was lost.
 *
 * A consumer that cannot do a job, though others can, passes it on: that is no loss, however often it happens.
 *
 *   waiting ─→ active ─→ finished
 *   ↑  delayed    │ └──→ failed (the handler threw)
 *   └─────────────┘ lost, at most `lostMax` times, then a dead letter
 */

/** Made of letters, digits, `-` and `_`, not of digits alone; unique in the engine as long as it is known there. */
export type JobId = string & { readonly brand: "job" };

export interface JobRequest {
  readonly id: JobId;
  /** All jobs of a run: what `cancel` takes. */
  readonly group: string;
  /** At most 64 KB; larger things travel by reference. */
  readonly body: Uint8Array;
  /** From 0 (first) to 2,000,000; equal ones in the order they were enqueued. */
  readonly priority: number;
  /** Not before so many ms from now; absent: at once. */
  readonly delayMs?: number;
}

/** `known`: a job of this id is there, in whatever state; nothing was added. */
export type EnqueueOutcome = "added" | "known";
export type JobState = "waiting" | "delayed" | "active" | "finished" | "failed" | "dead" | "unknown";

/** What an implementation can do; the scheduler does without, or says that it cannot. */
export interface JobCapabilities {
  readonly priority: boolean;
  readonly delay: boolean;
  readonly deduplicate: boolean;
  readonly rateLimit: boolean;
  readonly cancelActive: boolean;
  readonly survivesRestart: boolean;
  readonly isRemote: boolean;
}

/** A job as its consumer sees it. */
export interface ActiveJob {
  readonly id: JobId;
  readonly group: string;
  readonly body: Uint8Array;
  /** 1, and one more each time it was lost. */
  readonly delivery: number;
  /** Aborted when the group is cancelled, the lease is lost, or the consumption is stopped at once. */
  readonly signal: AbortSignal;
  /**
   * Says that the consumer is alive. Engines beat by themselves while the handler's promise is open and the event loop turns;
   * `false`: the lease is lost, the work is pointless. Rejects never.
   */
  readonly heartbeat: () => Promise<boolean>;
}

/** Gives a small answer (at most 16 KB), by reference where there is more. A throw makes the job `failed`. */
export type JobWork = (job: ActiveJob) => Promise<Uint8Array | PassedOn>;

/** The job is for another consumer: it waits again, behind those of its priority, and its losses are as many as before. */
export interface PassedOn {
  /** For so long the consumer takes nothing in the place that the job had, as it might take the same again. */
  readonly restMs: number;
}

export interface ConsumeOptions {
  /** How many jobs of this consumer are active at the same time. */
  readonly concurrency: number;
  /** Without a sign of life for so long a job counts as lost; absent: 30,000. */
  readonly leaseMs?: number;
  /** Named in events and figures: `host-a/4711`. */
  readonly worker: string;
}

export interface Consumption {
  /** Takes nothing more; resolves when what is active is finished, or was given back after `graceMs`. */
  readonly stop: (graceMs: number) => Promise<void>;
}

export type JobEvent =
  | { readonly kind: "active"; readonly id: JobId; readonly worker: string }
  | { readonly kind: "finished"; readonly id: JobId; readonly answer: Uint8Array }
  | { readonly kind: "failed"; readonly id: JobId; readonly message: string }
  /** Given out again. */
  | { readonly kind: "lost"; readonly id: JobId }
  | { readonly kind: "dead"; readonly id: JobId; readonly message: string }
  /** The connection was lost, or is there again: what happened meanwhile was not told, so ask `states`. */
  | { readonly kind: "disconnected" | "connected"; readonly message: string };

export interface JobCounts {
  readonly waiting: number;
  readonly delayed: number;
  readonly active: number;
  readonly finished: number;
  readonly failed: number;
  readonly dead: number;
  /** Consumers that are connected. */
  readonly consumers: number;
}

export interface DeadLetter {
  readonly id: JobId;
  readonly group: string;
  readonly body: Uint8Array;
  readonly deliveries: number;
  readonly message: string;
  readonly diedAtMs: number;
}

export interface JobEngine {
  /** `in this process`, `redis://host:6379`, without user and password. */
  readonly name: string;
  readonly capabilities: JobCapabilities;
  /** In the order given. Rejects with `BatchError` when the engine cannot be reached; what was added then is found by `states`. */
  readonly enqueue: (jobs: readonly JobRequest[]) => Promise<readonly EnqueueOutcome[]>;
  readonly consume: (handler: JobWork, options: ConsumeOptions) => Promise<Consumption>;
  /** Takes out those of the jobs that nobody has begun; the others go on. Which were taken out, in the order given. */
  readonly withdraw: (ids: readonly JobId[]) => Promise<readonly boolean[]>;
  /** Takes out what waits and aborts what is active; resolves with how many jobs that was. Later ones of the group are refused work. */
  readonly cancel: (group: string) => Promise<number>;
  readonly states: (ids: readonly JobId[]) => Promise<readonly JobState[]>;
  /** The answer of a finished job, as long as it is kept; `undefined` otherwise. */
  readonly answer: (id: JobId) => Promise<Uint8Array | undefined>;
  /** Forgets jobs that are finished, failed or dead. */
  readonly forget: (ids: readonly JobId[]) => Promise<void>;
  readonly counts: () => Promise<JobCounts>;
  /** Calls the listener in order; returns the unsubscriber. */
  readonly events: (listener: (event: JobEvent) => void) => () => void;
  readonly deadLetters: (limit: number) => Promise<readonly DeadLetter[]>;
  /** Puts dead letters back as if they were new. How many were there. */
  readonly requeue: (ids: readonly JobId[]) => Promise<number>;
  /** At most so many jobs are given out within so many ms, by all consumers together; absent: as many as can be. */
  readonly limitRate: (rate: RateLimit | undefined) => Promise<void>;
  /** What `limitRate` has set, here or elsewhere; as the engine counts it, so it may be a little less. */
  readonly rateLimit: () => Promise<RateLimit | undefined>;
  /** Lets go of connections; jobs stay where they are. May be called again. */
  readonly close: () => Promise<void>;
}

export interface RateLimit {
  readonly jobsMax: number;
  readonly perMs: number;
}
