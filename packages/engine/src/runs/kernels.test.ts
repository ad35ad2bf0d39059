import { Column, columnFrom } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { cells, every, formula, input, kernel, Log, mutual, now, set } from "../fixtures/columns.ts";
import type { Box, FormulaNode, Kernel, NodeId } from "../formula-node.ts";
import { partCells } from "./in-place.ts";

const shape = { outer: 1, periods: 6 };
const double = (read: (index: number) => unknown): number => (read(0) as number) * 2;

describe("kernels", () => {
  /** Answers at once, and from the given call on with a promise, writing before and after it. */
  function sometimesLate() {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2, 3, 4);
    let isLate = false;
    const releases: (() => void)[] = [];
    const four = { outer: 1, periods: 4 };
    const work: Kernel = {
      compute([read], out, box) {
        const fill = (): void => {
          for (let t = box.from; t < box.to; t++) out.set(t, 10 * ((read as Column).get(t) as number));
        };
        if (!isLate) return fill();
        out.set(box.from, -1);
        return new Promise<void>((resolve) => {
          releases.push(() => {
            fill();
            resolve();
          });
        });
      },
    };
    const b = engine.addFormula({ name: "b", shape: four, precedents: [now(a)], kernel: work });
    const c = formula(engine, "c", four, [now(b)], double);
    return { engine, a, b, c, releases, late: () => (isLate = true) };
  }

  it("[CO6] that answer late write where nobody looks", async () => {
    const { engine, a, b, c, releases, late } = sometimesLate();
    late();
    engine.transaction(() => {
      set(engine, a, 0, 5);
      set(engine, a, 3, 7);
    });
    expect([cells(engine, b), engine.statusOf(b), engine.statusOf(c)]).toEqual([
      [10, 20, 30, 40],
      "pending",
      "pending",
    ]);
    set(engine, a, 1, 9);
    for (const release of releases.splice(0)) release();
    await engine.settled();
    expect([cells(engine, b), cells(engine, c)]).toEqual([
      [50, 90, 30, 70],
      [100, 180, 60, 140],
    ]);
    expect(engine.view(b).get(0)).toBe(50);
  });

  it("[CO6] of one cell may answer late, too", async () => {
    const engine = createEngine({ isChecked: true });
    const one = { outer: 1, periods: 1 };
    const a = input(engine, "a", 2);
    const b = engine.addFormula({
      name: "b",
      shape: one,
      precedents: [now(a)],
      kernel: {
        async compute([read], out) {
          await Promise.resolve();
          out.set(0, 10 * ((read as Column).get(0) as number));
        },
      },
    });
    const c = formula(engine, "c", one, [now(b)], double);
    set(engine, a, 0, 3);
    await engine.settled();
    expect([engine.readCell(b, 0), engine.readCell(c, 0)]).toEqual([30, 60]);
  });

  it("[CO7] take large boxes in parts, with the values and marks of one call", () => {
    const periods = 3 * partCells + 17;
    const long = { outer: 2, periods };
    const cell = (read: (index: number) => unknown, period: number): number | string => {
      const value = (read(0) as number) * (read(1) as number);
      return period % 5000 === 4999 ? "mark" : Math.min(value, 40);
    };
    const build = (isCellwise: boolean) => {
      const engine = createEngine({ isChecked: true });
      const a = engine.addInput({ name: "a", shape: long, column: new Column(long) });
      const factor = input(engine, "factor", 3);
      let calls = 0;
      const inner = kernel(long, cell);
      const compute: Kernel["compute"] = (inputs, out, box) => {
        calls++;
        return inner.compute(inputs, out, box);
      };
      const b = engine.addFormula({
        name: "b",
        shape: long,
        precedents: [now(a), every(factor)],
        kernel: { compute, isCellwise },
      });
      const log = new Log(engine);
      const values = new Column(long);
      for (let i = 0; i < values.length; i++) values.numbers[i] = i % 23;
      engine.setCells(a, { outerFrom: 0, outerTo: 2, from: 0, to: periods }, values);
      set(engine, factor, 0, 4);
      engine.setCells(
        a,
        { outerFrom: 1, outerTo: 2, from: 3, to: periods - 2 },
        columnFrom(
          { outer: 1, periods: periods - 5 },
          Array.from({ length: periods - 5 }, (_, i) => (i % 7000 === 1 ? 11 : (periods + 3 + i) % 23)),
        ),
      );
      const events = log.take().filter((event) => event.kind === "started");
      return { column: engine.read(b), events, calls };
    };
    const parts = build(true);
    const whole = build(false);
    expect(parts.calls).toBeGreaterThan(whole.calls + 3);
    expect(parts.events).toEqual(whole.events);
    expect(parts.column.numbers).toEqual(whole.column.numbers);
    expect(parts.column.marks).toEqual(whole.column.marks);
  });

  it("[CO7] read all of a long column in one call", () => {
    const engine = createEngine({ isChecked: true });
    const long = { outer: 1, periods: 2 * partCells };
    const a = engine.addInput({ name: "a", shape: long, column: new Column(long) });
    const boxes: Box[] = [];
    const share: FormulaNode = {
      name: "share",
      shape: long,
      precedents: [every(a)],
      kernel: {
        isCellwise: true,
        compute(_, out, box) {
          boxes.push({ ...box });
          for (let t = box.from; t < box.to; t++) out.set(t, t);
        },
      },
    };
    engine.addFormula(share);
    set(engine, a, 0, 1);
    expect(boxes.map(({ from, to }) => [from, to])).toEqual([
      [0, 2 * partCells],
      [0, 2 * partCells],
    ]);
  });
});

