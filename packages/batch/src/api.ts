/** What is asked of a batch, and what it tells while it runs. */
import type { Runtime } from "@reckon/host";
import type { RowFormat } from "@reckon/tables";
import type { Table } from "@reckon/value";
import type { BatchClock, RandomSource } from "./batch-clock.ts";
import type { BatchPlan, ClusterMeasure, MachineMeasure, Prediction, StrategyName } from "./batch-plan.ts";
import type { ChunkRunner } from "./chunk-runner.ts";
import type { ChunkOutcome, EntityChunk } from "./entity.ts";
import type { EntitySource } from "./entity-source.ts";
import type { JobEngine, RateLimit } from "./job-engine.ts";
import type { Ledger, RunCounts } from "./ledger.ts";
import type { BatchPolicy } from "./policy.ts";
import type { BatchProgram } from "./program.ts";
import type { BatchSummary } from "./summary.ts";

export interface BatchRequest {
  readonly program: BatchProgram;
  readonly source: EntitySource;
  readonly ledger: Ledger;
  readonly policy: BatchPolicy;
  /** `auto`: whatever the plan chooses. */
  readonly strategy: StrategyName | "auto";
  /** Chunks at the same time; absent: as the plan says. */
  readonly concurrency?: number;
  /** Entities of a chunk; absent: as the plan says. */
  readonly chunkEntities?: number;
  readonly resume: ResumeMode;
  /** Ends after the plan, which is told by `planned`; nothing is recorded, and the summary's run is empty. */
  readonly isPlanOnly?: boolean;
  /** Takes the values of entities whose deep key an earlier run has. */
  readonly skipUnchanged?: boolean;
  /** Every entity is computed, also one that reads the same as another; absent: of equal ones the first is. */
  readonly isEachComputed?: boolean;
  readonly verify?: { readonly count: number } | { readonly share: number };
  readonly pricePerCpuSecond?: number;
  /** Where the values are written as they come; absent: they are in the ledger alone. */
  readonly results?: { readonly path: string; readonly format: RowFormat };
  /** Rows of the program's side tables for the entities of a chunk, by path as written; absent: it has none. */
  readonly sideRows?: {
    readonly rowsFor: (keys: readonly string[]) => Readonly<Record<string, Table>>;
    /** What is to be told at the end: rows of keys that no entity has. */
    readonly notices?: () => readonly string[];
  };
  /**
   * Who computes the chunks of a strategy in this process, for tests; absent: this package's own runners. Not asked for
   * `cluster`. What it gives is closed at the end of the run.
   */
  readonly runners?: (strategy: StrategyName, concurrency: number) => ChunkRunner;
  /** What the plan takes the machine for; absent: it is measured. */
  readonly machine?: MachineMeasure;
  /** Where threads of the run keep results of heavy calls, as `createRuntime` takes it; absent: `off`. */
  readonly cache?: string | "off";
  /** Threads and cache for what runs in this process. */
  readonly runtime: Runtime;
  /** The queue of `cluster`; absent: that strategy is not there. */
  readonly queue?: ClusterPort;
  readonly clock: BatchClock;
  readonly random: RandomSource;
  readonly onEvent?: (event: BatchEvent) => void;
}

/** `auto`: goes on with an unfinished run of the same program, else begins one. */
export type ResumeMode = "auto" | "never" | "retry-failed";

/** How work leaves this machine: a job engine, and a way for what is too large for a job. */
export interface ClusterPort {
  readonly jobs: JobEngine;
  readonly blobs: BlobStore;
  /** Sees to it that workers can get the program; gives its address. */
  readonly publish: (program: BatchProgram) => Promise<string>;
  /** A job's body for a chunk of a program, and the chunk's outcome out of an answer. */
  readonly encode: (
    run: string,
    address: string,
    chunk: EntityChunk,
    options?: JobLimits,
  ) => Promise<Uint8Array>;
  readonly decode: (
    answer: Uint8Array,
  ) => Promise<{ readonly positions: readonly number[]; readonly outcome: ChunkOutcome }>;
  readonly measure: () => Promise<ClusterMeasure>;
}

/** What workers have to know of a run's policy. */
export interface JobLimits {
  readonly timeoutMs?: number;
  /** Of entities that begin, over all workers. */
  readonly rate?: RateLimit;
}

/** Bytes by name beside the queue, on the same server, with a time to live. */
export interface BlobStore {
  readonly put: (name: string, bytes: Uint8Array, liveMs: number) => Promise<void>;
  readonly get: (name: string) => Promise<Uint8Array | undefined>;
  readonly drop: (names: readonly string[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

export type BatchEvent =
  /** `goesOn`: the plan is that of an earlier session of the run, and what is left is computed so. */
  | {
      readonly kind: "planned";
      readonly plan: BatchPlan;
      readonly goesOn?: Pick<Prediction, "strategy" | "concurrency">;
    }
  | {
      readonly kind: "began";
      readonly run: string;
      readonly isResumed: boolean;
      readonly finishedBefore: number;
    }
  /** At most ten times a second. */
  | { readonly kind: "progress"; readonly progress: BatchProgress }
  | {
      readonly kind: "entity-failed";
      readonly key: string;
      readonly attempt: number;
      readonly message: string;
      /** Absent: it has failed for good. */
      readonly againInMs?: number;
    }
  | { readonly kind: "halting"; readonly message: string }
  | { readonly kind: "notice"; readonly message: string }
  | { readonly kind: "ended"; readonly summary: BatchSummary };

export interface BatchProgress extends RunCounts {
  /** All that there are: an estimate until somebody has counted, absent where there is none. */
  readonly ofEntities: number | undefined;
  readonly active: number;
  readonly waiting: number;
  readonly entitiesPerSecond: number;
  readonly etaMs: number | undefined;
}

/** A run under way. */
export interface BatchRun {
  /** Empty until `began` was told: a run that is resumed has to be found first. */
  readonly run: string;
  /** Resolves when the run has ended in whatever way; rejects with `BatchError` when the ledger cannot be written. */
  readonly summary: Promise<BatchSummary>;
  readonly progress: () => BatchProgress;
  /** Begins nothing more; ends what is under way after `graceMs`. The run can be resumed. */
  readonly interrupt: (graceMs: number) => void;
}
