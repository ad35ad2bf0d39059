import { type Column, columnFrom, errorValue } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { cells, input, Log, loopAt, mutual, series, set } from "../fixtures/columns.ts";
import {
  addStocks,
  nodeFrom,
  num,
  type StockDefinition,
  shapeOf,
  stepped,
  zeros,
} from "../fixtures/stocks.ts";
import type { Box, NodeId } from "../formula-node.ts";

/** Grows at its rate, in two steps a period with stages. */
const compounding: StockDefinition = {
  flow: (read) => num(read(0)) * num(read(1)),
  initial: "start",
  reads: ["s", "rate"],
  method: "rk4",
  steps: 2,
};

describe("what an edit does", () => {
  const capped = (engine: ReturnType<typeof createEngine>, periods: number) => {
    const start = input(engine, "start", 0, ...zeros(periods - 1));
    const rate = input(engine, "rate", ...Array.from({ length: periods }, () => 1));
    return addStocks(
      engine,
      shapeOf(periods),
      { start, rate },
      {
        // Never above 10: the flow of what is missing.
        gap: { is: (read) => Math.min(num(read(1)), 10 - num(read(0))), reads: ["s", "rate"] },
        s: { flow: (read) => num(read(0)), initial: "start", reads: ["gap"], steps: 2 },
      },
    );
  };

  it("[IN5] steps from the first dirty period on, and ends where the old path is met", () => {
    const engine = createEngine({ isChecked: true });
    const ids = capped(engine, 1000);
    const log = new Log(engine);
    set(engine, ids.rate, 500, 2);
    expect(log.takeStarted().toSorted()).toEqual([`${ids.gap} [500..501)`, `${ids.s} [501..502)`].toSorted());
    set(engine, ids.rate, 4, 2);
    const started = log.takeStarted();
    expect(started.map((text) => /\[(\d+)\.\.(\d+)\)/.exec(text)?.slice(1).map(Number))).toSatisfy(
      (spans: number[][]) => spans.every(([from, to]) => num(from) >= 4 && num(to) <= 60),
    );
  });

  it("[IN6] feels a change that is none at the beginning of the period, but within it", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 0, 0, 0);
    const cap = input(engine, "cap", 5, 5, 5);
    const ids = addStocks(
      engine,
      shapeOf(3),
      { start, cap },
      {
        f: { is: (read) => Math.max(1, num(read(0)) - num(read(1))), reads: ["s", "cap"] },
        s: { flow: (read) => num(read(0)), initial: "start", reads: ["f"], steps: 4 },
      },
    );
    expect(cells(engine, ids.f)).toEqual([1, 1, 1]);
    const log = new Log(engine);
    set(engine, cap, 0, -0.5);
    // f[0] stays 1; within period 0 it does not.
    expect(num(cells(engine, ids.f)[0])).toBe(1);
    expect(cells(engine, ids.s)[1]).toBeCloseTo(1.0625, 12);
    expect(log.takeStarted()).toContain(`${ids.s} [1..3)`);
  });

  it("[IN7] goes on from pinned stocks, and holds pinned formulas through the period", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1, 0, 0, 0);
    const ids = addStocks(
      engine,
      shapeOf(4),
      { start },
      {
        f: { is: (read) => num(read(0)), reads: ["s"] },
        s: { flow: (read) => num(read(0)), initial: "start", reads: ["f"], steps: 2 },
      },
    );
    const overlay = engine.overlay("pinned");
    overlay.pin(ids.s, { outerFrom: 0, outerTo: 1, from: 1, to: 2 }, series(4));
    expect(cells(overlay, ids.s)).toEqual([1, 4, 9, 20.25]);
    expect(cells(engine, ids.s)).toEqual([1, 2.25, 5.0625, 11.390625]);
    overlay.pin(ids.f, { outerFrom: 0, outerTo: 1, from: 2, to: 3 }, series(0));
    expect(cells(overlay, ids.s)).toEqual([1, 4, 9, 9]);
    set(engine, start, 0, 2);
    expect(cells(overlay, ids.s)).toEqual([2, 4, 9, 9]);
    overlay.unpin(ids.s);
    overlay.unpin(ids.f);
    expect(cells(overlay, ids.s)).toEqual(cells(engine, ids.s));
  });

  describe("pinned from one period to the next", () => {
    const at = (from: number, to: number, outer = 0): Box => ({
      outerFrom: outer,
      outerTo: outer + 1,
      from,
      to,
    });
    const reading = (engine: ReturnType<typeof createEngine>, method: "euler" | "rk4") => {
      const start = input(engine, "start", 0, 0, 0, 0);
      return addStocks(
        engine,
        { outer: 2, periods: 4 },
        { start },
        {
          a: { flow: () => 1, reads: [], initial: "start", method, steps: 2 },
          b: { flow: (read) => read(0) ?? null, initial: "start", reads: ["a"], method, steps: 2 },
        },
      );
    };

    it.each(["euler", "rk4"] as const)("[IN7] a member stands still, and others move, by %s", (method) => {
      const engine = createEngine({ isChecked: true });
      const { a, b } = reading(engine, method);
      const overlay = engine.overlay("pinned");
      overlay.pin(a, at(0, 3, 1), series(10, 10, 10));
      expect(cells(overlay, a)).toEqual([0, 1, 2, 3, 10, 10, 10, 11]);
      expect(cells(overlay, b).slice(0, 4)).toEqual(cells(engine, b).slice(0, 4));
      // From the last pinned cell it goes on.
      expect(cells(overlay, b).slice(4)).toEqual([0, 10, 20, method === "euler" ? 30.25 : 30.5]);
    });

    it("[IN7] feels a pin that changes no value before another one, in overlays above too", () => {
      const engine = createEngine({ isChecked: true });
      const { a, b } = reading(engine, "euler");
      const overlay = engine.overlay("pinned");
      const above = engine.overlay("above", overlay);
      const plain = cells(engine, b);
      overlay.pin(a, at(2, 3), series(2));
      above.pin(b, at(3, 4, 1), series(0));
      expect(cells(overlay, b)).toEqual(plain);
      overlay.pin(a, at(1, 2), series(1));
      expect(cells(overlay, a)).toEqual(cells(engine, a));
      expect(cells(overlay, b).slice(0, 4)).toEqual([0, 0.25, 1.25, 3.5]);
      expect(cells(above, b).slice(0, 4)).toEqual([0, 0.25, 1.25, 3.5]);
      overlay.unpin(a);
      expect(cells(overlay, b)).toEqual(plain);
      expect(cells(above, b).slice(0, 4)).toEqual(plain.slice(0, 4));
    });

    it("[IN7] holds what is no number as it is pinned, and goes on from an error with it", () => {
      const engine = createEngine({ isChecked: true });
      const { a, b } = reading(engine, "euler");
      const overlay = engine.overlay("pinned");
      const missing = errorValue("#N/A");
      overlay.pin(a, at(0, 2), columnFrom({ outer: 1, periods: 2 }, [null, null]));
      expect(cells(overlay, b).slice(0, 4)).toEqual([0, 0, 0.25, 1.5]);
      overlay.pin(a, at(0, 2), columnFrom({ outer: 1, periods: 2 }, [missing, missing]));
      const [first, second, third] = cells(overlay, a);
      expect([first, second]).toEqual([missing, missing]);
      expect(third).toMatchObject({ code: "#N/A", origin: { attribute: "a" } });
      expect(cells(overlay, b)[1]).toMatchObject({ code: "#N/A", origin: { attribute: "b" } });
      overlay.pin(a, at(1, 2), series(1));
      expect(cells(overlay, a).slice(1, 4)).toEqual([1, 2, 3]);
    });

    it("[IN7] a pinned delay stands still, and gives later what went in meanwhile", () => {
      const engine = createEngine({ isChecked: true });
      const rate = input(engine, "rate", 1, 2, 3, 4);
      const none = input(engine, "none", 0, 0, 0, 0);
      const time = input(engine, "time", 0.5, 0, 0, 0);
      const { d, s } = addStocks(
        engine,
        shapeOf(4),
        { rate, none, time },
        {
          d: { late: (read) => read(0) ?? null, reads: ["rate"], initial: "none", time: "time", steps: 2 },
          s: { flow: (read) => read(0) ?? null, reads: ["d"], initial: "none", steps: 2 },
        },
      );
      expect(cells(engine, s)).toEqual([0, 0.5, 2, 4.5]);
      const overlay = engine.overlay("pinned");
      overlay.pin(d, at(0, 2), series(10, 10));
      expect(cells(overlay, d)).toEqual([10, 10, 2, 3]);
      // Only the first step of the second period is at 10.
      expect(cells(overlay, s)).toEqual([0, 10, 16, 18.5]);
    });
  });

  it("[FP28] [FP95] loops between steps start cold, also where others start warm", () => {
    for (const method of ["euler", "rk4"] as const) {
      const [cold, warm] = (["cold", "warm"] as const).map((start) => {
        const engine = createEngine({ isChecked: true, loops: { start } });
        const idle = input(engine, "idle", ...zeros(8));
        const first = input(engine, "first", 2, ...zeros(7));
        const { x, level } = addStocks(
          engine,
          shapeOf(8),
          { first, idle },
          {
            x: {
              is: (read) => 0.4 * Math.cos(num(read(0))) + num(read(1)) / 10 + 0 * num(read(2)),
              reads: ["x", "level", "idle"],
            },
            level: { flow: (read) => num(read(0)), initial: "first", reads: ["x"], method, steps: 3 },
          },
        );
        engine.declareLoop(loopAt([x], { toleranceAbsolute: 1e-3, toleranceRelative: 0, method: "plain" }));
        const begun = cells(engine, level);
        // What changes no value is solved again, and stands at the beginning of a period.
        set(engine, idle, 0, ...zeros(8).map(() => 1));
        return [begun, cells(engine, level)];
      });
      expect(warm, method).toEqual(cold);
    }
  });

  it("[IN8] scenarios have stocks of their own, from what they override on", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1, 0, 0, 0);
    const rate = input(engine, "rate", 1, 1, 1, 1);
    const ids = addStocks(
      engine,
      shapeOf(4),
      { start, rate },
      {
        s: compounding,
      },
    );
    const overlay = engine.overlay("other");
    set(overlay, rate, 1, 0);
    const [base, other] = [cells(engine, ids.s), cells(overlay, ids.s)];
    expect(other.slice(0, 2)).toEqual(base.slice(0, 2));
    expect(other[2]).toBe(other[1]);
    set(engine, start, 0, 3);
    expect(num(cells(overlay, ids.s)[2])).toBe(num(cells(engine, ids.s)[1]));
  });

  it("[IN9] adds, replaces and removes stocks that move together", () => {
    const engine = createEngine({ isChecked: true });
    const shape = shapeOf(4);
    const start = input(engine, "start", 1, 0, 0, 0);
    const moving = { initial: "start", method: "euler", steps: 2 } as const;
    const grows: StockDefinition = { flow: (read) => num(read(0)), reads: ["a"], ...moving };
    const ids: Record<string, NodeId> = { start };
    const id = (name: string): NodeId => ids[name] as NodeId;
    const { a } = addStocks(engine, shape, { start }, { a: grows });
    ids["a"] = a;
    // One by one, outside of a transaction.
    ids["b"] = engine.addFormula(nodeFrom("b", shape, { ...grows, reads: ["a"] }, id));
    ids["c"] = engine.addFormula(nodeFrom("c", shape, { ...grows, reads: ["b"] }, id));
    const follow = (periods: number, of: (x: readonly number[]) => readonly number[]): number[][] => {
      const path = [[1, 1, 1]];
      for (let t = 1; t < periods; t++) {
        let x: readonly number[] = path.at(-1) as number[];
        for (let j = 0; j < 2; j++) x = stepped(x, of, 0.5, "euler");
        path.push([...x]);
      }
      return path;
    };
    const path = follow(4, ([x = 0, y = 0]) => [x, x, y]);
    expect(cells(engine, id("c"))).toEqual(path.map((x) => x[2]));
    engine.replace(id("b"), nodeFrom("b", shape, { is: (read) => num(read(0)), reads: ["a"] }, id));
    expect(cells(engine, id("b"))).toEqual(cells(engine, a));
    expect(cells(engine, id("c"))).toEqual(follow(4, ([x = 0]) => [x, x, x]).map((x) => x[2]));
    engine.remove(id("c"));
    expect(engine.dependentsOf(id("b"))).toEqual([]);
    engine.remove(id("b"));
    set(engine, start, 0, 2);
    expect(cells(engine, a)).toEqual([2, 4.5, 10.125, 22.78125]);
    engine.replace(a, { name: "a", shape, column: series(7, 7, 7, 7) });
    expect(cells(engine, a)).toEqual([7, 7, 7, 7]);
    expect(() => engine.remove(start)).not.toThrow();
  });

  it("[IN9] a node that a stock starts from cannot be removed", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1, 0);
    addStocks(engine, shapeOf(2), { start }, { s: { flow: () => 1, reads: [], initial: "start" } });
    expect(() => engine.remove(start)).toThrow("engine/still-read");
  });
});

