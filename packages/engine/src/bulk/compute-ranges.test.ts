/** Ranges laid out at once against the same cells one by one: chains, fans, results and arguments of every kind. */
import { columnFrom, isErrorValue, type Scalar } from "@reckon/value";
import { expect, it } from "vitest";
import type { Engine } from "../api.ts";
import type { CellFamily } from "../cell-node.ts";
import { createEngine } from "../engine.ts";
import { cells, formula, input, now, set } from "../fixtures/columns.ts";
import type { NodeId } from "../formula-node.ts";
import { rangesWork } from "./compute-ranges.ts";

const one = { outer: 1, periods: 1 };

const families: readonly CellFamily[] = [
  {
    name: "quotient",
    arity: 2,
    constantCount: 1,
    plain: (v, r, at, k, from) =>
      (v[r[at] as number] as number) / ((v[r[at + 1] as number] as number) - (k[from] as number)),
    general: ([a, b], k, from): Scalar => {
      const error = [a, b].find(isErrorValue);
      return error ?? Number(a) / (Number(b) - (k[from] as number));
    },
  },
  {
    name: "refusing",
    arity: 1,
    constantCount: 0,
    plain: (v, r, at) => {
      const value = v[r[at] as number] as number;
      if (value > 3) throw new Error("too much");
      return value + 1;
    },
    general: ([a]): Scalar => {
      if (isErrorValue(a)) return a;
      if (Number(a) > 3) throw new Error("too much");
      return Number(a) + 1;
    },
  },
  {
    name: "either",
    arity: 2,
    constantCount: 0,
    general: ([a, b]): Scalar => (isErrorValue(a) ? b : a) as Scalar,
  },
];

interface Table {
  readonly family: CellFamily;
  readonly precedents: readonly number[];
  readonly constants: readonly number[];
}

/** Tables over 1,200 nodes: four inputs, then whatever stands before a cell, often the one just before it. */
function tables(): Table[] {
  const found: Table[] = [];
  let next = 4;
  for (let table = 0; table < 6; table++) {
    const family = families[table % families.length] as CellFamily;
    const count = 200;
    const precedents: number[] = [];
    const constants: number[] = [];
    for (let i = 0; i < count; i++, next++) {
      for (let slot = 0; slot < family.arity; slot++) {
        precedents.push(i % 3 === slot ? next - 1 : (i * 7 + slot * 5) % (i % 2 === 0 ? 4 : next));
      }
      if (family.constantCount === 1) constants.push(i % 4);
    }
    found.push({ family, precedents, constants });
  }
  return found;
}

function inputsOf(engine: Engine): void {
  engine.addCellInputs({ values: Float64Array.of(1, 2, 0) });
  engine.addInput({ name: "text", shape: one, column: columnFrom(one, ["4"]) });
}

function shownBy(engine: Engine): unknown[] {
  return Array.from({ length: 1204 }, (_, node) => {
    const id = node as NodeId;
    return [engine.readCell(id, 0), engine.levelOf(id)];
  });
}

it("[CE7] a range laid out at once has the values, errors and levels of its cells one by one", () => {
  const alone = createEngine({ isChecked: true });
  inputsOf(alone);
  for (const { family, precedents, constants } of tables()) {
    for (let i = 0; i < precedents.length / family.arity; i++) {
      alone.addCell({
        name: "",
        family,
        precedents: precedents.slice(i * family.arity, (i + 1) * family.arity) as NodeId[],
        ...(family.constantCount === 0 ? {} : { constants: constants.slice(i, i + 1) }),
      });
    }
  }
  const before = rangesWork.cells;
  const together = [createEngine({ isChecked: true }), createEngine({ isChecked: true, clock: performance })];
  for (const engine of together) {
    engine.transaction(() => {
      inputsOf(engine);
      for (const { family, precedents, constants } of tables()) {
        const table = { family, count: precedents.length / family.arity, precedents };
        engine.addCells(
          family.constantCount === 0 ? table : { ...table, constants: Float64Array.from(constants) },
        );
      }
    });
  }
  const expected = shownBy(alone).map((shown) => JSON.stringify(shown));
  for (const engine of together) {
    // The names in origins differ: those of a table are given by id.
    const withoutNames = (shown: string): string => shown.replace(/"origin":\{[^}]*\}/, "");
    expect(shownBy(engine).map((shown) => withoutNames(JSON.stringify(shown)))).toEqual(
      expected.map(withoutNames),
    );
  }
  expect(rangesWork.cells).toBeGreaterThan(before + 400);
});

it("[CE7] columns among cells that are laid out at once stay columns", () => {
  const engine = createEngine({ isChecked: true });
  const size = 700;
  const sum = families[0] as CellFamily;
  const wide = engine.transaction(() => {
    const first = engine.addCellInputs({ values: Float64Array.of(1, 2) });
    const column = input(engine, "column", 1, 2, 3);
    const behind = formula(
      engine,
      "behind",
      { outer: 1, periods: 3 },
      [now(column)],
      (read) => 2 * Number(read(0)),
    );
    for (let i = 0; i < size; i++) {
      const precedents = [first, (first + 1) as NodeId];
      engine.addCell({ name: `cell ${i}`, family: sum, precedents, constants: [i] });
    }
    return { column, behind };
  });
  expect(cells(engine, wide.behind)).toEqual([2, 4, 6]);
  set(engine, wide.column, 1, 50);
  expect(cells(engine, wide.behind)).toEqual([2, 100, 6]);
});
