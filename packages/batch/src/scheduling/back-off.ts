/** How long a failed entity waits until it is tried again, and whether it is. Attempts are those since it was reopened, from 1. */
import type { RandomSource } from "../batch-clock.ts";
import type { RetryPolicy } from "../policy.ts";

/** Ms before attempt `attempt`, from 2. */
export function backOffMs(retry: RetryPolicy, attempt: number, random: RandomSource): number {
  const whole = Math.min(retry.longestMs, retry.firstMs * retry.factor ** (attempt - 2));
  return whole * (1 - retry.jitter * random());
}

/** Whether an entity whose attempt `attempt` has failed is tried again. */
export function isTriedAgain({ attemptsMax }: RetryPolicy, attempt: number): boolean {
  return attempt < Math.floor(attemptsMax);
}
