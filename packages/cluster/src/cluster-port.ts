/**
 * The conducting side of a cluster: the queue of this process's versions, bundles, and what lies beside jobs.
 *
 *   1. `publish` bundles a program once and puts it on the server, unless it is there.
 *   2. `encode` and `decode` know which blobs a job has; when the job is forgotten they are dropped. What a conductor leaves
 *      behind that never comes back runs out by itself.
 *      A bundle that a worker has not found, or found damaged, is put there anew before its chunk is heard of.
 *   3. A server that comes back may have lost everything: before that is told, the bundles of this process and the rows of the
 *      chunks in hand are put there again, so that enqueuing the chunks again is enough.
 *
 * Memory: bundles, and rows of the chunks in hand that are larger than 32 KB.
 */
import type {
  BatchProgram,
  BlobStore,
  ChunkOutcome,
  ClusterMeasure,
  ClusterPort,
  JobEngine,
  JobId,
  RateLimit,
} from "@reckon/batch";
import type { ClusterOptions } from "./api.ts";
import { type Bundle, bundleMs, bundleName, makeBundle } from "./bundle/bundle.ts";
import {
  type ComputingVersions,
  checkName,
  computingVersions,
  defaultName,
  queueName,
} from "./bundle/queue-name.ts";
import { type Signer, signerOf } from "./bundle/signature.ts";
import { openJobEngine } from "./queue/bullmq-job-engine.ts";
import { countWorkers, measureQueue, type QueueTimes } from "./queue/measure-cluster.ts";
import { connectStore } from "./server/connect-store.ts";
import { type ServerAddress, serverAddress } from "./server/server-address.ts";
import type { ServerStore } from "./server/server-store.ts";
import { queueError } from "./server/server-trouble.ts";
import { blobMs, decodeAnswer, encodeChunk } from "./wire/chunk-codec.ts";
import { absenceText } from "./worker/worker-absence.ts";

const withoutWorkersMs = 5_000;
const decodeTriesMax = 60;
const decodeAgainMs = 500;

/** Connects the conducting side. Rejects with `BatchError` when the server cannot be reached or is refused. */
export async function connectCluster(options: ClusterOptions): Promise<ClusterPort> {
  const address = serverAddress(options.url);
  const name = checkName(options.name ?? defaultName);
  const signer = options.signingKey === undefined ? undefined : signerOf(options.signingKey);
  const versions = computingVersions();
  const queue = queueName(name, versions);
  const store = await connectStore(address, name);
  const beside = new BesideJobs(store, signer);
  const parts = { clock: options.clock, onReturn: () => beside.putAgain() };
  const jobs = await openJobEngine(parts, { address, name, queue }, store);
  return new Conductor({ options, address, name, queue, versions, store, beside, jobs });
}

/** What this process has put on the server, so that it can be dropped, or put there again. */
class BesideJobs {
  private readonly store: ServerStore;
  private readonly signer: Signer | undefined;
  /** By the program's key. */
  private readonly bundles = new Map<string, Promise<Bundle>>();
  private readonly rows = new Map<string, Uint8Array>();
  /** By address: bundles on their way to the server again. */
  private readonly mending = new Map<string, Promise<boolean>>();
  /** Names of blobs that the server was asked to drop, and did not answer. */
  private readonly undropped = new Set<string>();
  /** Names of blobs by job. */
  private readonly ofJobs = new Map<string, Set<string>>();

  constructor(store: ServerStore, signer: Signer | undefined) {
    this.store = store;
    this.signer = signer;
  }

  async publish(program: BatchProgram): Promise<string> {
    const made = this.bundles.get(program.key) ?? makeBundle(program, this.signer);
    this.bundles.set(program.key, made);
    try {
      return await this.offer(await made);
    } catch (error) {
      this.bundles.delete(program.key);
      throw error;
    }
  }

