import { expect, it } from "vitest";
import { nearestName } from "./nearest.ts";

it.each([
  ["revenue.chrun", ["revenue.churn", "revenue.price"], "revenue.churn"],
  ["SUMM", ["SUM", "SUMSQ"], "SUM"],
  ["ent", ["SMB", "Ent"], "Ent"],
  ["x", ["price"], undefined],
  ["prise", ["prize", "price"], "prize"],
  ["clos", ["cost", "closing"], "closing"],
  ["debt.clos", ["debt.cost", "debt.closing_balance", "debt.closing"], "debt.closing"],
  ["ent", ["entity", "Ent"], "Ent"],
  ["pr", ["price"], undefined],
  ["f7", ["f0", "i7", "g7", "f8"], "g7"],
  ["rate1", ["rate2", "rat1"], "rat1"],
  ["", [], undefined],
])("[FO27] near to %s", (name, candidates, wanted) => {
  expect(nearestName(name, candidates)).toBe(wanted);
});
