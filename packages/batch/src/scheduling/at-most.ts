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

/** What the work gives, or a rejection with what the signal says, as soon as it does: a server may take longer than a person waits. */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
