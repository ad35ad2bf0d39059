import { expect, it } from "vitest";
import { barOf, sparkline } from "./runs-charts.ts";

it("bars are in eighths of a cell, and what is not nothing is seen", () => {
  expect([barOf(10, 10, 4), barOf(5, 10, 4), barOf(1, 1000, 4), barOf(0, 10, 4), barOf(1, 0, 4)]).toEqual([
    "████",
    "██",
    "▏",
    "",
    "",
  ]);
});

it("lines of bars go from the least to the largest, and fold what is too many", () => {
  expect(sparkline([1, 2, 3, 8], 10)).toBe("▁▂▃█");
  expect(sparkline([4, 4, 4], 10)).toBe("▁▁▁");
  expect(
    sparkline(
      Array.from({ length: 100 }, (_, i) => i),
      8,
    ),
  ).toBe("▁▂▃▄▅▆▇█");
});
