/** Ports: what the engine calls and others implement. The engine itself touches no clock, thread, file or network. */
import type { Column } from "@reckon/value";
import type { Box, Kernel } from "./formula-node.ts";

/** One piece of heavy work, sent once. */
export interface Task {
  readonly id: number;
  readonly name: string;
  readonly kernel: Kernel;
  readonly inputs: readonly Column[];
  /** Filled by the executor in place, or replaced in the outcome. */
  readonly out: Column;
  readonly box: Box;
  /**
   * At most so many of the executor's threads are to be busy while this is computed, since who submits it computes others
   * meanwhile; absent: all of them may be. Set before it is submitted.
   */
  threadsMax?: number;
}

/**
 * How a task ended. `costMs` is the executor's own measurement, 0 where it has none; `spentMs` what a kernel says that gave a
 * promise; `worker` the number of who did it.
 */
export type TaskOutcome =
  | {
      readonly kind: "done";
      readonly out: Column;
      readonly costMs: number;
      readonly spentMs?: number;
      readonly worker?: number;
    }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "lost" | "timed-out" | "cancelled"; readonly message: string };

/** What sending work away costs, as measured on the machine. */
export interface DispatchCosts {
  /** How many tasks run at the same time. */
  readonly threads: number;
  /** From sending one small task to having its answer, on a thread that is there, in ms. */
  readonly roundTripMs: number;
  /** Of one task among many that are sent together, in ms. */
  readonly perTaskMs: number;
  /** Until a thread that is not there yet takes its first task, in ms. */
  readonly spawnMs: number;
  /** Of the columns that go there and come back, in ms for each million bytes. */
  readonly perMegabyteMs: number;
}

/** Runs tasks. The reference implementation is `InlineExecutor`. */
export interface Executor {
  /**
   * Tasks that are submitted in one go may travel together. A kernel without `remote` is run on this thread.
   */
  readonly submit: (task: Task, signal: AbortSignal) => TaskOutcome | Promise<TaskOutcome>;
  readonly close: () => Promise<void>;
  /** Nothing more comes in this go: what was submitted may set out, while this thread goes on with other work. */
  readonly flush?: () => void;
  /**
   * What sending costs at the moment. With it the engine sends what is worth it by measured cost; without it kernels of
   * weight `heavy` are sent and no others. `undefined`: not measured yet, so nothing but `heavy` goes.
   */
  readonly costs?: () => DispatchCosts | undefined;
}

/** One thing that a result was made from. */
export interface MemoPart {
  /** For people who ask why a result was not found: `formula`, `shape`, `cells`, or the name of what was read. */
  readonly name: string;
  /** Canonical bytes: equal only if the thing is, bit for bit. */
  readonly bytes: Uint8Array;
}

/** What a result is kept under: everything that it was made from. Equal are two keys whose `memoBytes` are. */
export interface MemoKey {
  /** Of the node. It takes no part in equality: equal work under two names shares its result. */
  readonly name: string;
  readonly parts: readonly MemoPart[];
}

/** Keeps results by content. A miss, and any doubt, is `undefined`. Columns given and got are not written any more. */
export interface MemoStore {
  readonly get: (key: MemoKey) => Column | undefined | Promise<Column | undefined>;
  /** `costMs`: what computing it took; 0 where nobody measured. */
  readonly put: (key: MemoKey, column: Column, costMs: number) => void | Promise<void>;
  /** A result is not given to `put`: it has errors in it. */
  readonly notKept?: (name: string, reason: "errors") => void;
  /** What a look-up costs in ms: what is known to be computed faster is neither looked up nor stored. Absent: 0. */
  readonly lookUpMs?: () => number;
}

/** Milliseconds from any fixed point; used for costs and traces only, never for values. */
export interface Clock {
  readonly now: () => number;
}