describe("reaches", () => {
  //  total[t] = a[t] + sum of total[0..t-1]
  it("[CO8] of the own past by a span step forward", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 0, 0, 0, 0, 0);
    const [total] = mutual(engine, shape, ["total"], ([self]) => [
      {
        precedents: [
          {
            node: self as NodeId,
            time: { kind: "span", from: { scale: 0, offset: 0 }, to: { scale: 1, offset: 0 } },
            outer: { kind: "same" },
          },
          now(a),
        ],
        kernel: {
          compute([own, read], out, box) {
            for (let t = box.from; t < box.to; t++) {
              let sum = (read as Column).get(t) as number;
              for (let p = 0; p < t; p++) sum += (own as Column).get(p) as number;
              out.set(t, sum);
            }
          },
        },
      },
    ]) as [NodeId];
    expect(engine.undeclaredLoops()).toEqual([]);
    expect(cells(engine, total)).toEqual([1, 1, 2, 4, 8, 16]);
    const log = new Log(engine);
    set(engine, a, 3, 1);
    expect(log.takeStarted()).toEqual([`${total} [3..6)`]);
    expect(cells(engine, total)).toEqual([1, 1, 2, 5, 9, 18]);
  });

  //  x[t] reads x[2t-3 .. t): itself never, though the bounds cross
  //  y[t] reads y[0 .. 2t-3): itself from t = 4 on
  it("[CO8] of a period to itself now and then is a cycle of these periods alone", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 1, 1, 1, 1, 1);
    const reading =
      (from: [number, number], to: [number, number]) =>
      ([self]: readonly NodeId[]) => [
        {
          precedents: [
            now(a),
            {
              node: self as NodeId,
              time: {
                kind: "span",
                from: { scale: from[0], offset: from[1] },
                to: { scale: to[0], offset: to[1] },
              },
              outer: { kind: "same" },
            } as const,
          ],
          kernel: kernel(shape, (read) => read(0) as number),
        },
      ];
    const [x] = mutual(engine, shape, ["x"], reading([2, -3], [1, 0])) as [NodeId];
    const [y] = mutual(engine, shape, ["y"], reading([0, 0], [2, -3])) as [NodeId];
    expect(cells(engine, x)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(cells(engine, y).map((value) => typeof value)).toEqual([
      "number",
      "number",
      "number",
      "number",
      "object",
      "object",
    ]);
  });

  it("[CO9] by index arrays compute the readers alone", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2, 3, 4, 5, 6);
    const first = Int32Array.of(0, 1, 3, 4);
    const positions = Int32Array.of(5, 0, 3, 3);
    const b = engine.addFormula({
      name: "b",
      shape: { outer: 1, periods: 3 },
      precedents: [{ node: a, time: { kind: "gather", first, positions }, outer: { kind: "same" } }],
      kernel: {
        compute([read], out, box) {
          for (let t = box.from; t < box.to; t++) {
            let sum = 0;
            for (let i = first[t] as number; i < (first[t + 1] as number); i++)
              sum += (read as Column).get(positions[i] as number) as number;
            out.set(t, sum);
          }
        },
      },
    });
    expect(cells(engine, b)).toEqual([6, 5, 4]);
    const log = new Log(engine);
    set(engine, a, 3, 40);
    set(engine, a, 4, 50);
    set(engine, a, 5, 60);
    expect(log.takeStarted()).toEqual([`${b} [1..3)`, `${b} [0..1)`]);
  });
});

describe("one cell", () => {
  it("[CO10] is a value for what reads it, and the same column while it stays equal", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 2);
    const one = { outer: 1, periods: 1 };
    const b = formula(engine, "b", one, [now(a)], (read) =>
      typeof read(0) === "number" ? Math.min(4, read(0) as number) : (read(0) ?? null),
    );
    const held = engine.read(b);
    expect([engine.read(b) === held, engine.peek(b) === held]).toEqual([true, true]);
    set(engine, a, 0, 5);
    set(engine, a, 0, 2);
    expect([engine.read(b) === held, held.get(0)]).toEqual([true, 2]);
    for (const value of ["text", true, null, -0]) {
      set(engine, a, 0, value);
      expect([engine.readCell(b, 0), engine.read(b).get(0), engine.view(b).get(0)]).toEqual([
        value,
        value,
        value,
      ]);
    }
    expect(held.get(0)).toBe(2);
  });
});
