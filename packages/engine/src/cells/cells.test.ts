import { effect } from "@preact/signals-core";
import { columnFrom, type ErrorValue, errorValue, isErrorValue, type Scalar } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { CellFamily } from "../cell-node.ts";
import { createEngine } from "../engine.ts";
import { formula, formulaNode, input, now, set } from "../fixtures/columns.ts";
import type { NodeId } from "../formula-node.ts";

const one = { outer: 1, periods: 1 };
const oneCell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };

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

/** One that only copies, by its general function. */
const copy: CellFamily = { name: "#0", arity: 1, constantCount: 0, general: ([a]) => a as Scalar };
const plus: CellFamily = {
  name: "#0/2+#1",
  arity: 2,
  constantCount: 0,
  general: ([a, b]) => (typeof a === "number" && typeof b === "number" ? a / 2 + b : (a as Scalar)),
};

describe("cells", () => {
  it("[CE1] are computed from nodes of one cell of any kind", () => {
    const engine = createEngine({ isChecked: true });
    const family = productFamily();
    const scalar = engine.input(2);
    const column = input(engine, "column", 3);
    const cell = engine.addCell({ name: "cell", family, precedents: [scalar.id, column], constants: [10] });
    const reader = formula(engine, "reader", one, [now(cell)], (read) => (read(0) as number) * 2);
    expect([engine.read(cell).get(0), engine.read(reader).get(0)]).toEqual([16, 32]);
    scalar.set(5);
    set(engine, column, 0, 4);
    expect([engine.read(cell).get(0), engine.read(reader).get(0)]).toEqual([30, 60]);
    expect(family.runs.general).toBe(0);
  });

  it("[CE1] take the place of formulas and inputs, and give it back", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 2);
    const b = formula(engine, "b", one, [now(a)], (read) => (read(0) as number) + 1);
    const reader = engine.addCell({ name: "reader", family: copy, precedents: [b] });
    const family = productFamily();
    engine.replace(b, { name: "b2", family, precedents: [a, a], constants: [0.5] });
    expect([engine.read(reader).get(0), engine.nameOf(b)]).toEqual([4.5, "b2"]);
    engine.replace(b, { name: "b3", shape: one, column: columnFrom(one, ["text"]) });
    expect([engine.read(reader).get(0), engine.nameOf(b)]).toEqual(["text", "b3"]);
    engine.replace(
      b,
      formulaNode("b4", one, [now(a)], (read) => -(read(0) as number)),
    );
    expect([engine.read(reader).get(0), engine.nameOf(b)]).toEqual([-2, "b4"]);
    engine.replace(b, { name: "b5", family, precedents: [a, a], constants: [1] });
    set(engine, a, 0, 3);
    expect(engine.read(reader).get(0)).toBe(10);
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
    const names = [0, 1, 3, 4].map((i) => engine.nameOf((first + i) as NodeId));
    expect(names).toEqual(["in 0", "in 1", "cell 0", "cell 1"]);
  });

  it("[CE2] refuse what they cannot read, and leave nothing behind", () => {
    const engine = createEngine({ isChecked: true });
    const wide = input(engine, "wide", 1, 2);
    const before = engine.nodeCount;
    const add = (id: number): unknown =>
      engine.addCells({ family: copy, count: 2, precedents: [wide + 1, id] });
    expect(() => add(wide)).toThrow("engine/wrong-shape");
    expect(() => add(99)).toThrow("engine/unknown-node");
    expect(() => engine.addCell({ name: "c", family: copy, precedents: [wide] })).toThrow(
      "engine/wrong-shape",
    );
    expect(() => engine.addCell({ name: "c", family: copy, precedents: [] })).toThrow("engine/wrong-kind");
    expect([engine.nodeCount, engine.revision]).toEqual([before, 1]);
  });

  it("[CE3] are plain for finite numbers alone, and general for all else", () => {
    const engine = createEngine({ isChecked: true });
    const family = productFamily();
    const a = input(engine, "a", 2);
    const loose = engine.input<unknown>(3);
    const cell = engine.addCell({ name: "cell", family, precedents: [a, loose.id], constants: [0] });
    const told = (edit: () => void): unknown => {
      family.runs.plain = 0;
      family.runs.general = 0;
      edit();
      const value = engine.read(cell).get(0);
      return [isErrorValue(value) ? value.code : value, family.runs.general > 0];
    };
    expect(told(() => set(engine, a, 0, 5))).toEqual([15, false]);
    expect(told(() => set(engine, a, 0, 1e300))).toEqual([3e300, false]);
    expect(told(() => loose.set(1e300))).toEqual(["#NUM!", true]);
    expect(told(() => loose.set(Number.NaN))).toEqual(["#NUM!", true]);
    expect(told(() => loose.set("text"))).toEqual(["#VALUE!", true]);
    expect(told(() => loose.set(-0))).toEqual([0, false]);
    expect(told(() => set(engine, a, 0, null))).toEqual(["#VALUE!", true]);
  });

  it("[CE4] say where an error began, and pass others on", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", "x");
    const first = engine.addCell({
      name: "first",
      family: productFamily(),
      precedents: [a, a],
      constants: [1],
      labelsAt: () => ["here"],
    });
    const second = engine.addCell({ name: "second", family: copy, precedents: [first] });
    const thrower: CellFamily = {
      ...copy,
      general: () => {
        throw new Error("broken");
      },
    };
    const third = engine.addCell({ name: "third", family: thrower, precedents: [a] });
    const error = engine.read(second).get(0) as ErrorValue;
    expect([error.code, error.origin]).toEqual(["#VALUE!", { attribute: "first", at: ["here"] }]);
    expect(engine.read(third).get(0)).toMatchObject({ detail: "broken", origin: { attribute: "third" } });
  });

  it("[CE5] on a cycle are a loop: told when undeclared, solved when declared", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 4);
    const [x, y] = engine.transaction(() => {
      const first = engine.addCells({ family: plus, count: 2, precedents: [a + 2, a, a + 1, a] });
      return [first, (first + 1) as NodeId];
    });
    expect(engine.undeclaredLoops()[0]?.length).toBe(3);
    expect(engine.read(y).get(0)).toMatchObject({ code: "#CYCLE!" });
    engine.declareLoop({
      name: "loop",
      cuts: [{ node: x, guess: a }],
      toleranceAbsolute: 1e-12,
      toleranceRelative: 1e-12,
      iterationsMax: 200,
    });
    expect(engine.read(x).get(0)).toBeCloseTo(8, 9);
    set(engine, a, 0, 5);
    expect([engine.read(x).get(0), engine.loopRecords()[0]?.verdict]).toEqual([
      expect.closeTo(10, 9),
      "converged",
    ]);
    engine.dropLoop("loop");
    expect(engine.read(x).get(0)).toMatchObject({ code: "#CYCLE!" });
    engine.replace(x, { name: "x", family: plus, precedents: [a, a] });
    expect([engine.read(x).get(0), engine.read(y).get(0)]).toEqual([7.5, 8.75]);
  });

  it("[CE1] wait when manual, and are pinned and overridden in overlays", () => {
    const engine = createEngine({ isChecked: true });
    const family = productFamily();
    const a = engine.addCellInputs({ values: Float64Array.of(2, 3) });
    const manual = engine.addCell({
      name: "manual",
      family,
      precedents: [a, (a + 1) as NodeId],
      constants: [0],
      isManual: true,
    });
    const reader = engine.addCell({ name: "reader", family: copy, precedents: [manual] });
    expect([engine.statusOf(reader), engine.read(reader).get(0)]).toEqual(["stale", 6]);
    set(engine, a, 0, 4);
    expect([engine.statusOf(reader), engine.peek(reader).get(0)]).toEqual(["stale", 6]);
    const overlay = engine.overlay("overlay");
    overlay.relate(a, oneCell, (inherited, out) => out.set(0, (inherited.get(0) as number) * 10));
    expect(overlay.read(reader).get(0)).toBe(120);
    overlay.pin(manual, oneCell, columnFrom(one, [1]));
    expect([overlay.read(reader).get(0), engine.read(reader).get(0)]).toEqual([1, 12]);
    overlay.unpin(manual);
    overlay.clearOverride(a);
    expect([overlay.read(reader).get(0), overlay.owns(reader)]).toEqual([12, false]);
  });

  it("[OV5] owned before in an overlay hear that an edit of the base made what they read wait", () => {
    const engine = createEngine({ isChecked: true });
    const first = engine.addCellInputs({ values: Float64Array.of(1, 2, 3) });
    const [a, b, c] = [first, (first + 1) as NodeId, (first + 2) as NodeId];
    const add = (name: string, family: CellFamily, precedents: NodeId[], isManual = false): NodeId =>
      engine.addCell({ name, family, precedents, isManual });
    const manual = add("manual", copy, [a], true);
    const near = add("near", copy, [b]);
    const far = add("far", copy, [near]);
    const reader = add("reader", plus, [c, far]);
    const overlay = engine.overlay("overlay");
    overlay.setCells(a, oneCell, columnFrom(one, [10]));
    overlay.setCells(c, oneCell, columnFrom(one, [30]));
    engine.replace(near, { name: "near", family: copy, precedents: [manual] });
    expect([engine.statusOf(reader), overlay.statusOf(reader)]).toEqual(["stale", "stale"]);
    expect([engine.read(reader).get(0), overlay.read(reader).get(0)]).toEqual([2.5, 25]);
  });

  it("[CE6] of a family share one estimate of what they cost", () => {
    let ms = 0;
    const engine = createEngine({ clock: { now: () => ms } });
    const slow: CellFamily = {
      ...copy,
      general: ([a]) => {
        ms += 5;
        return a as Scalar;
      },
    };
    const a = input(engine, "a", 1);
    const b = engine.addCell({ name: "b", family: slow, precedents: [a] });
    const c = engine.addCell({ name: "c", family: slow, precedents: [b] });
    expect([engine.costOf(b), engine.costOf(c), engine.costOf(a)]).toEqual([5, 5, undefined]);
    engine.remove(c);
    engine.remove(b);
    const d = engine.addCell({ name: "d", family: copy, precedents: [a] });
    expect(engine.costOf(d)).toBe(0);
  });

  it("[CE5] may be replaced by an input, and removed, while they are on a cycle", () => {
    const engine = createEngine({ isChecked: true });
    const [a, b] = engine.transaction(() => {
      const first = engine.addCells({ family: copy, count: 2, precedents: [1, 0] });
      return [first, (first + 1) as NodeId];
    });
    expect(engine.readCell(b, 0)).toMatchObject({ code: "#CYCLE!" });
    engine.replace(b, { name: "b", shape: one, column: columnFrom(one, [4]) });
    expect([engine.readCell(a, 0), engine.readCell(b, 0)]).toEqual([4, 4]);
    engine.replace(b, { name: "b", family: copy, precedents: [a] });
    expect(engine.readCell(a, 0)).toMatchObject({ code: "#CYCLE!" });
    engine.transaction(() => {
      engine.remove(b);
      engine.replace(a, { name: "a", shape: one, column: columnFrom(one, [5]) });
    });
    expect([engine.readCell(a, 0), engine.nodeCount]).toEqual([5, 1]);
  });
});
describe("a table of many cells", () => {
  const count = 1500;
  const sum: CellFamily = {
    name: "#0+#1",
    arity: 2,
    constantCount: 0,
    plain: (numbers, pool, at) =>
      (numbers[pool[at] as number] as number) + (numbers[pool[at + 1] as number] as number),
    general: ([a, b]) => Number(a) + Number(b),
  };

  it("[CE5] some of which read themselves", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.addCellInputs({ values: Float64Array.of(1) });
    const precedents = new Int32Array(2 * count).fill(a);
    precedents[20] = a + 1 + 10;
    const first = engine.addCells({ family: sum, count, precedents });
    const values = [9, 10, 11].map((i) => engine.readCell((first + i) as NodeId, 0));
    expect(values).toMatchObject([2, { code: "#CYCLE!" }, 2]);
  });

  it("[CE7] [RC31] says that each starts, to whoever listens", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.addCellInputs({ values: Float64Array.of(1) });
    const started: number[] = [];
    engine.subscribe((event) => {
      if (event.kind === "started") started.push(event.node);
    });
    const first = engine.addCells({ family: sum, count, precedents: new Int32Array(2 * count).fill(a) });
    expect(started.length).toBe(count);
    expect(new Set(started)).toEqual(new Set(Array.from({ length: count }, (_, i) => first + i)));
  });

  it("[CE8] [RC17] readNumbers resolves what waits behind a manual node", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.addCellInputs({ values: Float64Array.of(1) });
    const manual = engine.addCell({ name: "manual", family: sum, precedents: [a, a], isManual: true });
    const behind = engine.addCell({ name: "behind", family: sum, precedents: [manual, manual] });
    const out = new Float64Array(1);
    engine.readNumbers(behind, out);
    engine.setNumbers(a, Float64Array.of(5));
    engine.readNumbers(behind, out);
    expect(out[0]).toBe(20);
  });

  it("[CE8] inputs that nothing reads fire signals, those of overlays that read through too", () => {
    const seen: unknown[] = [];
    for (const isOverlay of [false, true]) {
      const engine = createEngine({ isChecked: true });
      const first = engine.addCellInputs({ values: Float64Array.of(1, 2) });
      const state = isOverlay ? engine.overlay("scenario") : engine;
      effect(() => void seen.push(state.signalOf(first).value.get(0)));
      engine.setNumbers(first, Float64Array.of(10, 20));
    }
    expect(seen).toEqual([1, 10, 1, 10]);
  });
});
