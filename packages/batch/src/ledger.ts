/**
 * Port: the ledger, what is remembered of runs. SQLite in a file, or PostgreSQL; one schema (docs/spec/ledger.md).
 *
 * One writer a run: the process that conducts it. Workers never write here, so nothing depends on their clocks or on their
 * reaching the database. Every write is one transaction and may be repeated: what has ended stays as it ended.
 *
 * A process that stood still for longer than its lease does not know that another one has the run by now. So every write says
 * who writes (`owner`, a name that is given once), and is refused with `taken-over`, in its own transaction, where that is not
 * who has the run; without an `owner`, where anybody has it.
 */
import type { BatchPlan, StrategyName } from "./batch-plan.ts";
import type { ChunkFigures, ChunkId, EntityOutcome, RowProblem, RunId } from "./entity.ts";
import type { BatchPolicy } from "./policy.ts";
import type { BatchSummary } from "./summary.ts";

/** `interrupted`: it can be resumed. A run that is `running` while nobody holds its lease was killed: interrupted as well. */
export type RunState = "running" | "succeeded" | "failed" | "halted" | "interrupted";
export type EntityState = "succeeded" | "failed" | "invalid" | "skipped";

export interface RunStart {
  readonly run: RunId;
  readonly model: string;
  readonly modelPath: string;
  readonly scenario: string;
  readonly axis: string;
  readonly source: string;
  readonly programKey: string;
  readonly policy: BatchPolicy;
  readonly startedAtMs: number;
  readonly versions: Readonly<Record<"reckon" | "engine" | "node" | "v8", string>>;
  readonly machine: string;
}

/** Entities of one chunk that have ended, or whose attempt has; none: what was spent on a chunk that came to nothing. */
export interface ChunkRecord {
  readonly chunk: ChunkId;
  readonly attempt: number;
  readonly keys: readonly string[];
  readonly positions: readonly number[];
  /** 1-based lines of the file, for the problem of a row whose key another one has; absent, or 0: rows have none. */
  readonly lines?: readonly number[];
  readonly deepKeys: readonly string[];
  /** `undefined`: this attempt failed, and there will be another. */
  readonly ended: readonly (EntityState | undefined)[];
  readonly outcomes: readonly EntityOutcome[];
  /** Absent where no entity has values. */
  readonly block?: Uint8Array;
  readonly figures: ChunkFigures;
  /** From being ready to being begun. */
  readonly waitMs: number;
}

export interface RecordOutcome {
  /** Entities that ended by this record. */
  readonly accepted: number;
  /** Entities that had ended before: nothing was changed. */
  readonly repeated: number;
  /**
   * Rows that have the key of an earlier row of the source, whichever of the two was computed first: the earlier one stands. So
   * this may be a row that an earlier record was about, and that no longer counts as ended.
   */
  readonly problems: readonly RowProblem[];
  /** How those of them had ended that earlier records were about; absent: there were none. */
  readonly displaced?: readonly EntityState[];
  /** Rows that the record has as ended, and that are open here after so many attempts; absent: none. */
  readonly open?: readonly { readonly row: number; readonly attempts: number }[];
  /** The number of the chunk that the values are in; absent where nothing of the record was kept. */
  readonly chunk?: number;
}

/** Where the values of an entity that ended are. */
export interface FinishedEntity {
  readonly key: string;
  readonly position: number;
  readonly state: EntityState;
  readonly deepKey: string;
  /** The number of its chunk in the ledger, and its row there. */
  readonly chunk: number;
  readonly chunkRow: number;
  /** Checks of it that failed; absent: none. */
  readonly checksFailed?: number;
  /** In the table, where it is recorded from there: its key may be that of another row. */
  readonly line?: number;
}

/** How many attempts an entity has had. */
export interface AttemptsHad {
  readonly all: number;
  /** Of these the ones before it was reopened: it has fresh ones since. */
  readonly before: number;
}

