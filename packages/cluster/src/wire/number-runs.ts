/**
 * Ascending numbers as pairs of the first of consecutive ones and their count: `[3, 4, 5, 9]` is `[3, 3, 9, 1]`.
 *
 * They come from whoever can reach the queue, so it is looked at whether they are that before any is made of them.
 */
import type { Runs } from "./wire.ts";

/** More entities than anybody computes in one chunk. */
const numbersMax = 4_000_000;

export function runsOf(numbers: readonly number[]): Runs {
  const runs: number[] = [];
  for (const number of numbers) {
    const last = runs.length - 2;
    const [from, count] = [runs[last], runs[last + 1]];
    if (from !== undefined && count !== undefined && from + count === number) runs[last + 1] = count + 1;
    else runs.push(number, 1);
  }
  return runs;
}

/** `undefined`: these are no runs, or are longer than any chunk. */
export function numbersOf(runs: Runs): readonly number[] | undefined {
  if (!areRuns(runs)) return undefined;
  const numbers: number[] = [];
  for (let i = 0; i < runs.length; i += 2) {
    const from = runs[i] as number;
    for (let k = 0; k < (runs[i + 1] as number); k += 1) numbers.push(from + k);
  }
  return numbers;
}

function areRuns(runs: Runs): boolean {
  if (!Array.isArray(runs) || runs.length % 2 !== 0) return false;
  let left = numbersMax;
  for (let i = 0; i < runs.length; i += 2) {
    const [from, count] = [runs[i], runs[i + 1]];
    if (!isCount(from) || !isCount(count) || count > left) return false;
    left -= count;
  }
  return true;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
