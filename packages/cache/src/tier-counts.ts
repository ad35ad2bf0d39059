/**
 * What one tier did, and what a look-up in it takes.
 *
 * The estimate moves by an eighth of the way to each measurement. One that took long by accident (a pause, a lock) must
 * not switch the tier off: it counts as at most four times the estimate; and while nothing is worth asking, so that
 * nothing is measured, the estimate comes back to what it was at first.
 */
import type { TierStats } from "./api.ts";

const movedShare = 1 / 8;
const outlier = 4;
const healedShare = 1 / 64;

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

  private readonly firstMs: number;

  constructor(lookUpMs: number) {
    this.firstMs = lookUpMs;
    this.lookUpMs = lookUpMs;
  }

  /** Takes in a measured look-up, in ms each. A clock that was set back says nothing. */
  measured(ms: number): void {
    if (!(ms >= 0) || !Number.isFinite(ms)) return;
    this.lookUpMs += (Math.min(ms, this.lookUpMs * outlier) - this.lookUpMs) * movedShare;
  }

  /** Whether a result that took `costMs` is worth a look-up; 0 is not measured, and worth it. */
  isWorth(costMs: number): boolean {
    if (!(costMs > 0) || costMs > this.lookUpMs) return true;
    if (this.lookUpMs > this.firstMs) this.lookUpMs += (this.firstMs - this.lookUpMs) * healedShare;
    return false;
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
