/**
 * Chunks and their outcomes by job, for the engine in this process: its jobs have empty bodies and empty answers, as nothing
 * has to be packed that stays here.
 */
import type { ChunkRunner } from "../chunk-runner.ts";
import type { ChunkOutcome, EntityChunk } from "../entity.ts";
import type { ActiveJob, JobId, JobWork } from "../job-engine.ts";
import { giveWay } from "./give-way.ts";

export const emptyBody: Uint8Array = new Uint8Array();

export class ChunkShelf {
  readonly #chunks = new Map<JobId, EntityChunk>();
  readonly #outcomes = new Map<JobId, ChunkOutcome>();

  put(id: JobId, chunk: EntityChunk): void {
    this.#chunks.set(id, chunk);
  }

  /** The outcome of a finished job, once. */
  take(id: JobId): ChunkOutcome | undefined {
    const outcome = this.#outcomes.get(id);
    this.drop(id);
    return outcome;
  }

  drop(id: JobId): void {
    this.#outcomes.delete(id);
    this.#chunks.delete(id);
  }

  /** Computes the chunk of a job and lays its outcome down beside it. */
  worker(runner: ChunkRunner, options: { readonly timeoutMs?: number }): JobWork {
    return async ({ id, signal }: ActiveJob) => {
      const chunk = this.#chunks.get(id);
      // Without its chunk the job was given up meanwhile.
      if (chunk === undefined) return emptyBody;
      await giveWay();
      this.#outcomes.set(id, await runner.run(chunk, { ...options, signal }));
      return emptyBody;
    };
  }
}
