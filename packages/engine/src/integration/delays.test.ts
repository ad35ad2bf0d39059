import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { cells, input, Log, set } from "../fixtures/columns.ts";
import { addStocks, ahead, num, shapeOf, stepped, zeros } from "../fixtures/stocks.ts";

describe("delays", () => {
  const late = (
    engine: ReturnType<typeof createEngine>,
    steps: number,
    time: number,
    values: readonly number[],
  ) => {
    const x = input(engine, "x", ...values);
    const first = input(engine, "first", -1, ...values.slice(1).map(() => 0));
    const after = input(engine, "after", time, ...values.slice(1).map(() => 0));
    return addStocks(
      engine,
      shapeOf(values.length),
      { x, first, after },
      {
        d: { late: (read) => read(0) ?? null, reads: ["x"], initial: "first", time: "after", steps },
      },
    );
  };

  it("[IN11] gives what went in a whole number of periods before, and the first value until then", () => {
    const engine = createEngine({ isChecked: true });
    const ids = late(engine, 1, 2, [1, 2, 3, 4, 5, 6]);
    expect(cells(engine, ids.d)).toEqual([-1, -1, 1, 2, 3, 4]);
    const log = new Log(engine);
    set(engine, ids.x, 3, 40);
    expect(cells(engine, ids.d)).toEqual([-1, -1, 1, 2, 3, 40]);
    set(engine, ids.after, 0, 0);
    expect(cells(engine, ids.d)).toEqual([-1, 1, 2, 3, 40, 5]);
    set(engine, ids.after, 0, 2.4);
    expect(cells(engine, ids.d)).toEqual([-1, -1, 1, 2, 3, 40]);
    set(engine, ids.after, 0, -1);
    expect(cells(engine, ids.d)[1]).toMatchObject({ code: "#NUM!", origin: { attribute: "d" } });
    set(engine, ids.after, 0, 99);
    expect(cells(engine, ids.d)).toEqual([-1, -1, -1, -1, -1, -1]);
    expect(log.takeStarted().length).toBeGreaterThan(0);
  });

  it("[IN3] [IN12] takes in a stock of the period ahead, though both have the same steps", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1, ...zeros(3));
    const after = input(engine, "after", 0, ...zeros(3));
    const ids = addStocks(
      engine,
      shapeOf(4),
      { start, after },
      {
        s: { flow: () => 3, reads: [], initial: "start", method: "rk4", steps: 3 },
        d: {
          late: (read) => read(0, 1) ?? null,
          reads: [ahead("s")],
          initial: "start",
          time: "after",
          steps: 3,
        },
      },
    );
    expect(cells(engine, ids.s)).toEqual([1, 4, 7, 10]);
    // What goes in in the steps of period t is s[t + 1].
    expect(cells(engine, ids.d)).toEqual([1, 4, 7, 10]);
    set(engine, start, 0, 2);
    expect(cells(engine, ids.d)).toEqual([2, 5, 8, 11]);
  });

  it("[IN12] keeps what goes in for each step, where steps are finer than a period", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 0, ...zeros(5));
    const after = input(engine, "after", 0.5, ...zeros(5));
    const ids = addStocks(
      engine,
      shapeOf(6),
      { start, after },
      {
        s: { flow: () => 4, reads: [], initial: "start", steps: 4 },
        d: { late: (read) => read(0) ?? null, reads: ["s"], initial: "start", time: "after", steps: 4 },
        sum: { flow: (read) => num(read(0)), reads: ["d"], initial: "start", steps: 4 },
      },
    );
    expect(cells(engine, ids.s)).toEqual([0, 4, 8, 12, 16, 20]);
    expect(cells(engine, ids.d)).toEqual([0, 2, 6, 10, 14, 18]);
    // Sum over the steps of what came out at the beginning of each: 0, 0, 0, 1, 2, 3, …, a quarter each.
    expect(cells(engine, ids.sum)[1]).toBe(0.25);
    expect(cells(engine, ids.sum)[2]).toBe(0.25 + (2 + 3 + 4 + 5) / 4);
    set(engine, after, 0, 0.25);
    expect(cells(engine, ids.d)).toEqual([0, 3, 7, 11, 15, 19]);
  });

  it("[IN12] a pipeline with feedback through a fine delay: what went in comes out", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 100, ...zeros(19));
    const none = input(engine, "none", ...zeros(20));
    const after = input(engine, "after", 3, ...zeros(19));
    const moving = { method: "rk4", steps: 2 } as const;
    const ids = addStocks(
      engine,
      shapeOf(20),
      { start, none, after },
      {
        sent: { is: (read) => 0.2 * num(read(0)), reads: ["stock"] },
        arrived: {
          late: (read) => read(0) ?? null,
          reads: ["sent"],
          initial: "none",
          time: "after",
          steps: 2,
        },
        stock: {
          flow: (read) => num(read(0)) - num(read(1)),
          reads: ["arrived", "sent"],
          initial: "start",
          ...moving,
        },
      },
    );
    const values = cells(engine, ids.stock).map((value) => num(value));
    expect(Math.min(...values)).toBeLessThan(60);
    const before = cells(engine, ids.arrived);
    set(engine, start, 0, 50);
    expect(cells(engine, ids.arrived).map((value) => 2 * num(value))).toEqual(before);
  });
});

