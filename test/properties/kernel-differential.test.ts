/**
 * The interpreter, cell functions and fused loops agree bit for bit, errors and all, on random formulas over random
 * columns; and the fused loop is really taken for formulas of numbers over columns of numbers.
 */
import { checkFormula, compileKernel, evaluateCell, parseFormula } from "@reckon/formula";
import { type Axis, type Column, sameColumn } from "@reckon/value";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CellFormula, cellFormula } from "../arbitraries/cell-formula.ts";
import { Choices } from "../arbitraries/choices.ts";
import {
  axesOf,
  cellOf,
  columnOver,
  scopeOf,
  segment,
  textAttributes,
} from "../arbitraries/formula-world.ts";
import { cases } from "./cases.ts";

function bind({ text, start, end, axes }: CellFormula) {
  const options = {
    ...(start === undefined ? {} : { start: parseFormula(start).expression }),
    ...(end === undefined ? {} : { end: parseFormula(end).expression }),
  };
  const { expression, diagnostics } = parseFormula(text);
  expect(diagnostics, text).toEqual([]);
  return checkFormula(expression, scopeOf(axes), options).formula;
}

type Bound = NonNullable<ReturnType<typeof bind>>;

/** Columns by attribute; a text attribute always holds labels of segments. */
function columnsFor(formula: Bound, draw: (n: number) => number, isMixed: boolean): Map<string, Column> {
  const columns = new Map<string, Column>();
  for (const { attribute } of formula.references) {
    if (columns.has(attribute) || attribute === "self") continue;
    const isText = textAttributes.has(attribute);
    const cell = (i: number) =>
      isText ? (segment.labels[draw(i) % 3] as string) : cellOf(draw(i + attribute.length * 31), isMixed);
    columns.set(attribute, columnOver(axesOf(attribute, formula.axes), cell));
  }
  return columns;
}

function inputsOf(formula: Bound, columns: ReadonlyMap<string, Column>, out: Column): Column[] {
  return formula.references.map(({ attribute }) =>
    attribute === "self" ? out : (columns.get(attribute) as Column),
  );
}

/** Every cell by `evaluateCell`, which is what everything else must equal. */
function reference(formula: Bound, columns: ReadonlyMap<string, Column>, out: Column): Column {
  const inputs = inputsOf(formula, columns, out);
  const { outer, periods } = out.shape;
  for (let t = 0; t < periods; t++) {
    for (let m = 0; m < outer; m++) {
      out.set(m * periods + t, evaluateCell(formula, inputs, { outer: m, period: t }));
    }
  }
  return out;
}

function whole(axes: readonly Axis[]): {
  out: Column;
  box: { outerFrom: 0; outerTo: number; from: 0; to: number };
} {
  const out = columnOver(axes, () => 0);
  return { out, box: { outerFrom: 0, outerTo: out.shape.outer, from: 0, to: out.shape.periods } };
}

function cellsOf(column: Column): unknown[] {
  return Array.from({ length: column.length }, (_, i) => column.get(i));
}

