import type { Column } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import {
  cells,
  every,
  formula,
  formulaNode,
  input,
  kernel,
  Log,
  lag,
  mutual,
  now,
  series,
  set,
} from "../fixtures/columns.ts";
import type { NodeId } from "../formula-node.ts";

const shape = { outer: 1, periods: 12 };
const months = Array.from({ length: 12 }, (_, i) => i + 1);

const times =
  (factor: number) =>
  (read: (index: number) => unknown): number =>
    (read(0) as number) * factor;

describe("dirty cells", () => {
  it("[RC8] [RC9] [RC10] computes the cells that an edit reaches, and passes on those that changed", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", ...months);
    const doubled = formula(engine, "doubled", shape, [now(a)], times(2));
    const late = formula(engine, "late", shape, [lag(doubled, 2)], (read) => read(0, -2) ?? 0);
    const capped = formula(engine, "capped", shape, [now(doubled)], (read) =>
      Math.min(10, read(0) as number),
    );
    const total = formula(engine, "total", { outer: 1, periods: 1 }, [every(capped)], () => 0);
    const log = new Log(engine);
    set(engine, a, 3, 40, 50);
    expect(log.takeStarted().toSorted()).toEqual([
      `${doubled} [3..5)`,
      `${late} [5..7)`,
      `${capped} [3..5)`,
      `${total} [0..1)`,
    ]);
    set(engine, a, 8, 9.5);
    expect(log.takeStarted()).not.toContain(`${total} [0..1)`);
    expect(cells(engine, late)).toEqual([0, 0, 2, 4, 6, 80, 100, 12, 14, 16, 19, 20]);
  });

  it("[RC8] joins more than eight boxes instead of dropping any", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", ...Array.from({ length: 40 }, () => 0));
    const b = formula(engine, "b", { outer: 1, periods: 40 }, [now(a)], times(2));
    const log = new Log(engine);
    engine.transaction(() => {
      for (let period = 0; period < 40; period += 3) set(engine, a, period, 1);
    });
    expect(log.take().find((event) => event.kind === "started")?.boxes.length).toBeLessThanOrEqual(8);
    expect(cells(engine, b)).toEqual(Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? 2 : 0)));
  });

  it("[RC9] maps outer members by the edge's map", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.addInput({ name: "a", shape: { outer: 6, periods: 1 }, column: columnOf(6) });
    const pairs = engine.addFormula({
      name: "pairs",
      shape: { outer: 3, periods: 1 },
      precedents: [
        {
          node: a,
          time: { kind: "all" },
          outer: { kind: "map", dependents: (from, to) => [Math.floor(from / 2), Math.ceil(to / 2)] },
        },
      ],
      kernel: {
        compute([read], out, box) {
          for (let m = box.outerFrom; m < box.outerTo; m++) {
            out.set(m, ((read as Column).get(2 * m) as number) + ((read as Column).get(2 * m + 1) as number));
          }
        },
      },
    });
    const log = new Log(engine);
    engine.setCells(a, { outerFrom: 4, outerTo: 5, from: 0, to: 1 }, series(10));
    expect(log.take().find((event) => event.kind === "started")).toMatchObject({
      boxes: [{ outerFrom: 2, outerTo: 3, from: 0, to: 1 }],
    });
    expect(cells(engine, pairs)).toEqual([1, 5, 15]);
  });

  it("[RC11] keeps published columns as they were, and the same object for an equal result", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2, 3);
    const b = formula(engine, "b", { outer: 1, periods: 3 }, [now(a)], (read) =>
      Math.min(2, read(0) as number),
    );
    const before = engine.read(b);
    set(engine, a, 2, 7);
    expect(engine.read(b)).toBe(before);
    set(engine, a, 0, 2);
    expect([before.get(0), engine.read(b).get(0)]).toEqual([1, 2]);
  });
});

function columnOf(length: number): Column {
  const column = series(...Array.from({ length }, (_, i) => i));
  return Object.assign(Object.create(Object.getPrototypeOf(column)), column, {
    shape: { outer: length, periods: 1 },
  });
}

