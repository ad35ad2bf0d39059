import {
  type BoundExpression,
  type BoundFormula,
  checkFormula,
  functionByName,
  parseFormula,
  type Scope,
} from "@reckon/formula";
import { type Axis, axisOf } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { boundText } from "./bound-text.ts";
import { kernelOf } from "./kernel.ts";

const month = axisOf("month", ["2026-01", "2026-02", "2026-03"], {
  frequency: "month",
  starts: [46023, 46054, 46082],
});
const otherMonths = axisOf("month", ["2027-01", "2027-02", "2027-03"], {
  frequency: "month",
  starts: [1, 2, 3],
});

function bound(text: string, axes: readonly Axis[] = [month]): BoundFormula {
  const scope: Scope = {
    resolve: ([name, inner]) =>
      inner === "net"
        ? { kind: "module-function", module: name as string, name: inner }
        : name?.length === 1
          ? { kind: "attribute", id: `b.${name}`, axes }
          : undefined,
    suggest: () => undefined,
    currentAxes: axes,
    allowA1: false,
    isStrict: true,
  };
  const { formula, diagnostics } = checkFormula(parseFormula(text).expression, scope, { source: "test" });
  if (formula === undefined) throw new Error(diagnostics.map(({ message }) => message).join());
  return formula;
}

describe("the text of a bound formula", () => {
  it("[PL8] does not hold names of attributes", () => {
    expect(boundText(bound("x * 2 + y"))).toBe(boundText(bound("p * 2 + q")));
  });

  it.each([
    ["a constant", "x * 2", "x * 3"],
    ["the sign of zero", "x * 0", "x * (-0)"],
    ["a text and its number", 'x & "1"', "x & 1"],
    ["the order of slots", "x - y", "-(x - y)"],
    ["a period read", "x[2026-01]", "x[2026-02]"],
    ["one slot or two", "x * x", "x * y"],
    ["the function", "MIN(x, 1)", "MAX(x, 1)"],
    ["grouping", "x - (y - 1)", "x - y - 1"],
  ])("[PL8] sees %s", (_what, left, right) => {
    expect(boundText(bound(left))).not.toBe(boundText(bound(right)));
  });

  it("[PL8] sees labels only where the result depends on them", () => {
    expect(boundText(bound("x * 2", [month]))).toBe(boundText(bound("x * 2", [otherMonths])));
    expect(boundText(bound("PERIOD_LABEL()", [month]))).not.toBe(
      boundText(bound("PERIOD_LABEL()", [otherMonths])),
    );
  });

  it("[PL8] is absent for volatile functions", () => {
    const sum = functionByName("SUM");
    if (sum === undefined) throw new Error("there is no SUM");
    const definition = { ...sum, name: "RAND", isVolatile: true };
    const formula = bound("x * 2");
    const call: BoundExpression = { kind: "call", definition, arguments: [] };
    const root: BoundExpression = { kind: "binary", operator: "+", left: formula.root, right: call };
    expect(boundText({ ...formula, root })).toBeUndefined();
    // A version that other processes have as well would find their results.
    expect(kernelOf({ name: "b.a", formula: { ...formula, root } }).version).toBeUndefined();
    expect(kernelOf({ name: "b.a", formula }).version).toBe(boundText(formula));
  });

  it("[PL8] holds the versions of the functions of modules, and is absent where one is not known", () => {
    const formula = bound("tax.net(x) + 1");
    const other = bound("levy.net(x) + 1");
    expect(boundText(formula)).toBeUndefined();
    expect(boundText(formula, () => undefined)).toBeUndefined();
    expect(boundText(formula, () => "v1")).toBe(boundText(other, () => "v1"));
    expect(boundText(formula, () => "v1")).not.toBe(boundText(formula, () => "v2"));
    expect(boundText(formula, (module, name) => `${module} ${name}`)).toContain("tax net");
  });

  it("walks long chains without recursion", () => {
    const text = Array.from({ length: 50_000 }, () => "x").join(" + ");
    expect(boundText(bound(text))?.length).toBeGreaterThan(100_000);
  });
});
