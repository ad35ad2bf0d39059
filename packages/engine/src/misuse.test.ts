/** Misuse of the parts for many nodes at once: each is refused with what was expected, found, and to do, and changes nothing. */
import { Column, columnFrom } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { Attribute, Engine } from "./api.ts";
import type { CellFamily } from "./cell-node.ts";
import { createEngine } from "./engine.ts";
import { EngineError } from "./engine-error.ts";
import { cells, input } from "./fixtures/columns.ts";
import type { Box, NodeId } from "./formula-node.ts";
import type { RangeAggregate } from "./range-node.ts";

const one = { outer: 1, periods: 1 };
const cell: Box = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
const sum: CellFamily = {
  name: "#0+#1",
  arity: 2,
  constantCount: 0,
  general: ([a, b]) => Number(a) + Number(b),
};
const id = (value: number): NodeId => value as NodeId;

/** An engine with the cells 1 and 2 (nodes 0 and 1), and a column of three (node 2). */
function smallEngine(): Engine {
  const engine = createEngine({ isChecked: true });
  engine.addCellInputs({ values: Float64Array.of(1, 2) });
  input(engine, "column", 1, 2, 3);
  return engine;
}

function refusal(attempt: (engine: Engine) => unknown): string {
  const engine = smallEngine();
  const { revision } = engine;
  let thrown: unknown;
  try {
    attempt(engine);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(EngineError);
  const { code, expected, found, remedy } = thrown as EngineError;
  expect([expected, found, remedy].every((text) => text.length > 0)).toBe(true);
  expect([engine.nodeCount, engine.revision, engine.readCell(id(0), 0), cells(engine, id(2))]).toEqual([
    3,
    revision,
    1,
    [1, 2, 3],
  ]);
  engine.checkInvariants();
  return code;
}

describe("refused", () => {
  it("[ER6] ids that are no whole numbers, or none of 32 bits, instead of cutting them off", () => {
    for (const wrong of [0.5, Number.NaN, 2 ** 32, -1]) {
      const precedents = [id(wrong), id(0)];
      const table = { family: sum, count: 1, precedents };
      expect(refusal((engine) => engine.addCells(table))).toBe("engine/unknown-node");
      expect(refusal((engine) => engine.addCell({ name: "x", family: sum, precedents }))).toBe(
        "engine/unknown-node",
      );
      const range = { of: id(wrong), from: 0, to: 1, aggregate: "sum" } as const;
      expect(refusal((engine) => engine.addRange({ name: "x", ...range }))).toBe("engine/unknown-node");
      const ends = { from: Int32Array.of(0), to: Int32Array.of(1) };
      expect(refusal((engine) => engine.addRanges({ ...range, ...ends }))).toBe("engine/unknown-node");
      expect(refusal((engine) => engine.setNumbers(id(wrong), Float64Array.of(7)))).toBe(
        "engine/unknown-node",
      );
      expect(refusal((engine) => engine.readNumbers(id(wrong), new Float64Array(1)))).toBe(
        "engine/unknown-node",
      );
    }
  });

  it("[ER6] tables of wrong lengths, families that are not whole, aggregates that there are not", () => {
    const wrong = "engine/wrong-kind";
    const precedents = [id(0)];
    expect(refusal((engine) => engine.addCells({ family: sum, count: 1, precedents }))).toBe(wrong);
    expect(refusal((engine) => engine.addCells({ family: sum, count: 0.5, precedents }))).toBe(wrong);
    expect(refusal((engine) => engine.addCell({ name: "x", family: sum, precedents }))).toBe(wrong);
    const none = { name: "x", arity: 0, constantCount: 0.5, general: () => 1 };
    const constants = Float64Array.of(1);
    expect(refusal((engine) => engine.addCells({ family: none, count: 2, precedents: [], constants }))).toBe(
      wrong,
    );
    const bare = { name: "x", arity: 1, constantCount: 0 } as unknown as CellFamily;
    expect(refusal((engine) => engine.addCell({ name: "x", family: bare, precedents }))).toBe(wrong);
    const aggregate = "median" as RangeAggregate;
    expect(refusal((engine) => engine.addRange({ name: "x", of: id(2), from: 0, to: 1, aggregate }))).toBe(
      wrong,
    );
    const lists = { from: Int32Array.of(0, 1), to: Int32Array.of(1) };
    expect(refusal((engine) => engine.addRanges({ of: id(2), ...lists, aggregate: "sum" }))).toBe(wrong);
    expect(refusal((engine) => engine.setNumbers(Int32Array.of(0), Float64Array.of(1, 2)))).toBe(
      "engine/bad-box",
    );
    expect(refusal((engine) => engine.setNumbers(id(0), Float64Array.of(7, 8, 9)))).toBe(
      "engine/wrong-shape",
    );
  });

  it("[ER6] boxes outside of the node or between its cells, of relations too", () => {
    const outside: Box = { ...cell, to: 4 };
    const between: Box = { ...cell, from: 0.5, to: 1.5 };
    for (const box of [outside, between, { ...cell, from: Number.NaN }]) {
      const given = new Column({ outer: 1, periods: Number.isNaN(box.from) ? 1 : box.to - box.from });
      expect(refusal((engine) => engine.setCells(id(2), box, given))).toBe("engine/bad-box");
      expect(refusal((engine) => engine.readInto(id(2), box, new Float64Array(9)))).toBe("engine/bad-box");
      expect(refusal((engine) => engine.overlay("scenario").relate(id(2), box, () => undefined))).toBe(
        "engine/bad-box",
      );
    }
    expect(smallEngine().readCell(id(2), 0.5)).toBe(null);
  });

  it("[ER6] gathers whose tables are not whole", () => {
    const positions = Int32Array.of(0, 1, 2);
    for (const first of [Int32Array.of(0, 1, 2), Int32Array.of(0, 2, 1, 3), Int32Array.of(0, 1, 2, 4)]) {
      const time = { kind: "gather", first, positions } as const;
      const precedents = [{ node: id(2), time, outer: { kind: "same" } }] as const;
      const shape = { outer: 1, periods: 3 };
      const kernel = { compute: () => undefined };
      const node = { name: "x", shape, precedents, kernel };
      expect(refusal((engine) => engine.addFormula(node))).toBe("engine/bad-box");
      expect(refusal((engine) => engine.replace(id(2), node))).toBe("engine/bad-box");
    }
  });

  it("[ER6] overlays of an engine that was disposed, and opened inside a formula", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const formula = engine.computed([a], (value) => (value > 1 ? engine.overlay("inner").name : "none"));
    expect(() => a.set(2)).toThrow("engine/edit-while-computing");
    expect(formula.value).toMatchObject({ code: "#VALUE!" });
    engine.dispose();
    expect(() => engine.overlay("late")).toThrow("engine/closed");
  });

  it("[ER6] [RC23] a transaction inside which the engine was disposed: nothing of it happens", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const edits = (): void => {
      a.set(2);
      engine.addCellInputs({ values: Float64Array.of(1, 2) });
      engine.dispose();
    };
    expect(() => engine.transaction(edits)).toThrow("engine/closed");
    expect([a.value, engine.nodeCount]).toEqual([1, 1]);
  });

  it("[ER7] edits by a formula or a listener to changes, which misses nothing by it", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const formula = engine.computed([a], (value) => {
      if (value > 1) engine.addCells({ family: sum, count: 1, precedents: [0, 0] });
      return value;
    });
    expect(() => a.set(2)).toThrow("engine/edit-while-computing");
    expect([formula.value, engine.nodeCount]).toMatchObject([{ code: "#VALUE!" }, 2]);
    const heard: number[] = [];
    const editors = [
      () => a.set(9),
      () => engine.setNumbers(a.id, Float64Array.of(9)),
      () => engine.overlay("inner"),
      () => engine.addCellInputs({ values: Float64Array.of(1) }),
    ];
    for (const edit of editors) {
      const stop = engine.onChanges(edit);
      const stopHearing = engine.onChanges((changes) => heard.push(changes.count));
      expect(() => a.set(-(a.value as number))).toThrow("engine/edit-while-computing");
      stop();
      stopHearing();
    }
    expect(heard).toEqual([2, 2, 2, 2]);
    expect([a.value, engine.nodeCount]).toEqual([2, 2]);
  });
});

