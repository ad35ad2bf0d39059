/** What travels through the queue, and what lies beside it. Everything is JSON in UTF-8 but for the blobs. */
import type { ChunkOutcome, EntityChunk } from "@reckon/batch";

/** The body of a job. */
export interface ChunkJob {
  readonly protocol: number;
  readonly run: string;
  /** The address of the bundle, by which its blob is named. */
  readonly bundle: string;
  readonly chunk: Omit<EntityChunk, "table" | "sideTables">;
  /** The chunk's rows, where they are no more than 32 KB; else they are a blob. */
  readonly rows: { readonly inline: ChunkRows } | { readonly blob: string; readonly sha256: string };
  readonly timeoutMs?: number;
}

export type ChunkRows = Pick<EntityChunk, "table" | "sideTables">;

/** The answer of a job: the outcome without its block, which is a blob. */
export interface ChunkAnswer {
  readonly protocol: number;
  /** Whose outcome it is: a resumed conductor may have formed the chunk without some of these. */
  readonly positions: readonly number[];
  readonly outcome:
    | Exclude<ChunkOutcome, { readonly kind: "done" }>
    | (Omit<Extract<ChunkOutcome, { readonly kind: "done" }>, "block" | "entities"> & {
        /** Holds the entities' outcomes, where not all succeeded without a failed check, and the block. */
        readonly blob: string;
        readonly sha256: string;
      });
}
