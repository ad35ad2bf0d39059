/**
 * The threads of an executor: made when there is work for them, at most so many, and again after one has ended.
 *
 * `worker-threads-pool` makes and counts them. Its defects decide how it is used: paths are absolute and checked before (a
 * bad one throws in an exit handler of its own), nothing ever queues inside it (this pool asks only where there is room, and
 * counts a thread as gone later than it does), its `destroy` is never called.
 *
 * Back-off: a thread that a task has ended is replaced at once, since that task is answered. After one that ended for no
 * known reason the next is made at once too, and after each further one, as long as no task was answered in between, twice
 * as late, up to `backOffMsMax`. Threads that end before they are ready `failedStartsMax` times in a row are given up:
 * `isHopeless`.
 */
import { existsSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { WorkerOptions } from "node:worker_threads";
import Pool from "worker-threads-pool";
import type { WorkerEvent } from "../api.ts";
import type { Lanes } from "../codec/lanes.ts";
import type { ThreadGift } from "../protocol.ts";
import { isFromSources } from "./program-address.ts";
import { Thread, type ThreadListener } from "./thread.ts";

const backOffMsFirst = 50;
const backOffMsMax = 5_000;
const failedStartsMax = 5;

export interface ThreadPoolOptions {
  readonly threads: number;
  /** What threads run. */
  readonly program: string;
  readonly memoryMb: number | undefined;
  readonly memoryHint: string | undefined;
  readonly recycleAfter: number;
  readonly lanes: Lanes;
  readonly onEvent: (event: WorkerEvent) => void;
  /** A thread is ready, or one may be made again. */
  readonly onRoom: () => void;
  readonly onAnswers: ThreadListener["answers"];
  /** Gives whether a task was to blame, which is answered now. */
  readonly onGone: (thread: Thread) => boolean;
}

export class ThreadPool {
  /** All that are not gone. */
  readonly threads: Thread[] = [];
  spawned = 0;
  respawned = 0;
  /** What the last spawn took until it was ready, in ms. */
  spawnMs = 0;
  private readonly options: ThreadPoolOptions;
  private readonly pool: Pool;
  private readonly file: string;
  private readonly listener: ThreadListener;
  private crashes = 0;
  private failedStarts = 0;
  private owed = 0;
  private backOff: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(options: ThreadPoolOptions) {
    this.options = options;
    this.pool = new Pool({ max: options.threads, maxWaiting: 1 });
    this.file = fileURLToPath(options.program);
    this.listener = {
      ready: (thread, spawnMs) => {
        this.failedStarts = 0;
        this.spawnMs = spawnMs;
        options.onEvent({ kind: "spawned", thread: thread.id, spawnMs });
        options.onRoom();
      },
      answers: options.onAnswers,
      gone: (thread) => this.gone(thread),
      outOfMemory: outOfMemoryText(options),
    };
  }

  /** Threads cannot be made here: nothing that waits will ever run. */
  get isHopeless(): boolean {
    return this.failedStarts >= failedStartsMax;
  }

  /** Makes threads until there are `wanted`, as far as there may be any. */
  grow(wanted: number): void {
    while (
      this.threads.length < Math.min(wanted, this.options.threads) &&
      this.pool.size < this.options.threads &&
      this.backOff === undefined &&
      !this.isClosed &&
      !this.isHopeless
    ) {
      this.spawn();
    }
  }

  /** A task was finished: whatever ended threads does not do so always. */
  calm(): void {
    this.crashes = 0;
  }

  /** Ends all threads and waits until they are gone. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.backOff);
    const ending = [...this.threads];
    await Promise.all(
      ending.map(async (thread) => {
        await thread.allPrinted();
        thread.terminate("closed");
        await thread.whenGone();
        await thread.allPassedOn();
      }),
    );
  }

  private spawn(): void {
    if (!existsSync(this.file)) {
      this.failedStarts = failedStartsMax;
      return;
    }
    this.spawned++;
    if (this.owed > 0) {
      this.owed--;
      this.respawned++;
    }
    const thread = new Thread(this.spawned, this.options.recycleAfter, this.options.lanes, this.listener);
    const began = performance.now();
    this.threads.push(thread);
    try {
      this.pool.acquire(this.file, workerOptions(thread, this.options.memoryMb), (error, worker) => {
        if (error !== null) thread.leave(error.message);
        else thread.attach(worker, began);
      });
    } catch (error) {
      thread.leave(String(error));
    }
  }

  private gone(thread: Thread): void {
    this.threads.splice(this.threads.indexOf(thread), 1);
    if (thread.end !== "recycled" && thread.end !== "closed") this.owed++;
    const { id, end, problem } = thread;
    const isExplained = this.options.onGone(thread);
    if (end === "crashed" && !isExplained) this.wait(thread);
    this.options.onEvent({ kind: "ended", thread: id, why: end, message: end === "crashed" ? problem : "" });
    this.options.onRoom();
  }

  private wait(thread: Thread): void {
    this.crashes++;
    if (!thread.wasReady) this.failedStarts++;
    if (this.crashes < 2 || this.isClosed) return;
    const ms = Math.min(backOffMsMax, backOffMsFirst * 2 ** (this.crashes - 2));
    clearTimeout(this.backOff);
    this.backOff = setTimeout(() => {
      this.backOff = undefined;
      this.options.onRoom();
    }, ms);
    this.backOff.unref();
  }
}

/** What is said of a thread that used more than it may. */
function outOfMemoryText({ memoryMb, memoryHint }: ThreadPoolOptions): string {
  if (memoryMb === undefined) return "it used more memory than Node allows";
  const size = memoryMb % 1024 === 0 ? `${memoryMb / 1024} GB` : `${memoryMb} MB`;
  return `it used more than ${size} of memory${memoryHint === undefined ? "" : ` (${memoryHint})`}`;
}

function workerOptions(thread: Thread, memoryMb: number | undefined): WorkerOptions {
  const gift: ThreadGift = { control: thread.control.buffer };
  return {
    workerData: gift,
    name: `reckon ${thread.id}`,
    ...(memoryMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: memoryMb } }),
    ...execArguments(),
    ...compileCache(),
  };
}

/** Threads keep compiled code where this process does; Node tells them only through their environment. */
function compileCache(): { env?: NodeJS.ProcessEnv } {
  const folder = getCompileCacheDir();
  if (folder === undefined || process.env.NODE_COMPILE_CACHE !== undefined) return {};
  return { env: { ...process.env, NODE_COMPILE_CACHE: dirname(folder) } };
}

/** Threads get the arguments of the process, as Node has it, with two exceptions. */
function execArguments(): { execArgv?: string[] } {
  // The programs import this repository's packages, whose sources stand behind a condition.
  if (isFromSources) return { execArgv: ["--conditions=@reckon/source"] };
  // Node refuses to start a file with this one, which belongs to the text on the command line.
  if (!process.execArgv.some((argument) => argument.startsWith("--input-type"))) return {};
  return { execArgv: process.execArgv.filter((argument) => argument.startsWith("--conditions")) };
}
