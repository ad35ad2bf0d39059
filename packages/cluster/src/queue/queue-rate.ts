/**
 * A rate as the queue counts it. It counts in windows that begin with a job, one behind the other, so two full windows may stand
 * side by side; ours are so small that no stretch of `perMs` holds more than `jobsMax`:
 *
 *   |‥‥window‥‥|‥‥window‥‥|‥‥window‥‥|        one job a window, where a window lasts at least 10 ms,
 *        └──────── perMs ────────┘              else as many as fit into 20 ms less
 */
import type { RateLimit } from "@reckon/batch";

const windowMsMin = 10;
const coarseWindowMs = 20;

export interface QueueRate {
  readonly max: number;
  readonly durationMs: number;
}

export function queueRate({ jobsMax, perMs }: RateLimit): QueueRate {
  const eachMs = Math.ceil(perMs / jobsMax);
  if (eachMs >= windowMsMin) return { max: 1, durationMs: eachMs };
  // A stretch of perMs touches at most this many windows.
  const windows = Math.ceil(perMs / coarseWindowMs) + 1;
  return { max: Math.max(1, Math.floor(jobsMax / windows)), durationMs: coarseWindowMs };
}
