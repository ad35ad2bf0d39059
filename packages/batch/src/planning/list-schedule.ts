/**
 * How long chunks take that are given out one after another to whoever is free.
 *
 *   1. Chunks of one length are done in rounds: 200 of 15 s on 20 lanes are 10 rounds, not 200 × 15 / 20 and something.
 *   2. Where they spread, the end is uneven: some lanes wait for the last ones. All but the last rounds fill the lanes evenly; those are
 *      played through with lengths of the same mean and spread. The lengths are taken in a fixed order, so equal questions have equal
 *      answers.
 *   3. Lanes may share the cores: then each that is busy goes on at a rate that depends on how many are, and the last ones are
 *      faster. All busy lanes have come equally far, so when each will be done is a place on one way, whatever the rate.
 *
 * Lengths follow an exponential beyond a least one, or, where they spread by more than their mean, are short but for
 * a few. Cost: up to 16 rounds of lanes, each chunk a step in a heap.
 */

export interface ChunkTimes {
  readonly count: number;
  /** Of a full chunk, on a lane that shares with nobody. */
  readonly ms: number;
  /** Of the last one, which may hold less. */
  readonly lastMs: number;
  /** Standard deviation of full chunks. */
  readonly spreadMs: number;
}

/** How fast each of so many busy lanes is, from 0 to 1. */
export type LaneRate = (busy: number) => number;

const roundsPlayed = 16;
const chunksPlayedMax = 16_384;
/** Below this share of the mean, chunks are of one length. */
const spreadShareMin = 0.01;
const alone: LaneRate = () => 1;

export function scheduleMs(times: ChunkTimes, lanes: number, rateOf: LaneRate = alone): number {
  const { count, ms, lastMs, spreadMs } = times;
  if (count <= 0) return 0;
  if (lanes <= 1) return (count - 1) * ms + lastMs;
  const share = ms > 0 ? spreadMs / ms : 0;
  if (share < spreadShareMin || count <= 1) return inRounds(times, lanes, rateOf);
  const rounds = Math.max(1, Math.min(roundsPlayed, Math.floor(chunksPlayedMax / lanes)));
  const roundsBefore = Math.max(0, Math.floor(count / lanes) - rounds);
  const played = Math.min(count - roundsBefore * lanes, chunksPlayedMax + lanes);
  const lengths = lengthsOf(played, ms, lastMs, share);
  return (roundsBefore * ms) / rateOf(lanes) + play(lengths, lanes, rateOf);
}

function inRounds({ count, ms, lastMs }: ChunkTimes, lanes: number, rateOf: LaneRate): number {
  const full = Math.floor(count / lanes);
  const rest = count % lanes;
  // The short one is alone in its round only where it is the first of it.
  const lastRoundMs = rest === 0 ? 0 : (rest === 1 ? lastMs : ms) / rateOf(rest);
  return (full * ms) / rateOf(lanes) + lastRoundMs;
}

/** Lengths whose mean is `ms`, but for the last. */
function lengthsOf(count: number, ms: number, lastMs: number, share: number): Float64Array {
  const lengths = share <= 1 ? fromLeast(count, share) : mostlyShort(count, share);
  for (let i = 0; i < count; i++) lengths[i] = (i === count - 1 ? lastMs : ms) * (lengths[i] as number);
  return lengths;
}

/** Exponential beyond a least length. The k-th longest of so many is on average as long as it is here, so the longest is, too. */
function fromLeast(count: number, spread: number): Float64Array {
  const ranked = Array.from({ length: count }, (_, i) => i).sort((a, b) => evenly(a) - evenly(b));
  const lengths = new Float64Array(count);
  let beyond = 0;
  for (const [rank, i] of ranked.entries()) {
    beyond += 1 / (count - rank);
    lengths[i] = 1 - spread + spread * beyond;
  }
  return lengths;
}

/** Nothing but for a share, which is exponential. A few alone need not have the mean of all, so it is made theirs. */
function mostlyShort(count: number, spread: number): Float64Array {
  const longShare = 2 / (1 + spread * spread);
  const lengths = Float64Array.from({ length: count }, (_, i) => {
    const longer = 1 - evenly(i);
    return longer > longShare ? 0 : -Math.log(longer / longShare) / longShare;
  });
  const sum = lengths.reduce((all, length) => all + length, 0);
  return sum > 0 ? lengths.map((length) => (length * count) / sum) : lengths.fill(1);
}

function play(lengths: Float64Array, lanes: number, rateOf: LaneRate): number {
  let busy = Math.min(lanes, lengths.length);
  // The first ones, rising, are a heap: the least in front.
  const ends = lengths.slice(0, busy).sort();
  let next = busy;
  let way = 0;
  let ms = 0;
  while (busy > 0) {
    const end = ends[0] as number;
    ms += (end - way) / rateOf(busy);
    way = end;
    if (next < lengths.length) sink(ends, busy, way + (lengths[next++] as number));
    else {
      busy--;
      sink(ends, busy, ends[busy] as number);
    }
  }
  return ms;
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

/** Puts a number in the place of the least one, which is in front of the first `size`, and lets their order return. */
function sink(heap: Float64Array, size: number, value: number): void {
  let at = 0;
  for (;;) {
    let least = 2 * at + 1;
    if (least >= size) break;
    if (least + 1 < size && (heap[least + 1] as number) < (heap[least] as number)) least++;
    if ((heap[least] as number) >= value) break;
    heap[at] = heap[least] as number;
    at = least;
  }
  heap[at] = value;
}
