/**
 * Threads that are made while the sample is computed here, so that the first chunks after it need not wait for them.
 *
 *   `threads` was asked for    they begin beside the first chunk of the sample
 *   `auto`                     as soon as a second of work or more is left, by what the sample has shown: threads are looked at from there on
 *   anything else              never
 *
 * Where `threads` was asked for and the model has modules, the sample is computed on them as well, several chunks at once: what users have
 * written shall not be able to end this process. Otherwise the sample keeps a core for itself: one thread less than there are cores opens
 * the program at the same time. Where the plan takes something else they are ended, and have changed nothing but the time that they
 * took of cores that nobody used.
 */
import { availableParallelism } from "node:os";
import type { StrategyName } from "../batch-plan.ts";
import type { ChunkRunner } from "../chunk-runner.ts";
import type { EntityChunk } from "../entity.ts";
import type { ThreadRunner } from "../evaluation/thread-runner.ts";

export interface EarlyThreadsOptions {
  readonly strategy: StrategyName | "auto";
  /** Makes the runner, for so many threads. */
  readonly runner: (threads: number) => ThreadRunner;
  /** Absent: as many as there are cores. */
  readonly concurrency?: number;
  /** Absent: of this machine. */
  readonly cores?: number;
}

/** With less work left nobody looks at threads of a machine that was never measured. */
const earlyWorkMsMin = 1_000;

export class EarlyThreads {
  readonly #options: EarlyThreadsOptions;
  readonly #cores: number;
  #runner: ThreadRunner | undefined;
  #isBegun = false;
  #hasSample = false;

  constructor(options: EarlyThreadsOptions) {
    this.#options = options;
    this.#cores = options.cores ?? availableParallelism();
  }

  /** A chunk of the sample that is computed next, and how long what is left takes at least, as far as is known. */
  async see(chunk: EntityChunk, workMsLeast: number): Promise<void> {
    const { strategy, concurrency = this.#cores, runner } = this.#options;
    const isWanted = strategy === "threads" || (strategy === "auto" && workMsLeast >= earlyWorkMsMin);
    if (this.#isBegun || !isWanted) return;
    // One core has enough to do with the sample.
    if (this.#runner === undefined && this.#cores < 2) return;
    this.#isBegun = true;
    this.#runner ??= runner(concurrency);
    await this.#runner.open(chunk, this.#hasSample ? this.#cores : this.#cores - 1);
  }

  /** The sample is computed by them, and this process has nothing to do. They are ended as they ever are. */
  forSample(): ChunkRunner {
    const { runner, concurrency = this.#cores } = this.#options;
    this.#hasSample = true;
    this.#runner ??= runner(concurrency);
    const own = this.#runner;
    return { concurrency: 1, run: (chunk, options) => own.run(chunk, options), close: async () => undefined };
  }

  /** Chunks of the sample at the same time: where it is computed on threads, as many as have a core. */
  get sampleAtOnce(): number {
    return this.#hasSample ? Math.min(this.#cores, this.#options.concurrency ?? this.#cores) : 1;
  }

  /** How many have the program open, or are at it. */
  get opened(): number {
    return this.#runner?.opened ?? 0;
  }

  /** Resolves when none is at it any more. */
  async settle(): Promise<void> {
    await this.#runner?.settle();
  }

  /** They belong to who asks from now on, as many as wanted; `undefined` where there are none. */
  take(threads: number): ThreadRunner | undefined {
    const runner = this.#runner;
    this.#runner = undefined;
    runner?.resize(threads);
    return runner;
  }

  /** Ends those that nobody has taken. */
  async close(): Promise<void> {
    await this.#runner?.close();
    this.#runner = undefined;
  }
}