export interface Ledger {
  /** The file, or the address without user and password. */
  readonly name: string;
  /** A run that is there already begins a further session: it is `running` again, and keeps all that it has. */
  readonly beginRun: (start: RunStart, owner?: string) => Promise<void>;
  /** The newest run of this model, scenario, axis and source, if it can be resumed: it is running, interrupted or halted. */
  readonly unfinishedRun: (
    what: Pick<RunStart, "modelPath" | "scenario" | "axis" | "source">,
  ) => Promise<RunRow | undefined>;
  /** Takes the lease of a run for `forMs`; false while another process holds it. */
  readonly holdRun: (run: RunId, owner: string, forMs: number) => Promise<boolean>;
  /**
   * Keeps the lease of a run for `forMs`, though it may have run out meanwhile; false where `owner` has the run no longer. With
   * less than 0 it is let go of, also in the name of an owner that is gone: the time since its last write is not counted.
   */
  readonly keepRun: (run: RunId, owner: string, forMs: number) => Promise<boolean>;
  /**
   * Keeps the lease of a run every `everyMs`, though this thread may be busy for longer, until what it returns is called. Absent: no
   * other process sees the ledger.
   */
  readonly guardRun?: (run: RunId, owner: string, forMs: number, everyMs: number) => () => void;
  readonly recordPlan: (run: RunId, plan: BatchPlan, owner?: string) => Promise<void>;
  /**
   * All records in one transaction, with the run's counts. Numbers of attempts go on over sessions and after `reopenFailed`
   * (see `attempts`): an attempt whose number an entity has had is a repeated one, and changes nothing.
   */
  readonly record: (
    run: RunId,
    records: readonly ChunkRecord[],
    owner?: string,
  ) => Promise<readonly RecordOutcome[]>;
  readonly recordProblems: (run: RunId, problems: readonly RowProblem[], owner?: string) => Promise<void>;
  /** Rows of these positions are entities by now: what was recorded of them as rows that are none is forgotten. */
  readonly forgetProblems: (run: RunId, positions: readonly number[], owner?: string) => Promise<void>;
  /** Which of these entities have ended in the run, by key. */
  readonly finished: (run: RunId, keys: readonly string[]) => Promise<ReadonlyMap<string, FinishedEntity>>;
  /** How many attempts each of these entities has had in the run, by key; without those that had none. */
  readonly attempts: (run: RunId, keys: readonly string[]) => Promise<ReadonlyMap<string, AttemptsHad>>;
  /** Of these entities those that one of the last ten runs like this one computed under the same deep key, by key. */
  readonly unchanged: (
    run: RunId,
    entities: readonly Pick<FinishedEntity, "key" | "deepKey">[],
  ) => Promise<ReadonlyMap<string, FinishedEntity>>;
  /** Records entities as `skipped`, with the values of earlier runs. */
  readonly recordUnchanged: (
    run: RunId,
    entities: readonly FinishedEntity[],
    owner?: string,
  ) => Promise<void>;
  /**
   * Records entities as `succeeded`, without an attempt, with the values of those of this run that they are equal to. Gives the rows
   * that are none after all, as `record` does.
   */
  readonly recordEqual: (
    run: RunId,
    entities: readonly FinishedEntity[],
    owner?: string,
  ) => Promise<readonly RowProblem[]>;
  /**
   * Makes entities that failed open again, for `--retry-failed`. How many. Rows that were no entities are forgotten: they may be by
   * now, and are found again where they are not.
   */
  readonly reopenFailed: (run: RunId, owner?: string) => Promise<number>;
  /** Makes those of these entities that are invalid open again, as if they had never been tried: their rows were corrected. How many. */
  readonly reopenInvalid: (run: RunId, keys: readonly string[], owner?: string) => Promise<number>;
  readonly endRun: (run: RunId, state: RunState, summary: BatchSummary, owner?: string) => Promise<void>;
  /** Constants of the plan that were measured on a machine, by name. */
  readonly measures: (machine: string) => Promise<ReadonlyMap<string, Measure>>;
  readonly recordMeasures: (machine: string, values: Readonly<Record<string, number>>) => Promise<void>;
  /** Removes runs with all that they have, but those that are held, and those whose values a later run that stays has taken. */
  readonly forget: (which: ForgetFilter) => Promise<ForgetOutcome>;
  readonly query: LedgerQueries;
  readonly close: () => Promise<void>;
}

export interface Measure {
  readonly value: number;
  readonly measuredAtMs: number;
}

/** Which runs: these, or all that began before a time. */
export type ForgetFilter = { readonly runs: readonly RunId[] } | { readonly beforeMs: number };

export interface ForgetOutcome {
  readonly forgotten: readonly RunId[];
  readonly kept: readonly { readonly run: RunId; readonly because: "held" | "values-taken" }[];
}

/** Reading; every one is a statement that the guide shows. */
export interface LedgerQueries {
  readonly runs: (filter: RunFilter) => Promise<readonly RunRow[]>;
  readonly run: (run: RunId | "last") => Promise<RunDetails | undefined>;
  readonly compare: (filter: RunFilter) => Promise<readonly StrategyRow[]>;
  readonly failures: (filter: RunFilter & { readonly limit: number }) => Promise<readonly FailureRow[]>;
  /** Entities of a run that have ended, in the order of their positions, in pages of some thousands. */
  readonly results: (run: RunId, fromPosition?: number) => AsyncIterable<readonly ResultRow[]>;
  /** Rows of the source that are no entities, in the order of their positions, in pages. */
  readonly problems: (run: RunId, fromPosition?: number) => AsyncIterable<readonly RowProblem[]>;
  /** Entities of a run with what computing them took, open ones too, in the order of their positions, in pages. */
  readonly entities: (run: RunId) => AsyncIterable<readonly EntityRow[]>;
  /** Every attempt of entities that have failed at least once, in the order of their keys, in pages. */
  readonly attempts: (run: RunId) => AsyncIterable<readonly AttemptRow[]>;
  /** The blocks of chunks by their numbers, in that order; `undefined` where nothing in it has values. */
  readonly blocks: (chunks: readonly number[]) => Promise<readonly (Uint8Array | undefined)[]>;
}

