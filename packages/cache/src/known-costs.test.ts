import { expect, it } from "vitest";
import { KnownCosts } from "./known-costs.ts";

it("[ME10] of a name the longest that a result took counts", () => {
  const costs = new KnownCosts();
  expect(costs.of("f")).toBeUndefined();
  for (const ms of [0, Number.NaN]) costs.add("f", ms);
  expect(costs.of("f")).toBeUndefined();
  for (const ms of [3, 1000, 1, 2]) costs.add("f", ms);
  costs.add("g", 1);
  expect([costs.of("f"), costs.of("g")]).toEqual([1000, 1]);
});