describe("cycles", () => {
  it("[IN13] initial values may depend on other stocks in the first period; there is no cycle later", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 8, 0, 0, 0);
    const ids = addStocks(
      engine,
      shapeOf(4),
      { start },
      {
        share: { is: (read) => num(read(0)) / 4, reads: ["a"] },
        a: { flow: (read) => -num(read(0)), initial: "start", reads: ["b"], steps: 2 },
        b: { flow: (read) => num(read(0)) / 8, initial: "share", reads: ["a"], steps: 2 },
      },
    );
    expect(engine.undeclaredLoops()).toEqual([]);
    expect(cells(engine, ids.b)[0]).toBe(2);
    set(engine, start, 0, 16);
    expect(cells(engine, ids.b)[0]).toBe(4);
    // A smoothing that starts from what is smoothed, and feeds back: a cycle in the first period only.
    const other = createEngine({ isChecked: true });
    const c = addStocks(
      other,
      shapeOf(4),
      {},
      {
        x: { is: (read) => 1 + num(read(0)) / 2, reads: ["s"] },
        s: { flow: (read) => (num(read(0)) - num(read(1))) / 2, initial: "x", reads: ["x", "s"] },
      },
    );
    expect(other.undeclaredLoops()).toHaveLength(1);
    expect(cells(other, c.s).every((value) => typeof value === "object")).toBe(true);
    other.declareLoop({
      name: "first",
      cuts: [{ node: c.s }],
      toleranceAbsolute: 1e-12,
      toleranceRelative: 1e-12,
      iterationsMax: 100,
    });
    expect(other.undeclaredLoops()).toEqual([]);
    expect(num(cells(other, c.s)[0])).toBeCloseTo(2, 9);
    expect(num(cells(other, c.x)[3])).toBeCloseTo(2, 9);
    expect(other.loopRecords().map(({ period, verdict }) => [period, verdict])).toEqual([[0, "converged"]]);
  });

  it("[IN14] loops between stocks are solved in each step", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1, ...zeros(5));
    // y = 1 + y/2·x has the solution 1 / (1 − x/2); x' = −x·y.
    const ids = addStocks(
      engine,
      shapeOf(6),
      { start },
      {
        z: { is: (read) => (num(read(0)) * num(read(1))) / 2, reads: ["y", "x"] },
        y: { is: (read) => 1 + num(read(0)), reads: ["z"] },
        x: {
          flow: (read) => -0.3 * num(read(0)) * num(read(1)),
          initial: "start",
          reads: ["x", "y"],
          method: "rk4",
          steps: 2,
        },
      },
    );
    engine.declareLoop({
      name: "y",
      cuts: [{ node: ids.y }],
      toleranceAbsolute: 1e-13,
      toleranceRelative: 1e-13,
      iterationsMax: 100,
    });
    let x = [1];
    const expected = [1];
    for (let t = 1; t < 6; t++) {
      for (let j = 0; j < 2; j++) x = stepped(x, ([v = 0]) => [-0.3 * v * (1 / (1 - v / 2))], 0.5, "rk4");
      expected.push(num(x[0]));
    }
    for (const [t, value] of cells(engine, ids.x).entries())
      expect(num(value)).toBeCloseTo(num(expected[t]), 10);
    expect(engine.loopRecords().every(({ verdict }) => verdict === "converged")).toBe(true);
    expect(engine.loopRecords().map(({ period }) => period)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
