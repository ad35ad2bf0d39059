import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { EngineError } from "../engine-error.ts";
import { cells, formula, input, Log, now, series, set } from "../fixtures/columns.ts";

describe("transactions", () => {
  it("[RC21] [RC22] are one recalculation, and read the previous revision inside", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const b = engine.input(2);
    const sum = engine.computed([a, b], (x, y) => x + y);
    const log = new Log(engine);
    const result = engine.transaction(() => {
      a.set(10);
      engine.transaction(() => b.set(20));
      return [a.value, sum.value];
    });
    expect(result).toEqual([1, 3]);
    expect(sum.value).toBe(30);
    expect(log.take().filter((event) => event.kind === "recalculation-started")).toHaveLength(1);
  });

  it("[RC23] roll back values and structure on a throw", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2, 3);
    const b = formula(engine, "b", { outer: 1, periods: 3 }, [now(a)], (read) => (read(0) as number) * 2);
    const { nodeCount, revision } = engine;
    const failure = new Error("on purpose");
    expect(() =>
      engine.transaction(() => {
        set(engine, a, 0, 9);
        engine.computed([engine.input(1)], (x) => x);
        engine.replace(b, { name: "b", shape: { outer: 1, periods: 3 }, column: series(0, 0, 0) });
        engine.remove(b);
        engine.declareLoop({
          name: "l",
          cuts: [{ node: b }],
          toleranceAbsolute: 1,
          toleranceRelative: 0,
          iterationsMax: 1,
        });
        throw failure;
      }),
    ).toThrow(failure);
    expect([engine.nodeCount, engine.revision]).toEqual([nodeCount, revision]);
    expect(cells(engine, b)).toEqual([2, 4, 6]);
  });

  it("[RC23] roll back a nested one alone when the outer goes on", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const b = engine.input(1);
    engine.transaction(() => {
      a.set(2);
      expect(() =>
        engine.transaction(() => {
          a.set(3);
          b.set(3);
          throw new Error("inner");
        }),
      ).toThrow("inner");
    });
    expect([a.value, b.value]).toEqual([2, 1]);
  });

  it("[RC24] count the net effect of several sets", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2, 3);
    const b = formula(engine, "b", { outer: 1, periods: 3 }, [now(a)], (read) => read(0) ?? 0);
    const log = new Log(engine);
    engine.transaction(() => {
      set(engine, a, 0, 5, 6, 7);
      set(engine, a, 0, 1, 2);
    });
    expect(log.takeStarted()).toEqual([`${b} [2..3)`]);
    expect(cells(engine, b)).toEqual([1, 2, 7]);
  });

  it("[RC21] replace an input and write it, in either order", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2);
    const b = formula(engine, "b", { outer: 1, periods: 2 }, [now(a)], (read) => read(0) ?? 0);
    const replacement = () => ({ name: "a", shape: { outer: 1, periods: 2 }, column: series(10, 20) });
    engine.transaction(() => {
      engine.replace(a, replacement());
      set(engine, a, 1, 21);
    });
    expect(cells(engine, b)).toEqual([10, 21]);
    engine.transaction(() => {
      set(engine, a, 1, 99);
      engine.replace(a, replacement());
    });
    expect(cells(engine, b)).toEqual([10, 20]);
  });

  it("[ER8] refuse to remove what is read, unless its readers go too", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1);
    const b = formula(engine, "b", { outer: 1, periods: 1 }, [now(a)], (read) => read(0) ?? 0);
    expect(() => engine.remove(a)).toThrow(EngineError);
    expect(cells(engine, b)).toEqual([1]);
    engine.transaction(() => {
      engine.remove(a);
      engine.remove(b);
    });
    expect(engine.nodeCount).toBe(0);
    expect(() => engine.read(a)).toThrow("engine/unknown-node");
    expect(input(engine, "again", 1)).toBeLessThanOrEqual(b);
  });

  it("[ER8] change a shape only with everything that reads it", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2);
    const b = formula(engine, "b", { outer: 1, periods: 2 }, [now(a)], (read) => read(0) ?? 0);
    const wide = { outer: 1, periods: 3 };
    const longer = { name: "a", shape: wide, column: series(1, 2, 3) };
    expect(() => engine.replace(a, longer)).toThrow("engine/wrong-shape");
    expect(cells(engine, b)).toEqual([1, 2]);
    const overlay = engine.overlay("scenario");
    set(overlay, a, 0, 7);
    engine.transaction(() => {
      overlay.clearOverride(a);
      engine.replace(a, longer);
      engine.replace(b, {
        name: "b",
        shape: wide,
        precedents: [now(a)],
        kernel: {
          compute: ([read], out, box) =>
            out.numbers.set(read?.numbers.subarray(box.from, box.to) ?? [], box.from),
        },
      });
      set(overlay, a, 2, 8);
    });
    expect(cells(engine, b)).toEqual([1, 2, 3]);
    expect(cells(overlay, b)).toEqual([1, 2, 8]);
  });
});

describe("refused edits", () => {
  it("[ER10] of a node that the same transaction has removed", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const column = input(engine, "column", 1);
    const overlay = engine.overlay("scenario");
    const cell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
    for (const edit of [
      () => a.set(9),
      () => set(engine, column, 0, 9),
      () => set(overlay, column, 0, 9),
      () => engine.replace(column, { name: "column", shape: { outer: 1, periods: 1 }, column: series(3) }),
      () => overlay.relate(column, cell, () => undefined),
    ]) {
      const attempt = (): void =>
        engine.transaction(() => {
          engine.remove(a.id);
          engine.remove(column);
          edit();
        });
      expect(attempt).toThrow("engine/unknown-node");
      expect([a.value, engine.read(column).get(0), engine.nodeCount]).toEqual([1, 1, 2]);
    }
  });

  it("[ER10] of a function that goes on after it has returned", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    expect(() =>
      engine.transaction(async () => {
        a.set(2);
      }),
    ).toThrow("engine/asynchronous-transaction");
    expect(a.value).toBe(1);
  });

  it("[RC22] a stale node may be read while others are being added", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const manual = engine.computed([a], (value) => value * 2, { isManual: true });
    const [seen, added] = engine.transaction(() => {
      const sum = engine.computed([a, manual], (left, right) => left + right);
      return [manual.value, sum] as const;
    });
    expect([seen, added.value]).toEqual([2, 3]);
  });
});
