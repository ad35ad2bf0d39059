/**
 * The three objects of BullMQ that we use, on either server: the queue (adds, asks, removes), its events, and a worker. What is
 * the same for all of them stands here: namespace, reconnecting, and that jobs are kept until we forget them.
 *
 * On Redis the namespace is a key prefix, on PostgreSQL a schema, which the store has made.
 */
import {
  createPostgresBackend,
  type Job,
  type KeepJobs,
  Queue,
  QueueEvents,
  type QueueOptions,
  Worker,
  type WorkerOptions,
} from "bullmq";
import { type ServerAddress, urlParts } from "../server/server-address.ts";
import { connectTimeoutMs } from "../server/server-store.ts";

/** What is sent through the queue for one job. Texts, as PostgreSQL would read other bytes as JSON and write them otherwise. */
interface JobLetter {
  readonly group: string;
  /** The body: UTF-8 as it is, anything else as base64. */
  readonly text?: string;
  readonly base64?: string;
}

export type AnswerLetter = Pick<JobLetter, "text" | "base64">;
export type QueuedJob = Job<JobLetter, AnswerLetter, string>;
export type JobQueue = Queue<JobLetter, AnswerLetter, string>;
export type JobQueueEvents = QueueEvents<AnswerLetter>;
export type JobConsumer = Worker<JobLetter, AnswerLetter, string>;

/** The conductor forgets what it has recorded; this is for conductors that never come back. */
export const keepFinished: KeepJobs = { age: 24 * 3_600, count: 100_000 };
const reconnectMsMax = 1_000;

export interface QueuePlace {
  readonly address: ServerAddress;
  /** The namespace. */
  readonly name: string;
  readonly queue: string;
}

/** Commands of it fail at once while the server is away: who enqueues shall know. */
export function openQueue(place: QueuePlace, streams: QueueOptions["streams"]): JobQueue {
  const options = {
    ...shared(place, { isPatient: false, connections: 4 }),
    ...(streams === undefined ? {} : { streams }),
  };
  const queue = open(Queue<JobLetter, AnswerLetter, string>, place, options);
  return queue;
}

/** Begins with what happens from now on. */
export function openQueueEvents(place: QueuePlace): JobQueueEvents {
  return open(QueueEvents<AnswerLetter>, place, {
    ...shared(place, { isPatient: true, connections: 2 }),
    blockingTimeout: 2_000,
  });
}

export interface ConsumerSettings {
  readonly worker: string;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly lostMax: number;
}

export function openConsumer(
  place: QueuePlace,
  work: (job: QueuedJob, token?: string) => Promise<AnswerLetter>,
  { worker, concurrency, leaseMs, lostMax }: ConsumerSettings,
): JobConsumer {
  const lease: Partial<WorkerOptions> = {
    lockDuration: leaseMs,
    lockRenewTime: leaseMs / 3,
    stalledInterval: Math.max(100, leaseMs / 3),
    maxStalledCount: lostMax,
  };
  const options = {
    ...shared(place, { isPatient: true, connections: 4 }),
    ...lease,
    // Names of connections hold no spaces.
    name: worker.replace(/[^\x21-\x7e]/g, "_"),
    concurrency,
    runRetryDelay: reconnectMsMax,
    removeOnComplete: keepFinished,
    removeOnFail: keepFinished,
  };
  return openWith(Worker<JobLetter, AnswerLetter, string>, place, [work], options);
}

interface Patience {
  readonly isPatient: boolean;
  readonly connections: number;
}

function shared({ address, name }: QueuePlace, { isPatient, connections }: Patience): object {
  // The store has looked at the server's version; BullMQ would print.
  if (address.kind === "postgres") {
    const pool = {
      connectionString: address.url,
      max: connections,
      connectionTimeoutMillis: connectTimeoutMs,
      allowExitOnIdle: true,
    };
    return { connection: { ...pool, schema: name, skipVersionCheck: true } };
  }
  const patience = isPatient
    ? { maxRetriesPerRequest: null }
    : { maxRetriesPerRequest: 0, enableOfflineQueue: true, commandTimeout: 20_000 };
  const connection = {
    ...urlParts(address.url),
    ...patience,
    protocol: 2,
    connectTimeout: connectTimeoutMs,
    retryStrategy: (times: number) => Math.min(100 * times, reconnectMsMax),
  };
  return { connection, prefix: name, skipVersionCheck: true };
}

/**
 * BullMQ's types name the server in every class; ours do not. This is the one place where the two meet.
 */
function open<T>(of: abstract new (...args: never[]) => T, place: QueuePlace, options: object): T {
  return openWith(of, place, [], options);
}

function openWith<T>(
  of: abstract new (...args: never[]) => T,
  { address, queue }: QueuePlace,
  between: readonly unknown[],
  options: object,
): T {
  const make = of as unknown as new (...args: unknown[]) => T;
  const backend = address.kind === "postgres" ? [createPostgresBackend] : [];
  return new make(queue, ...between, options, ...backend);
}
