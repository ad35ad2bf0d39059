/**
 * Entities: the members of one table axis, a row of a table each, and the chunks that they are computed in.
 *
 * A chunk is a small table of the same form as the whole one. A sheet over it is the model as it is written, with fewer
 * members on the axis; so many light entities are one array, and a chunk of one is a sheet of its own. Chunks hold
 * neighbours of the source, or entities that have to run alone.
 */
import type { Table } from "@reckon/value";

/** Which run; sorts by the time it began: `20261121T143000-4f2a91`. */
export type RunId = string & { readonly brand: "run" };
/**
 * Which chunk of a run; ends in the attempt. `c<number>-a1` for a whole chunk as it is formed from the source,
 * `c<number>-<first>-<last>-a1` for what is left of one, or a part of one that was split (positions), `s<first>-<last>-a1` for one of the sample,
 * `e<position>-a<attempt>` for an entity alone. No two chunks of a run have an entity and an attempt in common, so names
 * that hold the first position and the attempt are never given twice, whatever was interrupted and resumed.
 */
export type ChunkId = string & { readonly brand: "chunk" };

/** Consecutive rows of a source, checked as entities. Row `i` is entity `i` of the block. */
export interface EntityBlock {
  /** Only rows that are entities; the columns that the model reads, the key and the priority among them. */
  readonly table: Table;
  readonly keys: readonly string[];
  /** 0-based row numbers in the source, ascending. */
  readonly positions: readonly number[];
  /** Lower first; absent: all alike. */
  readonly priorities?: readonly number[];
  /** First 16 bytes, in hex, of the SHA-256 of the program's key and of everything raw that the entity reads (see `DeepKeys`). */
  readonly deepKeys: readonly string[];
  readonly problems: readonly RowProblem[];
}

/** A row that is no entity: its key is blank, or was there before. */
export interface RowProblem {
  readonly position: number;
  /** 1-based line of the file, 0 where rows have none. */
  readonly line: number;
  readonly message: string;
}

/** What is computed together, once. Plain data: it is sent to threads as it is. */
export interface EntityChunk {
  readonly id: ChunkId;
  /** 1 for the first try of its entities. */
  readonly attempt: number;
  readonly table: Table;
  readonly keys: readonly string[];
  readonly positions: readonly number[];
  /** Rows of tables keyed by the entity axis, for these entities only, by path as written. */
  readonly sideTables: Readonly<Record<string, Table>>;
}

/** How one entity of a chunk ended. */
export type EntityOutcome =
  /** Values are there; some may be error values. */
  | { readonly kind: "succeeded"; readonly checksFailed: number }
  /** A call in it failed, or (where the policy says so) a wanted value is an error. May be tried again. */
  | {
      readonly kind: "failed";
      readonly code: string;
      readonly message: string;
      readonly attribute?: string;
    }
  /** What its row holds does not fit the model. Never tried again. */
  | { readonly kind: "invalid"; readonly code: string; readonly message: string; readonly line?: number };

/** How a chunk ended. Only `done` and `refused` say something about single entities. */
export type ChunkOutcome =
  | {
      readonly kind: "done";
      /** One an entity, in the order of the chunk. */
      readonly entities: readonly EntityOutcome[];
      /** The values as bytes, see result-block: rows of entities that have none are blank. */
      readonly block: Uint8Array;
      readonly figures: ChunkFigures;
    }
  /** The chunk does not check. A chunk of one makes its entity invalid; a larger one is halved. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string; readonly line?: number }
  /** Thrown where nothing may throw, a thread or a worker that ended, too long: larger chunks are tried one by one. */
  | {
      readonly kind: "failed" | "lost" | "timed-out";
      readonly message: string;
      /** What was spent on it, where the runner knows: CPU time of a thread that was ended is its wall time at most. */
      readonly figures?: ChunkFigures;
    }
  /**
   * Nothing can be computed here, now: the program's folder cannot be written or read, or a module is not what the run was made
   * with. It says nothing about any entity, and ends the run.
   */
  | { readonly kind: "no-program"; readonly message: string }
  | { readonly kind: "cancelled"; readonly message: string };

/** What a chunk took where it was computed. */
export interface ChunkFigures {
  /** `main`, `thread 2`, `host-a/4711 thread 1`. */
  readonly worker: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** User and system time of the process or thread while it computed. */
  readonly cpuMs: number;
  /** The largest size that the process of the worker has had. */
  readonly memoryPeakBytes: number;
  /** Calls and formulas whose results were found in the cache, and those looked up. */
  readonly cacheHits: number;
  readonly cacheLookUps: number;
  /** Wall time of heavy calls, and how many there were, where a runner knows: what `inside` could send to threads. */
  readonly heavyMs?: number;
  readonly heavyCalls?: number;
  /** Of `heavyMs`, in calls that no formula declares heavy. */
  readonly undeclaredMs?: number;
  /** For how long there was something to do: not what was spent in waiting for files, servers, timers. */
  readonly activeMs?: number;
  /** Of all values of the chunk, where a runner knows. */
  readonly columnBytes?: number;
}
