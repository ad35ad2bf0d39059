/**
 * How long chunks take that are given out one after another to whoever is free.
 *
 *   1. Chunks of one length are done in rounds: 200 of 15 s on 20 lanes are 10 rounds, not 200 × 15 / 20 and something.
 *   2. Where they spread, the end is uneven: some lanes wait for the last ones. All but the last rounds fill the lanes evenly; those are
 *      played through with lengths of the same mean and spread. The lengths are taken in a fixed order, so equal questions have equal
 *      answers.
 *
 * Lengths follow an exponential beyond a least one, or, where they spread by more than their mean, are short but for
 * a few. Cost: up to 16 rounds of lanes, each chunk a step in a heap.
 */

export interface ChunkTimes {
  readonly count: number;
  /** Of a full chunk. */
  readonly ms: number;
  /** Of the last one, which may hold less. */
  readonly lastMs: number;
  /** Standard deviation of full chunks. */
  readonly spreadMs: number;
}

const roundsPlayed = 16;
const chunksPlayedMax = 16_384;
/** Below this share of the mean, chunks are of one length. */
const spreadShareMin = 0.01;

export function scheduleMs({ count, ms, lastMs, spreadMs }: ChunkTimes, lanes: number): number {
  if (count <= 0) return 0;
  if (lanes <= 1) return (count - 1) * ms + lastMs;
  const share = ms > 0 ? spreadMs / ms : 0;
  if (share < spreadShareMin || count <= 1) return inRounds(count, ms, lastMs, lanes);
  const rounds = Math.max(1, Math.min(roundsPlayed, Math.floor(chunksPlayedMax / lanes)));
  const roundsBefore = Math.max(0, Math.floor(count / lanes) - rounds);
  const played = Math.min(count - roundsBefore * lanes, chunksPlayedMax + lanes);
  return roundsBefore * ms + play(played, ms, lastMs, share, lanes);
}

function inRounds(count: number, ms: number, lastMs: number, lanes: number): number {
  const rounds = Math.ceil(count / lanes);
  // The short one is alone in its round only where it is the first of it.
  return count % lanes === 1 ? (rounds - 1) * ms + lastMs : rounds * ms;
}

function play(count: number, ms: number, lastMs: number, share: number, lanes: number): number {
  const lengths = Float64Array.from({ length: count }, (_, i) => relativeLength(evenly(i), share));
  // A few lengths alone need not have the mean of all.
  const sum = lengths.reduce((all, length) => all + length, 0);
  if (sum === 0) return inRounds(count, ms, lastMs, lanes);
  const free = new Float64Array(Math.min(lanes, count));
  let end = 0;
  for (let i = 0; i < count; i++) {
    const mean = i === count - 1 ? lastMs : ms;
    const done = (free[0] as number) + (mean * (lengths[i] as number) * count) / sum;
    if (done > end) end = done;
    sink(free, done);
  }
  return end;
}

/** The length with the mean 1 and the given spread, of which a share `u` are shorter. */
function relativeLength(u: number, spread: number): number {
  if (spread <= 1) return 1 - spread - spread * Math.log(1 - u);
  const longShare = 2 / (1 + spread * spread);
  if (u < 1 - longShare) return 0;
  return -Math.log((1 - u) / longShare) / longShare;
}

/** The i-th of a sequence that fills 0 to 1 evenly however far it is followed: the bits of i turned round. */
function evenly(i: number): number {
  let bits = i + 1;
  let share = 0;
  for (let half = 0.5; bits > 0; half /= 2) {
    if (bits & 1) share += half;
    bits >>>= 1;
  }
  return share;
}

/** Replaces the least number, which is in front, and lets the order of the heap return. */
function sink(heap: Float64Array, value: number): void {
  let at = 0;
  for (;;) {
    let least = 2 * at + 1;
    if (least >= heap.length) break;
    if (least + 1 < heap.length && (heap[least + 1] as number) < (heap[least] as number)) least++;
    if ((heap[least] as number) >= value) break;
    heap[at] = heap[least] as number;
    at = least;
  }
  heap[at] = value;
}
