/**
 * A worker: takes chunks from the queue, has threads compute them, answers. This process' main thread computes nothing, so it
 * goes on renewing leases however long a chunk takes.
 *
 *   job ─→ program (bundle: fetched, checked, unpacked once) ─→ rows ─→ threads ─→ values beside the queue ─→ answer
 *
 * A bundle that is refused here is for other workers: see refusals. Whatever goes wrong with a chunk is an answer; the job itself fails only by a mistake of ours. What a worker answers whose chunk
 * is another's meanwhile has a name of its own beside the queue, and no one reads it.
 */
import { availableParallelism, hostname } from "node:os";
import { join } from "node:path";
import {
  type ActiveJob,
  type ChunkOutcome,
  type ChunkThreads,
  type Consumption,
  createChunkThreads,
  type EntityChunk,
  type EntityOutcome,
  type JobEngine,
  type PassedOn,
} from "@reckon/batch";
import envPaths from "env-paths";
import type { ClusterWorker, WorkerEvent, WorkerOptions } from "../api.ts";
import type { BundleRefusal } from "../bundle/manifest.ts";
import {
  type ComputingVersions,
  checkName,
  computingVersions,
  defaultName,
  queueName,
} from "../bundle/queue-name.ts";
import { verifierOf } from "../bundle/signature.ts";
import { sweepBundles } from "../bundle/unpack-bundle.ts";
import { type SlotTaker, slotsOf } from "../queue/begin-slots.ts";
import { leaseMsDefault } from "../queue/bullmq-consumption.ts";
import { openJobEngine } from "../queue/bullmq-job-engine.ts";
import { connectStore } from "../server/connect-store.ts";
import { serverAddress } from "../server/server-address.ts";
import type { ServerStore } from "../server/server-store.ts";
import { queueError, troubleText } from "../server/server-trouble.ts";
import { type AnswerNotes, chunkOf, decodeJob, encodeOutcome } from "../wire/chunk-codec.ts";
import type { ChunkJob } from "../wire/wire.ts";
import { LostBundle, ProgramShelf, type ShelvedProgram } from "./program-shelf.ts";
import { Refusals } from "./refusals.ts";
import { WorkerHeartbeat } from "./worker-heartbeat.ts";

const putAgainMs = 500;
const none: AnswerNotes = { positions: [] };

/**
 * Starts a worker on this machine. Rejects with `BatchError` when the server cannot be reached or is refused; later it comes back
 * by itself whenever the server does.
 */
export async function startWorker(options: WorkerOptions): Promise<ClusterWorker> {
  const address = serverAddress(options.url);
  const name = checkName(options.name ?? defaultName);
  const versions = computingVersions();
  const queue = queueName(name, versions);
  const verifiers = options.trustedKeys.map(verifierOf);
  const store = await connectStore(address, name);
  const jobs = await openJobEngine({ clock: options.clock }, { address, name, queue }, store);
  const trust = { verifiers, allowUnsigned: options.allowUnsigned === true };
  const worker = new WorkerHost({ options, queue, versions, store, jobs, trust });
  try {
    await worker.start();
    return worker;
  } catch (error) {
    await worker.abandon();
    throw queueError(address.shown, error);
  }
}

interface HostParts {
  readonly options: WorkerOptions;
  readonly queue: string;
  readonly versions: ComputingVersions;
  readonly store: ServerStore;
  readonly jobs: JobEngine;
  readonly trust: ConstructorParameters<typeof ProgramShelf>[0]["trust"];
}

class WorkerHost implements ClusterWorker {
  readonly worker: string = `${hostname()}/${process.pid}`;
  private readonly parts: HostParts;
  private readonly startedAtMs: number;
  private readonly folder: string;
  private readonly threads: ChunkThreads;
  private readonly shelf: ProgramShelf;
  private readonly refusals: Refusals;
  private readonly heartbeat: WorkerHeartbeat;
  private readonly slotTaker: SlotTaker;
  private consumption: Consumption | undefined;
  private stopping: Promise<void> | undefined;
  private chunks = 0;
  private entities = 0;
  private givenUp = 0;
  private active = 0;
  private troubleTold = false;

