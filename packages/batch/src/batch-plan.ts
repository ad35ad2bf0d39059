/** What is predicted before a run, chosen, and compared with what happened. */
import type { RateLimit } from "./job-engine.ts";

/**
 * Who computes the chunks.
 *
 *   sequential   one chunk after another, on this thread (with a timeout: on one thread that can be ended)
 *   inside       one chunk after another on this thread; the heavy work in it on threads, results kept in the cache
 *   threads      several chunks at once, each whole on a thread
 *   cluster      chunks on a queue, computed by `reckon worker` on any number of machines
 *
 * In all of them the entities of a chunk are an axis of arrays; a chunk of one entity is the extreme case.
 */
export type StrategyName = "sequential" | "inside" | "threads" | "cluster";

/** What predictions are made from: measured on this machine, or by simulation. Times in ms. */
export interface BatchMeasures {
  /** How many entities there are; an estimate (from bytes) where the source does not know. */
  readonly entities: number;
  readonly isEstimated: boolean;
  readonly sample: SampleMeasure;
  readonly machine: MachineMeasure;
  readonly cluster?: ClusterMeasure;
  /** Threads of this process that have the program open already; absent: none. */
  readonly threadsOpened?: number;
  /** Per vCPU-second, in whatever currency; absent: no cost is told. */
  readonly pricePerCpuSecond?: number;
}

/** The first entities, computed in this process, one chunk after another. They are not computed again. */
export interface SampleMeasure {
  readonly entities: number;
  readonly chunks: number;
  /** What it took in all, reading and recording included. */
  readonly wallMs: number;
  /** Part of that: opening the program before the first chunk, on a thread if it was computed on one. Absent: none. */
  readonly openingMs?: number;
  /** Per chunk, whatever is in it: opening, laying, taking apart. */
  readonly chunkMs: number;
  /** Per entity, beyond that: the mean, the largest of the chunks' means, and the spread of single entities. */
  readonly entityMs: number;
  readonly entityMsMax: number;
  readonly entityMsSpread: number;
  /** The true mean is within 1.96 times this of `entityMs` in 19 of 20 samples. */
  readonly entityMsError: number;
  /** What it may take at least, in CPU time where the work computes; absent: the lower end of that. */
  readonly entityMsLeast?: number;
  /** Busy per wall time: below 0.5 the work waits for something, near 1 it computes, above it is parallel inside. */
  readonly saturation: number;
  /** CPU time per wall time, which others on the machine make less; absent: as `saturation`. */
  readonly cpuShare?: number;
  /** Part of the time that heavy calls took, which `inside` could send to threads; from 0 to 1. */
  readonly heavyShare: number;
  /** Part of that in calls that no formula declares heavy, which are sent only where it pays; absent: nothing. */
  readonly undeclaredShare?: number;
  /** Heavy calls of one entity that do not wait for each other; below 1 where a call serves several. */
  readonly callsAtOnce: number;
  /** Reading rows, writing results and ledger, per entity. */
  readonly rowMs: number;
  /** Its values, all that are computed. */
  readonly bytesPerEntity: number;
  /** Its rows and what is kept of it, which threads are sent; absent: the same. */
  readonly sentBytesPerEntity?: number;
  readonly memoryPeakBytes: number;
  /** Of calls looked up; and of entities whose result an earlier run holds, of those looked at. */
  readonly cacheHitShare: number;
  readonly unchangedShare: number;
}

export interface MachineMeasure {
  readonly cores: number;
  /** How many threads' worth of work 1, 2, … `cores` threads do together, the first 1: measured, not assumed. */
  readonly speedUps: readonly number[];
  readonly spawnMs: number;
  readonly perTaskMs: number;
  readonly perMegabyteMs: number;
  /** Until a thread that is there has imported what computes entities. */
  readonly importMs: number;
  readonly threadBytes: number;
  readonly freeBytes: number;
}

