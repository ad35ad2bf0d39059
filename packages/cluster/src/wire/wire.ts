/** What travels through the queue, and what lies beside it. Everything is JSON in UTF-8 but for the blobs. */
import type { ChunkOutcome, EntityChunk, EntityOutcome, RateLimit } from "@reckon/batch";
import type { PlainTable } from "../bundle/plain-json.ts";

/** The body of a job. */
export interface ChunkJob {
  readonly protocol: number;
  readonly run: string;
  /** The address of the bundle, by which its blob is named. */
  readonly bundle: string;
  /** The chunk with its rows, where it is no more than 32 KB; else it is a blob. */
  readonly chunk: { readonly inline: PlainChunk } | { readonly blob: string; readonly sha256: string };
  readonly timeoutMs?: number;
  /** Of entities of the run that begin, over all workers. */
  readonly rate?: RateLimit;
}

export interface PlainChunk extends Omit<EntityChunk, "table" | "sideTables"> {
  readonly table: PlainTable;
  readonly sideTables: Readonly<Record<string, PlainTable>>;
}

/** The answer of a job: the outcome without its values, which are a blob. */
export interface ChunkAnswer {
  readonly protocol: number;
  /** The address of the bundle, where the chunk was not computed because it is gone from the server, or damaged there. */
  readonly lostBundle?: string;
  readonly outcome:
    | (Exclude<ChunkOutcome, { readonly kind: "done" }> & {
        /** Absent where they are too many for an answer: then those of the chunk. */
        readonly positions?: Runs;
      })
    | (Omit<Extract<ChunkOutcome, { readonly kind: "done" }>, "block" | "entities"> & {
        /** `AnswerHead` with its length before it, then the block. */
        readonly blob: string;
        readonly sha256: string;
      });
}

export interface AnswerHead {
  /** Whose outcomes these are: a resumed conductor may have formed the chunk without some of them. */
  readonly positions: Runs;
  /** Absent: all succeeded, and no check failed. */
  readonly entities?: readonly EntityOutcome[];
}

/** Ascending numbers as pairs: the first of consecutive ones, and how many. */
export type Runs = readonly number[];
