/** Arrays kept with their column: two that begin at one cell and go different ways are two arrays. */
import { axisOf, Column } from "@reckon/value";
import { expect, it } from "vitest";
import type { BoundFormula } from "./bound.ts";
import { checkFormula } from "./check.ts";
import { compileKernel } from "./compile.ts";
import { parseFormula } from "./parser.ts";

const size = 40;
const labels = (name: string): string[] => Array.from({ length: size }, (_, i) => `${name}${i}`);
const [down, across, keys] = [
  axisOf("down", labels("d")),
  axisOf("across", labels("a")),
  axisOf("key", labels("k")),
];

function bind(text: string): BoundFormula {
  const axes = [down, across, keys];
  const checked = checkFormula(parseFormula(text).expression, {
    resolve: ([name]) => {
      const axis = axes.find((one) => one.name === name);
      if (axis !== undefined) return { kind: "axis", axis };
      return { kind: "attribute", id: name as string, axes: name === "x" ? [down, across] : [keys] };
    },
    suggest: () => undefined,
    currentAxes: [keys],
    allowA1: false,
    isStrict: true,
  });
  expect(checked.diagnostics, text).toEqual([]);
  return checked.formula as BoundFormula;
}

it("[FN24] a row and a column of a table that begin at one cell are told apart", () => {
  const formula = bind("COUNTIF(x[*, a0], wanted) * 1000 + COUNTIF(x[d0, *], wanted)");
  // The first row counts 0, 1, 2 …, all other rows are −1 but for 7 at their beginning.
  const table = new Column({ outer: size * size, periods: 1 });
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) table.set(i * size + k, i === 0 ? k : k === 0 ? 7 : -1);
  }
  const wanted = new Column({ outer: size, periods: 1 });
  for (let i = 0; i < size; i++) wanted.set(i, i);
  const inputs = formula.references.map(({ attribute }) => (attribute === "x" ? table : wanted));
  for (const interpretOnly of [false, true]) {
    const out = new Column({ outer: size, periods: 1 });
    const box = { outerFrom: 0, outerTo: size, from: 0, to: 1 };
    void compileKernel(formula, { interpretOnly }).compute(inputs, out, box);
    const expected = Array.from({ length: size }, (_, i) =>
      i === 0 ? 1001 : i === 7 ? 1 + (size - 1) * 1000 : 1,
    );
    expect(Array.from({ length: size }, (_, i) => out.get(i))).toEqual(expected);
  }
});
