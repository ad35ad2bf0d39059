/**
 * What opening a chunk takes, and what each entity adds, from chunks of different sizes.
 *
 *   1. ms = chunkMs + entities × entityMs, by least squares of relative deviations: a pause of the machine in a long chunk must
 *      not decide what a short one costs. Later chunks count more, and the first not at all: what has just begun to run is slower.
 *   2. What opening takes is known badly where entities take long and spread: so it is what the line says less its own standard
 *      error, and never below nothing. Chunks that are too large leave threads without work; too small ones cost a few percent.
 *   3. What is left unexplained is the spread of entities. The mean of few chunks is known less well (Student).
 *
 * Cost: the chunks.
 */

export interface ChunkTime {
  readonly entities: number;
  readonly ms: number;
}

export interface FittedTimes {
  readonly chunkMs: number;
  readonly entityMs: number;
  readonly entityMsMax: number;
  /** Standard deviation of single entities. */
  readonly entityMsSpread: number;
  /** Of the mean; 1.96 times this holds the true one in 19 of 20 cases. */
  readonly entityMsError: number;
}

/** Where one chunk is all there is, nothing is known of the spread (it is taken for none), nor of the mean of all. */
const errorShareOfOne = 0.5;
/** So that a time of nothing has a weight. */
const msMin = 1e-4;

export function fitTimes(all: readonly ChunkTime[]): FittedTimes {
  const times = all.length > 2 ? all.slice(1) : all;
  if (times.length === 0)
    return { chunkMs: 0, entityMs: 0, entityMsMax: 0, entityMsSpread: 0, entityMsError: 0 };
  const { chunkMs, entityMs } = fitLine(times);
  const means = times.map(({ entities, ms }) => Math.max(0, (ms - chunkMs) / entities));
  const entityMsMax = Math.max(...means);
  const freedom = times.length - 1;
  if (freedom === 0)
    return {
      chunkMs,
      entityMs,
      entityMsMax,
      entityMsSpread: 0,
      entityMsError: entityMs * errorShareOfOne,
    };
  const squares = times.map(({ entities }, i) => entities * ((means[i] as number) - entityMs) ** 2);
  const entityMsSpread = Math.sqrt(squares.reduce((sum, each) => sum + each, 0) / freedom);
  const entities = times.reduce((sum, each) => sum + each.entities, 0);
  const entityMsError = ((entityMsSpread / Math.sqrt(entities)) * studentFactor(freedom)) / 1.96;
  return { chunkMs, entityMs, entityMsMax, entityMsSpread, entityMsError };
}

function fitLine(times: readonly ChunkTime[]): { readonly chunkMs: number; readonly entityMs: number } {
  let [one, size, sizeSquare, ms, msSize] = [0, 0, 0, 0, 0];
  const weights = times.map((time, i) => ((i + 1) / Math.max(msMin, time.ms)) ** 2);
  for (const [i, time] of times.entries()) {
    const weight = weights[i] as number;
    one += weight;
    size += weight * time.entities;
    sizeSquare += weight * time.entities ** 2;
    ms += weight * time.ms;
    msSize += weight * time.ms * time.entities;
  }
  const without = { chunkMs: 0, entityMs: msSize / sizeSquare };
  const determinant = one * sizeSquare - size * size;
  // Chunks of one size tell nothing of opening, nor do two of them of how well it is known.
  if (determinant <= 1e-9 * one * sizeSquare || times.length < 3) return without;
  const found = (ms * sizeSquare - msSize * size) / determinant;
  const slope = (one * msSize - size * ms) / determinant;
  if (slope <= 0) return { chunkMs: ms / one, entityMs: 0 };
  const rest = times.map(
    (time, i) => (weights[i] as number) * (time.ms - found - slope * time.entities) ** 2,
  );
  const variance = rest.reduce((sum, each) => sum + each, 0) / (times.length - 2);
  const chunkMs = found - Math.sqrt((variance * sizeSquare) / determinant);
  if (chunkMs <= 0) return without;
  return { chunkMs, entityMs: (msSize - chunkMs * size) / sizeSquare };
}

/** How many standard errors hold 95 %, by degrees of freedom. */
function studentFactor(freedom: number): number {
  const few = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31];
  return few[freedom - 1] ?? 1.96 + 2.6 / freedom;
}
