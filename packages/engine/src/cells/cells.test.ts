import { errorValue, isErrorValue } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { CellFamily } from "../cell-node.ts";
import { createEngine } from "../engine.ts";
import { formula, input, now, set } from "../fixtures/columns.ts";
import type { NodeId } from "../formula-node.ts";

const one = { outer: 1, periods: 1 };

/** `#0*#1+c`, counting how often each function runs. */
function productFamily(): CellFamily & { readonly runs: { plain: number; general: number } } {
  const runs = { plain: 0, general: 0 };
  return {
    name: "#0*#1+c",
    arity: 2,
    constantCount: 1,
    runs,
    plain: (numbers, pool, at, constants, constantAt) => {
      runs.plain++;
      const a = numbers[pool[at] as number] as number;
      const b = numbers[pool[at + 1] as number] as number;
      return a * b + (constants[constantAt] as number);
    },
    general: ([a, b], constants, constantAt) => {
      runs.general++;
      if (isErrorValue(a)) return a;
      if (isErrorValue(b)) return b;
      if (typeof a !== "number" || typeof b !== "number") return errorValue("#VALUE!", "no number");
      return a * b + (constants[constantAt] as number);
    },
  };
}

describe("cells", () => {
  it("[CE1] are computed from nodes of one cell of any kind", () => {
    const engine = createEngine({ isChecked: true });
    const family = productFamily();
    const scalar = engine.input(2);
    const column = input(engine, "column", 3);
    const cell = engine.addCell({
      name: "cell",
      family,
      precedents: [scalar.id, column],
      constants: [10],
    });
    const reader = formula(engine, "reader", one, [now(cell)], (read) => (read(0) as number) * 2);
    expect([engine.read(cell).get(0), engine.read(reader).get(0)]).toEqual([16, 32]);
    scalar.set(5);
    set(engine, column, 0, 4);
    expect([engine.read(cell).get(0), engine.read(reader).get(0)]).toEqual([30, 60]);
    expect(family.runs.general).toBe(0);
  });

  it("[CE2] come in tables, with ids in a row, names on demand, and later ones inside a transaction", () => {
    const engine = createEngine({ isChecked: true });
    const family = productFamily();
    const first = engine.transaction(() => {
      const inputs = engine.addCellInputs({ values: Float64Array.of(1, 2, 3), nameAt: (i) => `in ${i}` });
      const cells = engine.addCells({
        family,
        count: 2,
        precedents: [inputs + 4, inputs + 1, inputs, inputs + 2],
        constants: Float64Array.of(100, 200),
        nameAt: (i) => `cell ${i}`,
      });
      expect(cells).toBe(inputs + 3);
      return inputs;
    });
    const out = new Float64Array(5);
    engine.readNumbers(first, out);
    expect([...out]).toEqual([1, 2, 3, 203 * 2 + 100, 203]);
    expect([engine.nameOf((first + 1) as NodeId), engine.nameOf((first + 4) as NodeId)]).toEqual([
      "in 1",
      "cell 1",
    ]);
    engine.setNumbers(first, Float64Array.of(2, 3, 4));
    engine.readNumbers(first, out);
    expect([...out]).toEqual([2, 3, 4, 208 * 3 + 100, 208]);
  });
});
