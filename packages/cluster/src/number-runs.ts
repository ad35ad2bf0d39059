/** Ascending numbers as pairs of the first of consecutive ones and their count: `[3, 4, 5, 9]` is `[3, 3, 9, 1]`. */
import type { Runs } from "./wire.ts";

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

export function numbersOf(runs: Runs): readonly number[] {
  const numbers: number[] = [];
  for (let i = 0; i < runs.length; i += 2) {
    const from = runs[i] as number;
    for (let k = 0; k < (runs[i + 1] as number); k += 1) numbers.push(from + k);
  }
  return numbers;
}