export interface ClusterMeasure {
  /** Threads of all workers that are connected now. */
  readonly threads: number;
  readonly workers: number;
  /** Of one job among many, with its answer. */
  readonly perJobMs: number;
  readonly roundTripMs: number;
  /** How long a chunk should at least take on this queue: 10 on Redis, 75 on PostgreSQL. */
  readonly chunkMsMin: number;
  /** How many chunks of all runs together the queue lets begin; absent: as many as there are. */
  readonly limit?: RateLimit;
}

/** Of the entities that are left after the sample. */
export interface Prediction {
  readonly strategy: StrategyName;
  /** Chunks at the same time; of `inside` the threads that share the work of one. */
  readonly concurrency: number;
  readonly chunkEntities: number;
  readonly wallMs: number;
  /** From the spread of the sample: the true time is expected within these in 19 of 20 runs. */
  readonly wallMsLow: number;
  readonly wallMsHigh: number;
  /** Of the chunks, as a summary's: reading, sending, writing and the start of threads that compute whole chunks are left out. */
  readonly cpuMs: number;
  /** Beyond what this process holds already; of a cluster the part of this machine. */
  readonly memoryBytes: number;
  /** cpuMs × price; absent without a price. */
  readonly cost?: number;
}

export type ChoiceReason =
  /** The user said so. */
  | { readonly code: "declared" }
  | { readonly code: "too-few"; readonly entities: number }
  | { readonly code: "too-short"; readonly wallMs: number }
  | { readonly code: "saves-too-little"; readonly savedMs: number; readonly neededMs: number }
  /** Nothing would be saved if entities took as little as the sample allows. */
  | { readonly code: "uncertain"; readonly savedMs: number }
  | { readonly code: "fastest"; readonly savedMs: number; readonly ratio: number }
  | { readonly code: "no-memory"; readonly neededBytes: number; readonly freeBytes: number };

export interface BatchPlan {
  readonly measures: BatchMeasures;
  /** `sequential` first, then those that can be; each with its best concurrency and chunk. */
  readonly predictions: readonly Prediction[];
  readonly chosen: Prediction;
  readonly reason: ChoiceReason;
  /** Of the whole run, the sample included: what is held against the actual time. */
  readonly predictedMs: number;
  /** From how many entities, the sample included, each other strategy would be chosen before `sequential`, if ever. */
  readonly breakEven: readonly { readonly strategy: StrategyName; readonly entities: number | undefined }[];
  readonly expectedCacheHits: number;
  readonly expectedUnchanged: number;
}

/** From the ledger's history of one model and axis. */
export interface Advice {
  /** In the order in which they should be looked at. */
  readonly findings: readonly AdviceFinding[];
  readonly runs: number;
}

export interface AdviceFinding {
  readonly code:
    | "too-little-history"
    | "fix-failures"
    | "look-at-outliers"
    | "cost-rises"
    | "stay-sequential"
    | "use-threads"
    | "use-inside"
    | "use-cluster"
    | "keep";
  /** One sentence with its figures. */
  readonly text: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** Configuration of `advise`; the file `reckon.json` beside the model may hold them under `advise`. */
export interface AdviceThresholds {
  /** Fewer runs say nothing. Absent: 3. */
  readonly runsMin: number;
  /** Failures first above this share of entities. Absent: 0.01. */
  readonly failureShareMax: number;
  /** Outliers first above this ratio of p99 to p50. Absent: 10. */
  readonly p99RatioMax: number;
  /** A run shorter than this stays sequential. Absent: 10,000. */
  readonly wallMsMin: number;
  /** Fewer entities stay sequential. Absent: 30. */
  readonly entitiesMin: number;
  /** Less saved a day than this is not worth a change. Absent: 60,000. */
  readonly savedMsPerDayMin: number;
  /** Speed-ups below are none. Absent: 1.25. */
  readonly speedUpMin: number;
  /** The cost of an entity, last third of the runs against the first. Absent: 1.5. */
  readonly costRatioMax: number;
  /** What setting up a cluster costs, and what an hour of waiting is worth: for the days to break even. */
  readonly engineeringCost: number;
  readonly waitingCostPerHour: number;
}
