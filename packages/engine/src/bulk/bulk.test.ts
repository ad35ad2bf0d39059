import { columnFrom, type Scalar } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { Engine } from "../api.ts";
import type { CellFamily } from "../cell-node.ts";
import { createEngine } from "../engine.ts";
import { input, lag, series, set } from "../fixtures/columns.ts";
import type { NodeId } from "../formula-node.ts";

const one = { outer: 1, periods: 1 };
const mix: CellFamily = {
  name: "#0*0.5-#1+c",
  arity: 2,
  constantCount: 1,
  plain: (numbers, pool, at, constants, constantAt) =>
    (numbers[pool[at] as number] as number) * 0.5 -
    (numbers[pool[at + 1] as number] as number) +
    (constants[constantAt] as number),
  general: ([a, b], constants, constantAt) =>
    typeof a === "number" && typeof b === "number"
      ? a * 0.5 - b + (constants[constantAt] as number)
      : (a as Scalar),
};

const inputs = 50;
const count = 1000;

/** What cell i reads; with `isAhead` some of them stand behind it. */
function readsOf(i: number, isAhead: boolean): number[] {
  const before = (i * 7919) % (inputs + i);
  const other = isAhead && i % 10 === 0 ? inputs + ((i + 5) % count) : (i * 31) % (inputs + i);
  return [before, i % 10 === 5 ? i % inputs : other];
}

function numbersOf(engine: Engine): number[] {
  const out = new Float64Array(inputs + count);
  engine.readNumbers(0 as NodeId, out);
  return [...out];
}

function alone(isAhead: boolean): Engine {
  const engine = createEngine({ isChecked: true });
  engine.transaction(() => {
    engine.addCellInputs({ values: Float64Array.from({ length: inputs }, (_, i) => i) });
    for (let i = 0; i < count; i++) {
      const precedents = readsOf(i, isAhead) as NodeId[];
      engine.addCell({ name: `cell ${i}`, family: mix, precedents, constants: [i % 3] });
    }
  });
  return engine;
}

function inBulk(isAhead: boolean, options: { readonly isTraced?: boolean } = {}): Engine {
  const engine = createEngine({ isChecked: true });
  if (options.isTraced === true) engine.subscribe(() => undefined);
  engine.transaction(() => {
    engine.addCellInputs({ values: Float64Array.from({ length: inputs }, (_, i) => i) });
    engine.addCells({
      family: mix,
      count,
      precedents: Array.from({ length: count }, (_, i) => readsOf(i, isAhead)).flat(),
      constants: Float64Array.from({ length: count }, (_, i) => i % 3),
      nameAt: (i) => `cell ${i}`,
    });
  });
  return engine;
}

