import { describe, expect, it } from "vitest";
import { IntervalIndex } from "./interval-index.ts";

function randomOf(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) % limit;
  };
}

/** Which of the intervals meet the run, one by one. */
function met(from: Int32Array, to: Int32Array, run: readonly [number, number]): number[] {
  const [first, end] = run;
  const found: number[] = [];
  from.forEach((start, i) => {
    const stop = to[i] as number;
    if (start < stop && first < end && start < end && stop > first) found.push(i);
  });
  return found;
}

describe("an index of intervals", () => {
  it.each([
    ["anywhere", (random: (limit: number) => number) => random(60)],
    ["with one start", () => 0],
    ["with few starts", (random: (limit: number) => number) => 20 * random(3)],
  ] as const)("[RA4] finds what brute force finds, intervals %s", (_, startOf) => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomOf(seed);
      const count = random(200);
      const nodes = Int32Array.from({ length: count }, (_, i) => i);
      const from = Int32Array.from({ length: count }, () => startOf(random));
      const to = from.map((start) => start + random(seed % 3 === 0 ? 4 : 40));
      if (seed % 5 === 0) {
        from.sort().reverse();
        to.sort().reverse();
      }
      const index = new IntervalIndex(nodes, from, to);
      const found = new Int32Array(count + 1);
      for (let k = 0; k < 40; k++) {
        const start = random(100) - 5;
        const run = [start, start + random(10)] as const;
        const end = index.search(run[0], run[1], found, 1);
        const hits = [...found.subarray(1, end)].map((entry) => index.nodes[entry] as number);
        expect(hits.sort((a, b) => a - b)).toEqual(met(from, to, run));
      }
    }
  });
});