  constructor(parts: HostParts) {
    const { options, store, trust, queue, versions } = parts;
    const { clock } = options;
    this.parts = parts;
    this.startedAtMs = clock.date();
    this.folder = options.folder ?? join(envPaths("reckon", { suffix: "" }).cache, "bundles");
    this.threads = threadsOf(options, (message) => this.tell({ kind: "late", message }));
    const { leaseMs: boundMs = leaseMsDefault } = options;
    this.refusals = new Refusals({ store, clock, queue, worker: this.worker, boundMs });
    this.slotTaker = { store, clock, onTrouble: (error) => this.tellAway(error, "chunks wait here") };
    this.shelf = new ProgramShelf({
      ...{ store, trust, clock, folder: this.folder },
      onBundle: (address, taken) => {
        if ("model" in taken) this.tell({ kind: "bundle", address, model: taken.model });
        else if (!this.refusals.has(address)) this.refuse(address, taken.refusal);
      },
    });
    this.heartbeat = new WorkerHeartbeat(
      store,
      clock,
      () => ({
        worker: this.worker,
        queue,
        engine: versions.engine,
        v8: versions.v8,
        threads: this.threads.threads,
        startedAtMs: this.startedAtMs,
        chunks: this.chunks,
        entities: this.entities,
        refuses: this.refusals.told,
      }),
      {
        leaseMs: options.leaseMs ?? leaseMsDefault,
        onTrouble: (message) => this.tell({ kind: "disconnected", message }),
      },
    );
  }

  async start(): Promise<void> {
    const { jobs, options, queue } = this.parts;
    const { leaseMs } = options;
    jobs.events((event) => {
      if (event.kind === "disconnected" || event.kind === "connected") this.tell(event);
    });
    await sweepBundles(this.folder, options.clock.date());
    await this.heartbeat.start();
    this.consumption = await jobs.consume((job) => this.work(job), {
      concurrency: this.threads.threads,
      worker: this.worker,
      ...(leaseMs === undefined ? {} : { leaseMs }),
    });
    this.tell({ kind: "ready", worker: this.worker, queue, threads: this.threads.threads });
  }

  counts: ClusterWorker["counts"] = () => ({
    chunks: this.chunks,
    entities: this.entities,
    givenUp: this.givenUp,
    active: this.active,
  });

  stop = (graceMs: number): Promise<void> => {
    this.stopping ??= this.end(graceMs);
    return this.stopping;
  };

  /** What was opened is closed; there was no work. */
  async abandon(): Promise<void> {
    await this.heartbeat.stop();
    await this.threads.close();
    await this.parts.jobs.close();
  }

  private async end(graceMs: number): Promise<void> {
    this.tell({ kind: "stopping", active: this.active });
    await this.consumption?.stop(graceMs);
    await this.heartbeat.stop();
    await this.threads.close();
    await this.shelf.close();
    await this.parts.jobs.close();
  }

  private refuse(address: string, refusal: BundleRefusal): void {
    this.refusals.add(address, refusal);
    this.tell({ kind: "refused", address, refusal });
  }

  private async work(active: ActiveJob): Promise<Uint8Array | PassedOn> {
    const job = decodeJob(active.body);
    if (job === undefined) return this.answer(active, none, failed("the job is of another protocol"));
    this.active += 1;
    try {
      const chunk = await chunkOf(job, this.parts.store);
      if (chunk === undefined)
        return await this.answer(active, none, lost("the rows are gone from the queue's server"));
      return await this.take(active, job, chunk);
    } finally {
      this.active -= 1;
    }
  }

  private async take(active: ActiveJob, job: ChunkJob, chunk: EntityChunk): Promise<Uint8Array | PassedOn> {
    const outcome = await this.compute(active, job, chunk);
    if (outcome instanceof LostBundle) {
      // Nothing was tried: the conductor puts the bundle there, and sends the chunk as it is.
      const untried: ChunkOutcome = { kind: "cancelled", message: outcome.message };
      return this.answer(active, { ...chunk, lostBundle: outcome.address }, untried);
    }
    if ("refusal" in outcome) return this.passOn(active, job, chunk, outcome.refusal);
    this.refusals.computed();
    this.count(job, chunk, outcome);
    return this.answer(active, chunk, outcome);
  }

