import type { LaterWork } from "./formula-node.ts";
import type { Executor, Task, TaskOutcome } from "./ports.ts";
import { cancelWith } from "./recalculation/flight.ts";
import { thrownText } from "./recalculation/thrown-text.ts";

/**
 * Runs each task at once on the calling thread: the reference that every other executor must agree with.
 *
 * It answers synchronously unless the kernel itself is asynchronous. It keeps no clock, so `costMs` is 0.
 *
 * @example
 * ```ts
 * const engine = createEngine({ executor: inlineExecutor });
 * ```
 */
export const inlineExecutor: Executor = {
  submit(task: Task, signal: AbortSignal): TaskOutcome | Promise<TaskOutcome> {
    if (signal.aborted) return cancelled;
    try {
      const work = task.kernel.compute(task.inputs, task.out, task.box);
      if (!(work instanceof Promise)) return { kind: "done", out: task.out, costMs: 0 };
      cancelWith(signal, work);
      return work.then(
        () => (signal.aborted ? cancelled : { kind: "done", out: task.out, costMs: 0, ...spentOf(work) }),
        (error: unknown) => failed(error),
      );
    } catch (error) {
      return failed(error);
    }
  },
  async close(): Promise<void> {},
};

function spentOf({ spentMs }: LaterWork): { readonly spentMs?: number } {
  return spentMs === undefined ? {} : { spentMs: spentMs() };
}

const cancelled: TaskOutcome = { kind: "cancelled", message: "the task was superseded" };

function failed(error: unknown): TaskOutcome {
  return { kind: "failed", message: thrownText(error) };
}