  /** Those that were published. */
  async addresses(): Promise<ReadonlySet<string>> {
    const made = await Promise.allSettled(this.bundles.values());
    return new Set(made.flatMap((each) => (each.status === "fulfilled" ? [each.value.address] : [])));
  }

  /** Puts a bundle there, whatever is there; many may ask for it at once. Whether it is one of ours. */
  mend(address: string): Promise<boolean> {
    const mended =
      this.mending.get(address) ?? this.putAnew(address).finally(() => this.mending.delete(address));
    this.mending.set(address, mended);
    return mended;
  }

  async putRows(name: string, bytes: Uint8Array): Promise<void> {
    this.belongs(name, name.slice("rows-".length));
    this.rows.set(name, bytes);
    await this.store.put(name, bytes, blobMs);
  }

  /** `block-<job id>-<delivery>`. */
  heardOf(block: string): void {
    this.belongs(block, block.slice("block-".length, block.lastIndexOf("-")));
  }

  /** Never rejects: what a server that is away cannot drop is dropped when it is back, or runs out by itself. */
  async forget(ids: readonly JobId[]): Promise<void> {
    const names = ids.flatMap((id) => [...(this.ofJobs.get(id) ?? [])]);
    for (const id of ids) this.ofJobs.delete(id);
    for (const name of names) this.rows.delete(name);
    try {
      await this.store.drop(names);
    } catch {
      for (const name of names) this.undropped.add(name);
    }
  }

  async putAgain(): Promise<void> {
    await this.store.drop([...this.undropped]);
    this.undropped.clear();
    for (const bundle of this.bundles.values()) await this.offer(await bundle);
    for (const [name, bytes] of this.rows) {
      if (!(await this.store.touch(name, blobMs))) await this.store.put(name, bytes, blobMs);
    }
  }

  private async putAnew(address: string): Promise<boolean> {
    for (const made of this.bundles.values()) {
      const bundle = await made;
      if (bundle.address !== address) continue;
      await this.store.put(bundleName(address), bundle.bytes, bundleMs);
      return true;
    }
    return false;
  }

  private async offer({ address, bytes }: Bundle): Promise<string> {
    const name = bundleName(address);
    if (!(await this.store.touch(name, bundleMs))) await this.store.put(name, bytes, bundleMs);
    return address;
  }

  private belongs(name: string, job: string): void {
    const names = this.ofJobs.get(job) ?? new Set();
    this.ofJobs.set(job, names.add(name));
  }
}

interface ConductorParts {
  readonly options: ClusterOptions;
  readonly address: ServerAddress;
  readonly name: string;
  readonly queue: string;
  readonly versions: ComputingVersions;
  readonly store: ServerStore;
  readonly beside: BesideJobs;
  readonly jobs: JobEngine;
}

class Conductor implements ClusterPort {
  readonly jobs: JobEngine;
  readonly blobs: BlobStore;
  private readonly parts: ConductorParts;
  private stopWatching: (() => void) | undefined;
  private isClosed = false;
  private times: Promise<QueueTimes> | undefined;
  private readonly told = new Set<string>();

  constructor(parts: ConductorParts) {
    const { jobs, beside, store } = parts;
    this.parts = parts;
    this.blobs = store;
    this.jobs = {
      ...engineOf(jobs),
      enqueue: (requests) => {
        this.watchForWorkers();
        return jobs.enqueue(requests);
      },
      withdraw: async (ids) => {
        const taken = await jobs.withdraw(ids);
        await beside.forget(ids.filter((_, i) => taken[i]));
        return taken;
      },
      forget: async (ids) => {
        await jobs.forget(ids);
        await beside.forget(ids);
      },
      close: () => {
        this.isClosed = true;
        this.stopWatching?.();
        return jobs.close();
      },
    };
  }

  publish: ClusterPort["publish"] = (program) => this.reach(() => this.parts.beside.publish(program));