describe("many at once", () => {
  it("[CE7] [LV9] cells added at once equal those added one by one, in order or not", () => {
    for (const isAhead of [false, true]) {
      const engines = [alone(isAhead), inBulk(isAhead), inBulk(isAhead, { isTraced: true })];
      const [first] = engines as [Engine];
      const levels = (engine: Engine): number[] =>
        Array.from({ length: inputs + count }, (_, i) => engine.levelOf(i as NodeId));
      for (let edit = 0; edit < 5; edit++) {
        for (const engine of engines) {
          expect(numbersOf(engine)).toEqual(numbersOf(first));
          expect(levels(engine)).toEqual(levels(first));
        }
        for (const engine of engines) engine.setNumbers(7 as NodeId, Float64Array.of(100 + edit, -edit, 0.1));
      }
    }
  });

  it("[CE7] values are there without a run of the queue, but for what is no number", () => {
    const engine = createEngine();
    let runs = 0;
    engine.subscribe(() => runs++);
    const text = engine.addInput({ name: "text", shape: one, column: columnFrom(one, ["text"]) });
    const stop = engine.onChanges(() => undefined);
    stop();
    const quiet = createEngine({ isChecked: true });
    const changed: number[] = [];
    quiet.onChanges((changes) => changed.push(changes.count));
    const other = quiet.addInput({ name: "text", shape: one, column: columnFrom(one, ["text"]) });
    expect(other).toBe(text);
    const copy: CellFamily = { name: "#0", arity: 1, constantCount: 0, general: ([a]) => a as Scalar };
    const [cells, copies] = quiet.transaction(() => [
      quiet.addCells({
        family: mix,
        count,
        precedents: Array.from({ length: count * 2 }, () => 0),
        constants: new Float64Array(count),
      }),
      quiet.addCells({ family: copy, count: 2, precedents: [0, 1] }),
    ]);
    expect([quiet.read(cells).get(0), quiet.read(copies).get(0)]).toEqual(["text", "text"]);
    expect([runs, changed]).toEqual([0, [count + 2]]);
  });

  it("[CE5] cycles among cells added at once are found", () => {
    const engine = createEngine({ isChecked: true });
    const first = engine.addCells({
      family: mix,
      count,
      precedents: Array.from({ length: count }, (_, i) => [(i + 1) % count, i]).flat(),
      constants: new Float64Array(count),
    });
    expect(engine.undeclaredLoops().length).toBe(1);
    expect(engine.read(first).get(0)).toMatchObject({ code: "#CYCLE!" });
  });

  it("[CE8] many numbers are set by one edit, or none", () => {
    const engine = inBulk(false);
    const column = input(engine, "column", 1, 2);
    const { revision } = engine;
    engine.setNumbers(
      0 as NodeId,
      Float64Array.from({ length: inputs }, (_, i) => i),
    );
    expect(engine.revision).toBe(revision);
    engine.setNumbers(Int32Array.of(3, 1, 3), Float64Array.of(1, 2, 30));
    expect([engine.revision, engine.read(3 as NodeId).get(0)]).toEqual([revision + 1, 30]);
    const wrong = new Float64Array(inputs + 1).fill(9);
    expect(() => engine.setNumbers(0 as NodeId, wrong)).toThrow("engine/wrong-kind");
    expect(() => engine.setNumbers(column, Float64Array.of(1))).toThrow("engine/wrong-shape");
    expect(() => engine.setNumbers(Int32Array.of(0, 1), Float64Array.of(1))).toThrow("engine/bad-box");
    expect(() => engine.readNumbers(column, new Float64Array(1))).toThrow("engine/wrong-shape");
    expect([engine.revision, engine.read(0 as NodeId).get(0)]).toEqual([revision + 1, 0]);
    const before = numbersOf(engine);
    engine.transaction(() => {
      engine.setNumbers(0 as NodeId, Float64Array.of(5, 6));
      engine.setCells(1 as NodeId, { outerFrom: 0, outerTo: 1, from: 0, to: 1 }, series(7));
      expect(numbersOf(engine)).toEqual(before);
    });
    expect(numbersOf(engine).slice(0, 2)).toEqual([5, 7]);
  });

  it("[CE8] what is no number reads as NaN, and what is stale is computed", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.addCellInputs({ values: Float64Array.of(1, Number.NaN) });
    const manual = engine.addCell({
      name: "m",
      family: mix,
      precedents: [a, a],
      constants: [9],
      isManual: true,
    });
    const out = new Float64Array(3);
    engine.readNumbers(a, out);
    expect([...out]).toEqual([1, Number.NaN, 8.5]);
    expect([engine.read((a + 1) as NodeId).get(0), engine.statusOf(manual)]).toMatchObject([
      { code: "#NUM!" },
      "fresh",
    ]);
  });

  it("[CE9] lists of changes name what changed in each state, with its cells", () => {
    const engine = createEngine({ isChecked: true });
    const lists: unknown[] = [];
    const a = engine.addCellInputs({ values: Float64Array.of(1, 2) });
    const capped: CellFamily = {
      name: "min(#0,5)",
      arity: 1,
      constantCount: 0,
      general: ([value]) => Math.min(value as number, 5),
    };
    const b = engine.addCells({ family: capped, count: 2, precedents: [a, a + 1] });
    const column = input(engine, "column", 1, 2, 3, 4);
    engine.addFormula({
      name: "later",
      shape: { outer: 1, periods: 4 },
      precedents: [lag(column)],
      kernel: {
        compute: ([from], out, box) => {
          for (let t = box.from; t < box.to; t++) out.set(t, t === 0 ? 0 : (from?.get(t - 1) ?? null));
        },
      },
    });
    const overlay = engine.overlay("overlay");
    const stop = engine.onChanges((changes) => {
      const entries = Array.from(changes.nodes.subarray(0, changes.count));
      const boxes = entries.map((_, i) => [changes.boxAt(i).from, changes.boxAt(i).to]);
      lists.push([changes.state, changes.revision, entries, boxes, changes.ranges()]);
      expect(() => set(engine, a, 0, 99)).toThrow("engine/edit-while-computing");
    });
    const taken = (): unknown => lists.splice(0);
    engine.setNumbers(a, Float64Array.of(9, 3));
    expect(taken()).toMatchObject([[0, engine.revision, [0, 1, 3, 2], expect.anything(), [[0, 4]]]]);
    engine.setNumbers(a, Float64Array.of(10, 3));
    expect(taken()).toMatchObject([[0, engine.revision, [a], [[0, 1]], [[0, 1]]]]);
    set(engine, column, 1, 20);
    expect(taken()).toMatchObject([
      [
        0,
        engine.revision,
        [4, 5],
        [
          [1, 2],
          [2, 3],
        ],
        [[4, 6]],
      ],
    ]);
    overlay.setCells(a, { outerFrom: 0, outerTo: 1, from: 0, to: 1 }, series(-1));
    expect(taken()).toMatchObject([
      [
        overlay.id,
        overlay.revision,
        [a, b],
        [
          [0, 1],
          [0, 1],
        ],
        [
          [0, 1],
          [2, 3],
        ],
      ],
    ]);
    stop();
    engine.setNumbers(a, Float64Array.of(1, 1));
    expect(taken()).toEqual([]);
  });

  it("[CE9] a listener that throws is heard of by the caller, when all is done", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.addCellInputs({ values: Float64Array.of(1) });
    engine.onChanges(() => {
      throw new Error("not heard");
    });
    expect(() => engine.setNumbers(a, Float64Array.of(2))).toThrow("not heard");
    expect(engine.read(a).get(0)).toBe(2);
  });
});

