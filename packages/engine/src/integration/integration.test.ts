import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { cells, input, Log, set } from "../fixtures/columns.ts";
import { addStocks, ahead, num, shapeOf, stepped, zeros } from "../fixtures/stocks.ts";

const methods = [
  ["euler", 1],
  ["euler", 3],
  ["rk4", 1],
  ["rk4", 4],
] as const;

describe("stocks", () => {
  it("[IN1] adds its flow up from its initial value, once a period by Euler", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 10, 99, 99, 99, 99);
    const rate = input(engine, "rate", 1, 2, 3, 4, 5);
    const { s } = addStocks(
      engine,
      shapeOf(5),
      { start, rate },
      {
        s: { flow: (read) => num(read(0)), initial: "start", reads: ["rate"] },
      },
    );
    expect(cells(engine, s)).toEqual([10, 11, 13, 16, 20]);
    set(engine, start, 0, 0);
    expect(cells(engine, s)).toEqual([0, 1, 3, 6, 10]);
    const log = new Log(engine);
    set(engine, rate, 2, 7);
    expect(cells(engine, s)).toEqual([0, 1, 3, 10, 14]);
    expect(log.takeStarted()).toEqual([`${s} [3..5)`]);
    set(engine, start, 1, 5);
    expect(log.takeStarted()).toEqual([]);
  });

  it("[IN3] [IN20] moves by a stock that reads ahead what moves both", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1, ...zeros(3));
    const ids = addStocks(
      engine,
      shapeOf(4),
      { start },
      {
        a: { flow: () => 2, reads: [], initial: "start", steps: 2 },
        b: { flow: (read) => num(read(0, 1)), reads: [ahead("a")], initial: "start", steps: 2 },
        c: { flow: (read) => num(read(0)) + num(read(1)), reads: ["a", "b"], initial: "start", steps: 2 },
        d: {
          flow: (read) => num(read(0, 1)) - num(read(1)),
          reads: [ahead("a"), "a"],
          initial: "start",
          steps: 2,
        },
      },
    );
    expect(cells(engine, ids.a)).toEqual([1, 3, 5, 7]);
    // In each of the two steps of a period b takes half of a[t + 1], and c half of a + b as they stand.
    expect(cells(engine, ids.b)).toEqual([1, 4, 9, 16]);
    expect(cells(engine, ids.c)).toEqual([1, 4.25, 13, 29.25]);
    // Half of a[t + 1] − a[t], and in the second step half of a[t + 1] − (a[t] + 1).
    expect(cells(engine, ids.d)).toEqual([1, 2.5, 4, 5.5]);
    set(engine, start, 0, 2);
    expect(cells(engine, ids.b)).toEqual([2, 6, 12, 20]);
    expect(cells(engine, ids.d)).toEqual([2, 3.5, 5, 6.5]);
  });

  it("[IN1] stays what it is where nothing flows, or there is one period", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 4);
    const { s } = addStocks(
      engine,
      shapeOf(1),
      { start },
      {
        s: { flow: () => 7, initial: "start", reads: [], method: "rk4", steps: 3 },
      },
    );
    expect(cells(engine, s)).toEqual([4]);
    set(engine, start, 0, 5);
    expect(cells(engine, s)).toEqual([5]);
  });

  it.each(methods)("[IN2] steps x' = r·x by %s in %i steps to the bits of a loop", (method, steps) => {
    const engine = createEngine({ isChecked: true });
    const rates = [0.3, 0.2, -0.5, 0.7, 0.1, 0.9];
    const start = input(engine, "start", 1.1, ...zeros(5));
    const rate = input(engine, "rate", ...rates);
    const { x } = addStocks(
      engine,
      shapeOf(6),
      { start, rate },
      {
        f: { is: (read) => num(read(0)) * num(read(1)), reads: ["x", "rate"] },
        x: { flow: (read) => num(read(0)), initial: "start", reads: ["f"], method, steps },
      },
    );
    const naive = (): number[] => {
      const values = [1.1];
      for (let t = 0; t < 5; t++) {
        let at = [values[t] as number];
        for (let j = 0; j < steps; j++)
          at = stepped(at, ([v]) => [num(v) * num(rates[t])], 1 / steps, method);
        values.push(at[0] as number);
      }
      return values;
    };
    expect(cells(engine, x)).toEqual(naive());
    set(engine, rate, 3, 0.77);
    rates[3] = 0.77;
    expect(cells(engine, x)).toEqual(naive());
  });

  it.each(methods)(
    "[IN2] [IN3] predators and prey, by %s in %i steps, to the bits of a loop",
    (method, steps) => {
      const engine = createEngine({ isChecked: true });
      const periods = 30;
      const hares = input(engine, "hares 0", 10, ...zeros(periods - 1));
      const foxes = input(engine, "foxes 0", 5, ...zeros(periods - 1));
      const ids = addStocks(
        engine,
        shapeOf(periods),
        { hares, foxes },
        {
          births: { is: (read) => 0.1 * num(read(0)), reads: ["prey"] },
          meetings: { is: (read) => 0.02 * num(read(0)) * num(read(1)), reads: ["prey", "predators"] },
          prey: {
            flow: (read) => num(read(0)) - num(read(1)),
            initial: "hares",
            reads: ["births", "meetings"],
            method,
            steps,
          },
          predators: {
            flow: (read) => 0.5 * num(read(0)) - 0.3 * num(read(1)),
            initial: "foxes",
            reads: ["meetings", "predators"],
            method,
            steps,
          },
        },
      );
      const prey = [10];
      const predators = [5];
      for (let t = 0; t < periods - 1; t++) {
        let at: readonly number[] = [num(prey[t]), num(predators[t])];
        for (let j = 0; j < steps; j++) {
          const flow = ([h = 0, f = 0]: readonly number[]): number[] => {
            const meetings = 0.02 * h * f;
            return [0.1 * h - meetings, 0.5 * meetings - 0.3 * f];
          };
          at = stepped(at, flow, 1 / steps, method);
        }
        prey.push(num(at[0]));
        predators.push(num(at[1]));
      }
      expect(cells(engine, ids.prey)).toEqual(prey);
      expect(cells(engine, ids.predators)).toEqual(predators);
      expect(cells(engine, ids.meetings)).toEqual(prey.map((h, t) => 0.02 * h * num(predators[t])));
    },
  );

  it("[IN3] the epidemic: nobody is lost, and everybody who falls ill was well before", () => {
    const engine = createEngine({ isChecked: true });
    const start = (name: string, value: number) => input(engine, name, value, ...zeros(119));
    const inputs = { s0: start("s0", 990), i0: start("i0", 10), r0: start("r0", 0) };
    const moving = { method: "rk4", steps: 4 } as const;
    const ids = addStocks(engine, shapeOf(120), inputs, {
      infections: { is: (read) => (0.4 * num(read(0)) * num(read(1))) / 1000, reads: ["well", "ill"] },
      recoveries: { is: (read) => num(read(0)) / 10, reads: ["ill"] },
      well: { flow: (read) => -num(read(0)), initial: "s0", reads: ["infections"], ...moving },
      ill: {
        flow: (read) => num(read(0)) - num(read(1)),
        initial: "i0",
        reads: ["infections", "recoveries"],
        ...moving,
      },
      healed: { flow: (read) => num(read(0)), initial: "r0", reads: ["recoveries"], ...moving },
    });
    const [well, ill, healed] = [ids.well, ids.ill, ids.healed].map((id) =>
      cells(engine, id).map((v) => num(v)),
    );
    for (let t = 0; t < 120; t++)
      expect(num(well?.[t]) + num(ill?.[t]) + num(healed?.[t])).toBeCloseTo(1000, 8);
    // The final size of an epidemic with R0 = 4: ln(s∞ / s₀) = −R0 (1 − s∞ / n).
    const left = num(well?.at(-1)) / 1000;
    expect(Math.log(left / 0.99)).toBeCloseTo(-4 * (1 - left), 3);
    expect(Math.max(...(ill ?? []))).toBeGreaterThan(350);
  });

  it("[IN3] a cascade without feedback moves together, and loses nothing on the way", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 90, ...zeros(7));
    const none = input(engine, "none", ...zeros(8));
    const moving = { method: "euler", steps: 4 } as const;
    const ids = addStocks(
      engine,
      shapeOf(8),
      { start, none },
      {
        out1: { is: (read) => num(read(0)) / 1.5, reads: ["s1"] },
        out2: { is: (read) => num(read(0)) / 2.5, reads: ["s2"] },
        s1: { flow: (read) => -num(read(0)), initial: "start", reads: ["out1"], ...moving },
        s2: {
          flow: (read) => num(read(0)) - num(read(1)),
          initial: "none",
          reads: ["out1", "out2"],
          ...moving,
        },
        s3: { flow: (read) => num(read(0)), initial: "none", reads: ["out2"], ...moving },
      },
    );
    for (let t = 0; t < 8; t++) {
      const sum = [ids.s1, ids.s2, ids.s3].reduce((total, id) => total + num(cells(engine, id)[t]), 0);
      expect(sum).toBeCloseTo(90, 10);
    }
    expect(engine.levelOf(ids.s1)).toBe(engine.levelOf(ids.s3));
  });

  it("[IN3] stocks with other steps stand still within a period", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1, 0, 0, 0);
    const ids = addStocks(
      engine,
      shapeOf(4),
      { start },
      {
        whole: { flow: (read) => num(read(0)), initial: "start", reads: ["whole"] },
        fine: { flow: (read) => num(read(0)), initial: "start", reads: ["whole"], steps: 2 },
        staged: { flow: (read) => num(read(0)), initial: "start", reads: ["fine"], method: "rk4" },
      },
    );
    expect(cells(engine, ids.whole)).toEqual([1, 2, 4, 8]);
    expect(cells(engine, ids.fine)).toEqual([1, 2, 4, 8]);
    expect(cells(engine, ids.staged)).toEqual([1, 2, 4, 8]);
  });

  it.each([
    ["euler", 1],
    ["rk4", 4],
  ] as const)("[IN4] by %s the error shrinks with the step to the power of %i", (method, order) => {
    const errors = [1, 2, 4, 8].map((steps) => {
      const engine = createEngine({ isChecked: true });
      const one = input(engine, "one", 1, 0, 0, 0, 0, 0, 0);
      const none = input(engine, "none", 0, 0, 0, 0, 0, 0, 0);
      const moving = { method, steps } as const;
      const ids = addStocks(
        engine,
        shapeOf(7),
        { one, none },
        {
          x: { flow: (read) => 0.3 * num(read(0)), initial: "one", reads: ["x"], ...moving },
          // A pendulum of small swings: position and speed.
          p: { flow: (read) => num(read(0)), initial: "one", reads: ["v"], ...moving },
          v: { flow: (read) => -0.25 * num(read(0)), initial: "none", reads: ["p"], ...moving },
        },
      );
      return [
        Math.abs(num(cells(engine, ids.x)[6]) - Math.exp(1.8)),
        Math.abs(num(cells(engine, ids.p)[6]) - Math.cos(3)),
      ];
    });
    for (const which of [0, 1]) {
      const [, , before, after] = errors.map((pair) => num(pair[which]));
      expect(Math.log2(num(before) / num(after))).toBeGreaterThan(order - 0.15);
      expect(Math.log2(num(before) / num(after))).toBeLessThan(order + 0.5);
    }
  });
});