describe("three ways to compute", () => {
  it("[FO47] agree on random formulas, columns and boxes", () => {
    const tried = cases(1200);
    const taken = { fused: 0, cells: 0, interpreted: 0 };
    let bound = 0;
    let withErrors = 0;
    fc.assert(
      fc.property(
        fc.array(fc.nat(999), { maxLength: 50, size: "max" }),
        fc.array(fc.nat(99_999), { minLength: 8, maxLength: 8 }),
        fc.boolean(),
        (numbers, draws, isMixed) => {
          const written = cellFormula(new Choices(numbers));
          const formula = bind(written);
          if (formula === undefined) return;
          bound++;
          const draw = (n: number): number => (draws[n % 8] as number) + n * 977;
          const columns = columnsFor(formula, draw, isMixed);
          const { out: expected, box } = whole(written.axes);
          reference(formula, columns, expected);
          if (expected.marks !== null) withErrors++;
          for (const options of [{ interpretedCells: 0 }, { interpretOnly: true, interpretedCells: 0 }, {}]) {
            const kernel = compileKernel(formula, options);
            const { out } = whole(written.axes);
            // A column used before, with anything in it.
            for (let i = 0; i < out.length; i++) if (draw(i) % 3 === 0) out.set(i, cellOf(draw(i), true));
            void kernel.compute(inputsOf(formula, columns, out), out, box);
            if (!sameColumn(out, expected)) expect(cellsOf(out), written.text).toEqual(cellsOf(expected));
            if (options.interpretedCells === 0 && !("interpretOnly" in options)) {
              taken[kernel.path]++;
              if (written.isNumeric) expect(kernel.path, written.text).toBe("fused");
              recomputed(formula, columns, { kernel, expected, draw });
            }
          }
        },
      ),
      tried,
    );
    // Shares of the cases, since a run may ask for fewer or more of them.
    const count = tried.numRuns ?? 0;
    expect(bound).toBeGreaterThan(count / 2);
    expect(withErrors).toBeGreaterThan(count / 12);
    expect(Math.min(taken.fused, taken.cells, taken.interpreted)).toBeGreaterThanOrEqual(
      Math.floor(count / 200),
    );
  });

  /** Some box of a column that is right already, computed once more, leaves it as it was. */
  function recomputed(
    formula: Bound,
    columns: ReadonlyMap<string, Column>,
    {
      kernel,
      expected,
      draw,
    }: {
      kernel: ReturnType<typeof compileKernel>;
      expected: Column;
      draw: (n: number) => number;
    },
  ): void {
    const { outer, periods } = expected.shape;
    const outerFrom = draw(1) % outer;
    const from = draw(2) % periods;
    const box = {
      outerFrom,
      outerTo: outerFrom + 1 + (draw(3) % (outer - outerFrom)),
      from,
      to: from + 1 + (draw(4) % (periods - from)),
    };
    const again = expected.clone();
    void kernel.compute(inputsOf(formula, columns, again), again, box);
    expect(cellsOf(again)).toEqual(cellsOf(expected));
  }
});

describe("the path taken", () => {
  const target = columnOver([segment], () => 0);

  function pathOf(text: string, start?: string): string {
    const formula = bind({
      text,
      axes: scopeAxes,
      isNumeric: true,
      ...(start === undefined ? {} : { start }),
    });
    return formula === undefined ? "unbound" : compileKernel(formula).path;
  }
  const scopeAxes = [segment];

  it.each([
    ["price * 2 + rate", "fused"],
    ["IF(price > 0, MIN(price, 3, rate), ROUND(price / 7, 2))", "fused"],
    ["sum(seats over month)", "fused"],
    ["sum(MAX(0, share) * tax over region)", "fused"],
    ["price > 0", "fused"],
    ['price & ""', "cells"],
    ["IFERROR(price, 0)", "cells"],
    ["price[note]", "cells"],
    ["LAMBDA(x, x)(price)", "interpreted"],
    ["mod.score(price)", "interpreted"],
  ])("[FO47] %s goes %s", (text, path) => {
    expect(pathOf(text)).toBe(path);
  });

  it("[FO47] very long formulas are interpreted", () => {
    expect(pathOf(`price${" + rate".repeat(100_000)}`)).toBe("interpreted");
    expect(pathOf(`price${" + rate".repeat(500)}`)).toBe("fused");
    expect(target.length).toBe(3);
  });

  it("[FO47] a fused loop meets a cell that is no number and goes on by cells", () => {
    const formula = bind({
      text: "self[t-1] / (season - 3) + 1",
      start: "1",
      axes: [monthOf()],
      isNumeric: true,
    });
    if (formula === undefined) throw new Error("does not bind");
    const season = columnOver([monthOf()], (i) => i);
    const columns = new Map([["season", season]]);
    const { out, box } = whole([monthOf()]);
    const kernel = compileKernel(formula, { interpretedCells: 0 });
    void kernel.compute(inputsOf(formula, columns, out), out, box);
    expect(kernel.path).toBe("fused");
    expect(cellsOf(out)).toEqual(cellsOf(reference(formula, columns, whole([monthOf()]).out)));
    expect(cellsOf(out).slice(2, 5)).toMatchObject([
      expect.any(Number),
      { code: "#DIV/0!" },
      { code: "#DIV/0!" },
    ]);
  });

  function monthOf(): Axis {
    return axesOf("season", [])[0] as Axis;
  }
});
