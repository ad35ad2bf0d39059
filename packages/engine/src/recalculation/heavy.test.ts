import { type Column, columnFrom, type Scalar, type Shape } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { cells, formula, input, kernel, Log, now, series, set } from "../fixtures/columns.ts";
import { manualExecutor } from "../fixtures/manual-executor.ts";
import { keyText, mapStore } from "../fixtures/map-store.ts";
import type { MemoStore } from "../ports.ts";
import { isStorable, memoKey } from "./memo-key.ts";

const shape = { outer: 1, periods: 3 };

function heavyKernel(version?: string) {
  const work = kernel(shape, (read) => (read(0) as number) * 10);
  return { ...work, weight: "heavy" as const, ...(version === undefined ? {} : { version }) };
}

describe("heavy kernels", () => {
  it("[EX1] run at once without an executor", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2, 3);
    const b = engine.addFormula({ name: "b", shape, precedents: [now(a)], kernel: heavyKernel() });
    expect(cells(engine, b)).toEqual([10, 20, 30]);
  });

  it("[EX1] [EX2] go to the executor while the rest goes on", async () => {
    const { executor, open, finish } = manualExecutor();
    const engine = createEngine({ executor, isChecked: true });
    const a = input(engine, "a", 1, 2, 3);
    const b = engine.addFormula({ name: "b", shape, precedents: [now(a)], kernel: heavyKernel() });
    const behind = formula(engine, "behind", shape, [now(b)], (read) => (read(0) as number) + 1);
    const aside = formula(engine, "aside", shape, [now(a)], (read) => (read(0) as number) + 1);
    expect(engine.statusOf(behind)).toBe("pending");
    expect(cells(engine, aside)).toEqual([2, 3, 4]);
    finish(0);
    await engine.settled();
    expect(cells(engine, behind)).toEqual([11, 21, 31]);
    set(engine, a, 1, 5);
    expect(open[1]?.task.box).toEqual({ outerFrom: 0, outerTo: 1, from: 1, to: 2 });
    expect([cells(engine, behind), cells(engine, aside)]).toEqual([
      [11, 21, 31],
      [2, 6, 4],
    ]);
    finish(1);
    await engine.settled();
    expect(cells(engine, behind)).toEqual([11, 51, 31]);
  });

  it.each(["failed", "lost", "timed-out", "cancelled"] as const)(
    "[EX3] that end %s give an error value",
    async (kind) => {
      const { executor, open, finish } = manualExecutor();
      const engine = createEngine({ executor, isChecked: true });
      const a = input(engine, "a", 1, 2, 3);
      const b = engine.addFormula({
        name: `heavy ${kind}`,
        shape,
        precedents: [now(a)],
        kernel: heavyKernel(),
      });
      open[0]?.answer({ kind, message: "out of luck" });
      await engine.settled();
      expect(engine.read(b).get(0)).toMatchObject({ code: "#VALUE!", detail: `${kind}: out of luck` });
      set(engine, a, 0, 2, 2, 2);
      finish(1);
      await engine.settled();
      expect(cells(engine, b)).toEqual([20, 20, 20]);
    },
  );

  it("[EX4] are cancelled and done again when what they read changes", async () => {
    const { executor, open, finish } = manualExecutor();
    const engine = createEngine({ executor, isChecked: true });
    const a = input(engine, "a", 1, 2, 3);
    const b = engine.addFormula({ name: "b", shape, precedents: [now(a)], kernel: heavyKernel() });
    const log = new Log(engine);
    set(engine, a, 2, 9);
    expect(open[0]?.signal.aborted).toBe(true);
    expect(log.take().filter((event) => event.kind === "dropped")).toHaveLength(1);
    expect(open[1]?.task.box).toEqual({ outerFrom: 0, outerTo: 1, from: 0, to: 3 });
    finish(1);
    finish(0);
    await engine.settled();
    expect(cells(engine, b)).toEqual([10, 20, 90]);
  });
});

