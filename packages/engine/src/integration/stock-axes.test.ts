import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { cells, every, input, Log, series, set } from "../fixtures/columns.ts";
import { addStocks, ahead, lagged, num, shapeOf } from "../fixtures/stocks.ts";
import type { NodeId } from "../formula-node.ts";

describe("axes and order", () => {
  it("[IN15] outer members are stepped by themselves: an edit of one leaves the others alone", () => {
    const engine = createEngine({ isChecked: true });
    const shape = { outer: 3, periods: 4 };
    const column = (...rows: readonly (readonly number[])[]) => {
      const filled = series(...rows.flat());
      return Object.assign(Object.create(Object.getPrototypeOf(filled)), filled, { shape });
    };
    const start = engine.addInput({
      name: "start",
      shape,
      column: column([1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0]),
    });
    const rate = engine.addInput({
      name: "rate",
      shape,
      column: column([1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]),
    });
    const ids = addStocks(
      engine,
      shape,
      { start, rate },
      {
        f: { is: (read) => num(read(0)) * num(read(1)), reads: ["s", "rate"] },
        s: { flow: (read) => num(read(0)), initial: "start", reads: ["f"], steps: 2 },
      },
    );
    expect(cells(engine, ids.s).slice(8)).toEqual([3, 6.75, 15.1875, 34.171875]);
    const log = new Log(engine);
    engine.setCells(rate, { outerFrom: 1, outerTo: 2, from: 1, to: 2 }, series(0));
    const boxes = log.take().flatMap((event) => (event.kind === "started" ? event.boxes : []));
    expect(boxes.every(({ outerFrom, outerTo }) => outerFrom === 1 && outerTo === 2)).toBe(true);
    expect(cells(engine, ids.s).slice(4, 8)).toEqual([2, 4.5, 4.5, 10.125]);
    expect(cells(engine, ids.s).slice(8)).toEqual([3, 6.75, 15.1875, 34.171875]);
  });

  it("[IN15] one initial value, and one delay, serve all outer members", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 5);
    const { s } = addStocks(
      engine,
      { outer: 2, periods: 3 },
      { start },
      {
        s: { flow: () => 1, reads: [], initial: "start" },
      },
    );
    expect(cells(engine, s)).toEqual([5, 6, 7, 5, 6, 7]);
    set(engine, start, 0, 1);
    expect(cells(engine, s)).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it("[IN16] lags inside read the beginnings of earlier periods", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1, 0, 0, 0);
    const ids = addStocks(
      engine,
      shapeOf(4),
      { start },
      {
        before: { is: (read) => num(read(0, -1)), reads: [lagged("s")] },
        s: {
          flow: (read) => num(read(0)) + num(read(1)),
          initial: "start",
          reads: ["before", "s"],
          steps: 2,
        },
      },
    );
    const path = [1];
    for (let t = 0; t < 3; t++) {
      let x = num(path[t]);
      for (let j = 0; j < 2; j++) x = x + 0.5 * (num(path[t - 1]) + x);
      path.push(x);
    }
    expect(cells(engine, ids.s)).toEqual(path);
    expect(cells(engine, ids.before)).toEqual([0, ...path.slice(0, 3)]);
  });

  it("[IN20] where leads and lags mix, a stock stands behind all that moves it within a period", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1, 0, 0, 0, 0);
    const moving = { initial: "start", method: "euler", steps: 2 } as const;
    // s' = u, u' = z, z[t] = a[t + 1]: within a period s needs u, and u's flow, which looks ahead.
    const ids = addStocks(
      engine,
      shapeOf(5),
      { start },
      {
        s: { flow: (read) => num(read(0)), reads: ["u"], ...moving },
        u: { flow: (read) => num(read(0)), reads: ["z"], ...moving },
        z: { is: (read) => num(read(0, 1)), reads: [ahead("a")] },
        a: { flow: (read) => num(read(0)), reads: ["a"], ...moving },
      },
    );
    const a = [1];
    const u = [1];
    const s = [1];
    for (let t = 0; t < 4; t++) {
      a.push(num(a[t]) * 1.5 * 1.5);
      const z = num(a[t + 1]);
      const half = num(u[t]) + 0.5 * z;
      u.push(half + 0.5 * z);
      s.push(num(s[t]) + 0.5 * num(u[t]) + 0.5 * half);
    }
    const check = (scale: number): void => {
      expect(cells(engine, ids.a)).toEqual(a.map((value) => value * scale));
      expect(cells(engine, ids.u)).toEqual(u.map((value) => value * scale));
      expect(cells(engine, ids.s)).toEqual(s.map((value) => value * scale));
    };
    check(1);
    set(engine, start, 0, 2);
    check(2);
  });

  it("[IN17] a stock in a loop over all periods at once is an error", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1, 0, 0);
    const ids = addStocks(
      engine,
      shapeOf(3),
      { start },
      {
        total: { is: () => 1, reads: [(id) => every(id("s"))] },
        s: { flow: (read) => num(read(0)), initial: "start", reads: ["total"] },
      },
    );
    expect(engine.undeclaredLoops().length).toBeGreaterThan(0);
    expect(
      cells(engine, ids.s)
        .slice(1)
        .every((value) => typeof value === "object"),
    ).toBe(true);
  });

  it("[IN18] refuses steps that are no whole number from 1 on, and nodes that are both", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1, 0, 0);
    const kernel = { compute: () => undefined };
    const node = { name: "s", shape: shapeOf(3), precedents: [], kernel };
    const stock = { initial: start, method: "euler", stepsPerPeriod: 1 } as const;
    expect(() => engine.addFormula({ ...node, stock: { ...stock, stepsPerPeriod: 0 } })).toThrow(
      "engine/wrong-kind",
    );
    expect(() => engine.addFormula({ ...node, stock: { ...stock, stepsPerPeriod: 1.5 } })).toThrow(
      "engine/wrong-kind",
    );
    const delay = { initial: start, time: start, stepsPerPeriod: 1 };
    expect(() => engine.addFormula({ ...node, stock, delay })).toThrow("engine/wrong-kind");
    expect(() => engine.addFormula({ ...node, stock: { ...stock, initial: 99 as NodeId } })).toThrow(
      "engine/unknown-node",
    );
  });
});
