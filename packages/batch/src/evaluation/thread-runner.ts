/**
 * Chunks on worker threads, each whole on one of them: what hangs, crashes or takes too much memory ends a thread and nothing else.
 *
 * A thread that computes its first chunk imports the program and its modules before. That is no time of the entities: where a thread
 * may be new the chunk has longer before its thread is ended, and what was computed has timed out by its own duration.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CallOutcome, createWorkerExecutor, type WorkerExecutor } from "@reckon/workers";
import type { ChunkRunner, ChunkRunOptions } from "../chunk-runner.ts";
import type { ChunkOutcome, EntityChunk } from "../entity.ts";
import type { BatchProgram } from "../program.ts";
import type { ChunkRequest } from "./chunk-thread.ts";
import { writeProgramFolder } from "./program-folder.ts";

export interface ThreadRunnerOptions {
  /** From 1. */
  readonly threads: number;
  /** How large the heap of a thread may grow, in MB; absent: as Node has it. */
  readonly memoryMb?: number;
  /** Where results of heavy calls are kept, as `createRuntime` takes it; absent: `off`. */
  readonly cache?: string | "off";
}

/** Where a program was written, and which it is. */
export interface ProgramPlace {
  readonly folder: string;
  readonly key: string;
}

/** Threads that compute chunks of any programs. */
export interface ChunkThreads {
  /** How many chunks they compute at the same time. */
  readonly threads: number;
  /** Never rejects. */
  readonly run: (
    program: ProgramPlace,
    chunk: EntityChunk,
    options: ChunkRunOptions,
  ) => Promise<ChunkOutcome>;
  /** Ends them; what is under way is answered `cancelled`. */
  readonly close: () => Promise<void>;
}

/** How long importing a program may take. */
const importMsMax = 30_000;

const program = new URL(
  import.meta.url.endsWith(".ts") ? "./chunk-thread.ts" : "./chunk-thread.js",
  import.meta.url,
);

/** Makes threads for chunks. No thread is made before the first chunk. */
export function createChunkThreads(options: ThreadRunnerOptions): ChunkThreads {
  return new Threads(options);
}

/**
 * A runner for `threads`, and for `sequential` with a timeout. Its threads read the program from a folder of their own, which goes
 * with the runner.
 *
 * @example
 * ```ts
 * const runner = createThreadRunner(program, { threads: 2 });
 * const outcome = await runner.run(chunk, { signal, timeoutMs: 5_000 });
 * await runner.close();
 * ```
 */
export function createThreadRunner(program: BatchProgram, options: ThreadRunnerOptions): ChunkRunner {
  const threads = createChunkThreads(options);
  let writing: Promise<string> | undefined;
  const write = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), "reckon-program-"));
    await writeProgramFolder(program, folder);
    return folder;
  };
  return {
    concurrency: threads.threads,
    run: async (chunk, runOptions) => {
      writing ??= write();
      try {
        return await threads.run({ folder: await writing, key: program.key }, chunk, runOptions);
      } catch (cause) {
        return { kind: "failed", message: `the program cannot be written for threads: ${messageOf(cause)}` };
      }
    },
    close: async () => {
      await threads.close();
      const folder = await writing?.catch(() => undefined);
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

class Threads implements ChunkThreads {
  readonly threads: number;
  readonly #executor: WorkerExecutor;
  readonly #cache: string;
  /** Threads that have computed a chunk of a program, by key and name; none after one has ended. */
  readonly #ready: Set<string> = new Set();

  constructor({ threads, memoryMb, cache = "off" }: ThreadRunnerOptions) {
    this.threads = Math.max(1, Math.floor(threads));
    this.#cache = cache;
    this.#executor = createWorkerExecutor({
      threads: this.threads,
      // A chunk that ends its thread takes no other with it.
      prefetch: 1,
      ...(memoryMb === undefined ? {} : { memoryMb, memoryHint: "--thread-memory sets how much it may" }),
      onEvent: ({ kind }) => {
        if (kind === "ended") this.#ready.clear();
      },
    });
  }

  readonly run = async (
    { folder, key }: ProgramPlace,
    chunk: EntityChunk,
    { signal, timeoutMs }: ChunkRunOptions,
  ): Promise<ChunkOutcome> => {
    const request: ChunkRequest = { folder, key, chunk, cache: this.#cache };
    const ready = [...this.#ready].filter((each) => each.startsWith(key)).length;
    const importMs = ready >= this.threads ? 0 : importMsMax;
    const called = await this.#executor.call(
      {
        module: program,
        name: "computeChunk",
        args: [request],
        label: `chunk ${chunk.id}`,
        ...(timeoutMs === undefined ? {} : { timeoutMs: timeoutMs + importMs }),
      },
      signal,
    );
    const outcome = outcomeOf(called);
    if (outcome.kind !== "done") return outcome;
    this.#ready.add(`${key} ${outcome.figures.worker}`);
    if (timeoutMs === undefined || outcome.figures.durationMs <= timeoutMs) return outcome;
    return { kind: "timed-out", message: `it took more than ${timeoutMs / 1000} s` };
  };

  readonly close = (): Promise<void> => this.#executor.close();
}

function outcomeOf(called: CallOutcome): ChunkOutcome {
  switch (called.kind) {
    case "done":
      return called.value as ChunkOutcome;
    case "refused":
    case "failed":
      return { kind: "failed", message: called.message };
    case "lost":
      return { kind: "lost", message: called.message };
    case "timed-out":
      return { kind: "timed-out", message: called.message };
    case "cancelled":
      return { kind: "cancelled", message: "it was given up" };
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
