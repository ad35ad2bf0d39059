import { describe, expect, it } from "vitest";
import { detectableShare } from "./detectable-share.ts";

/** All ways to draw `left` more from `from` on; how many there are, and how many have none of the first `wrong`. */
function countDraws(
  from: number,
  left: number,
  of: number,
  wrong: number,
  isMissed: boolean,
): [number, number] {
  if (left === 0) return [1, isMissed ? 1 : 0];
  let [all, missed] = [0, 0];
  for (let next = from; next <= of - left; next++) {
    const [more, moreMissed] = countDraws(next + 1, left - 1, of, wrong, isMissed && next >= wrong);
    all += more;
    missed += moreMissed;
  }
  return [all, missed];
}

function enumerated(sampled: number, of: number): number {
  for (let wrong = 1; wrong <= of; wrong++) {
    const [all, missed] = countDraws(0, sampled, of, wrong, true);
    if (missed / all < 0.05) return wrong / of;
  }
  return 1;
}

describe("detectableShare", () => {
  it("[BA51] is what drawing all samples of small numbers comes to", () => {
    for (let of = 1; of <= 12; of++)
      for (let sampled = 1; sampled <= of; sampled++)
        expect(detectableShare(sampled, of), `${sampled} of ${of}`).toBeCloseTo(enumerated(sampled, of), 12);
  });

  it("[BA51] is 28 of 300 for a sample of 30, and 9.5 % of very many", () => {
    expect(detectableShare(30, 300)).toBe(28 / 300);
    expect(detectableShare(30, 100_000_000)).toBeCloseTo(1 - 0.05 ** (1 / 30), 4);
  });

  it("[BA51] finds any fault where all were computed again, and none where nothing was", () => {
    expect(detectableShare(300, 300)).toBe(1 / 300);
    expect(detectableShare(0, 300)).toBe(1);
    expect(detectableShare(0, 0)).toBe(0);
  });
});