describe("what callers hand in and throws", () => {
  const inverse: CellFamily = {
    name: "1/#0",
    arity: 1,
    constantCount: 0,
    general: ([a]) => 1 / Number(a),
  };

  it("[ER7] [CE9] a function for names: the caller hears of it, everything is computed and told", () => {
    const engine = createEngine();
    const first = engine.addCellInputs({ values: Float64Array.of(1) });
    const nameAt = (): string => {
      throw new Error("no name");
    };
    const nameless = engine.addCells({ family: inverse, count: 1, precedents: [first], nameAt });
    const others = engine.addCells({ family: sum, count: 2, precedents: [first, first, first, first] });
    const told: number[][] = [];
    engine.onChanges(({ nodes, count }) => told.push([...nodes.subarray(0, count)]));
    expect(() => engine.setNumbers(first, Float64Array.of(0))).toThrow("no name");
    expect(told).toEqual([[first, nameless, others, others + 1]]);
    expect(engine.statusOf(nameless)).toBe("fresh");
    expect(engine.readCell(nameless, 0)).toMatchObject({ code: "#NUM!", origin: { attribute: "node 1" } });
    expect(() => engine.nameOf(nameless)).toThrow("no name");
  });

  it("[CE9] one listener given twice is heard twice, and once when one of the two is stopped", () => {
    const { engine, a } = { engine: smallEngine(), a: id(0) };
    const heard: string[] = [];
    const onChanges = (): void => void heard.push("changes");
    const onEvent = ({ kind }: { readonly kind: string }): void => void heard.push(kind);
    const stops = [engine.onChanges(onChanges), engine.onChanges(onChanges)];
    const ends = [engine.subscribe(onEvent), engine.subscribe(onEvent)];
    engine.setNumbers(a, Float64Array.of(5));
    expect(heard).toEqual(["changed", "changed", "changes", "changes"]);
    heard.length = 0;
    stops[0]?.();
    ends[0]?.();
    engine.setNumbers(a, Float64Array.of(6));
    expect(heard).toEqual(["changed", "changes"]);
    stops[0]?.();
    stops[1]?.();
    ends[1]?.();
    engine.setNumbers(a, Float64Array.of(7));
    expect(heard.length).toBe(2);
  });

  it("[CO11] what a yielding engine defers by: the next edit asks again", async () => {
    let ms = 0;
    const later: (() => void)[] = [];
    let isBroken = false;
    const defer = (resume: () => void): void => {
      if (isBroken) throw new Error("no timer");
      later.push(resume);
    };
    const engine = createEngine({
      isChecked: true,
      clock: { now: () => ms++ },
      yielding: { budgetMs: 1, defer },
    });
    const a = engine.input(1);
    let last: Attribute<number> = a;
    for (let i = 0; i < 40; i++) last = engine.computed([last], (value) => value + 1);
    const slices = (): void => {
      for (let resume = later.shift(); resume !== undefined; resume = later.shift()) resume();
    };
    slices();
    isBroken = true;
    expect(() => a.set(10)).toThrow("no timer");
    isBroken = false;
    a.set(20);
    slices();
    await engine.settled();
    expect(engine.statusOf(last.id)).toBe("fresh");
    expect(last.value).toBe(60);
  });
});

describe("edits of a node that the same transaction replaces", () => {
  it("[RC21] [CE1] write what the node becomes, whatever kind it was", () => {
    const wide = { outer: 1, periods: 3 };
    const engine = createEngine({ isChecked: true });
    const first = engine.addCellInputs({ values: Float64Array.of(5, 5) });
    const second = id(first + 1);
    engine.transaction(() => {
      engine.replace(first, { name: "a", shape: one, column: columnFrom(one, [7]) });
      engine.setCells(first, cell, columnFrom(one, [5]));
      engine.replace(second, { name: "b", shape: wide, column: columnFrom(wide, [7, 8, 9]) });
      engine.setCells(second, { ...cell, from: 1, to: 3 }, columnFrom({ outer: 1, periods: 2 }, [5, 6]));
    });
    expect([cells(engine, first), cells(engine, second)]).toEqual([[5], [7, 5, 6]]);
  });
});
