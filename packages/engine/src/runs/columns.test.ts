import { effect } from "@preact/signals-core";
import { Column } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { cells, formula, input, kernel, Log, lag, mutual, now, series, set } from "../fixtures/columns.ts";
import type { Box, NodeId } from "../formula-node.ts";

const shape = { outer: 1, periods: 6 };
const double = (read: (index: number) => unknown): number => (read(0) as number) * 2;

function doubled() {
  const engine = createEngine({ isChecked: true });
  const a = input(engine, "a", 1, 2, 3, 4, 5, 6);
  const b = formula(engine, "b", shape, [now(a)], double);
  return { engine, a, b };
}

describe("columns in place", () => {
  it("[CO1] [CO2] are copied once after they were handed out, and else written where they are", () => {
    const { engine, a, b } = doubled();
    set(engine, a, 0, 10);
    const own = engine.view(b);
    set(engine, a, 1, 20);
    expect([engine.view(b) === own, own.get(1)]).toEqual([true, 40]);
    const held = engine.read(b);
    set(engine, a, 2, 30);
    const copy = engine.view(b);
    expect([held === own, copy === own, held.get(2), copy.get(2)]).toEqual([true, false, 6, 60]);
    set(engine, a, 3, 40);
    expect([engine.view(b) === copy, copy.get(3), held.get(3)]).toEqual([true, 80, 8]);
  });

  it("[CO1] leave the caller's column of an input alone", () => {
    const engine = createEngine({ isChecked: true });
    const column = series(1, 2, 3);
    const a = engine.addInput({ name: "a", shape: column.shape, column });
    set(engine, a, 0, 9);
    expect([column.get(0), engine.readCell(a, 0)]).toEqual([1, 9]);
    const other = series(4, 5, 6);
    engine.replace(a, { name: "a", shape: column.shape, column: other });
    set(engine, a, 1, 9);
    expect([other.get(1), engine.readCell(a, 1)]).toEqual([5, 9]);
  });

  it("[CO1] leave what effects keep, and what signals gave, as it was", () => {
    const { engine, a, b } = doubled();
    const seen: Column[] = [];
    const stop = effect(() => {
      seen.push(engine.signalOf(b).value);
    });
    set(engine, a, 0, 5);
    set(engine, a, 0, 6);
    stop();
    set(engine, a, 0, 7);
    expect(seen.map((column) => column.get(0))).toEqual([2, 10, 12]);
  });

  it("[CO1] leave what an executor was given alone, early and late", async () => {
    const given: Column[] = [];
    const answers: (() => void)[] = [];
    const engine = createEngine({
      isChecked: true,
      executor: {
        submit: (task) =>
          new Promise((answer) => {
            given.push(task.inputs[0] as Column);
            answers.push(() => {
              void task.kernel.compute(task.inputs, task.out, task.box);
              given.push(task.out);
              answer({ kind: "done", out: task.out, costMs: 0 });
            });
          }),
        close: () => Promise.resolve(),
      },
    });
    const a = input(engine, "a", 1, 2, 3);
    const copied = formula(engine, "copied", { outer: 1, periods: 3 }, [now(a)], (read) => read(0) as number);
    const heavy = engine.addFormula({
      name: "heavy",
      shape: { outer: 1, periods: 3 },
      precedents: [now(copied)],
      kernel: { ...kernel({ outer: 1, periods: 3 }, double), weight: "heavy" },
    });
    set(engine, a, 0, 10);
    expect(given.map((column) => column.get(0))).toEqual([1, 10]);
    for (const answer of answers) answer();
    await engine.settled();
    expect(cells(engine, heavy)).toEqual([20, 4, 6]);
    const result = given.at(-1) as Column;
    set(engine, a, 0, 11);
    expect(result.get(0)).toBe(20);
  });

  it("[CO2] shrink to what changed, with marks that come and go", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2, 3, 4, 5, 6);
    const b = formula(engine, "b", shape, [now(a)], (read) => {
      const value = read(0) as number;
      return value > 8 ? "much" : value < 0 ? null : Math.min(value, 7);
    });
    const log = new Log(engine);
    engine.setCells(a, { outerFrom: 0, outerTo: 1, from: 1, to: 5 }, series(2, 9, -1, 5));
    expect(log.take().findLast((event) => event.kind === "changed")).toMatchObject({
      node: b,
      boxes: [{ from: 2, to: 4 }],
    });
    expect([engine.view(b).get(2), engine.view(b).get(3)]).toEqual(["much", null]);
    set(engine, a, 2, 10);
    expect(log.take().some((event) => event.kind === "cut-off")).toBe(true);
    engine.setCells(a, { outerFrom: 0, outerTo: 1, from: 2, to: 4 }, series(3, 4));
    expect([engine.view(b).marks, cells(engine, b)]).toEqual([null, [1, 2, 3, 4, 5, 6]]);
  });

  it("[CO2] hold for recurrences and for nodes that read each other", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 1, 1, 1, 1, 1);
    const plus = (read: (index: number, offset?: number) => unknown): number =>
      ((read(0, -1) as number | undefined) ?? 0) + (read(1) as number);
    const [sum, x, y] = mutual(engine, shape, ["sum", "x", "y"], ([sum, x, y]) => [
      { precedents: [lag(sum as NodeId), now(a)], kernel: kernel(shape, plus) },
      { precedents: [lag(y as NodeId), now(a)], kernel: kernel(shape, plus) },
      { precedents: [now(x as NodeId)], kernel: kernel(shape, double) },
    ]) as [NodeId, NodeId, NodeId];
    const owned = [sum, x, y].map((node) => engine.view(node));
    set(engine, a, 3, 2);
    expect([sum, x, y].map((node) => engine.view(node))).toEqual(owned);
    expect([sum, x, y].every((node, i) => engine.view(node) === owned[i])).toBe(true);
    const held = [sum, x, y].map((node) => engine.read(node).get(5));
    const columns = [sum, x, y].map((node) => engine.read(node));
    set(engine, a, 3, 3);
    expect(columns.map((column) => column.get(5))).toEqual(held);
    expect([cells(engine, sum), cells(engine, x)]).toEqual([
      [1, 2, 3, 6, 7, 8],
      [1, 3, 7, 17, 35, 71],
    ]);
  });
});

