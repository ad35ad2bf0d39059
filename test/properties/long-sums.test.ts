/**
 * Sums over long stretches of time: partial sums kept with columns, running sums carried by fused loops, and the sums of
 * cell code give the bits and errors of `evaluateCell`, computed whole and after edits; and they are really used.
 */
import { type BoundFormula, checkFormula, compileKernel, evaluateCell, parseFormula } from "@reckon/formula";
import { type Axis, axisOf, Column, errorValue, type Scalar, sumWork, timeAxis } from "@reckon/value";
import { describe, expect, it } from "vitest";

const periods = 1100;
const made = timeAxis("step", "1", String(periods));
if ("problem" in made) throw new Error(made.problem);
const step: Axis = made.axis;
const branch: Axis = axisOf("branch", ["north", "south"]);
const axes = [branch, step];
const shape = { outer: 2, periods };

function bind(text: string, start?: string): BoundFormula {
  const checked = checkFormula(
    parseFormula(text).expression,
    {
      resolve: ([name]) => {
        if (name === "step" || name === "branch")
          return { kind: "axis", axis: name === "step" ? step : branch };
        return { kind: "attribute", id: name as string, axes: name === "z" ? [step] : axes };
      },
      suggest: () => undefined,
      currentAxes: axes,
      allowA1: false,
      isStrict: true,
    },
    start === undefined ? {} : { start: parseFormula(start).expression },
  );
  expect(checked.diagnostics, text).toEqual([]);
  return checked.formula as BoundFormula;
}

const formulas: readonly (readonly [text: string, start: string | undefined])[] = (
  [
    ["SUM(x[t-9999..t clip])"],
    ["SUM(x[t-9999..t-1 clip]) + 1"],
    ["SUM(x[t-9999..t+3 clip])"],
    ["SUM(x[t-1099..t clip]) - SUM(x[t-9999..t-2 clip])"],
    ["AVERAGE(x[t-9999..t clip])"],
    ["COUNT(x[t-9999..t clip])"],
    ["SUM(x[t-599..t clip])"],
    ["SUM(z[t-700..t-100 clip]) * x"],
    ["AVERAGE(x[t-599..t clip])"],
    ["SUM(x[t-599..t])", "0"],
    ["sum(x over step)"],
    ["AVERAGE(x[17..900])"],
    ["SUM(z[300..1000]) + SUM(x[north, *])"],
    ["SUM(self[t-9999..t-1 clip]) * 0.001 + x"],
    ["AVERAGE(self[t-9999..t-1 clip]) + x", "0"],
    ["SUM(self[t-600..t-1 clip]) * 0.001 + z"],
    ["IF(x > 0, 1 / z, 0) + SUM(x[t-9999..t clip])"],
    ["SUM(self[t-9999..t-1 clip]) * 0.001 + 1 / x"],
    ["SUM(x[t-9999..t clip] * 2) / SUM(z[*])"],
  ] as readonly (readonly [string, string?])[]
).map(([text, start]) => [text, start]);

/** Numbers whose sum depends on the order; now and then something else. */
function cell(i: number, isMixed: boolean): Scalar {
  if (isMixed && i % 97 === 5) return i % 2 === 0 ? null : "text";
  if (isMixed && i % 1013 === 1000) return errorValue(i % 2 === 0 ? "#N/A" : "#REF!");
  if (i % 211 === 7) return 0;
  return ((i * 7919) % 2003) * 10 ** (((i * 31) % 7) - 3) * (i % 3 === 0 ? -1 : 1);
}

function columnsFor(isMixed: boolean): Map<string, Column> {
  const columns = new Map([
    ["x", new Column(shape)],
    ["z", new Column({ outer: 1, periods })],
  ]);
  for (const [name, column] of columns) {
    for (let i = 0; i < column.length; i++) column.set(i, cell(i + name.length, isMixed));
  }
  return columns;
}

function inputsOf(formula: BoundFormula, columns: ReadonlyMap<string, Column>, out: Column): Column[] {
  return formula.references.map(({ attribute }) => columns.get(attribute) ?? out);
}

function expectSame(
  formula: BoundFormula,
  columns: ReadonlyMap<string, Column>,
  out: Column,
  stride: number,
) {
  const inputs = inputsOf(formula, columns, out);
  const copies = inputs.map((column) => column.clone());
  for (let i = 0; i < out.length; i += i % stride === 0 ? 1 : stride - 1) {
    const at = { outer: Math.floor(i / periods), period: i % periods };
    const expected = new Column({ outer: 1, periods: 1 });
    expected.set(0, evaluateCell(formula, copies, at));
    if (!out.sameCell(i, expected, 0))
      expect({ i, value: out.get(i) }).toEqual({ i, value: expected.get(0) });
  }
}

describe.each([
  ["numbers", false],
  ["anything", true],
] as const)("over columns of %s", (_, isMixed) => {
  it.each(formulas)("[FO73] %s", (text, start) => {
    const formula = bind(text, start);
    const columns = columnsFor(isMixed);
    const kernel = compileKernel(formula, { interpretedCells: 0 });
    expect(kernel.path).toBe("fused");
    const out = new Column(shape);
    const compute = (from: number, to: number): void => {
      const box = { outerFrom: 0, outerTo: 2, from, to };
      void kernel.compute(inputsOf(formula, columns, out), out, box);
      for (let outer = 0; outer < 2; outer++) out.touched(outer * periods + from, outer * periods + to);
    };
    compute(0, periods);
    expectSame(formula, columns, out, 3);
    for (const [at, value] of [
      [3, 5.5],
      [1099, -1e5],
      [700, 0],
      [701, 1e-7],
      [260, 17],
    ] as const) {
      columns.get("x")?.set(at, value);
      columns.get("x")?.set(periods + at, -value);
      // What reads all of the column changes everywhere, what looks ahead a little earlier.
      compute(/over|\[\*\]|\.\.\d/.test(text) ? 0 : Math.max(0, at - 3), periods);
      expectSame(formula, columns, out, 97);
    }
  });
});

function workOf(run: () => void): number {
  const before = sumWork.cells;
  run();
  return sumWork.cells - before;
}

it("[FO74] sums over long stretches are taken from partial sums, whatever the columns hold", () => {
  for (const isMixed of [false, true]) {
    const columns = columnsFor(isMixed);
    for (const text of ["SUM(x[t-599..t clip])", "AVERAGE(z[t-9999..t clip])", "sum(x over step)"]) {
      const formula = bind(text);
      const kernel = compileKernel(formula, { interpretedCells: 0 });
      const out = new Column(shape);
      const box = { outerFrom: 0, outerTo: 2, from: 0, to: periods };
      void kernel.compute(inputsOf(formula, columns, out), out, box);
      const one = { ...box, from: periods - 1 };
      // Whole blocks are added up once.
      void kernel.compute(inputsOf(formula, columns, out), out, one);
      // A head, a tail and nothing in between; all cells of two rows would be more than ten times that.
      const work = workOf(() => void kernel.compute(inputsOf(formula, columns, out), out, one));
      expect(work, text).toBeLessThan(1024);
    }
  }
});
