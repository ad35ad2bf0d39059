/**
 * What a queue costs, measured: jobs without work are sent through a queue of their own beside the real one, and answered in
 * this process, or in another that measures as well. So it tells of the server and the way to it, and the workers are not disturbed.
 *
 *   per job      the mean of some jobs that are sent at once, with their answers
 *   round trip   the least time of one alone
 */
import { randomBytes } from "node:crypto";
import type { BatchClock, ClusterMeasure, JobEngine, JobId } from "@reckon/batch";
import { connectStore } from "../server/connect-store.ts";
import type { ServerAddress } from "../server/server-address.ts";
import type { ServerStore } from "../server/server-store.ts";
import { openJobEngine } from "./bullmq-job-engine.ts";

const manyJobs = 40;
const tries = 3;
/** Below that the queue would have more to do than the threads. */
const chunkMsMin: Readonly<Record<ServerAddress["kind"], number>> = { redis: 10, postgres: 75 };
const threadsAtOnce = 8;
/** A probe that another process took, and was ended with, would be waited for as long as a lease lasts. */
const measuringMsMax = 5_000;
/** Where measuring took longer than that. */
const assumed: Readonly<Record<ServerAddress["kind"], Pick<ClusterMeasure, "perJobMs" | "roundTripMs">>> = {
  redis: { perJobMs: 0.5, roundTripMs: 5 },
  postgres: { perJobMs: 3, roundTripMs: 20 },
};

export interface MeasuredQueue {
  readonly options: { readonly clock: BatchClock };
  readonly address: ServerAddress;
  readonly name: string;
  readonly queue: string;
  readonly store: ServerStore;
}

export type QueueTimes = Pick<ClusterMeasure, "perJobMs" | "roundTripMs" | "chunkMsMin">;

export interface CountedWorkers {
  readonly counted: Pick<ClusterMeasure, "threads" | "workers">;
  /** Are there, and do not compute one of the bundles. */
  readonly refusing: readonly { readonly worker: string; readonly reason: string }[];
}

/** Who is there now, and computes these bundles. Cost: a round trip. */
export async function countWorkers(
  { store, queue }: MeasuredQueue,
  bundles: ReadonlySet<string>,
): Promise<CountedWorkers> {
  let workers = 0;
  let threads = 0;
  const refusing: { worker: string; reason: string }[] = [];
  for (const sign of await store.workers()) {
    if (sign.queue !== queue) continue;
    const refused = sign.refuses?.find(({ address }) => bundles.has(address));
    if (refused !== undefined) refusing.push({ worker: sign.worker, reason: refused.reason });
    else {
      workers += 1;
      threads += sign.threads;
    }
  }
  return { counted: { workers, threads }, refusing };
}

/** Cost: some 50 ms on Redis near by, 300 ms on PostgreSQL; five seconds at most. */
export async function measureQueue(measured: MeasuredQueue): Promise<QueueTimes> {
  const { kind } = measured.address;
  const late = Promise.withResolvers<QueueTimes>();
  const stopTimer = measured.options.clock.after(measuringMsMax, () =>
    late.resolve({ ...assumed[kind], chunkMsMin: chunkMsMin[kind] }),
  );
  const times = timesOf(measured);
  // What goes wrong after that goes wrong with the queue itself as well.
  times.catch(() => undefined);
  try {
    return await Promise.race([times, late.promise]);
  } finally {
    stopTimer();
  }
}

async function timesOf(measured: MeasuredQueue): Promise<QueueTimes> {
  const { options, address, name, queue } = measured;
  const { clock } = options;
  const place = { address, name, queue: `${queue}-probe` };
  const jobs = await openJobEngine({ clock }, place, await connectStore(address, name));
  try {
    const consumption = await jobs.consume(async () => new Uint8Array(), {
      concurrency: threadsAtOnce,
      worker: "probe",
    });
    const times: number[] = [];
    for (let k = 0; k < tries; k += 1) times.push(await timeOf(jobs, clock, `one-${k}`, 1));
    const manyMs = await timeOf(jobs, clock, "many", manyJobs);
    await consumption.stop(0);
    return {
      perJobMs: manyMs / manyJobs,
      roundTripMs: Math.min(...times),
      chunkMsMin: chunkMsMin[address.kind],
    };
  } finally {
    await jobs.close();
  }
}

async function timeOf(jobs: JobEngine, clock: BatchClock, group: string, count: number): Promise<number> {
  const ids = Array.from(
    { length: count },
    (_, i) => `p${randomBytes(8).toString("hex")}-${group}-${i}` as JobId,
  );
  const open = new Set(ids);
  const { promise, resolve } = Promise.withResolvers<void>();
  const leave = jobs.events((event) => {
    if (event.kind === "finished") open.delete(event.id);
    if (open.size === 0) resolve();
  });
  const began = clock.now();
  await jobs.enqueue(ids.map((id) => ({ id, group, body: new Uint8Array(), priority: 0 })));
  await promise;
  const tookMs = clock.now() - began;
  leave();
  await jobs.forget(ids);
  return tookMs;
}
