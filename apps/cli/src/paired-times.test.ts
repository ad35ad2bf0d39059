import { describe, expect, it } from "vitest";
import { medianOf, pairedRatio } from "./paired-times.ts";

const pairs = (...ratios: number[]) => ratios.map((ratio): [number, number] => [ratio * 2, 2]);

describe("pairs of times", () => {
  it("[CL58] gives the median of the pairs, which one pair gone wrong does not move", () => {
    expect(pairedRatio(pairs(0.5, 0.52, 40, 0.51, 0.53))).toMatchObject({ median: 0.52, verdict: "noise" });
    expect(pairedRatio(pairs(0.5, 0.52, 0.54, 0.51, 0.53))).toEqual({
      median: 0.52,
      low: 0.5,
      high: 0.54,
      verdict: "first",
    });
  });

  it("[CL58] leaves pairs at the ends out when there are enough", () => {
    const many = [40, 0.001, ...Array.from({ length: 23 }, (_, i) => 1.5 + i / 100)];
    const { low, high, verdict } = pairedRatio(pairs(...many));
    // Of 25 pairs, 7 at each end.
    expect([low, high, verdict]).toEqual([1.56, 1.66, "second"]);
    expect(pairedRatio(pairs(1, 2, 2, 2, 2, 2)).low, "none of six").toBe(2 / 2);
    expect(pairedRatio(pairs(1, 1, 2, 2, 2, 2, 2, 2, 9)).low, "one of nine").toBe(1);
  });

  it("[CL58] sees no difference where the range goes over 1", () => {
    expect(pairedRatio(pairs(0.9, 1, 1.1)).verdict).toBe("same");
    expect(pairedRatio(pairs(0.4, 1, 1.3)).verdict).toBe("noise");
    expect(pairedRatio(pairs(2.5, 6, 22)).verdict, "faster, by whatever it is").toBe("second");
  });

  it("takes the middle of two", () => {
    expect([medianOf([3, 1, 2]), medianOf([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });
});
