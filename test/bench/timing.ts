/**
 * Measuring: medians of repeated calls, and the memory that stays.
 *
 * A call that takes less than a few microseconds cannot be timed alone: `perCallMs` makes batches of calls that take
 * long enough. All loops end after `samplesMsMax`, but never before three samples.
 */
const samplesMin = 3;

/** One figure of a workload. `spread` is (largest − smallest) / median of the samples. */
export interface Figure {
  readonly measure: string;
  readonly ms: number;
  readonly spread: number;
  readonly heapMb?: number;
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
  const spread = ms > 0 ? (Math.max(...samples) - Math.min(...samples)) / ms : 0;
  return { measure, ms, spread, ...(heapMb === undefined ? {} : { heapMb }) };
}

/** How often to measure, and for how long. */
export interface Sampling {
  /** Samples of a large edit, or of a batch of small ones, and so many before that are not counted. */
  readonly edits: number;
  readonly warmUps: number;
  /** How long a batch of small edits should take. */
  readonly batchMs: number;
  /** No further sample is begun after that. */
  readonly samplesMsMax: number;
}

/** Times `call` alone, again and again. */
export function eachCallMs({ edits, warmUps, samplesMsMax }: Sampling, call: (i: number) => void): number[] {
  const samples: number[] = [];
  const begin = performance.now();
  for (let i = 0; i < edits + warmUps; i++) {
    const start = performance.now();
    call(i);
    const end = performance.now();
    if (i >= warmUps || end - begin > samplesMsMax) samples.push(end - start);
    if (samples.length >= samplesMin && end - begin > samplesMsMax) break;
  }
  return samples;
}

/** The time of one call from batches of calls; `call` gets a counter that goes on from batch to batch. */
export function perCallMs(sampling: Sampling, call: (i: number) => void): number[] {
  const { edits, batchMs, samplesMsMax } = sampling;
  let next = 0;
  let calls = 1;
  let lastMs = 0;
  while (lastMs < batchMs / 2 && calls < 1 << 22) {
    if (next > 0) calls *= 2;
    lastMs = timeBatch(next, calls, call);
    next += calls;
  }
  const samples: number[] = [];
  const begin = performance.now();
  for (let i = 0; i < edits; i++) {
    samples.push(timeBatch(next + i * calls, calls, call) / calls);
    if (samples.length >= samplesMin && performance.now() - begin > samplesMsMax) break;
  }
  return samples;
}

function timeBatch(first: number, calls: number, call: (i: number) => void): number {
  const start = performance.now();
  for (let i = 0; i < calls; i++) call(first + i);
  return performance.now() - start;
}

/** Megabytes in use after collecting garbage. `external` includes the memory of array buffers. */
export function heapMb(): number {
  const collect = (globalThis as { gc?: () => void }).gc;
  collect?.();
  collect?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}
