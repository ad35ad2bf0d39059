/** A histogram with logarithmic buckets: 16 a doubling, so a percentile is at most 5 % too high. Cost: constant. */
import type { Percentiles } from "../api.ts";

const perDoubling = 16;
/** The first bucket ends here: a tenth of a microsecond. */
const leastMs = 1e-4;
const buckets = 40 * perDoubling;

export class Histogram {
  private readonly counts = new Float64Array(buckets);
  private count = 0;
  private max = 0;

  add(ms: number): void {
    this.count++;
    if (ms > this.max) this.max = ms;
    const place = ms <= leastMs ? 0 : Math.ceil(Math.log2(ms / leastMs) * perDoubling);
    const bucket = Math.min(buckets - 1, place);
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
  }

  percentiles(): Percentiles {
    return { count: this.count, p50: this.at(0.5), p95: this.at(0.95), p99: this.at(0.99), max: this.max };
  }

  /** The upper end of the bucket in which the share of all is reached; 0 where there are none. */
  private at(share: number): number {
    if (this.count === 0) return 0;
    let left = Math.ceil(share * this.count);
    for (let bucket = 0; bucket < buckets; bucket++) {
      left -= this.counts[bucket] as number;
      if (left <= 0) return Math.min(this.max, leastMs * 2 ** (bucket / perDoubling));
    }
    return this.max;
  }
}
