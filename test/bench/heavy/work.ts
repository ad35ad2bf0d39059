/**
 * Work of a known length, made the same in every place: as a kernel on this thread and on ours (`kernelOf`), as a task of
 * Piscina (`compute`).
 */
import type { Kernel } from "@reckon/engine";

/** One formula: so many rounds over a seed and the first number of what it reads besides. */
export interface HeavyTask {
  readonly seed: number;
  readonly reads: Float64Array;
  readonly rounds: number;
}

/** Square roots one after another: each waits for the one before, so the time is theirs and not the memory's. */
export function compute({ seed, reads, rounds }: HeavyTask): number {
  return roots(seed + (reads[0] as number), rounds);
}

/** In pieces: each call of the inner loop is short, so that every thread has it compiled as well as it can be. */
function roots(first: number, rounds: number): number {
  let x = first;
  for (let left = rounds; left > 0; left -= pieceRounds) x = piece(x, Math.min(left, pieceRounds));
  return x;
}

const pieceRounds = 500;

function piece(first: number, rounds: number): number {
  let x = first;
  for (let i = 0; i < rounds; i++) x = Math.sqrt(x * x + 1);
  return x;
}

/** Reads the seed and a column: cell t of it, of scalars the first. */
export function kernelOf(rounds: number): Kernel {
  return {
    isCellwise: true,
    compute([seed, column], out, box) {
      const first = seed!.numbers[0]!;
      for (let t = box.from; t < box.to; t++) out.numbers[t] = roots(first + column!.numbers[t]!, rounds);
    },
  };
}

const roundsTimed = 20_000;
const triesTimed = 300;

/** How many rounds take a microsecond of this machine: the best of many short tries, so that others on it play no part. */
export function roundsPerMicrosecond(): number {
  const reads = new Float64Array(1);
  let leastMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < triesTimed; i++) {
    const start = performance.now();
    compute({ seed: i, reads, rounds: roundsTimed });
    leastMs = Math.min(leastMs, performance.now() - start);
  }
  return roundsTimed / (leastMs * 1000);
}
