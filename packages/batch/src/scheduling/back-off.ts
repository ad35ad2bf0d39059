/** How long a failed entity waits until it is tried again, and whether it is. */
import type { RandomSource } from "../batch-clock.ts";
import type { RetryPolicy } from "../policy.ts";

/** Ms before attempt `attempt`, from 2. Attempts go on counting after `--retry-failed`, waits begin anew. */
export function backOffMs(retry: RetryPolicy, attempt: number, random: RandomSource): number {
  const tries = ((attempt - 2) % attemptsOf(retry)) + 1;
  const whole = Math.min(retry.longestMs, retry.firstMs * retry.factor ** (tries - 1));
  return whole * (1 - retry.jitter * random());
}

/**
 * Whether an entity whose attempt `attempt` has failed is tried again. Those that `--retry-failed` has opened have had a whole
 * number of rounds of attempts, so the round goes on where it was when such a run is interrupted and resumed.
 */
export function isTriedAgain(retry: RetryPolicy, attempt: number): boolean {
  return attempt % attemptsOf(retry) !== 0;
}

function attemptsOf({ attemptsMax }: RetryPolicy): number {
  return Math.max(1, Math.floor(attemptsMax));
}
