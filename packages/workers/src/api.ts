/** What the worker executor offers, and what it is told. */
import type { DispatchCosts, Executor, TaskOutcome } from "@reckon/engine";

export interface WorkerExecutorOptions {
  /** How many threads there are at most; absent: as many as the machine runs at the same time. */
  readonly threads?: number;
  /** How many tasks of unknown or of large cost a thread has in hand, from 1 to 4; absent: 4. */
  readonly prefetch?: number;
  /** How many tasks may wait; beyond that kernels run in place and calls are refused. Absent: 65,536. */
  readonly queueMax?: number;
  /** How long one task may run; absent: as long as it likes. Such tasks have a thread to themselves while they run. */
  readonly taskTimeoutMs?: number;
  /**
   * How large the heap of a thread may grow, in MB; from 32 on; absent: as Node has it. A thread that passes 0.75 of it is
   * replaced between tasks. Node ends the whole process where a single allocation goes far
   * beyond it. */
  readonly memoryMb?: number;
  /** Stands behind the words that a thread used more than `memoryMb`: where that is set. */
  readonly memoryHint?: string;
  /** After how many tasks a thread is replaced; absent: never for that reason. */
  readonly recycleAfter?: number;
  /** How long a cancelled task may go on while others wait before its thread is terminated; absent: 100. */
  readonly cancelGraceMs?: number;
  /** What sending costs on this machine, if it is known from before. */
  readonly costs?: DispatchCosts;
  readonly onEvent?: (event: WorkerEvent) => void;
}

/** Something that happened to a thread. */
export type WorkerEvent =
  | { readonly kind: "spawned"; readonly thread: number; readonly spawnMs: number }
  | { readonly kind: "ended"; readonly thread: number; readonly why: ThreadEnd; readonly message: string }
  | {
      readonly kind: "lost" | "timed-out";
      readonly thread: number;
      readonly task: string;
      readonly message: string;
    };

/** Why a thread ended: by itself, or because it was terminated after a timeout, a cancelled task, its share of work, at the end. */
export type ThreadEnd = "crashed" | "timed-out" | "cancelled" | "recycled" | "closed";

/** One call of a function that a module exports. */
export interface CallRequest {
  /** A `file:` address; a thread imports it once. */
  readonly module: URL;
  readonly name: string;
  /** Anything that structured cloning takes; so is what the function gives, or the promise that it gives. */
  readonly args: readonly unknown[];
  /** How long it may take from when it was started; absent: as `taskTimeoutMs`. */
  readonly timeoutMs?: number;
  /** What counts and events call it; absent: its name. Calls of one label are estimated together. */
  readonly label?: string;
}

/**
 * How a call ended. `failed`: the function threw, there is none, or what it gave cannot be cloned; `refused`: it was not
 * sent, since too much waits or no thread can be made.
 */
export type CallOutcome =
  | { readonly kind: "done"; readonly value: unknown; readonly costMs: number }
  | { readonly kind: "refused"; readonly message: string }
  | Exclude<TaskOutcome, { readonly kind: "done" }>;

/** What a thread is at. */
export interface ThreadCounts {
  readonly thread: number;
  readonly state: "starting" | "idle" | "running" | "ending";
  /** The name of the task that it computes at the moment, if that is known. */
  readonly runs?: string;
  /** For how long it has been at it. */
  readonly forMs?: number;
  /** Tasks in hand, that included. */
  readonly tasks: number;
  /** Tasks that wait for something else: calls of asynchronous functions. */
  readonly waiting: number;
  readonly done: number;
}

/** Numbers since the executor was made, and what is the case now (`running`, `queued`, `threads`). */
export interface WorkerCounts {
  readonly running: number;
  readonly queued: number;
  readonly done: number;
  readonly failed: number;
  readonly lost: number;
  readonly timedOut: number;
  readonly cancelled: number;
  /** Kernels that ran in place because too much waited. */
  readonly inPlace: number;
  readonly refused: number;
  /** Tasks that were given back by a thread that ended or had too much in hand, and ran elsewhere. */
  readonly movedOn: number;
  readonly frames: number;
  readonly spawned: number;
  /** Threads made in the place of others that ended before their time. */
  readonly respawned: number;
  readonly recycled: number;
  readonly threads: readonly ThreadCounts[];
}

/** Shares of a histogram, in ms; each is at most 5 % too high. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface WorkerHistograms {
  /** Of computing, as measured on the thread. */
  readonly run: Percentiles;
  /** From being submitted to being sent. */
  readonly wait: Percentiles;
}

/** An `Executor` on worker threads. */
export interface WorkerExecutor extends Executor {
  /** Calls a module's function on a thread. Never rejects. */
  readonly call: (request: CallRequest, signal?: AbortSignal) => Promise<CallOutcome>;
  /** What was submitted so far may set out now, before the turn ends. */
  readonly flush: () => void;
  readonly counts: () => WorkerCounts;
  readonly histograms: () => WorkerHistograms;
  /** Resolves when nothing waits to be sent any more. */
  readonly drained: () => Promise<void>;
  /** As given or measured, `undefined` before; `spawnMs` is 0 while a thread is there. */
  readonly costs: () => DispatchCosts | undefined;
  /**
   * Measures with small tasks of its own, in some 100 ms; `costs` gives the result from then on. Rejects if the executor is
   * closed meanwhile, or no thread can be made.
   */
  readonly measureCosts: () => Promise<DispatchCosts>;
  /** Ends every thread; what is under way is answered `cancelled`. May be called again. */
  readonly close: () => Promise<void>;
}
