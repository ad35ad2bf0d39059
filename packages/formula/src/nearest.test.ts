import { expect, it } from "vitest";
import { nearestName } from "./nearest.ts";

it.each([
  ["revenue.chrun", ["revenue.churn", "revenue.price"], "revenue.churn"],
  ["SUMM", ["SUM", "SUMSQ"], "SUM"],
  ["ent", ["SMB", "Ent"], "Ent"],
  ["x", ["price"], undefined],
  ["prise", ["prize", "price"], "prize"],
  ["", [], undefined],
])("[FO27] near to %s", (name, candidates, wanted) => {
  expect(nearestName(name, candidates)).toBe(wanted);
});
