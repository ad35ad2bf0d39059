/**
 * Port: who computes a chunk. There are three: in place, on threads, and on a queue (which is the job engine's consumer with
 * one of the other two behind it). All of them give the same bytes for the same chunk.
 */
import type { ChunkOutcome, EntityChunk } from "./entity.ts";

export interface ChunkRunner {
  /** How many chunks it computes at the same time. */
  readonly concurrency: number;
  /** Never rejects. After `signal` the outcome is `cancelled`, as soon as that can be. */
  readonly run: (chunk: EntityChunk, options: ChunkRunOptions) => Promise<ChunkOutcome>;
  readonly close: () => Promise<void>;
}

export interface ChunkRunOptions {
  readonly signal: AbortSignal;
  /** A chunk that takes longer is `timed-out`, where the runner can end it (`in place` it cannot). */
  readonly timeoutMs?: number;
}
