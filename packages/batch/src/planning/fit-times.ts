/**
 * What opening a chunk takes, and what each entity adds, from chunks of different sizes.
 *
 *   1. time = opening + entities × entity, by least squares of relative deviations: a pause of the machine in a long chunk must
 *      not decide what a short one costs. Later chunks count more, and the first not at all: what has just begun to run is slower.
 *   2. Where entities compute it is CPU time that is fitted: what others take of the machine falls on chunks as it likes, and says nothing
 *      of their sizes. How much longer it is by the clock is taken from all of them together.
 *   3. What opening takes is known badly where entities take long and spread: so it is what the line says less its own standard
 *      error, and never below nothing. Chunks that are too large leave threads without work; too small ones cost a few percent.
 *   4. What is left unexplained is the spread of entities. The mean of few chunks is known less well (Student).
 *
 * Cost: the chunks.
 */

export interface ChunkTime {
  readonly entities: number;
  /** By the clock. */
  readonly ms: number;
  /** Of the thread; absent: as by the clock. */
  readonly cpuMs?: number;
}

export interface FittedTimes {
  readonly chunkMs: number;
  readonly entityMs: number;
  readonly entityMsMax: number;
  /** Standard deviation of single entities. */
  readonly entityMsSpread: number;
  /** Of the mean; 1.96 times this holds the true one in 19 of 20 cases. */
  readonly entityMsError: number;
  /** The lower end of that, in CPU time where that is known: what others had of the machine is not in it. */
  readonly entityMsLeast: number;
}

/** Where one chunk is all there is, nothing is known of the spread (it is taken for none), nor of the mean of all. */
const errorShareOfOne = 0.5;
/** So many standard errors hold 95 %. */
const errorFactor = 1.96;
/** So that a time of nothing has a weight. */
const msMin = 1e-4;

export function fitTimes(all: readonly ChunkTime[]): FittedTimes {
  const times = all.length > 2 ? all.slice(1) : all;
  const values = times.map(({ ms, cpuMs }) => cpuMs ?? ms);
  const total = values.reduce((sum, each) => sum + each, 0);
  if (total <= 0)
    return { chunkMs: 0, entityMs: 0, entityMsMax: 0, entityMsSpread: 0, entityMsError: 0, entityMsLeast: 0 };
  const sizes = times.map(({ entities }) => entities);
  const weights = values.map((value, i) => ((i + 1) / Math.max(msMin, value)) ** 2);
  const line = fitLine({ sizes, values, weights });
  const perValue = times.reduce((sum, { ms }) => sum + ms, 0) / total;
  const chunkMs = line.chunkMs * perValue;
  const entityMs = line.entityMs * perValue;
  const entityMsMax = Math.max(...times.map(({ entities, ms }) => Math.max(0, ms - chunkMs) / entities));
  const freedom = times.length - 1;
  const leastMs = (error: number): number => Math.max(0, line.entityMs - errorFactor * error);
  if (freedom === 0) {
    const entityMsLeast = leastMs(line.entityMs * errorShareOfOne);
    return {
      chunkMs,
      entityMs,
      entityMsMax,
      entityMsSpread: 0,
      entityMsError: entityMs * errorShareOfOne,
      entityMsLeast,
    };
  }
  const deviations = times.map(({ entities, ms }) => ms - chunkMs - entities * entityMs);
  const over = (of: (i: number) => number): number => sizes.reduce((sum, _, i) => sum + of(i), 0);
  const at = (list: readonly number[], i: number): number => list[i] as number;
  // Large chunks tell more of entities than small ones do, whose opening differs as well.
  const variance = over((i) => at(sizes, i) * at(deviations, i) ** 2) / over((i) => at(sizes, i) ** 2);
  const errorOf = (of: readonly number[]): number => {
    const errorSquare = over((i) => (at(weights, i) * at(sizes, i) * at(of, i)) ** 2);
    const errorMs = Math.sqrt(errorSquare) / over((i) => at(weights, i) * at(sizes, i) ** 2);
    return (errorMs * studentFactor(freedom)) / errorFactor;
  };
  const ofValues = values.map((value, i) => value - line.chunkMs - at(sizes, i) * line.entityMs);
  return {
    chunkMs,
    entityMs,
    entityMsMax,
    entityMsSpread: Math.sqrt((variance * times.length) / freedom),
    entityMsError: errorOf(deviations),
    entityMsLeast: leastMs(errorOf(ofValues)),
  };
}

interface Points {
  readonly sizes: readonly number[];
  readonly values: readonly number[];
  readonly weights: readonly number[];
}

function fitLine({ sizes, values, weights }: Points): Pick<FittedTimes, "chunkMs" | "entityMs"> {
  let [one, size, sizeSquare, ms, msSize] = [0, 0, 0, 0, 0];
  for (const [i, weight] of weights.entries()) {
    const [entities, value] = [sizes[i] as number, values[i] as number];
    one += weight;
    size += weight * entities;
    sizeSquare += weight * entities ** 2;
    ms += weight * value;
    msSize += weight * value * entities;
  }
  const determinant = one * sizeSquare - size * size;
  const without = { chunkMs: 0, entityMs: msSize / sizeSquare };
  // Chunks of one size tell nothing of opening, nor do two of them of how well it is known.
  if (determinant <= 1e-9 * one * sizeSquare || sizes.length < 3) return without;
  const opening = (ms * sizeSquare - msSize * size) / determinant;
  const slope = (one * msSize - size * ms) / determinant;
  if (slope <= 0) return { chunkMs: ms / one, entityMs: 0 };
  const left = values.map(
    (value, i) => (weights[i] as number) * (value - opening - slope * (sizes[i] as number)) ** 2,
  );
  const variance = left.reduce((sum, each) => sum + each, 0) / (sizes.length - 2);
  const chunkMs = opening - Math.sqrt((variance * sizeSquare) / determinant);
  return chunkMs <= 0 ? without : { chunkMs, entityMs: (msSize - chunkMs * size) / sizeSquare };
}

/** How many standard errors hold 95 %, by degrees of freedom. */
function studentFactor(freedom: number): number {
  const few = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31];
  return few[freedom - 1] ?? 1.96 + 2.6 / freedom;
}