  encode: ClusterPort["encode"] = (run, bundle, chunk, limits) =>
    this.reach(async () => {
      const { body, blob } = encodeChunk(chunk, { run, bundle, limits });
      if (blob !== undefined) await this.parts.beside.putRows(blob.name, blob.bytes);
      return body;
    });

  /** While the server is away its answers wait: they are computed, and most servers come back with them. */
  decode: ClusterPort["decode"] = async (answer) => {
    for (let tries = 1; ; tries += 1) {
      try {
        const { positions, outcome, blob, lostBundle } = await decodeAnswer(answer, this.parts.store);
        if (blob !== undefined) this.parts.beside.heardOf(blob);
        if (lostBundle !== undefined && (await this.parts.beside.mend(lostBundle)))
          this.tellOnce(
            `The bundle was gone from ${this.parts.address.shown}, or damaged there: it is put there anew`,
          );
        return { positions, outcome };
      } catch (error) {
        if (tries === decodeTriesMax || this.isClosed) return { positions: [], outcome: lostBy(error) };
        await new Promise<void>((resolve) => this.parts.options.clock.after(decodeAgainMs, resolve));
      }
    }
  };

  /** Who is there, and computes our bundles, is asked each time, what the queue costs measured once. */
  measure = (): Promise<ClusterMeasure> =>
    this.reach(async () => {
      this.times ??= measureQueue(this.parts);
      try {
        const { counted, refusing } = await countWorkers(this.parts, await this.parts.beside.addresses());
        for (const { worker, reason } of refusing)
          this.tellOnce(`The worker ${worker} does not compute this: it says of the bundle that ${reason}`);
        const limit = await this.jobs.rateLimit();
        if (limit !== undefined)
          this.tellOnce(
            `The queue at ${this.parts.address.shown} gives out ${limitText(limit)} to all its runs together`,
          );
        return { ...(await this.times), ...counted, ...(limit === undefined ? {} : { limit }) };
      } catch (error) {
        this.times = undefined;
        throw error;
      }
    });

  private async reach<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw queueError(this.parts.address.shown, error);
    }
  }

  private tellOnce(message: string): void {
    if (this.told.has(message)) return;
    this.told.add(message);
    this.parts.options.onNotice?.(message);
  }

  /** Once: whoever waits longer has read it. */
  private watchForWorkers(): void {
    const { options, store, queue, versions, address } = this.parts;
    const { onNotice } = options;
    if (onNotice === undefined) return;
    this.stopWatching ??= options.clock.after(withoutWorkersMs, () => {
      // A server that is away is told by the engine.
      store.workers().then(
        (workers) => {
          const text = absenceText({ place: address.shown, queue, versions, workers });
          if (text !== undefined) onNotice(text);
        },
        () => undefined,
      );
    });
  }
}

/** The functions of an engine, which may stand on a class. */
function engineOf(jobs: JobEngine): JobEngine {
  const { name, capabilities, enqueue, consume, withdraw, cancel, states, answer } = jobs;
  const { forget, counts, events, deadLetters, requeue, limitRate, rateLimit, close } = jobs;
  return {
    ...{ name, capabilities, enqueue, consume, withdraw, cancel, states, answer },
    ...{ forget, counts, events, deadLetters, requeue, limitRate, rateLimit, close },
  };
}

function lostBy(error: unknown): ChunkOutcome {
  return {
    kind: "lost",
    message: `the values cannot be fetched from the queue's server: ${messageOf(error)}`,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the queue's keeper has set. */
function limitText(limit: RateLimit): string {
  const units = [
    ["second", 1_000],
    ["minute", 60_000],
    ["hour", 3_600_000],
  ] as const;
  const perMs = limit.jobsMax / limit.perMs;
  const [name, ms] = units.find(([, unitMs]) => perMs * unitMs >= 1) ?? units[2];
  return `${Math.round(perMs * ms)} chunks a ${name} at most (see reckon worker --limit)`;
}
