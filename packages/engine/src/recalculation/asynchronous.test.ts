import { effect } from "@preact/signals-core";
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { cells, input, Log, now, set } from "../fixtures/columns.ts";

/** Promises that the test answers when it likes, in the order they were asked for. */
function answers<T>() {
  const open: { value: unknown; resolve: (result: T) => void; reject: (reason: unknown) => void }[] = [];
  const ask = (value: unknown): Promise<T> =>
    new Promise((resolve, reject) => open.push({ value, resolve, reject }));
  return { open, ask };
}

const turn = (): Promise<void> => Promise.resolve().then(() => undefined);

describe("asynchronous functions", () => {
  it("[RC19] [RC28] [RC30] show as pending, keep the last good value, and publish when they arrive", async () => {
    const engine = createEngine({ isChecked: true });
    const { open, ask } = answers<number>();
    const a = engine.input(1);
    const slow = engine.computed([a], ask);
    const behind = engine.computed([slow], (value) => value * 10);
    const aside = engine.computed([a], (value) => value + 1);
    expect(slow.value).toMatchObject({ code: "#BUSY!" });
    expect(behind.value).toMatchObject({ code: "#BUSY!" });
    expect([slow.status.value, behind.status.value, aside.value]).toEqual(["pending", "pending", 2]);
    const seen: unknown[] = [];
    effect(() => {
      seen.push([slow.signal.value, behind.signal.value, behind.status.value]);
    });
    const settled = engine.settled();
    open[0]?.resolve(7);
    await settled;
    expect([slow.value, behind.value, behind.status.value]).toEqual([7, 70, "fresh"]);
    a.set(2);
    expect([slow.value, behind.value, behind.status.value]).toEqual([7, 70, "pending"]);
    open[1]?.resolve(8);
    await engine.settled();
    expect(behind.value).toBe(80);
    expect(seen.at(-1)).toEqual([8, 80, "fresh"]);
    expect(seen.slice(1).every((entry) => (entry as number[])[1] === (entry as number[])[0]! * 10)).toBe(
      true,
    );
  });

  it("[RC29] drop a late result, and accept one whose values did not change", async () => {
    const engine = createEngine({ isChecked: true });
    const { open, ask } = answers<number>();
    const a = engine.input(1);
    const sign = engine.computed([a], (value) => Math.sign(value));
    const slow = engine.computed([sign], ask);
    const log = new Log(engine);
    a.set(5);
    expect(open).toHaveLength(1);
    a.set(-5);
    expect(open.map(({ value }) => value)).toEqual([1, -1]);
    expect(log.take().some((event) => event.kind === "dropped")).toBe(true);
    open[0]?.resolve(100);
    await turn();
    expect(slow.value).toMatchObject({ code: "#BUSY!" });
    open[1]?.resolve(200);
    await engine.settled();
    expect(slow.value).toBe(200);
  });

  it("[ER1] turn a rejection into #VALUE! with its message", async () => {
    const engine = createEngine({ isChecked: true });
    const { open, ask } = answers<number>();
    const a = engine.input(1);
    const slow = engine.computed([a], ask, { name: "slow" });
    open[0]?.reject(new Error("no answer"));
    await engine.settled();
    expect(slow.value).toMatchObject({
      code: "#VALUE!",
      detail: "no answer",
      origin: { attribute: "slow", at: [] },
    });
    a.set(2);
    open[1]?.resolve(3);
    await engine.settled();
    expect(slow.value).toBe(3);
  });

  it("[RC20] wait for all that is awaited before, then run once", async () => {
    const engine = createEngine({ isChecked: true });
    const { open, ask } = answers<number>();
    const a = engine.input(1);
    const left = engine.computed([a], ask);
    const right = engine.computed([a], ask);
    let runs = 0;
    const both = engine.computed([left, right, a], (x, y, z) => {
      runs++;
      return x + y + z;
    });
    open[0]?.resolve(10);
    await turn();
    expect([runs, both.status.value]).toEqual([0, "pending"]);
    open[1]?.resolve(100);
    await engine.settled();
    expect([runs, both.value]).toEqual([1, 111]);
  });

  it("[RC28] work in columns and in overlays", async () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2);
    const { open, ask } = answers<void>();
    const slow = engine.addFormula({
      name: "slow",
      shape: { outer: 1, periods: 2 },
      precedents: [now(a)],
      kernel: {
        async compute([read], out, box) {
          await ask(box);
          for (let t = box.from; t < box.to; t++) out.set(t, (read?.get(t) as number) * 10);
        },
      },
    });
    open[0]?.resolve();
    await engine.settled();
    expect(cells(engine, slow)).toEqual([10, 20]);
    const overlay = engine.overlay("scenario");
    set(overlay, a, 1, 5);
    expect([overlay.statusOf(slow), engine.statusOf(slow)]).toEqual(["pending", "fresh"]);
    expect(open[1]?.value).toEqual({ outerFrom: 0, outerTo: 1, from: 1, to: 2 });
    set(engine, a, 0, 3);
    for (const one of open) one.resolve();
    await engine.settled();
    expect([cells(engine, slow), cells(overlay, slow)]).toEqual([
      [30, 20],
      [30, 50],
    ]);
    overlay.close();
  });

  it("[RC30] settle when the engine is disposed", async () => {
    const engine = createEngine();
    const { ask } = answers<number>();
    engine.computed([engine.input(1)], ask);
    const settled = engine.settled();
    engine.dispose();
    await settled;
    expect(() => engine.input(1)).toThrow("engine/closed");
  });
});
