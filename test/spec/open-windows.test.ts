/** Windows that are open at one end: from the first period to the current one, from the current one to the last. */
import {
  type BoundFormula,
  checkFormula,
  compileKernel,
  evaluateCell,
  functionNames,
  parseFormula,
} from "@reckon/formula";
import { type Axis, Column, sumWork, timeAxis } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { columnOver, month, scopeOf, segment } from "../arbitraries/formula-world.ts";

function bind(text: string, axes: readonly Axis[]): BoundFormula | undefined {
  const resolve = ([name]: readonly string[]) =>
    name === "x" ? ({ kind: "attribute", id: "x", axes } as const) : undefined;
  return checkFormula(parseFormula(text).expression, { ...scopeOf(axes), resolve }).formula;
}

/** What the formula gives in each cell. */
function cells(formula: BoundFormula, axes: readonly Axis[], cellAt: (i: number) => number): unknown[] {
  const column = columnOver(axes, cellAt);
  const { outer, periods } = column.shape;
  return Array.from({ length: outer * periods }, (_, i) =>
    evaluateCell(formula, [column], { outer: Math.floor(i / periods), period: i % periods }),
  );
}

const stepsOf = (count: number): Axis => {
  const made = timeAxis("step", "1", String(count));
  if (!("axis" in made)) throw new Error("no axis");
  return made.axis;
};

describe("open windows", () => {
  it.each([
    ["..t", "t-11..t clip"],
    ["t..", "t..t+11 clip"],
    ["..t-1", "t-12..t-1 clip"],
    ["t+2..", "t+2..t+13 clip"],
    ["..t+3", "t-11..t+3 clip"],
    ["..t-20", "t-31..t-20 clip"],
  ])("[FO77] %s reads what %s reads, in every function", (open, closed) => {
    let tried = 0;
    for (const name of functionNames()) {
      const first = bind(`${name}(x[${open}])`, [segment, month]);
      const second = bind(`${name}(x[${closed}])`, [segment, month]);
      expect(first === undefined, name).toBe(second === undefined);
      if (first === undefined || second === undefined || /RAND/.test(name)) continue;
      tried++;
      const cellAt = (i: number): number => ((i * 7) % 11) / 4;
      expect(cells(first, [segment, month], cellAt), name).toEqual(cells(second, [segment, month], cellAt));
    }
    expect(tried).toBeGreaterThan(50);
  });

  it("[FO77] on an axis of one period", () => {
    const axes = [stepsOf(1)];
    const read = (text: string) => cells(bind(text, axes) as BoundFormula, axes, () => 5);
    expect(["SUM(x[..t])", "SUM(x[t..])", "SUM(x[..t-1])", "COUNT(x[t+1..])"].map(read)).toEqual([
      [5],
      [5],
      [0],
      [0],
    ]);
  });

  it.each(["SUM", "AVERAGE", "COUNT"])(
    "[FO79] %s takes them from partial sums, after an edit too",
    (name) => {
      const periods = 20_000;
      const axes = [stepsOf(periods)];
      for (const [index, edited] of [
        ["..t", periods - 300],
        ["t..", 300],
      ] as const) {
        const formula = bind(`${name}(x[${index}])`, axes) as BoundFormula;
        const kernel = compileKernel(formula, { originOf: () => ({ attribute: "y", at: [] }) });
        const column = columnOver(axes, (i) => (i * 37) % 101);
        const out = new Column(column.shape);
        const whole = { outerFrom: 0, outerTo: 1, from: 0, to: periods };
        sumWork.cells = 0;
        kernel.compute([column], out, whole);
        expect(sumWork.cells).toBeLessThan(index === "..t" ? 3 * periods : 512 * periods);
        const box = index === "..t" ? { ...whole, from: edited } : { ...whole, to: edited + 1 };
        column.set(edited, 999);
        kernel.compute([column], out, box);
        column.set(edited, 1000);
        sumWork.cells = 0;
        kernel.compute([column], out, box);
        expect(sumWork.cells).toBeLessThan(index === "..t" ? 2000 : 512 * 301 + 2000);
        for (const period of [0, 299, 300, 301, 5000, periods - 300, periods - 1]) {
          expect(out.get(period)).toBe(evaluateCell(formula, [column], { outer: 0, period }));
        }
      }
    },
  );
});
