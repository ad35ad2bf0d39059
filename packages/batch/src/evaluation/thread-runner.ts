/**
 * Chunks on worker threads, each whole on one of them: what hangs, crashes or takes too much memory ends a thread and nothing else.
 *
 * A thread imports the program and its modules, and opens its sheet, before its first chunk. That is no time of the entities: where there is a timeout,
 * and the thread has not opened the program, it is told to do that first.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CallOutcome,
  type CallRequest,
  createWorkerExecutor,
  type WorkerExecutor,
} from "@reckon/workers";
import type { ChunkRunner, ChunkRunOptions } from "../chunk-runner.ts";
import type { ChunkOutcome, EntityChunk } from "../entity.ts";
import type { BatchProgram } from "../program.ts";
import type { ChunkAnswer, ChunkRequest } from "./chunk-thread.ts";
import { writeProgramFolder } from "./program-folder.ts";

export interface ThreadRunnerOptions {
  /** From 1. */
  readonly threads: number;
  /** How large the heap of a thread may grow, in MB; absent: as Node has it. */
  readonly memoryMb?: number;
  /** Where results of heavy calls are kept, as `createRuntime` takes it; absent: `off`. */
  readonly cache?: string | "off";
  /**
   * How many error values a thread may keep before it is replaced, since a process keeps all that there ever were, some 400 bytes
   * each; absent: 500,000.
   */
  readonly errorsMax?: number;
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

const errorsMaxDefault = 500_000;

/** How long opening a program may take: it has been opened once in this process, so this is for machines that are overloaded. */
const openMsMax = 120_000;

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
 * const load = { model: "points.reckon", allowModules: true };
 * const prepared = await prepareProgram({ load, axis: "player", columns: ["id", "minutes", "opponent", "rate"] });
 * if (!("program" in prepared)) throw new Error("the model does not check");
 * const source = createRecordSource([{ id: "p001", minutes: 34, opponent: "Maples", rate: 0.736 }]);
 * const runner = createThreadRunner(prepared.program, { threads: 1, memoryMb: 512 });
 * const kinds: string[] = [];
 * for await (const block of source.blocks())
 *   for (const chunk of formChunks(block, { chunkEntities: 100, firstNumber: 0 }))
 *     kinds.push((await runner.run(chunk, { signal: new AbortController().signal, timeoutMs: 60_000 })).kind);
 * kinds; // ["done"]
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
  readonly #lanes: readonly Lane[];
  readonly #free: Lane[];
  /** Chunks that wait for a lane. */
  readonly #waiting: ((lane: Lane) => void)[] = [];

  constructor(options: ThreadRunnerOptions) {
    this.threads = Math.max(1, Math.floor(options.threads));
    this.#lanes = Array.from({ length: this.threads }, () => new Lane(options));
    this.#free = [...this.#lanes];
  }

  readonly run = async (
    place: ProgramPlace,
    chunk: EntityChunk,
    options: ChunkRunOptions,
  ): Promise<ChunkOutcome> => {
    const lane = this.#free.pop() ?? (await new Promise<Lane>((take) => this.#waiting.push(take)));
    try {
      return await lane.run(place, chunk, options);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(lane);
      else next(lane);
    }
  };

  readonly close = async (): Promise<void> => {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  };
}

/**
 * A thread, and the next one after that had to be ended. It has one chunk at a time: an executor of several threads would give
 * another one to a thread whose chunk waits for an answer, and to one that hangs behind such an answer.
 */
class Lane {
  readonly #options: ThreadRunnerOptions;
  readonly #leaving: Set<Promise<void>> = new Set();
  #executor: WorkerExecutor;
  /** Programs that its thread has opened, by key. */
  #opened: Set<string> = new Set();
  #isClosed = false;

  constructor(options: ThreadRunnerOptions) {
    this.#options = options;
    this.#executor = this.#made();
  }

  async run(
    { folder, key }: ProgramPlace,
    chunk: EntityChunk,
    { signal, timeoutMs }: ChunkRunOptions,
  ): Promise<ChunkOutcome> {
    const request: ChunkRequest = { folder, key, cache: this.#options.cache ?? "off", chunk };
    const calls: CallRequest[] = [{ module: program, name: "computeChunk", args: [request] }];
    if (timeoutMs !== undefined) {
      calls[0] = { ...(calls[0] as CallRequest), timeoutMs };
      const open = { module: program, name: "openProgram", args: [request], timeoutMs: openMsMax };
      if (!this.#opened.has(key)) calls.unshift(open);
    }
    let outcome: ChunkOutcome = { kind: "cancelled", message: "it was given up" };
    for (const call of this.#isClosed ? [] : calls) {
      const called = await this.#executor.call({ ...call, label: `chunk ${chunk.id}` }, signal);
      if (called.kind !== "done") {
        this.#renew();
        return outcomeOf(called);
      }
      this.#opened.add(key);
      if (call.name === "computeChunk") outcome = this.#taken(called.value as ChunkAnswer);
    }
    return outcome;
  }

  #taken({ outcome, errors }: ChunkAnswer): ChunkOutcome {
    if (errors > (this.#options.errorsMax ?? errorsMaxDefault)) this.#renew();
    return outcome;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#executor.close(), ...this.#leaving]);
  }

  /** Its thread is at something that nobody waits for, or is gone. */
  #renew(): void {
    if (this.#isClosed) return;
    const leaving = this.#executor.close();
    this.#leaving.add(leaving);
    void leaving.finally(() => this.#leaving.delete(leaving));
    this.#executor = this.#made();
  }

  #made(): WorkerExecutor {
    const opened = new Set<string>();
    this.#opened = opened;
    const { memoryMb } = this.#options;
    return createWorkerExecutor({
      threads: 1,
      prefetch: 1,
      ...(memoryMb === undefined ? {} : { memoryMb, memoryHint: "--thread-memory sets how much it may" }),
      onEvent: ({ kind }) => {
        if (kind === "ended") opened.clear();
      },
    });
  }
}

function outcomeOf(called: Exclude<CallOutcome, { readonly kind: "done" }>): ChunkOutcome {
  switch (called.kind) {
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