describe("adding many nodes", () => {
  const sum: CellFamily = {
    name: "#0+#1",
    arity: 2,
    constantCount: 0,
    plain: (numbers, pool, at) =>
      (numbers[pool[at] as number] as number) + (numbers[pool[at + 1] as number] as number),
    general: ([a, b]) => Number(a) + Number(b),
  };

  it("[ER7] refuses an edit by a family's plain function, and keeps what it would have edited", () => {
    const engine = createEngine({ isChecked: true });
    const first = engine.addCellInputs({ values: Float64Array.of(1) });
    const plain = (): number => {
      engine.setNumbers(first, Float64Array.of(99));
      return 1;
    };
    const precedents = new Int32Array(3000).fill(first);
    expect(() => engine.addCells({ family: { ...sum, plain }, count: 1500, precedents })).toThrow(
      "engine/edit-while-computing",
    );
    expect(engine.readCell(first, 0)).toBe(1);
  });

  it("[RC5] counts no revision where an input is the error already that a number becomes", () => {
    const engine = createEngine({ isChecked: true });
    const first = engine.addCellInputs({ values: Float64Array.of(Number.NaN, 2) });
    const { revision } = engine;
    engine.setNumbers(first, Float64Array.of(Number.POSITIVE_INFINITY, 2));
    expect(engine.revision).toBe(revision);
  });

  it("[CO13] [CO14] with a cycle among them, between two slices, lets nobody read what still waits", () => {
    let ms = 0;
    const later: (() => void)[] = [];
    const defer = (resume: () => void): void => void later.push(resume);
    const engine = createEngine({ clock: { now: () => ms++ }, yielding: { budgetMs: 3, defer } });
    const a = engine.addCellInputs({ values: Float64Array.of(1, 1) });
    const one = (a + 1) as NodeId;
    const add = (...precedents: NodeId[]): NodeId => engine.addCell({ name: "x", family: sum, precedents });
    const chain = (length: number): NodeId[] => {
      const nodes = [a];
      while (nodes.length <= length) nodes.push(add(nodes.at(-1) as NodeId, one));
      return nodes;
    };
    const long = chain(30);
    const last = add(long.at(-1) as NodeId, a);
    const behind = add(last, last);
    // What stands behind it keeps levels that are higher than needed.
    engine.replace(long[28] as NodeId, { name: "x", family: sum, precedents: [a, a] });
    const side = chain(40);
    while (later.length > 0) later.shift()?.();
    engine.setNumbers(a, Float64Array.of(100));
    while (engine.statusOf(side[15] as NodeId) !== "fresh") later.shift()?.();
    const count = 1500;
    const start = engine.nodeCount;
    const precedents = Int32Array.from({ length: 2 * count }, (_, i) =>
      i % 2 === 1 ? a : start + ((i / 2 + count - 1) % count),
    );
    expect(engine.addCells({ family: sum, count, precedents })).toBe(start);
    const out = new Float64Array(1);
    engine.readNumbers(behind, out);
    expect(out[0]).toBe(2 * (200 + 1 + 1 + 100));
  });
});
