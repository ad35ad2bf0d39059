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
}

/** How a task ended. `costMs` is the executor's own measurement, 0 where it has none. */
export type TaskOutcome =
  | { readonly kind: "done"; readonly out: Column; readonly costMs: number }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "lost" | "timed-out" | "cancelled"; readonly message: string };

/** Runs tasks. The reference implementation is `InlineExecutor`. */
export interface Executor {
  readonly submit: (task: Task, signal: AbortSignal) => TaskOutcome | Promise<TaskOutcome>;
  readonly close: () => Promise<void>;
}

/** Keeps results by content. A miss, and any doubt, is `undefined`. */
export interface MemoStore {
  readonly get: (key: string) => Column | undefined | Promise<Column | undefined>;
  readonly put: (key: string, column: Column) => void | Promise<void>;
}

/** Milliseconds from any fixed point; used for costs and traces only, never for values. */
export interface Clock {
  readonly now: () => number;
}
