import { describe, expect, it } from "vitest";
import type { Engine } from "../api.ts";
import type { CellFamily } from "../cell-node.ts";
import { createEngine } from "../engine.ts";
import type { NodeId } from "../formula-node.ts";

/** #0 × ? + #1, and how often each of its functions was called. */
function weightedSum() {
  const calls = { plain: 0, general: 0 };
  const family: CellFamily = {
    name: "#0*?+#1",
    arity: 2,
    constantCount: 1,
    plain: (numbers, pool, at, constants, constantAt) => {
      calls.plain++;
      const [a, b] = [numbers[pool[at] as number] as number, numbers[pool[at + 1] as number] as number];
      return a * (constants[constantAt] as number) + b;
    },
    general: ([a, b], constants, constantAt) => {
      calls.general++;
      if (typeof a !== "number") return a as null;
      return typeof b === "number" ? a * (constants[constantAt] as number) + b : (b as null);
    },
  };
  return { family, calls };
}

/** A ring: cell i reads cell i − 1, cell 0 the last; all but the first pass on what they read, plus an input of their own. */
function ring(engine: Engine, family: CellFamily, count: number, slope: number) {
  return engine.transaction(() => {
    const first: number = engine.addCellInputs({ values: new Float64Array(count).fill(1) });
    const cells = first + count;
    const precedents = new Int32Array(2 * count);
    for (let i = 0; i < count; i++) precedents.set([cells + ((i + count - 1) % count), first + i], 2 * i);
    const constants = Float64Array.from({ length: count }, (_, i) => (i === 0 ? slope : 1));
    engine.addCells({ family, count, precedents, constants });
    engine.declareLoop({
      name: "ring",
      cuts: [{ node: (cells + count - 1) as NodeId }],
      toleranceAbsolute: 1e-9,
      toleranceRelative: 0,
      iterationsMax: 100,
    });
    return { first, cells };
  });
}

/** first = last, middle = last, last = ¼ × first × middle; cut at first and at last, with a guess each. */
function squared(engine: Engine, atFirst: number, atLast: number): void {
  const product: CellFamily = {
    name: "#0*#1*?",
    arity: 2,
    constantCount: 1,
    plain: (numbers, pool, at, constants, constantAt) =>
      (numbers[pool[at] as number] as number) *
      (numbers[pool[at + 1] as number] as number) *
      (constants[constantAt] as number),
    general: ([a, b], constants, constantAt) =>
      typeof a === "number" && typeof b === "number" ? a * b * (constants[constantAt] as number) : null,
  };
  engine.transaction(() => {
    const guesses: number = engine.addCellInputs({ values: Float64Array.of(atFirst, atLast, 1) });
    const [one, cells] = [guesses + 2, guesses + 3];
    const last = cells + 2;
    engine.addCells({
      family: product,
      count: 3,
      precedents: [last, one, last, one, cells, cells + 1],
      constants: Float64Array.of(1, 1, 0.25),
    });
    const settings = {
      toleranceAbsolute: 1e-9,
      toleranceRelative: 1e-9,
      iterationsMax: 100,
      method: "plain",
    } as const;
    engine.declareLoop({
      name: "a",
      cuts: [{ node: cells as NodeId, guess: guesses as NodeId }],
      ...settings,
    });
    engine.declareLoop({
      name: "b",
      cuts: [{ node: last as NodeId, guess: (guesses + 1) as NodeId }],
      ...settings,
    });
  });
}

function numbersOf(engine: Engine, first: number, count: number): Float64Array {
  const out = new Float64Array(count);
  engine.readNumbers(first as NodeId, out);
  return out;
}