describe("listeners", () => {
  it("[CO15] [CO1] keep what they asked for when a node started", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 1, 1, 1, 1, 1);
    const capped = formula(engine, "capped", shape, [now(a)], (read) => Math.min(3, read(0) as number));
    const [sum, x] = mutual(engine, shape, ["sum", "x", "y"], ([sum, x, y]) => [
      {
        precedents: [lag(sum as NodeId), now(capped)],
        kernel: kernel(shape, (read) => ((read(0, -1) as number | undefined) ?? 0) + (read(1) as number)),
      },
      {
        precedents: [lag(y as NodeId), now(capped)],
        kernel: kernel(shape, (read) => ((read(0, -1) as number | undefined) ?? 0) + (read(1) as number)),
      },
      { precedents: [now(x as NodeId)], kernel: kernel(shape, double) },
    ]) as [NodeId, NodeId, NodeId];
    const kept = new Map<NodeId, Column>();
    engine.subscribe((event) => {
      if (event.kind === "started") kept.set(event.node, engine.peek(event.node));
    });
    set(engine, a, 2, 2);
    expect([capped, sum, x].map((node) => kept.get(node)?.get(2))).toEqual([1, 3, 7]);
    expect([capped, sum, x].map((node) => engine.readCell(node, 2))).toEqual([2, 4, 8]);
    set(engine, a, 2, 5);
    const shown = engine.view(capped);
    set(engine, a, 2, 6);
    expect([kept.get(capped)?.get(2), engine.view(capped) === shown]).toEqual([3, true]);
  });
});

describe("reading", () => {
  it("[CO3] gives cells without handing the column out", () => {
    const { engine, a, b } = doubled();
    const own = engine.view(b);
    const out = new Float64Array(3);
    engine.readInto(b, { outerFrom: 0, outerTo: 1, from: 2, to: 5 }, out);
    expect([[...out], engine.readCell(b, 5), engine.readCell(b, 6), engine.readCell(b, -1)]).toEqual([
      [6, 8, 10],
      12,
      null,
      null,
    ]);
    set(engine, a, 0, 3);
    expect(engine.view(b)).toBe(own);
    set(engine, a, 1, "two");
    engine.readInto(a, { outerFrom: 0, outerTo: 1, from: 0, to: 3 }, out);
    expect([...out]).toEqual([3, Number.NaN, 3]);
    expect(() => engine.readInto(a, { outerFrom: 0, outerTo: 1, from: 0, to: 6 }, out)).toThrow(
      "engine/bad-box",
    );
  });

  it("[CO3] computes what is stale, in overlays as in the base", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2);
    const two = { outer: 1, periods: 2 };
    const b = engine.addFormula({
      name: "b",
      shape: two,
      precedents: [now(a)],
      kernel: kernel(two, double),
      isManual: true,
    });
    expect(engine.readCell(b, 1)).toBe(4);
    const overlay = engine.overlay("more");
    set(overlay, a, 1, 10);
    expect([overlay.statusOf(b), overlay.readCell(b, 1), engine.readCell(b, 1)]).toEqual(["stale", 20, 4]);
  });
});

