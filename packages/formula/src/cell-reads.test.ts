import { type Axis, axisOf, timeAxis } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { CellReads } from "./cell-reads.ts";
import { checkFormula } from "./check.ts";
import { parseFormula } from "./parser.ts";

const segment = axisOf("segment", ["SMB", "Mid", "Ent"]);
const period = timeAxis("month", "2026-01", "2026-04");
if (!("axis" in period)) throw new Error(period.problem);
const month = period.axis;
const both = [segment, month];
const attributes: Record<string, readonly Axis[]> = { x: both, y: both, z: [segment], w: [month], n: [] };

/** What a cell reads, as `x[Ent, 2026-01]`. */
function readsAt(
  text: string,
  at: readonly [outer: number, period: number],
  clauses: { readonly start?: string; readonly end?: string } = {},
): string[] {
  const resolve = (path: readonly string[]) => {
    const name = path.join(".");
    if (name === "segment") return { kind: "axis" as const, axis: segment };
    const axes = attributes[name];
    return axes === undefined ? undefined : { kind: "attribute" as const, id: name, axes };
  };
  const scope = { resolve, suggest: () => undefined, currentAxes: both, allowA1: false, isStrict: true };
  const { formula, diagnostics } = checkFormula(parseFormula(text).expression, scope, {
    ...(clauses.start === undefined ? {} : { start: parseFormula(clauses.start).expression }),
    ...(clauses.end === undefined ? {} : { end: parseFormula(clauses.end).expression }),
  });
  if (formula === undefined) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  const reads = new CellReads(formula);
  const found: string[] = [];
  formula.references.forEach(({ attribute, axes }, slot) => {
    reads.each(slot, at[0], at[1], (outer, period) => {
      const labels = axes.map(({ labels: own, time }) => own[time === undefined ? outer : period]);
      found.push(labels.length === 0 ? attribute : `${attribute}[${labels.join(", ")}]`);
    });
  });
  return found.sort();
}

describe("the cells that a cell reads", () => {
  it("[FP50] are those of the current member and period, of fixed members, of ranges and of lags", () => {
    expect(readsAt("x + y[t-1] + w + n", [1, 2], { start: "0" })).toEqual([
      "n",
      "w[2026-03]",
      "x[Mid, 2026-03]",
      "y[Mid, 2026-02]",
    ]);
    expect(readsAt("x[Ent] + z", [0, 0])).toEqual(["x[Ent, 2026-01]", "z[SMB]"]);
    expect(readsAt("sum(z over segment)", [1, 0])).toEqual(["z[Ent]", "z[Mid]", "z[SMB]"]);
    expect(readsAt("SUM(x[t-1..t])", [2, 0], { start: "0" })).toEqual(["x[Ent, 2026-01]"]);
    expect(readsAt("x[2026-04]", [0, 1])).toEqual(["x[SMB, 2026-04]"]);
  });

  it("[FP50] include what `start` and `end` read only where something lies outside the time axis", () => {
    expect(readsAt("x[t-1]", [0, 0], { start: "z" })).toEqual(["z[SMB]"]);
    expect(readsAt("x[t-1]", [0, 1], { start: "z" })).toEqual(["x[SMB, 2026-01]"]);
    expect(readsAt("x[t+1]", [0, 3], { end: "z" })).toEqual(["z[SMB]"]);
    expect(readsAt('IF(MEMBER(segment) = "Mid", x[t-1], 1)', [0, 0], { start: "z" })).toEqual([]);
  });

  it("[FP51] leave out branches that a condition on the member, on the period or on nothing excludes", () => {
    const member = 'IF(MEMBER(segment) = "SMB", y, x[SMB])';
    expect([0, 1].map((outer) => readsAt(member, [outer, 1]))).toEqual([
      ["y[SMB, 2026-02]"],
      ["x[SMB, 2026-02]"],
    ]);
    const first = "IF(PERIOD_INDEX() = 1, n, w)";
    expect([0, 1].map((period) => readsAt(first, [0, period]))).toEqual([["n"], ["w[2026-02]"]]);
    expect(readsAt("IF(1 > 2, x, y)", [0, 0])).toEqual(["y[SMB, 2026-01]"]);
    expect(readsAt("IF(FALSE, x, n)", [0, 0])).toEqual(["n"]);
    expect(readsAt('IF(AND(MEMBER(segment) = "Mid", PERIOD_INDEX() > 1), x, n)', [1, 0])).toEqual(["n"]);
  });

  it("[FP51] follow the other ways to choose, and names that stand for what is known", () => {
    expect(readsAt("CHOOSE(MEMBER_INDEX(segment), n, w, z)", [1, 0])).toEqual(["w[2026-01]"]);
    expect(readsAt('SWITCH(MEMBER(segment), "SMB", n, "Mid", w, z)', [2, 0])).toEqual(["z[Ent]"]);
    expect(readsAt('IFS(MEMBER(segment) = "SMB", n, w > 0, x, TRUE, z)', [1, 0])).toEqual([
      "w[2026-01]",
      "x[Mid, 2026-01]",
      "z[Mid]",
    ]);
    expect(readsAt('IFS(MEMBER(segment) = "SMB", n, w > 0, x, TRUE, z)', [0, 0])).toEqual(["n"]);
    expect(readsAt('LET(small, MEMBER(segment) = "SMB", IF(small, n, w))', [0, 0])).toEqual(["n"]);
    expect(readsAt("LET(a, x, IF(a > 0, n, w))", [0, 0])).toEqual(["n", "w[2026-01]", "x[SMB, 2026-01]"]);
    expect(readsAt("IF(1/0, n, w)", [0, 0])).toEqual([]);
    // Of several conditions at once each may choose another.
    expect(readsAt("SUM(IF({TRUE, FALSE}, n, w))", [0, 0])).toEqual(["n", "w[2026-01]"]);
  });

  it("[FP51] decide nothing by values: what a value may choose counts as read", () => {
    expect(readsAt("IF(n > 1, x, y)", [0, 0])).toEqual(["n", "x[SMB, 2026-01]", "y[SMB, 2026-01]"]);
    expect(readsAt("IFERROR(x, y)", [0, 0])).toEqual(["x[SMB, 2026-01]", "y[SMB, 2026-01]"]);
  });
});
