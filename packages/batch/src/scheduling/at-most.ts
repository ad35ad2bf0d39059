/** Waiting that ends. */
import type { BatchClock } from "../batch-clock.ts";

/** Resolves when the work has ended, well or not, and at the latest after so many ms: a server that is away answers nothing. */
export function atMost(clock: BatchClock, ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const untime = clock.after(ms, resolve);
    const end = (): void => {
      untime();
      resolve();
    };
    work.then(end, end);
  });
}
