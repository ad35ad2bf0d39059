import { expect, it } from "vitest";
import { numbersOf, runsOf } from "./number-runs.ts";

it("writes consecutive numbers as one run, and reads them back", () => {
  expect(runsOf([3, 4, 5, 9])).toEqual([3, 3, 9, 1]);
  for (const numbers of [[], [0], [7, 8], [1, 3, 4, 1_000_000_000_000], [9, 3, 4, 0]])
    expect(numbersOf(runsOf(numbers))).toEqual(numbers);
});

it.each([
  [[0, 3e8]],
  [[0, 4_000_000, 5_000_000, 1]],
  [[0, Number.MAX_SAFE_INTEGER]],
  [[3]],
  [[-1, 2]],
  [[0.5, 2]],
  ["0,1" as unknown as number[]],
  [null as unknown as number[]],
  [[null, 1] as unknown as number[]],
])("[QU25] takes nothing that a chunk cannot have: %j", (runs) => {
  expect(numbersOf(runs)).toBeUndefined();
});
