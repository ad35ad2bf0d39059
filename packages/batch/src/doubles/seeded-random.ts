/** Chance that is the same for the same seed: for tests, jitter that can be replayed, and samples. */
import type { RandomSource } from "../batch-clock.ts";

/**
 * Numbers from 0 to less than 1 by `seed`, an integer of 32 bits (mulberry32: one multiplication chain a number, period 2^32).
 * Not for secrets.
 *
 * @example
 * ```ts
 * seededRandom(7)() === seededRandom(7)(); // true
 * ```
 */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