describe("the memo store", () => {
  it("[EX6] answers what was computed before, also under another name", () => {
    const { store, kept } = mapStore();
    let runs = 0;
    const engine = createEngine({ memoStore: store, isChecked: true });
    const counting = { ...heavyKernel("v1") };
    const { compute } = counting;
    counting.compute = (inputs, out, box) => {
      runs++;
      return compute(inputs, out, box);
    };
    const a = input(engine, "a", 1, 2, 3);
    const b = engine.addFormula({ name: "b", shape, precedents: [now(a)], kernel: counting });
    set(engine, a, 0, 5);
    expect([runs, kept.size]).toEqual([2, 2]);
    const log = new Log(engine);
    set(engine, a, 0, 1);
    expect([cells(engine, b), runs]).toEqual([[10, 20, 30], 2]);
    expect(log.take()).toContainEqual({ kind: "reused", state: 0, node: b });
    const other = engine.addFormula({ name: "other", shape, precedents: [now(a)], kernel: counting });
    expect([cells(engine, other), runs]).toEqual([[10, 20, 30], 2]);
  });

  it("[EX6] [EX8] may answer later, and a failing one is a miss", async () => {
    const { store } = mapStore();
    const slow: MemoStore = {
      get: async (key) => store.get(key),
      put: () => Promise.reject(new Error("full")),
    };
    const failing: MemoStore = { get: () => Promise.reject(new Error("gone")), put: () => undefined };
    for (const memoStore of [slow, failing]) {
      const engine = createEngine({ memoStore, isChecked: true });
      const a = input(engine, "a", 1, 2, 3);
      const b = engine.addFormula({ name: "b", shape, precedents: [now(a)], kernel: heavyKernel("v1") });
      expect(engine.statusOf(b)).toBe("pending");
      await engine.settled();
      expect(cells(engine, b)).toEqual([10, 20, 30]);
    }
  });

  it("[EX8] is not given results with errors", () => {
    const { store, kept } = mapStore();
    const engine = createEngine({ memoStore: store, isChecked: true });
    const a = input(engine, "a", 1);
    engine.addFormula({
      name: "b",
      shape: { outer: 1, periods: 1 },
      precedents: [now(a)],
      kernel: {
        compute: (_, out) => out.set(0, { kind: "error", code: "#N/A" }),
        weight: "heavy",
        version: "v1",
      },
    });
    expect(kept.size).toBe(0);
    expect([
      isStorable(series(1, "x", true, null)),
      isStorable(series({ kind: "error", code: "#N/A" })),
    ]).toEqual([true, false]);
  });

  it("[EX7] keys by version and by every bit of the values", () => {
    const keyFrom = (version: string, of: Shape, ...inputs: readonly Column[]): string =>
      keyText(memoKey({ name: "x", version, shape: of, inputs, inputName: (i) => `input ${i}` }));
    const keyOf = (version: string, ...columns: readonly (readonly Scalar[])[]): string =>
      keyFrom(version, shape, ...columns.map((values) => series(...values)));
    const keys = [
      keyOf("v1", [0]),
      keyOf("v2", [0]),
      keyOf("v1", [-0]),
      keyOf("v1", [null]),
      keyOf("v1", [false]),
      keyOf("v1", [true]),
      keyOf("v1", ["0"]),
      keyOf("v1", [""]),
      keyOf("v1", ["\ud800"]),
      keyOf("v1", ["\ufffd"]),
      keyOf("v1", [0, 0]),
      keyOf("v1", [0], [0]),
      keyOf("v1", [{ kind: "error", code: "#N/A" }]),
      keyOf("v1", [{ kind: "error", code: "#N/A", origin: { attribute: "a", at: [] } }]),
      keyFrom("v1", { outer: 3, periods: 1 }, series(0)),
      keyFrom("v1", shape, columnFrom({ outer: 2, periods: 1 }, [0, 0])),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf("v1", [1, "x", { kind: "error", code: "#N/A", detail: "d" }])).toBe(
      keyOf("v1", [1, "x", { kind: "error", code: "#N/A" }]),
    );
    const renamed = memoKey({
      name: "y",
      version: "v1",
      shape,
      inputs: [series(0)],
      inputName: () => "other",
    });
    expect(renamed).toMatchObject({
      name: "y",
      parts: [{ name: "formula" }, { name: "shape" }, { name: "other" }],
    });
    expect(keyText(renamed)).toBe(keyOf("v1", [0]));
  });
});
