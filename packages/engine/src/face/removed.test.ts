import { effect } from "@preact/signals-core";
import { describe, expect, it } from "vitest";
import type { Input } from "../api.ts";
import { createEngine } from "../engine.ts";
import { input, now, series } from "../fixtures/columns.ts";

const removed = { kind: "error", code: "#REF!" };

describe("what is left of a removed node", () => {
  it("[RC32] handles and signals show #REF!, also when another node takes the row", () => {
    const engine = createEngine({ isChecked: true });
    const gone = engine.input(1);
    const { signal, status } = gone;
    const seen: unknown[] = [];
    effect(() => {
      seen.push(signal.value);
    });
    engine.remove(gone.id);
    const next = engine.input(42);
    expect(next.id).toBe(gone.id);
    next.set(43);
    expect(seen).toEqual([1, expect.objectContaining(removed)]);
    expect([gone.value, signal.value, gone.signal.value]).toEqual(
      Array(3).fill(expect.objectContaining(removed)),
    );
    expect([status.value, gone.status.value]).toEqual(["fresh", "fresh"]);
    expect([next.value, next.signal.value]).toEqual([43, 43]);
  });

  it("[RC32] edits and formulas refuse the handle, and leave the new node alone", () => {
    const engine = createEngine({ isChecked: true });
    const gone = engine.input(1);
    engine.remove(gone.id);
    const next = engine.input(42);
    expect(() => gone.set(5)).toThrow("engine/unknown-node");
    expect(() => engine.computed([gone], (value) => value)).toThrow("engine/unknown-node");
    expect(next.value).toBe(42);
  });

  it("[RC32] a signal first asked for after the removal is none of the new node", () => {
    const engine = createEngine({ isChecked: true });
    const gone = engine.input(1);
    engine.remove(gone.id);
    const { signal } = gone;
    const next = engine.input(42);
    next.set(43);
    expect([signal.value, next.signal.value]).toEqual([expect.objectContaining(removed), 43]);
  });

  it("[RC32] [RC23] the same holds for what a transaction that threw had added", () => {
    const engine = createEngine({ isChecked: true });
    let kept: Input<number> | undefined;
    const seen: unknown[] = [];
    expect(() =>
      engine.transaction(() => {
        kept = engine.input(1);
        const { signal } = kept;
        effect(() => {
          seen.push(signal.value);
        });
        throw new Error("changed my mind");
      }),
    ).toThrow("changed my mind");
    const next = engine.input(42);
    next.set(43);
    expect([kept?.value, seen.at(-1)]).toEqual(Array(2).fill(expect.objectContaining(removed)));
    expect(seen).toHaveLength(2);
    expect(() => kept?.set(2)).toThrow("engine/unknown-node");
  });

  it("[RC32] column signals keep their shape, in overlays too", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2, 3);
    const overlay = engine.overlay("scenario");
    overlay.setCells(a, { outerFrom: 0, outerTo: 1, from: 0, to: 1 }, series(9));
    const signals = [engine.signalOf(a), overlay.signalOf(a)];
    expect(signals.map((signal) => signal.value.get(0))).toEqual([1, 9]);
    engine.remove(a);
    input(engine, "b", 7, 7, 7);
    for (const signal of signals) expect(signal.value.get(2)).toMatchObject(removed);
  });

  it("[RC32] a signal that was watched leaves no demand behind", () => {
    const engine = createEngine({ isChecked: true });
    let runs = 0;
    const gone = engine.computed([], () => 1, { isManual: true });
    const { signal } = gone;
    const stop = effect(() => {
      signal.value;
    });
    engine.remove(gone.id);
    const a = engine.input(1);
    engine.remove(a.id);
    const source = input(engine, "source", 1);
    const manual = engine.addFormula({
      name: "manual",
      shape: { outer: 1, periods: 1 },
      precedents: [now(source)],
      kernel: { compute: ([read], out) => out.set(0, read?.get(0) ?? runs++) },
      isManual: true,
    });
    stop();
    expect(engine.statusOf(manual)).toBe("stale");
  });

  it("[ER6] attributes of another engine are refused", () => {
    const engine = createEngine({ isChecked: true });
    const other = createEngine({ isChecked: true });
    engine.input(0);
    const foreign = engine.input(5);
    other.input(100);
    other.input(200);
    expect(() => other.computed([foreign], (value) => value)).toThrow("engine/foreign-attribute");
    expect(other.nodeCount).toBe(2);
  });
});
