/**
 * What pairs of times say: two works run in turn, so that whatever the machine does meanwhile falls on both.
 *
 * The ratio is the median of the pairs' ratios: one pair that something else came into counts as one pair, whatever it
 * took. Its range is where the true median lies with 95 % certainty, from the order of the ratios alone (as with tossing
 * a coin: how many of them may lie on the other side); of fewer than six pairs, all of them. A verdict needs a
 * range that lies on one side of 1; where it lies on both and is wide, nothing can be told.
 */

/** `first` and `second`: that one is faster. `same`: no difference to be seen. `noise`: it could be anything. */
type Verdict = "first" | "second" | "same" | "noise";

export interface PairedRatio {
  /** Time of the first over time of the second. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly verdict: Verdict;
}

/** A range wider than that says little. */
export const spreadMax = 3;
const doubt = 0.05;

export function pairedRatio(times: readonly (readonly [number, number])[]): PairedRatio {
  const ratios = times.map(([first, second]) => first / second).toSorted((a, b) => a - b);
  const left = outside(ratios.length);
  const low = ratios[left] ?? 1;
  const high = ratios.at(-1 - left) ?? 1;
  const isWide = high > spreadMax * low;
  const verdict = high < 1 ? "first" : low > 1 ? "second" : isWide ? "noise" : "same";
  return { median: medianOf(ratios), low, high, verdict };
}

/** How many of the ratios at each end may be left out. */
function outside(count: number): number {
  let chance = 0.5 ** count;
  let tail = chance;
  let left = 0;
  for (let k = 1; k < count / 2; k++) {
    chance = (chance * (count - k + 1)) / k;
    tail += chance;
    if (2 * tail > doubt) break;
    left = k;
  }
  return left;
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
