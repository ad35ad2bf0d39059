import { expect, it } from "vitest";
import { TierCounts } from "./tier-counts.ts";

it("[ME10] what a look-up costs follows what is measured, and no accident", () => {
  const counts = new TierCounts(1);
  for (let i = 0; i < 100; i++) counts.measured(0.5);
  expect(counts.lookUpMs).toBeCloseTo(0.5, 4);
  counts.measured(1_000_000);
  expect(counts.lookUpMs).toBeLessThan(0.7);
  const before = counts.lookUpMs;
  for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY]) counts.measured(wrong);
  expect(counts.lookUpMs).toBe(before);
});

it("[ME10] a tier that nothing is worth any more is tried again", () => {
  const counts = new TierCounts(1);
  for (let i = 0; i < 50; i++) counts.measured(1000);
  expect(counts.isWorth(2)).toBe(false);
  let asked = 0;
  while (!counts.isWorth(2)) asked++;
  expect(asked).toBeLessThan(1000);
  expect([counts.isWorth(0), counts.isWorth(Number.NaN)]).toEqual([true, true]);
});

it("[ME22] a hit saves what computing took, less the look-up", () => {
  const counts = new TierCounts(1);
  counts.hit(10);
  counts.hit(0.5);
  expect([counts.hits, counts.savedMs]).toEqual([2, 9]);
});