describe("setting cells", () => {
  it("[CO4] counts each cell with its last write, and nothing that ends as it began", () => {
    const { engine, a, b } = doubled();
    const log = new Log(engine);
    const { revision } = engine;
    engine.transaction(() => {
      set(engine, a, 0, 7, 7);
      set(engine, a, 4, 9);
      set(engine, a, 0, 1, 8);
      set(engine, a, 4, 5);
    });
    expect(log.takeStarted()).toEqual([`${b} [1..2)`]);
    engine.transaction(() => {
      set(engine, a, 1, 3);
      set(engine, a, 1, 8);
    });
    expect([engine.revision, log.take()]).toEqual([revision + 1, []]);
  });

  it("[CO4] does the same for many cells at once", () => {
    const engine = createEngine({ isChecked: true });
    const long = { outer: 1, periods: 10_000 };
    const a = engine.addInput({ name: "a", shape: long, column: new Column(long) });
    const b = formula(engine, "b", long, [now(a)], double);
    const whole: Box = { outerFrom: 0, outerTo: 1, from: 0, to: 10_000 };
    const ones = new Column(long);
    ones.numbers.fill(1);
    const log = new Log(engine);
    engine.transaction(() => {
      engine.setCells(a, whole, ones);
      engine.setCells(a, { ...whole, to: 9999 }, new Column({ outer: 1, periods: 9999 }));
    });
    expect(log.takeStarted()).toEqual([`${b} [9999..10000)`]);
    engine.setCells(a, whole, ones);
    ones.numbers[5] = 7;
    expect([engine.readCell(a, 5), engine.readCell(b, 5)]).toEqual([1, 2]);
  });

  it("[CO4] [RC23] leaves a column alone when the transaction throws", () => {
    const { engine, a, b } = doubled();
    set(engine, a, 0, 2);
    const own = engine.view(a);
    expect(() =>
      engine.transaction(() => {
        set(engine, a, 0, 3);
        throw new Error("on purpose");
      }),
    ).toThrow("on purpose");
    expect([engine.view(a) === own, own.get(0), engine.readCell(b, 0)]).toEqual([true, 2, 4]);
  });
});

describe("overlays", () => {
  it("[CO5] share the parent's column until one of the two changes", () => {
    const { engine, a, b } = doubled();
    const overlay = engine.overlay("scenario");
    set(overlay, a, 0, 100);
    expect([overlay.readCell(b, 0), engine.readCell(b, 0)]).toEqual([200, 2]);
    const own = overlay.view(a);
    set(engine, a, 1, 50);
    expect([overlay.readCell(a, 1), overlay.readCell(b, 1), overlay.readCell(b, 0)]).toEqual([50, 100, 200]);
    expect([overlay.view(a) === own, own.get(1)]).toEqual([true, 50]);
    set(overlay, a, 1, 7);
    expect([engine.readCell(b, 1), overlay.readCell(b, 1)]).toEqual([100, 14]);
  });

  it("[CO5] work a relation out as a whole when the parent changed, and what lies over it again", () => {
    const { engine, a, b } = doubled();
    const overlay = engine.overlay("scenario");
    const boxes: Box[] = [];
    overlay.relate(a, { outerFrom: 0, outerTo: 1, from: 0, to: 4 }, (inherited, out, box) => {
      boxes.push(box);
      for (let t = box.from; t < box.to; t++) out.set(t, (inherited.get(5) as number) + t);
    });
    set(overlay, a, 1, 99);
    expect(cells(overlay, a)).toEqual([6, 99, 8, 9, 5, 6]);
    set(engine, a, 5, 10);
    expect(cells(overlay, a)).toEqual([10, 99, 12, 13, 5, 10]);
    expect(boxes.every((box) => box.from === 0 && box.to === 4)).toBe(true);
    expect(cells(overlay, b)).toEqual([20, 198, 24, 26, 10, 20]);
  });

  it("[CO5] keep one part for a cell that is overridden again and again", () => {
    const { engine, a, b } = doubled();
    const overlay = engine.overlay("scenario");
    for (let i = 0; i < 1000; i++) set(overlay, a, 2, i);
    expect([overlay.readCell(b, 2), overlay.readCell(b, 1)]).toEqual([1998, 4]);
    overlay.clearOverride(a);
    expect([overlay.readCell(b, 2), overlay.owns(b)]).toEqual([6, false]);
  });
});

it("[CO2] [ER5] a kernel that writes numbers alone leaves no mark of a former error", () => {
  const engine = createEngine({ isChecked: true });
  const a = input(engine, "a", 1, 2, 3);
  const shape = { outer: 1, periods: 3 };
  const b = engine.addFormula({
    name: "b",
    shape,
    precedents: [now(a)],
    kernel: {
      compute([read], out, box) {
        for (let t = box.from; t < box.to; t++) {
          const value = read?.numbers[t] as number;
          if (value === 0) throw new Error("zero");
          out.numbers[t] = 10 * value;
        }
      },
    },
  });
  expect(cells(engine, b)).toEqual([10, 20, 30]);
  // Two errors, so that the column keeps its table of marks when one of them goes.
  set(engine, a, 0, 0, 0);
  expect(cells(engine, b)).toMatchObject([{ code: "#VALUE!" }, { code: "#VALUE!" }, 30]);
  set(engine, a, 1, 5);
  expect(cells(engine, b)).toMatchObject([{ code: "#VALUE!" }, 50, 30]);
});
