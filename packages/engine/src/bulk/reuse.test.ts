/** Rows that are gone are used again, named anew and given back; and what else tables and lists of nodes must not forget. */
import { columnFrom } from "@reckon/value";
import { expect, it } from "vitest";
import type { CellFamily } from "../cell-node.ts";
import { createEngine } from "../engine.ts";
import type { NodeId } from "../formula-node.ts";

const oneCell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
const plusOne: CellFamily = {
  name: "#0+1",
  arity: 1,
  constantCount: 1,
  plain: (numbers, pool, at, constants, constantAt) =>
    (numbers[pool[at] as number] as number) + (constants[constantAt] as number),
  general: ([value], constants, constantAt) => Number(value) + (constants[constantAt] as number),
};

it("[CE11] tables that come and go use rows again, with the names and values of the new nodes", () => {
  const engine = createEngine();
  const size = 100;
  const a = engine.addCellInputs({ values: Float64Array.of(1), nameAt: () => "a" });
  let former: NodeId | null = null;
  let highest = 0;
  const out = new Float64Array(size);
  for (let turn = 0; turn < 200; turn++) {
    const first = engine.addCells({
      family: plusOne,
      count: size,
      precedents: new Int32Array(size).fill(a),
      constants: new Float64Array(size).fill(turn),
      ...(turn % 3 === 0 ? {} : { nameAt: (i: number) => `turn ${turn} cell ${i}` }),
    });
    highest = Math.max(highest, first + size);
    for (let i = 0; former !== null && i < size; i++) engine.remove((former + i) as NodeId);
    former = first;
    engine.readNumbers(first, out);
    expect(new Set(out)).toEqual(new Set([1 + turn]));
    const last = (first + size - 1) as NodeId;
    expect([engine.nameOf(a), engine.nameOf(last)]).toEqual([
      "a",
      turn % 3 === 0 ? `node ${last}` : `turn ${turn} cell ${size - 1}`,
    ]);
  }
  expect(engine.nodeCount).toBe(1 + size);
  expect(highest).toBeLessThan(5000);
  engine.checkInvariants();
});

it("[CE11] inside a transaction ids go up by one, whatever rows are free", () => {
  const engine = createEngine();
  const count = 3000;
  const first = engine.addCellInputs({ values: new Float64Array(count) });
  engine.transaction(() => {
    for (let i = 0; i < count - 1; i++) engine.remove((first + i) as NodeId);
  });
  const [left, right] = engine.transaction(() => [
    engine.addCellInputs({ values: new Float64Array(10) }),
    engine.addCellInputs({ values: new Float64Array(10) }),
  ]);
  expect(right).toBe((left as number) + 10);
  const again = engine.addCellInputs({ values: new Float64Array(10) });
  expect(again).toBeLessThan(count);
  engine.checkInvariants();
});

it("[CE11] [RC23] a transaction that throws gives the rows back that it added", () => {
  const engine = createEngine({ isChecked: true });
  const a = engine.addCellInputs({ values: Float64Array.of(1) });
  const table = {
    family: plusOne,
    count: 50,
    precedents: new Int32Array(50),
    constants: new Float64Array(50),
  };
  for (let turn = 0; turn < 100; turn++) {
    const throwing = (): void => {
      engine.addCells({ ...table, nameAt: () => "gone" });
      engine.addRanges({ of: a, from: Int32Array.of(0), to: Int32Array.of(1), aggregate: "sum" });
      throw new Error("on purpose");
    };
    expect(() => engine.transaction(throwing)).toThrow("on purpose");
  }
  expect(engine.nodeCount).toBe(1);
  const next = engine.addCells(table);
  expect([next, engine.nameOf(next), engine.readCell(next, 0)]).toEqual([1, "node 1", 1]);
  engine.checkInvariants();
});

it("[CE8] a list that names a node twice counts with its last value", () => {
  const engine = createEngine({ isChecked: true });
  const first = engine.addCellInputs({ values: Float64Array.of(1, 2) });
  const heard: number[][] = [];
  engine.onChanges((changes) => heard.push(Array.from(changes.nodes.subarray(0, changes.count))));
  const { revision } = engine;
  engine.setNumbers(Int32Array.of(first, first), Float64Array.of(9, 1));
  expect([heard, engine.revision]).toEqual([[], revision]);
  engine.setNumbers(Int32Array.of(first + 1, first, first + 1), Float64Array.of(9, 7, 8));
  expect([engine.readCell(first, 0), engine.readCell((first + 1) as NodeId, 0)]).toEqual([7, 8]);
  expect(heard.map((nodes) => nodes.toSorted())).toEqual([[0, 1]]);
});

it("[CO13] readNumbers of an engine that yields computes what a later slice would change", () => {
  let ms = 0;
  const later: (() => void)[] = [];
  const engine = createEngine({
    clock: { now: () => ms++ },
    yielding: { budgetMs: 2, defer: (resume) => void later.push(resume) },
  });
  const a = engine.addCellInputs({ values: Float64Array.of(1) });
  const constants = [1];
  let last: NodeId = a;
  engine.transaction(() => {
    for (let i = 0; i < 1000; i++) {
      last = engine.addCell({ name: `c${i}`, family: plusOne, precedents: [last], constants });
    }
  });
  while (later.length > 0) later.shift()?.();
  engine.setNumbers(a, Float64Array.of(2));
  expect(engine.statusOf(last)).toBe("pending");
  const out = new Float64Array(1);
  engine.readNumbers(last, out);
  expect([...out]).toEqual([1002]);
});

it("[OV9] a pin in the place of another leaves nothing of it", () => {
  const engine = createEngine({ isChecked: true });
  const a = engine.input(1);
  const b = engine.computed([a], (value) => value + 1);
  const c = engine.computed([b], (value) => value * 10);
  const overlay = engine.overlay("scenario");
  for (const value of [5, 6, 5]) {
    overlay.pin(b.id, oneCell, columnFrom({ outer: 1, periods: 1 }, [value]));
    expect(overlay.read(c.id).get(0)).toBe(value * 10);
  }
  overlay.unpin(b.id);
  expect(overlay.read(c.id).get(0)).toBe(20);
});

it("[CE7] first values of a table laid out at once are of this revision, and in the list of changes once each", () => {
  const engine = createEngine();
  const size = 2000;
  const a = engine.addCellInputs({ values: Float64Array.of(1) });
  const heard: { count: number; ranges: unknown }[] = [];
  engine.onChanges((changes) => heard.push({ count: changes.count, ranges: changes.ranges() }));
  const first = engine.addCells({
    family: plusOne,
    count: size,
    precedents: Int32Array.from({ length: size }, (_, i) => a + i),
    constants: new Float64Array(size).fill(1),
  });
  expect(heard).toEqual([{ count: size, ranges: [[first, first + size]] }]);
  const last = (first + size - 1) as NodeId;
  expect([engine.readCell(last, 0), engine.changedAt(last), engine.levelOf(last)]).toEqual([
    1 + size,
    engine.revision,
    size,
  ]);
});