export interface RunFilter {
  /** The model's name, or its absolute path. */
  readonly model?: string;
  readonly axis?: string;
  readonly sinceMs?: number;
  readonly limit?: number;
  readonly runs?: readonly RunId[];
}

export interface RunRow {
  readonly run: RunId;
  readonly model: string;
  readonly modelPath: string;
  readonly scenario: string;
  readonly axis: string;
  readonly source: string;
  readonly state: RunState;
  /** Who conducts it at the moment. */
  readonly owner: string | undefined;
  /** How often it was begun or resumed. */
  readonly sessions: number;
  readonly strategy: StrategyName | undefined;
  readonly concurrency: number;
  readonly chunkEntities: number;
  readonly startedAtMs: number;
  /** Of the last session; while it runs there is none. */
  readonly endedAtMs: number | undefined;
  /** Of all sessions of the run together, pauses between them left out. */
  readonly wallMs: number;
  readonly predictedMs: number | undefined;
  readonly cpuMs: number;
  readonly memoryPeakBytes: number;
  readonly cost: number | undefined;
  readonly counts: RunCounts;
  /** Checks of entities that have failed. */
  readonly checksFailed: number;
  readonly programKey: string;
}

export interface RunCounts {
  /** Those that have ended: succeeded, failed, invalid and skipped ones together. */
  readonly entities: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly invalid: number;
  readonly skipped: number;
  /** Entities that took more than one attempt. */
  readonly retried: number;
  readonly attempts: number;
}

export interface RunDetails extends RunRow {
  /** Of entities that were computed, in ms. */
  readonly durationMs: Quantiles;
  readonly waitMs: Quantiles;
  /** Failed of those that ended, from 0 to 1. */
  readonly failureShare: number;
  /** cpuMs / (wallMs × concurrency). */
  readonly utilisation: number;
  readonly workers: readonly WorkerRow[];
  readonly plan: BatchPlan | undefined;
  /** As it was written then: of an older version it may lack what was added since. */
  readonly summary: BatchSummary | undefined;
}

export interface Quantiles {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface WorkerRow {
  readonly worker: string;
  readonly chunks: number;
  readonly entities: number;
  readonly cpuMs: number;
  readonly memoryPeakBytes: number;
  readonly lastSeenAtMs: number;
}

/** A strategy over the runs of one model and axis. */
export interface StrategyRow {
  readonly model: string;
  /** Models of one name in several folders are several. */
  readonly modelPath: string;
  readonly axis: string;
  readonly strategy: StrategyName;
  readonly concurrency: number;
  readonly runs: number;
  /** The median of the runs' medians. */
  readonly entityMsP50: number;
  /** By entities that succeeded or failed: skipped and invalid ones take next to nothing. */
  readonly wallMsPerEntity: number;
  readonly failureShare: number;
  /** Of wallMsPerEntity of the `sequential` runs of this model and axis over this one's; absent without such runs. */
  readonly speedUp: number | undefined;
  /** How far predictions were from the wall time, as a share of it; the mean over the runs. */
  readonly predictionErrorShare: number | undefined;
  readonly costPerEntity: number | undefined;
}

export interface FailureRow {
  readonly key: string;
  /** Attempts that failed, also of entities that succeeded in the end. */
  readonly failures: number;
  readonly runs: number;
  readonly code: string;
  readonly message: string;
  readonly attribute: string | undefined;
  readonly lastAtMs: number;
}

export interface ResultRow extends FinishedEntity {
  readonly errorCode: string | undefined;
  readonly errorMessage: string | undefined;
}

/** `open`: failed, and to be tried again. */
export interface EntityRow extends Omit<ResultRow, "state"> {
  readonly state: EntityState | "open";
  readonly attempts: number;
  /** Of the last attempt: the entity's share of its chunk. Of skipped ones 0. */
  readonly durationMs: number;
  readonly errorAttribute: string | undefined;
  readonly checksFailed: number;
  /** Of the chunk of the last attempt (of a skipped one: of the run that computed it). */
  readonly worker: string;
  readonly startedAtMs: number;
  readonly waitMs: number;
  readonly cacheHits: number;
}

export interface AttemptRow {
  readonly key: string;
  readonly position: number;
  readonly attempt: number;
  readonly outcome: "succeeded" | "failed" | "timed-out" | "lost";
  readonly worker: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly waitMs: number;
  readonly errorCode: string | undefined;
  readonly errorAttribute: string | undefined;
  readonly message: string | undefined;
}
