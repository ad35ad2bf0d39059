/** Chunks that an engine has: enqueued, not answered. Their number is bounded, whatever the source holds (BA12). */
import type { ChunkId } from "../entity.ts";
import type { Portion } from "./portion.ts";

export interface HeldChunk {
  readonly portion: Portion;
  readonly readyAtMs: number;
  /** Absent: nobody has begun it, as far as is known. */
  begunAtMs: number | undefined;
  worker: string;
  /** How often it came back cancelled though nothing was cancelled. */
  cancellations: number;
}

export class InHand {
  readonly #held = new Map<ChunkId, HeldChunk>();
  #entities = 0;

  get chunks(): number {
    return this.#held.size;
  }

  get entities(): number {
    return this.#entities;
  }

  get all(): IterableIterator<HeldChunk> {
    return this.#held.values();
  }

  /** How many chunks have begun. */
  get begun(): number {
    let count = 0;
    for (const { begunAtMs } of this.#held.values()) if (begunAtMs !== undefined) count++;
    return count;
  }

  get(id: ChunkId): HeldChunk | undefined {
    return this.#held.get(id);
  }

  hold(portion: Portion, readyAtMs: number): HeldChunk {
    const held = { portion, readyAtMs, begunAtMs: undefined, worker: "main", cancellations: 0 };
    this.#held.set(portion.id, held);
    this.#entities += portion.rows.keys.length;
    return held;
  }

  release(id: ChunkId): HeldChunk | undefined {
    const held = this.#held.get(id);
    if (held === undefined) return undefined;
    this.#held.delete(id);
    this.#entities -= held.portion.rows.keys.length;
    return held;
  }
}