describe("recurrences", () => {
  /** balance[t] = min(cap, balance[t-1] + a[t]) */
  function balance(periods: number, cap: number) {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", ...Array.from({ length: periods }, () => 1));
    const [node] = mutual(engine, { outer: 1, periods }, ["balance"], ([self]) => [
      {
        precedents: [lag(self as NodeId), now(a)],
        kernel: kernel({ outer: 1, periods }, (read) =>
          Math.min(cap, ((read(0, -1) as number | undefined) ?? 0) + (read(1) as number)),
        ),
      },
    ]);
    return { engine, a, node: node as NodeId };
  }

  it("[RC12] [RC13] steps through time and recomputes nothing before the edit", () => {
    const { engine, a, node } = balance(1000, Number.POSITIVE_INFINITY);
    expect(engine.read(node).get(999)).toBe(1000);
    const log = new Log(engine);
    set(engine, a, 900, 11);
    expect(log.takeStarted()).toEqual([`${node} [900..1000)`]);
    expect([engine.read(node).get(899), engine.read(node).get(999)]).toEqual([900, 1010]);
  });

  it("[RC14] stops early when it meets its old path", () => {
    const { engine, a, node } = balance(1000, 50);
    const log = new Log(engine);
    set(engine, a, 200, 11);
    expect(log.takeStarted()).toEqual([`${node} [200..208)`]);
    set(engine, a, 10, 2);
    const [started] = log.takeStarted();
    const end = Number(started?.match(/\[10\.\.(\d+)\)/)?.[1]);
    expect(end).toBeGreaterThan(48);
    expect(end).toBeLessThan(200);
    engine.transaction(() => {
      set(engine, a, 300, 5);
      set(engine, a, 800, 5);
    });
    expect(log.takeStarted()).toEqual([`${node} [300..308) [800..808)`]);
  });

  //  x[t] = y[t-1] + a[t]     y[t] = 2 x[t]
  it("[RC12] [RC14] steps nodes that read each other with lags, each period in zero-lag order", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 0, 0, 0, 0, 0);
    const small = { outer: 1, periods: 6 };
    const [x, y] = mutual(engine, small, ["x", "y"], ([first, second]) => [
      {
        precedents: [lag(second as NodeId), now(a)],
        kernel: kernel(small, (read) =>
          Math.min(8, ((read(0, -1) as number | undefined) ?? 0) + (read(1) as number)),
        ),
      },
      { precedents: [now(first as NodeId)], kernel: kernel(small, (read) => (read(0) as number) * 2) },
    ]) as [NodeId, NodeId];
    expect(cells(engine, x)).toEqual([1, 2, 4, 8, 8, 8]);
    expect(cells(engine, y)).toEqual([2, 4, 8, 16, 16, 16]);
    expect(engine.levelOf(x)).toBe(engine.levelOf(y));
    const log = new Log(engine);
    set(engine, a, 1, 2);
    expect(log.takeStarted().toSorted()).toEqual([`${x} [1..4)`, `${y} [1..3)`]);
    expect(cells(engine, x)).toEqual([1, 4, 8, 8, 8, 8]);
  });

  it("[RC12] steps backward where only later periods are read", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2, 3, 4);
    const small = { outer: 1, periods: 4 };
    const [rest] = mutual(engine, small, ["rest"], ([self]) => [
      {
        precedents: [lag(self as NodeId, -1), now(a)],
        kernel: kernel(small, (read) => ((read(0, 1) as number | undefined) ?? 0) + (read(1) as number)),
      },
    ]) as [NodeId];
    expect(cells(engine, rest)).toEqual([10, 9, 7, 4]);
    const log = new Log(engine);
    set(engine, a, 1, 5);
    expect(log.takeStarted()).toEqual([`${rest} [0..2)`]);
  });

  //  growth[t] = sales[t] / sales[0]     sales[t] = 10 + growth[t-1]
  it("[RC15] orders single periods where edges have no common direction", () => {
    const engine = createEngine({ isChecked: true });
    const small = { outer: 1, periods: 4 };
    const start = input(engine, "start", 10);
    const [sales, growth] = mutual(engine, small, ["sales", "growth"], ([first, second]) => [
      {
        precedents: [lag(second as NodeId), every(start)],
        kernel: kernel(small, (read) => (read(1) as number) + ((read(0, -1) as number | undefined) ?? 0)),
      },
      {
        precedents: [
          now(first as NodeId),
          { node: first as NodeId, time: { kind: "range", from: 0, to: 1 }, outer: { kind: "all" } },
        ],
        kernel: {
          compute([now, fixed], out, box) {
            for (let t = box.from; t < box.to; t++) {
              out.set(t, ((now as Column).get(t) as number) / ((fixed as Column).get(0) as number));
            }
          },
        },
      },
    ]) as [NodeId, NodeId];
    expect(engine.undeclaredLoops()).toEqual([]);
    expect(cells(engine, sales)).toEqual([10, 11, 11.1, 11.11]);
    set(engine, start, 0, 20);
    expect(cells(engine, growth)).toEqual([1, 1.05, 1.0525, 1.052625]);
  });

  it("[RC2] replaces a formula in place, and only what follows from it runs", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2, 3);
    const small = { outer: 1, periods: 3 };
    const b = formula(engine, "b", small, [now(a)], times(2));
    const c = formula(engine, "c", small, [now(b)], times(1));
    const other = formula(engine, "other", small, [now(a)], times(5));
    const log = new Log(engine);
    engine.replace(b, formulaNode("b", small, [now(a)], times(3)));
    expect(log.takeStarted()).toEqual([`${b} [0..3)`, `${c} [0..3)`]);
    expect([cells(engine, c), cells(engine, other)]).toEqual([
      [3, 6, 9],
      [5, 10, 15],
    ]);
    engine.replace(b, { name: "b", shape: small, column: series(7, 7, 7) });
    expect(cells(engine, c)).toEqual([7, 7, 7]);
    set(engine, b, 1, 8);
    expect(cells(engine, c)).toEqual([7, 8, 7]);
  });
});
