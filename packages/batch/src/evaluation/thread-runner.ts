/**
 * Chunks on worker threads, each whole on one of them: what hangs, crashes or takes too much memory ends a thread and nothing else.
 *
 * A thread imports the program and its modules, and opens its sheet, before its first chunk. That is no time of the entities: where there is a timeout,
 * or somebody says when chunks may begin, and the thread has not opened the program, it is told to do that first.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { threadMemoryMb } from "@reckon/host";
import {
  type CallOutcome,
  type CallRequest,
  createWorkerExecutor,
  type WorkerExecutor,
} from "@reckon/workers";
import type { ChunkRunner, ChunkRunOptions } from "../chunk-runner.ts";
import type { ChunkFigures, ChunkOutcome, EntityChunk } from "../entity.ts";
import type { BatchProgram } from "../program.ts";
import { beginMark } from "./begin-mark.ts";
import { chunkProgram } from "./chunk-program.ts";
import type { ChunkAnswer, ChunkRequest } from "./chunk-thread.ts";
import { withoutRows } from "./fitting-rows.ts";
import { LateChannel } from "./late-channel.ts";
import { writeProgramFolder } from "./program-folder.ts";

export interface ThreadRunnerOptions {
  /** From 1. */
  readonly threads: number;
  /** How large the heap of a thread may grow, in MB; absent: its share of half of the machine, from 512 to 2048. */
  readonly memoryMb?: number;
  /** Where results of heavy calls are kept, as `createRuntime` takes it; absent: `off`. */
  readonly cache?: string | "off";
  /**
   * How many error values a thread may keep before it is replaced, since a process keeps all that there ever were, some 400 bytes
   * each; absent: 500,000.
   */
  readonly errorsMax?: number;
  /** Is told what functions of modules threw when their chunk had ended. */
  readonly onLate?: (message: string) => void;
}

/** Where a program was written, and which it is. */
export interface ProgramPlace {
  readonly folder: string;
  readonly key: string;
}

/** A runner whose threads may be made before there is anything to compute. */
export interface ThreadRunner extends ChunkRunner {
  /**
   * Makes its threads and opens the program in them, over the columns of a chunk without its rows: at most so many at the same time,
   * so that others keep their cores. Chunks that come meanwhile are computed as ever. Resolves when the first ones are asked for: this thread
   * may be busy then.
   */
  readonly open: (chunk: EntityChunk, atOnce: number) => Promise<void>;
  /** How many threads have opened the program, or are at it. */
  readonly opened: number;
  /** Resolves when none is at it any more. */
  readonly settle: () => Promise<void>;
  /** Other threads than it was made with, as long as it has computed nothing. */
  readonly resize: (threads: number) => void;
}

interface ThreadRunOptions extends ChunkRunOptions {
  /** Who says when the chunk may begin; absent: at once. The wait is none of its time. */
  readonly beginning?: ChunkBeginning;
}

export interface ChunkBeginning {
  /**
   * Asked when a thread has the program open and nothing else to do, and again where it came to it too late. Resolves when the chunk may
   * begin, with the ms within which it has to; `undefined`: not at all. Rejects never.
   */
  readonly enter: () => Promise<number | undefined>;
  /** Its first entity has begun, some moments ago: it calls its first function, or has none. Not told of what does neither. */
  readonly begun: () => void;
}

/** Threads that compute chunks of any programs. */
export interface ChunkThreads {
  /** How many chunks they compute at the same time. */
  readonly threads: number;
  /** Never rejects. */
  readonly run: (
    program: ProgramPlace,
    chunk: EntityChunk,
    options: ThreadRunOptions,
  ) => Promise<ChunkOutcome>;
  /** Ends them; what is under way is answered `cancelled`. */
  readonly close: () => Promise<void>;
}

/** A thread that has ended before it said its name. */
const unnamed = "thread";
const errorsMaxDefault = 500_000;

/** How long opening a program may take: it has been opened once in this process, so this is for machines that are overloaded. */
const openMsMax = 120_000;

const givenUp = { kind: "cancelled", message: "it was given up" } as const;

