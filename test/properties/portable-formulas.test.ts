/**
 * Formulas that went to another thread and back (through structured cloning, as messages do) compute the same bits, errors
 * and their origins included.
 */
import { createEngine, type Kernel } from "@reckon/engine";
import { type BoundFormula, checkFormula, curveFunction, parseFormula } from "@reckon/formula";
import { type CheckedModel, checkModel, parseModel } from "@reckon/model";
import { buildPlan, kernelOf } from "@reckon/plan";
import { kernelOf as kernelThere } from "@reckon/plan/formula-program";
import { Column, sameColumn, timeAxis } from "@reckon/value";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellFormula } from "../arbitraries/cell-formula.ts";
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

function elsewhere(formula: BoundFormula): Kernel | undefined {
  const { remote } = kernelOf({ name: "x", formula, program: "file:///program.js" });
  return remote === undefined ? undefined : kernelThere(structuredClone(remote.payload));
}

describe("formulas sent to another thread", () => {
  it("[PL29] compute the same bits and errors", () => {
    let sent = 0;
    const tried = cases(600);
    fc.assert(
      fc.property(
        fc.array(fc.nat(999), { maxLength: 50, size: "max" }),
        fc.array(fc.nat(99_999), { minLength: 8, maxLength: 8 }),
        (numbers, draws) => {
          const { text, start, end, axes } = cellFormula(new Choices(numbers));
          const formula = checkFormula(parseFormula(text).expression, scopeOf(axes), {
            ...(start === undefined ? {} : { start: parseFormula(start).expression }),
            ...(end === undefined ? {} : { end: parseFormula(end).expression }),
          }).formula;
          if (formula === undefined) return;
          const there = elsewhere(formula);
          if (there === undefined) return;
          sent++;
          const draw = (n: number): number => (draws[n % 8] as number) + n * 977;
          const columns = new Map(
            formula.references.map(({ attribute }) => [
              attribute,
              columnOver(axesOf(attribute, formula.axes), (i) =>
                textAttributes.has(attribute)
                  ? (segment.labels[draw(i) % 3] as string)
                  : cellOf(draw(i + attribute.length * 31), true),
              ),
            ]),
          );
          const [here, back] = [columnOver(axes, () => 0), columnOver(axes, () => 0)];
          const box = { outerFrom: 0, outerTo: here.shape.outer, from: 0, to: here.shape.periods };
          for (const [kernel, out] of [
            [kernelOf({ name: "x", formula }), here],
            [there, back],
          ] as const) {
            const inputs = formula.references.map(({ attribute }) =>
              attribute === "self" ? out : (columns.get(attribute) as Column),
            );
            void kernel.compute(inputs, out, box);
          }
          expect(sameColumn(back, here), text).toBe(true);
        },
      ),
      tried,
    );
    expect(sent).toBeGreaterThan((tried.numRuns ?? 0) / 2);
  });

  it("[PL29] are not bounded in depth, and take curves and long time axes along", () => {
    const made = timeAxis("day", "2000-01-01", "2026-12-31");
    if ("problem" in made) throw new Error(made.problem);
    const { root } = checkFormula(parseFormula(`1${"+1".repeat(200)}`).expression, scopeOf([]))
      .formula as BoundFormula;
    let deep = root;
    for (let i = 0; i < 100_000; i++) deep = { kind: "unary", operator: "-", operand: deep };
    const curve = curveFunction([
      { x: -1, y: -0 },
      { x: 0.1 + 0.2, y: 1 / 3 },
    ]);
    const bent: BoundFormula = {
      root: {
        kind: "call",
        definition: curve,
        arguments: [{ kind: "current", fact: "start", axis: "day" }],
      },
      references: [],
      axes: [made.axis],
      callsModule: false,
    };
    const plain: BoundFormula = { root: deep, references: [], axes: [], callsModule: false };
    for (const formula of [plain, bent]) {
      const shape = { outer: 1, periods: formula.axes[0]?.labels.length ?? 1 };
      const [here, back] = [new Column(shape), new Column(shape)];
      const box = { outerFrom: 0, outerTo: 1, from: 0, to: shape.periods };
      void kernelOf({ name: "x", formula }).compute([], here, box);
      void elsewhere(formula)?.compute([], back, box);
      expect(sameColumn(back, here)).toBe(true);
      expect(typeof here.get(0)).toBe(formula === bent ? "number" : "object");
    }
  });

  it("[PL29] are those of a plan that names the program, and no stocks", () => {
    const text =
      "model m\ntime year 2026..2028\nblock b by year\n  input x = 0\n  y = 1 / x + LOG10(2)\n  s = integral(x) start 1\n";
    const model = checkModel(parseModel("m.reckon", text), () => ({ problem: "none" })).value as CheckedModel;
    const engine = createEngine();
    const kernels = new Map<string, Kernel>();
    const watched = {
      ...engine,
      addFormula: ((node) => {
        kernels.set(node.name, node.kernel);
        return engine.addFormula(node);
      }) as typeof engine.addFormula,
    };
    buildPlan(model, watched, { formulaProgram: "file:///formula-program.js", optimise: false });
    const y = kernels.get("b.y") as Kernel;
    expect(y.remote?.program).toBe("file:///formula-program.js");
    expect(y.remote).toBe(y.remote);
    expect(kernels.get("b.s")?.remote).toBeUndefined();
    const shape = { outer: 1, periods: 3 };
    const [here, back] = [new Column(shape), new Column(shape)];
    const box = { outerFrom: 0, outerTo: 1, from: 0, to: 3 };
    void y.compute([new Column(shape)], here, box);
    void kernelThere(structuredClone(y.remote?.payload)).compute([new Column(shape)], back, box);
    expect(back.get(0)).toEqual(here.get(0));
    expect(here.get(0)).toMatchObject({ code: "#DIV/0!", origin: { attribute: "b.y" } });
    buildPlan(model, watched, { optimise: false });
    expect(kernels.get("b.y")?.remote).toBeUndefined();
  });
});
