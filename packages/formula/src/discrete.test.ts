import { axisOf } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { checkFormula } from "./check.ts";
import { isDiscrete } from "./discrete.ts";
import { parseFormula } from "./parser.ts";
import type { Resolution } from "./scope.ts";

const segment = axisOf("segment", ["SMB", "Ent"]);

function discrete(text: string): boolean {
  const resolve = ([name = ""]: readonly string[]): Resolution | undefined =>
    ["x", "y", "z"].includes(name)
      ? { kind: "attribute", id: name, axes: name === "z" ? [segment] : [], valueType: "number" }
      : name === "segment"
        ? { kind: "axis", axis: segment }
        : undefined;
  const scope = {
    resolve,
    suggest: () => undefined,
    currentAxes: [segment],
    allowA1: false,
    isStrict: false,
  };
  const { formula, diagnostics } = checkFormula(parseFormula(text).expression, scope);
  expect(diagnostics, text).toEqual([]);
  return formula !== undefined && isDiscrete(formula);
}

describe("formulas that make steps", () => {
  it("[FP41] are those with conditions, comparisons, roundings and look-ups of what is read", () => {
    const steps = [
      "IF(x > 1, y, 2)",
      "IF(x, y, 2)",
      "(x >= y) * 3",
      "ROUND(x, 2) + y",
      "INT(x)",
      "MOD(x, 3)",
      "CHOOSE(x, 1, 2)",
      "IFS(x > 1, 2, TRUE, 3)",
      "IFS(x, 2, TRUE, 3)",
      'z[CHOOSE(x, "SMB", "Ent")]',
      "IFERROR(x / y, 0)",
      "INDEX({1, 2, 3}, x)",
      "LET(a, x, IF(a > 1, 2, 3))",
      "SUM(x, IF(y > 0, 1, 2))",
      "AND(x > 1, y > 2) * 2",
    ];
    const smooth = [
      "x + y * 2 / 3 ^ 2 - x%",
      "MIN(x, MAX(0, y - 3))",
      "ABS(x) + SQRT(y) + EXP(-x)",
      "IF(1 > 2, x, y)",
      'IF(MEMBER(segment) = "SMB", x, y)',
      "SUM(z[*]) + AVERAGE(x, y)",
      "LET(a, x * 2, a + a)",
      "ROUND(2.5, 0) * x",
      "PMT(x, 12, y)",
    ];
    expect(steps.filter((text) => !discrete(text))).toEqual([]);
    expect(smooth.filter((text) => discrete(text))).toEqual([]);
  });
});