  private async compute(
    active: ActiveJob,
    job: ChunkJob,
    chunk: EntityChunk,
  ): Promise<ChunkOutcome | LostBundle | { readonly refusal: BundleRefusal }> {
    const { bundle, timeoutMs } = job;
    const slots = slotsOf(this.slotTaker, active, job, chunk.keys.length);
    const options = {
      signal: active.signal,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(slots === undefined ? {} : { beginning: slots.beginning }),
    };
    try {
      return await this.shelf.with(bundle, async (program: ShelvedProgram) => {
        if ("refusal" in program) return program;
        return this.named(await this.threads.run(program.place, chunk, options));
      });
    } catch (error) {
      if (error instanceof LostBundle) return error;
      return lost(error instanceof Error ? error.message : String(error));
    } finally {
      slots?.end();
    }
  }

  /** To others, as long as there may be some; then its entities have failed, and may be tried again some day. */
  private async passOn(
    active: ActiveJob,
    { bundle }: ChunkJob,
    chunk: EntityChunk,
    { code, message }: BundleRefusal,
  ): Promise<Uint8Array | PassedOn> {
    const verdict = await this.refusals.judge(bundle);
    if (verdict !== "by-all") return verdict;
    const entity: EntityOutcome = {
      kind: "failed",
      code: `bundle/${code}`,
      message: `No worker at the queue computes the bundle: ${message}`,
    };
    const figures = {
      worker: this.worker,
      startedAtMs: this.parts.options.clock.date(),
      ...{ durationMs: 0, cpuMs: 0, memoryPeakBytes: 0, cacheHits: 0, cacheLookUps: 0 },
    };
    const entities = chunk.keys.map(() => entity);
    return this.answer(active, chunk, { kind: "done", entities, block: new Uint8Array(), figures });
  }

  private named(outcome: ChunkOutcome): ChunkOutcome {
    if (outcome.kind === "no-program")
      return { ...outcome, message: `${this.worker} cannot compute: ${outcome.message}` };
    if (!("figures" in outcome) || outcome.figures === undefined) return outcome;
    return {
      ...outcome,
      figures: { ...outcome.figures, worker: `${this.worker} ${outcome.figures.worker}` },
    };
  }

  private count({ run }: ChunkJob, chunk: EntityChunk, outcome: ChunkOutcome): void {
    if (outcome.kind === "cancelled") {
      this.givenUp += 1;
      return;
    }
    this.chunks += 1;
    this.entities += chunk.keys.length;
    const durationMs = outcome.kind === "done" ? outcome.figures.durationMs : 0;
    this.tell({ kind: "chunk", run, entities: chunk.keys.length, durationMs });
  }

  /** While the server is away the values wait here, as long as the chunk is ours. */
  private async answer(
    { id, delivery, signal }: ActiveJob,
    notes: AnswerNotes,
    outcome: ChunkOutcome,
  ): Promise<Uint8Array> {
    const { store, options } = this.parts;
    const blob = `block-${id}-${delivery}`;
    for (;;) {
      try {
        const answer = await encodeOutcome(outcome, notes, blob, store);
        this.troubleTold = false;
        return answer;
      } catch (error) {
        if (signal.aborted) throw error;
        this.tellAway(error, "values wait here");
        await new Promise<void>((resolve) => options.clock.after(putAgainMs, resolve));
      }
    }
  }

  /** Once, until it answers again. */
  private tellAway(error: unknown, what: string): void {
    if (!this.troubleTold)
      this.tell({ kind: "disconnected", message: `${troubleText(this.parts.jobs.name, error)}; ${what}` });
    this.troubleTold = true;
  }

  private tell(event: WorkerEvent): void {
    this.parts.options.onEvent?.(event);
  }
}

function threadsOf(options: WorkerOptions, onLate: (message: string) => void): ChunkThreads {
  const { threads = availableParallelism(), createThreads = createChunkThreads, memoryMb, cache } = options;
  return createThreads({
    threads: Math.max(1, threads),
    onLate,
    ...(memoryMb === undefined ? {} : { memoryMb }),
    ...(cache === undefined ? {} : { cache }),
  });
}

function lost(message: string): ChunkOutcome {
  return { kind: "lost", message };
}

function failed(message: string): ChunkOutcome {
  return { kind: "failed", message };
}
