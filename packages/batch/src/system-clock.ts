/** The clock of this machine. */
import { performance } from "node:perf_hooks";
import type { BatchClock } from "./batch-clock.ts";

/** Time as it passes. Timers keep the process alive. */
export const systemClock: BatchClock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