describe("what is no plain number", () => {
  it("[IN10] passes errors of flows and initial values on, and recovers with them", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1, 0, 0, 0);
    const rate = input(engine, "rate", 1, 1, 1, 1);
    const ids = addStocks(
      engine,
      shapeOf(4),
      { start, rate },
      {
        f: {
          is: (read) => {
            const rate = read(0);
            return typeof rate === "number" ? rate : (rate ?? null);
          },
          reads: ["rate"],
        },
        s: { flow: (read) => read(0) ?? null, initial: "start", reads: ["f"], steps: 2 },
      },
    );
    set(engine, rate, 1, null, true, "text");
    expect(cells(engine, ids.s).slice(0, 4)).toEqual([1, 2, 2, 3]);
    set(engine, rate, 1, "text");
    const [, , wrong] = cells(engine, ids.s);
    expect(wrong).toMatchObject({ kind: "error", code: "#VALUE!", origin: { attribute: "s" } });
    expect(cells(engine, ids.s)[3]).toEqual(wrong);
    set(engine, rate, 1, 1);
    expect(cells(engine, ids.s)).toEqual([1, 2, 3, 4]);
  });

  it("[IN10] a stock that leaves the range of numbers is #NUM! from there on", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1e200, 0, 0, 0);
    const rate = input(engine, "rate", 1, 1, 1, 1);
    const ids = addStocks(
      engine,
      shapeOf(4),
      { start, rate },
      {
        s: compounding,
      },
    );
    const good = cells(engine, ids.s);
    set(engine, rate, 1, 1e60);
    const [first, second, third, fourth] = cells(engine, ids.s);
    expect([first, second]).toEqual(good.slice(0, 2));
    expect(third).toMatchObject({ code: "#NUM!", origin: { attribute: "s" } });
    expect(fourth).toEqual(third);
    set(engine, rate, 1, 1);
    expect(cells(engine, ids.s)).toEqual(good);
  });

  it("[IN21] waits for flows and members between that answer later, and takes their answers", async () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1, 0, 0, 0);
    const now = { kind: "window", from: 0, to: 0 } as const;
    const doubled = async ([read]: readonly Column[], out: Column, box: Box): Promise<void> => {
      const values = Array.from({ length: box.to - box.from }, (_, i) => num(read?.get(box.from + i)));
      await Promise.resolve();
      for (const [i, value] of values.entries()) out.set(box.from + i, 2 * value);
    };
    const shape = shapeOf(4);
    const [f, s] = mutual(engine, shape, ["f", "s"], ([f, s]) => [
      {
        precedents: [{ node: s as NodeId, time: now, outer: { kind: "same" } }],
        kernel: { compute: doubled },
      },
      {
        precedents: [{ node: f as NodeId, time: now, outer: { kind: "same" } }],
        kernel: { compute: doubled },
        stock: { initial: start, method: "euler", stepsPerPeriod: 2 },
      },
    ]) as [NodeId, NodeId];
    expect(engine.statusOf(s)).toBe("pending");
    await engine.settled();
    // x' = 4·x in steps of a half: times 3 each.
    expect(cells(engine, s)).toEqual([1, 9, 81, 729]);
    expect(cells(engine, f)).toEqual([2, 18, 162, 1458]);
    set(engine, start, 0, 2);
    set(engine, start, 0, 3);
    await engine.settled();
    expect(cells(engine, s)).toEqual([3, 27, 243, 2187]);
    // Pinned on end it stands still; from the last pinned cell it waits for its flows again.
    const overlay = engine.overlay("pinned");
    overlay.pin(s, { outerFrom: 0, outerTo: 1, from: 0, to: 3 }, series(1, 2, 5));
    await engine.settled();
    expect(cells(overlay, s)).toEqual([1, 2, 5, 45]);
    expect(cells(overlay, f)).toEqual([2, 4, 10, 90]);
    overlay.pin(s, { outerFrom: 0, outerTo: 1, from: 3, to: 4 }, series(1));
    overlay.unpin(s);
    await engine.settled();
    expect(cells(overlay, s)).toEqual([3, 27, 243, 2187]);
  });
});
