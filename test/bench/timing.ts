/**
 * Measuring: medians of repeated calls, and the memory that stays.
 *
 * All repeated calls are measured warm: every engine makes the same calls before the clock counts until it makes them no
 * faster (warm-up.ts). So `cold` in a workload means a fresh model in a warm process: nothing of the model is known, but its
 * code has been compiled and optimised by models before it. Builds of a million formulas, texts that are opened and what
 * `memory` tells happen once in a process, and are measured so: there nothing is warm, for any engine.
 *
 * A call that takes less than a few microseconds cannot be timed alone: `perCallMs` makes batches of calls that take
 * long enough. All loops end after `samplesMsMax`, but never before three samples.
 */
import { WarmUp } from "./warm-up.ts";

const samplesMin = 3;

/** One figure of a workload. `spread` is (largest − smallest) / median of the samples. */
export interface Figure {
  readonly measure: string;
  readonly ms: number;
  readonly spread: number;
  readonly heapMb?: number;
  /** How many times faster than the other way (one thread, mostly), pair by pair in one process. */
  readonly ratios?: readonly number[];
}

export function medianOf(samples: readonly number[]): number {
  return quantileOf(samples, 0.5);
}

export function quantileOf(samples: readonly number[], share: number): number {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function figureOf(measure: string, samples: readonly number[], heapMb?: number): Figure {
  const ms = medianOf(samples);
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const sample of samples) {
    least = Math.min(least, sample);
    most = Math.max(most, sample);
  }
  const spread = ms === 0 ? 0 : (most - least) / Math.abs(ms);
  return { measure, ms, spread, ...(heapMb === undefined ? {} : { heapMb }) };
}

/** How often to measure, and for how long. */
export interface Sampling {
  /** Samples of a large edit, or of a batch of small ones. */
  readonly edits: number;
  /** The calls before them take at least so long, and no further one is begun after the other. */
  readonly warmMsMin: number;
  readonly warmMsMax: number;
  /** How long a batch of small edits, or all samples of larger ones, should take. */
  readonly batchMs: number;
  /** No further sample is begun after that. */
  readonly samplesMsMax: number;
}

/** Milliseconds from anywhere. */
export type Clock = () => number;

const processClock: Clock = () => performance.now();

/**
 * Calls until it makes no difference any more (warm-up.ts); `sampling` bounds the time. Gives the calls made, what one of
 * the last took, and whether the first was a sample already.
 */
export function warmUp(sampling: Sampling, call: (i: number) => void, clock: Clock = processClock): WarmUp {
  const begin = clock();
  const warming = new WarmUp(sampling);
  while (!warming.isOver) {
    const ms = batchMs(warming.calls, warming.wanted, call, clock);
    warming.note(ms, clock() - begin);
  }
  return warming;
}

/**
 * Times `call` alone, again and again, once it is warm: `edits` times, and more often until the samples together are as
 * long as a batch. The call gets a counter that goes on from the calls of warming up.
 */
export function eachCallMs(
  sampling: Sampling,
  call: (i: number) => void,
  clock: Clock = processClock,
): number[] {
  const { edits, batchMs: togetherMs, samplesMsMax } = sampling;
  const warmth = warmUp(sampling, call, clock);
  const samples: number[] = warmth.isSlow ? [warmth.ms] : [];
  let together = warmth.isSlow ? warmth.ms : 0;
  const begin = clock() - together;
  for (let i = warmth.calls; samples.length < edits || together < togetherMs; i++) {
    const took = batchMs(i, 1, call, clock);
    samples.push(took);
    together += took;
    if (samples.length >= Math.min(samplesMin, edits) && clock() - begin > samplesMsMax) break;
  }
  return samples;
}

/** The time of one call from batches of calls, once it is warm; `call` gets a counter that goes on all the time. */
export function perCallMs(
  sampling: Sampling,
  call: (i: number) => void,
  clock: Clock = processClock,
): number[] {
  const { edits, batchMs: wantedMs, samplesMsMax } = sampling;
  const warmth = warmUp(sampling, call, clock);
  let next = warmth.calls;
  const calls = Math.max(1, Math.min(callsMax, Math.ceil(wantedMs / Math.max(warmth.ms, 1e-7))));
  const samples: number[] = warmth.isSlow ? [warmth.ms] : [];
  const begin = clock();
  while (samples.length < edits) {
    samples.push(batchMs(next, calls, call, clock) / calls);
    next += calls;
    if (samples.length >= samplesMin && clock() - begin > samplesMsMax) break;
  }
  return samples;
}

/** Calls in a batch: counters stay small whole numbers. */
const callsMax = 1 << 22;

function batchMs(first: number, calls: number, call: (i: number) => void, clock: Clock): number {
  const start = clock();
  for (let i = 0; i < calls; i++) call(first + i);
  return clock() - start;
}

/** Megabytes in use after collecting garbage. `external` includes the memory of array buffers. */
export function heapMb(): number {
  const collect = (globalThis as { gc?: () => void }).gc;
  collect?.();
  collect?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}
