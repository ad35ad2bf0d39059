/** What one tier did, and what a look-up in it takes. */
import type { TierStats } from "./api.ts";

const movedShare = 1 / 8;

export class TierCounts {
  hits = 0;
  misses = 0;
  puts = 0;
  evictions = 0;
  corrupt = 0;
  refused = 0;
  savedMs = 0;
  /** A moving estimate; it starts with what such a tier took elsewhere. */
  lookUpMs: number;

  constructor(lookUpMs: number) {
    this.lookUpMs = lookUpMs;
  }

  /** Takes in a measured look-up, in ms each. A clock that was set back says nothing. */
  measured(ms: number): void {
    if (ms >= 0 && Number.isFinite(ms)) this.lookUpMs += (ms - this.lookUpMs) * movedShare;
  }

  /** Whether a result that took `costMs` is worth a look-up; 0 is not measured, and worth it. */
  isWorth(costMs: number): boolean {
    return !(costMs > 0) || costMs > this.lookUpMs;
  }

  hit(costMs: number): void {
    this.hits++;
    this.savedMs += Math.max(0, costMs - this.lookUpMs);
  }

  stats(
    state: TierStats["state"],
    sizes: { readonly entries: number; readonly bytes: number } | undefined,
  ): TierStats {
    const { hits, misses, puts, evictions, corrupt, refused, savedMs, lookUpMs } = this;
    const counts = { hits, misses, puts, evictions, corrupt, refused, savedMs, lookUpMs };
    return { entries: sizes?.entries, bytes: sizes?.bytes, ...counts, state };
  }
}
