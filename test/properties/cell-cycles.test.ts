/**
 * What is a loop: the checker, the engine and a search over all cells that shares nothing with them agree, for random small
 * models over members and periods with fixed members, sums, lags, leads and conditions.
 */
import { createEngine, type Engine } from "@reckon/engine";
import { type CheckedModel, checkModel, parseModel } from "@reckon/model";
import { buildPlan, type Plan } from "@reckon/plan";
import { isErrorValue, type Scalar } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  type Cell,
  type CellModel,
  cellKey,
  cellModelSeed,
  cellModelText,
  cellsOf,
  dependencies,
  formulaAt,
  idOf,
  members,
  periods,
} from "../arbitraries/cell-model.ts";
import { cases } from "./cases.ts";

const loopCodes = ["model/undeclared-loop", "model/loop-across-periods", "model/mixed-lags"];

function check(model: CellModel, cuts: readonly number[]) {
  const text = cellModelText(model, cuts);
  const result = checkModel(parseModel("random.reckon", text), () => ({ problem: "none" }));
  const codes = [...new Set(result.diagnostics.map(({ code }) => code))];
  const strange = codes.filter((code) => !loopCodes.includes(code) && code !== "model/needless-loop");
  if (strange.length > 0) throw new Error(`${strange.join(", ")} in\n${text}`);
  return { ...result, text, hasUncut: codes.some((code) => loopCodes.includes(code)) };
}

/** The cells that depend on themselves, those left out aside. */
function cyclic(model: CellModel, isLeftOut?: (cell: Cell) => boolean): Set<string> {
  const found = dependencies(model, isLeftOut);
  return new Set([...found].filter(([cell, read]) => read.has(cell)).map(([cell]) => cell));
}

const attributesOf = (cells: ReadonlySet<string>): number[] =>
  [...new Set([...cells].map((cell) => Number(cell.split(" ")[0])))].sort((a, b) => a - b);

/** Some of a list, as the number says. */
const some = <T>(list: readonly T[], number: number): T[] => list.filter((_, i) => ((number >> i) & 1) === 1);

it("[FP50] [FP51] [FP52] [LA33] [LA34] [LA35] the checker finds the loops that are there, and no others", () => {
  fc.assert(
    fc.property(cellModelSeed, fc.nat(), (model, number) => {
      const inCycle = cyclic(model);
      const looping = attributesOf(inCycle);
      expect(check(model, []).hasUncut).toBe(inCycle.size > 0);
      const all = [...model.attributes.keys()];
      const { value, text, diagnostics } = check(model, all);
      const loops = value?.loops.map(({ attribute }) => attribute).sort();
      expect(loops, text).toEqual(looping.map((i) => idOf(model, i)).sort());
      expect(diagnostics.filter(({ code }) => code === "model/needless-loop")).toHaveLength(
        all.length - looping.length,
      );
      const cuts = some(looping, number);
      const isLeft = cyclic(model, (cell) => cuts.includes(cell.attribute)).size > 0;
      expect(check(model, cuts).hasUncut, cellModelText(model, cuts)).toBe(isLeft);
    }),
    cases(400),
  );
});

interface Laid {
  readonly engine: Engine;
  readonly plan: Plan;
  readonly model: CellModel;
}

/** Lays a model whose cycles are all declared, and drops the loops that are not wanted. */
function lay(model: CellModel, kept: readonly number[], optimise: boolean): Laid {
  const all = [...model.attributes.keys()];
  const engine = createEngine({ isChecked: true });
  const checked = check(model, all).value as CheckedModel;
  const plan = buildPlan(checked, engine, { optimise });
  engine.transaction(() => {
    for (const { attribute } of checked.loops) {
      if (!kept.some((i) => idOf(model, i) === attribute)) engine.dropLoop(attribute);
    }
  });
  return { engine, plan, model };
}

function valueAt({ engine, plan, model }: Laid, { attribute, member, period }: Cell): Scalar {
  const node = plan.nodeOf(idOf(model, attribute));
  if (node === undefined) throw new Error("not laid");
  const width = model.attributes[attribute]?.hasPeriod === true ? periods.length : 1;
  return engine.read(node).get(member * width + period);
}

/** Whether the engine says that the cell itself is in a cycle that nothing cuts. */
function isUncut(laid: Laid, cell: Cell): boolean {
  const value = valueAt(laid, cell);
  if (!isErrorValue(value) || value.code !== "#CYCLE!") return false;
  const one = laid.model.attributes[cell.attribute];
  const labels = [
    ...(one?.hasMember === true ? [members[cell.member]] : []),
    ...(one?.hasPeriod === true ? [periods[cell.period]] : []),
  ];
  const { origin } = value;
  return origin?.attribute === idOf(laid.model, cell.attribute) && origin.at.join() === labels.join();
}

it("[FP57] the engine finds the same loops, cell by cell, whatever part of them is declared", () => {
  fc.assert(
    fc.property(cellModelSeed, fc.nat(), fc.boolean(), (model, number, optimise) => {
      const reach = dependencies(model);
      const kept = some([...model.attributes.keys()], number);
      const laid = lay(model, kept, optimise);
      // A group in which a cycle is left is not solved at all.
      const left = cyclic(model, (cell) => kept.includes(cell.attribute));
      const isInLeftGroup = (cell: string): boolean =>
        [...left].some((one) => reach.get(one)?.has(cell) === true && reach.get(cell)?.has(one) === true);
      for (const cell of cellsOf(model)) {
        const key = cellKey(cell);
        expect(isUncut(laid, cell), `${key} in\n${cellModelText(model, kept)}`).toBe(isInLeftGroup(key));
      }
      expect(laid.engine.undeclaredLoops().length > 0).toBe(left.size > 0);
    }),
    cases(200),
  );
});

it("[FP52] [FP53] all loops declared, every cell is what its formula says of the others", () => {
  fc.assert(
    fc.property(cellModelSeed, fc.boolean(), (model, optimise) => {
      const laid = lay(model, [...model.attributes.keys()], optimise);
      const number = (cell: Cell): number => valueAt(laid, cell) as number;
      for (const cell of cellsOf(model)) {
        const value = number(cell);
        expect(Math.abs(value - formulaAt(model, cell, number)), cellModelText(model, [])).toBeLessThan(1e-9);
      }
      const inCycle = cyclic(model);
      const solved = new Set(laid.engine.loopRecords().flatMap(({ nodes }) => nodes));
      expect(solved.size > 0).toBe(inCycle.size > 0);
      expect(laid.engine.loopRecords().every(({ verdict }) => verdict === "converged")).toBe(true);
    }),
    cases(200),
  );
});

it("[FP52] stocks among leads and lags move by their own steps", () => {
  for (const steps of ["", "  dt 0.5", "  dt 0.5  method rk4"]) {
    const text = `model m
time month 2026-01..2026-05${steps}
axis s = A, B
block d by s, month
  input k = { A: 1, B: 2 }
  pop = integral(growth)  start 10 * k
  ahead = pop[t+1]  end 0
  growth = k + ahead[t-2] * 0.1  start 0
`;
    const { value, diagnostics } = checkModel(parseModel("m.reckon", text), () => ({ problem: "none" }));
    expect(diagnostics).toEqual([]);
    const engine = createEngine({ isChecked: true });
    const node = buildPlan(value as CheckedModel, engine).nodeOf("d.pop");
    if (node === undefined) throw new Error("not laid");
    const found = Array.from(engine.read(node).numbers, (one) => Math.round(1e9 * one) / 1e9);
    expect(found).toEqual([10, 11, 12, 14.1, 16.3, 20, 22, 24, 28.2, 32.6]);
  }
});