describe("loops of cells", () => {
  it("[FP43] of 10,000 members are solved by the plain function alone", () => {
    const count = 10_000;
    const { family, calls } = weightedSum();
    const engine = createEngine();
    const { first, cells } = ring(engine, family, count, 0.5);
    // last = 0.5 × last + count
    expect(numbersOf(engine, cells, count).at(-1)).toBeCloseTo(2 * count, 6);
    const [record] = engine.loopRecords();
    expect(record).toMatchObject({ verdict: "converged", period: 0 });
    expect(calls.general).toBe(0);
    expect(calls.plain).toBe(count * (record?.sweeps ?? 0));
    expect(record?.sweeps).toBeLessThanOrEqual(6);
    engine.setNumbers((first + 3) as NodeId, Float64Array.of(11));
    expect(numbersOf(engine, cells, count).at(-1)).toBeCloseTo(2 * (count + 10), 6);
    expect(calls.general).toBe(0);
  });

  it("[FP43] have the bits and records of columns, and leave them what is no number", () => {
    for (const slope of [0.3, -2, 0.999, 1, -1]) {
      const [plain, joined] = [
        createEngine({ isChecked: true, loops: { fuse: false } }),
        createEngine({ isChecked: true }),
      ];
      const worlds = [plain, joined].map((engine) => ({
        engine,
        ...ring(engine, weightedSum().family, 3, slope),
      }));
      const edits = [1.5, Number.NaN, -4, 1e308, 0.25];
      const seen = worlds.map(({ engine, first, cells }) =>
        edits.map((value) => {
          engine.setNumbers((first + 1) as NodeId, Float64Array.of(value));
          const values = [0, 1, 2].map((i) => engine.readCell((cells + i) as NodeId, 0));
          return { values, records: engine.loopRecords() };
        }),
      );
      expect(seen[1]).toEqual(seen[0]);
    }
  });

  it("[FP43] are called for the members of the edited loop alone", () => {
    const { family, calls } = weightedSum();
    const engine = createEngine({ isChecked: true });
    const rings = Array.from({ length: 20 }, (_, i) => {
      const first: number = engine.addCellInputs({ values: Float64Array.of(1, 2) });
      const cells = first + 2;
      engine.transaction(() => {
        engine.addCells({
          family,
          count: 2,
          precedents: [cells + 1, first, cells, first + 1],
          constants: Float64Array.of(0.5, 1),
        });
        engine.declareLoop({
          name: `ring ${i}`,
          cuts: [{ node: (cells + 1) as NodeId }],
          toleranceAbsolute: 1e-9,
          toleranceRelative: 0,
          iterationsMax: 100,
        });
      });
      return { first, cells };
    });
    calls.plain = 0;
    const { first, cells } = rings[7] as (typeof rings)[number];
    engine.setNumbers(first as NodeId, Float64Array.of(3));
    // last = 0.5 × last + 3 + 2
    expect(engine.readCell((cells + 1) as NodeId, 0)).toBe(10);
    const record = engine.loopRecords().find(({ loop }) => loop === "ring 7");
    expect(calls.plain).toBe(2 * (record?.sweeps ?? 0));
    expect(calls.general).toBe(0);
  });

  it("[FP43] start at the guess of the cut that is read before it is computed", () => {
    for (const [atFirst, atLast] of [
      [1, 10],
      [10, 1],
    ] as const) {
      const verdicts = [undefined, false as const].map((fuse) => {
        const engine = createEngine(fuse === undefined ? {} : { loops: { fuse } });
        squared(engine, atFirst, atLast);
        return engine.loopRecords().map(({ verdict, residuals }) => [verdict, residuals[0]]);
      });
      // 0.25 × last²: from 1 it goes to 0, from 10 it grows.
      expect(verdicts[0]).toEqual(verdicts[1]);
      expect(verdicts[0]).toEqual([[atLast === 1 ? "converged" : "diverging", atLast === 1 ? 0.75 : 15]]);
    }
  });

  it("[FP43] go by the function of a cell that was replaced by one that reads the same", () => {
    const engine = createEngine({ isChecked: true });
    const { family } = weightedSum();
    const { first, cells } = ring(engine, family, 3, 0.5);
    // last = 0.5 × last + 3
    expect(numbersOf(engine, cells, 3).at(-1)).toBeCloseTo(6, 9);
    const difference: CellFamily = {
      name: "#0*?-#1",
      arity: 2,
      constantCount: 1,
      plain: (numbers, pool, at, constants, constantAt) =>
        (numbers[pool[at] as number] as number) * (constants[constantAt] as number) -
        (numbers[pool[at + 1] as number] as number),
      general: ([a, b], constants, constantAt) =>
        typeof a === "number" && typeof b === "number" ? a * (constants[constantAt] as number) - b : null,
    };
    engine.replace((cells + 1) as NodeId, {
      name: "second",
      family: difference,
      precedents: [cells as NodeId, (first + 1) as NodeId],
      constants: [1],
    });
    // last = 0.5 × last + 1 − 1 + 1
    expect(numbersOf(engine, cells, 3).at(-1)).toBeCloseTo(2, 9);
  });

  it("[FP13] that get another member have records still", () => {
    for (const loops of [{}, { fuse: false as const }]) {
      const engine = createEngine({ isChecked: true, loops });
      const { family } = weightedSum();
      const first: number = engine.addCellInputs({ values: Float64Array.of(1, 2) });
      const a = (first + 2) as NodeId;
      const [b, c] = [(a + 1) as NodeId, (a + 2) as NodeId];
      const cell = (name: string, reads: readonly number[], slope: number) => ({
        name,
        family,
        precedents: reads as readonly NodeId[],
        constants: [slope],
      });
      engine.transaction(() => {
        engine.addCells({
          family,
          count: 3,
          precedents: [b, first, a, first + 1, a, first],
          constants: Float64Array.of(0.5, 1, 1),
        });
        engine.declareLoop({
          name: "ring",
          cuts: [{ node: a }],
          toleranceAbsolute: 1e-9,
          toleranceRelative: 0,
          iterationsMax: 3,
          method: "plain",
        });
      });
      const nodes = () => engine.loopRecords().map((record) => [...record.nodes].sort((x, y) => x - y));
      engine.readCell(a, 0);
      expect(nodes()).toEqual([[a, b]]);
      engine.replace(b, cell("b", [c, first + 1], 1));
      engine.readCell(a, 0);
      expect(nodes()).toEqual([[a, b, c]]);
      expect([...engine.unconverged().keys()].sort((x, y) => x - y)).toEqual([a, b, c]);
      engine.replace(b, cell("b", [a, first + 1], 1));
      engine.readCell(a, 0);
      expect(nodes()).toEqual([[a, b]]);
    }
  });
});