const program = chunkProgram();

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
export function createThreadRunner(program: BatchProgram, options: ThreadRunnerOptions): ThreadRunner {
  const threads = new Threads(options);
  let opening: Promise<void> = Promise.resolve();
  let writing: Promise<string> | undefined;
  const write = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), "reckon-program-"));
    await writeProgramFolder(program, folder);
    return folder;
  };
  return {
    get concurrency() {
      return threads.threads;
    },
    open: async (chunk, atOnce) => {
      writing ??= write();
      // Where it cannot be written the first chunk meets that as well, and tells it.
      const folder = await writing.catch(() => undefined);
      if (folder !== undefined) opening = threads.open({ folder, key: program.key }, chunk, atOnce);
    },
    get opened() {
      return threads.countOpened(program.key);
    },
    settle: () => opening,
    resize: (count) => threads.resize(count),
    run: async (chunk, runOptions) => {
      writing ??= write();
      try {
        return await threads.run({ folder: await writing, key: program.key }, chunk, runOptions);
      } catch (cause) {
        const message = `the program cannot be written for threads: ${messageOf(cause)}`;
        return { kind: "no-program", message };
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
  readonly #options: ThreadRunnerOptions;
  readonly #late = new LateChannel();
  #lanes: readonly Lane[];
  #free: Lane[];
  /** Chunks that wait for a lane. */
  readonly #waiting: ((lane: Lane) => void)[] = [];
  readonly #leaving: Promise<void>[] = [];

  constructor(options: ThreadRunnerOptions) {
    this.#options = options;
    this.#late.listen(options.onLate);
    this.#lanes = this.#made(laneCount(options.threads));
    this.#free = [...this.#lanes];
  }

  get threads(): number {
    return this.#lanes.length;
  }

  readonly run = async (
    place: ProgramPlace,
    chunk: EntityChunk,
    options: ThreadRunOptions,
  ): Promise<ChunkOutcome> => {
    const lane = this.#free.pop() ?? (await new Promise<Lane>((take) => this.#waiting.push(take)));
    try {
      return await lane.run(place, chunk, options);
    } finally {
      this.#giveBack(lane);
    }
  };

  readonly close = async (): Promise<void> => {
    await Promise.all([...this.#lanes.map((lane) => lane.close()), ...this.#leaving]);
    this.#late.close();
  };

  /** Opens a program in all lanes that have nothing to do, so many at a time. Never rejects. */
  async open(place: ProgramPlace, chunk: EntityChunk, atOnce: number): Promise<void> {
    const lanes = [...this.#lanes];
    const next = async (): Promise<void> => {
      for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) {
        const at = this.#free.indexOf(lane);
        // It has a chunk meanwhile, which opens the program itself.
        if (at < 0) continue;
        this.#free.splice(at, 1);
        await lane.open(place, chunk);
        this.#giveBack(lane);
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, atOnce) }, next));
  }

  countOpened(key: string): number {
    return this.#lanes.filter((lane) => lane.hasOpened(key)).length;
  }

  resize(threads: number): void {
    const count = laneCount(threads);
    const more = this.#made(count - this.#lanes.length);
    for (const lane of this.#lanes.slice(count)) this.#leaving.push(lane.close());
    this.#lanes = [...this.#lanes.slice(0, count), ...more];
    // Those that are open stand last: they are taken first.
    this.#free = [...more, ...this.#free.filter((lane) => this.#lanes.includes(lane))];
  }

  #giveBack(lane: Lane): void {
    if (!this.#lanes.includes(lane)) return;
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(lane);
    else next(lane);
  }

  #made(threads: number): Lane[] {
    const memoryMb = this.#options.memoryMb ?? threadMemoryMb(threads);
    const options = memoryMb === undefined ? this.#options : { ...this.#options, memoryMb };
    return Array.from({ length: Math.max(0, threads) }, () => new Lane(options, this.#late.name));
  }
}

function laneCount(threads: number): number {
  return Math.max(1, Math.floor(threads));
}

/**
 * A thread, and the next one after that had to be ended. It has one chunk at a time: an executor of several threads would give
 * another one to a thread whose chunk waits for an answer, and to one that hangs behind such an answer.
 */
class Lane {
  readonly #options: ThreadRunnerOptions;
  readonly #late: string;
  readonly #leaving: Set<Promise<void>> = new Set();
  #executor: WorkerExecutor;
  /** Programs that its thread has opened, by key. */
  #opened: Set<string> = new Set();
  #isOpening = false;
  #isClosed = false;
  /** What its thread calls itself, as far as it has said. */
  #name = unnamed;

  constructor(options: ThreadRunnerOptions, late: string) {
    this.#options = options;
    this.#late = late;
    this.#executor = this.#made();
  }

  /** Or is at it. */
  hasOpened(key: string): boolean {
    return this.#opened.has(key) || this.#isOpening;
  }

  /** Makes the thread, and has it open the program. What goes wrong is told with the first chunk. */
  async open(place: ProgramPlace, chunk: EntityChunk): Promise<void> {
    if (this.#isClosed) return;
    this.#isOpening = true;
    const called = await this.#executor.call({ ...this.#opening(place, chunk), label: "the program" });
    this.#isOpening = false;
    if (called.kind === "done") this.#noteOpened(place.key, called.value as string);
    else this.#renew();
  }

  #noteOpened(key: string, name: string): void {
    this.#opened.add(key);
    this.#name = name;
  }

  #opening({ folder, key }: ProgramPlace, chunk: EntityChunk): CallRequest {
    const { cache = "off" } = this.#options;
    const request = { folder, key, cache, late: this.#late, chunk: withoutRows(chunk) };
    return { module: program, name: "openProgram", args: [request], timeoutMs: openMsMax };
  }

  async run(place: ProgramPlace, chunk: EntityChunk, options: ThreadRunOptions): Promise<ChunkOutcome> {
    const { signal, timeoutMs, beginning } = options;
    const label = `chunk ${chunk.id}`;
    const isOpenedFirst = timeoutMs !== undefined || beginning !== undefined;
    if (isOpenedFirst && !this.#opened.has(place.key)) {
      const opened = await this.#call({ ...this.#opening(place, chunk), label }, signal);
      if ("outcome" in opened) return opened.outcome;
      this.#noteOpened(place.key, opened.value as string);
    }
    const limit = timeoutMs === undefined ? {} : { timeoutMs };
    for (;;) {
      const entry = await entered(beginning);
      if (entry === undefined) return givenUp;
      const { cache = "off" } = this.#options;
      const request = { ...place, cache, late: this.#late, chunk, ...entry.begin };
      const call = { module: program, name: "computeChunk", args: [request satisfies ChunkRequest], label };
      const begun = now();
      const computed = await this.#call({ ...call, ...limit }, signal);
      entry.release();
      if ("outcome" in computed) return computed.outcome;
      const answer = computed.value as ChunkAnswer | undefined;
      if (answer !== undefined) return this.#withFigures(this.#taken(place.key, answer), begun);
    }
  }

  async #call(
    call: CallRequest,
    signal: AbortSignal,
  ): Promise<{ readonly value: unknown } | { readonly outcome: ChunkOutcome }> {
    if (this.#isClosed) return { outcome: givenUp };
    const begun = now();
    const called = await this.#executor.call(call, signal);
    if (called.kind === "done") return called;
    const figures = this.#spentSince(begun);
    this.#renew();
    return { outcome: outcomeOf(called, figures) };
  }

  /** Nobody can ask a thread that has ended: it may have computed all the time. */
  #spentSince({ startedAtMs, atMs }: Moment): ChunkFigures {
    const durationMs = performance.now() - atMs;
    const nothing = { memoryPeakBytes: 0, cacheHits: 0, cacheLookUps: 0 };
    return { worker: this.#name, startedAtMs, durationMs, cpuMs: durationMs, ...nothing };
  }

  /** What failed as a whole has measured nothing. */
  #withFigures(outcome: ChunkOutcome, begun: Moment): ChunkOutcome {
    if (outcome.kind !== "failed" || outcome.figures !== undefined) return outcome;
    return { ...outcome, figures: this.#spentSince(begun) };
  }

  #taken(key: string, { outcome, errors }: ChunkAnswer): ChunkOutcome {
    if (outcome.kind === "done") this.#noteOpened(key, outcome.figures.worker);
    else this.#opened.add(key);
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
    this.#name = unnamed;
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

interface Moment {
  readonly startedAtMs: number;
  readonly atMs: number;
}

function now(): Moment {
  return { startedAtMs: Date.now(), atMs: performance.now() };
}

/** With nobody to ask it may begin at any time. */
async function entered(
  beginning: ChunkBeginning | undefined,
): Promise<{ readonly begin?: Pick<ChunkRequest, "begin">; readonly release: () => void } | undefined> {
  if (beginning === undefined) return { release: () => undefined };
  const withinMs = await beginning.enter();
  if (withinMs === undefined) return undefined;
  const { mark, release } = beginMark(withinMs, beginning.begun);
  return { begin: { begin: mark }, release };
}

function outcomeOf(
  called: Exclude<CallOutcome, { readonly kind: "done" }>,
  figures: ChunkFigures,
): ChunkOutcome {
  switch (called.kind) {
    case "refused":
      return { kind: "failed", message: called.message };
    case "failed":
    case "lost":
    case "timed-out":
      return { kind: called.kind, message: called.message, figures };
    case "cancelled":
      return givenUp;
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
