import { expect, it } from "vitest";
import { Histogram } from "./histogram.ts";

it("[WK20] percentiles are at most 5 % too high, and never above the largest", () => {
  const histogram = new Histogram();
  expect(histogram.percentiles()).toEqual({ count: 0, p50: 0, p95: 0, p99: 0, max: 0 });
  for (let i = 1; i <= 1000; i++) histogram.add(i / 100);
  const { p50, p95, p99, max, count } = histogram.percentiles();
  expect([count, max]).toEqual([1000, 10]);
  for (const [found, exact] of [
    [p50, 5],
    [p95, 9.5],
    [p99, 9.9],
  ] as const) {
    expect(found).toBeGreaterThanOrEqual(exact);
    expect(found).toBeLessThanOrEqual(exact * 1.05);
  }
});
