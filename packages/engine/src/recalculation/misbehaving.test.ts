import { batch, computed, effect } from "@preact/signals-core";
import { errorValue } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { formula, input, now, set } from "../fixtures/columns.ts";
import type { Precedent } from "../formula-node.ts";

const one = { outer: 1, periods: 1 };

/** A promise of another library: answers its callers in the middle of `then`. */
function answeredAtOnce(value: number): Promise<number> {
  return {
    // biome-ignore lint/suspicious/noThenProperty: this is what is tested
    then(callback: (value: number) => void) {
      callback(value);
    },
  } as unknown as Promise<number>;
}

describe("callbacks that throw", () => {
  it("[ER9] an own equality: the values differ, and the caller of the edit hears of it", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const b = engine.computed([a], (value) => value, {
      isEqual: () => {
        throw new Error("no equality");
      },
    });
    const c = engine.computed([b], (value) => value + 1);
    expect(() => a.set(2)).toThrow("no equality");
    expect([b.value, c.value]).toEqual([2, 3]);
  });

  it("[ER9] a map of members: everything is reached", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1);
    const dependents = (): [number, number] => {
      throw new Error("no map");
    };
    const precedent: Precedent = { node: a, time: { kind: "all" }, outer: { kind: "map", dependents } };
    const b = formula(engine, "b", one, [precedent], (read) => read(0) as number);
    expect(() => set(engine, a, 0, 2)).toThrow("no map");
    expect(engine.read(b).get(0)).toBe(2);
  });

  it("[ER9] labels: the origin has none", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1);
    const b = engine.addFormula({
      name: "b",
      shape: one,
      precedents: [now(a)],
      kernel: { compute: ([read], out) => out.set(0, read?.get(0) === 1 ? 1 : errorValue("#N/A")) },
      labelsAt: () => {
        throw new Error("no labels");
      },
    });
    expect(() => set(engine, a, 0, 2)).toThrow("no labels");
    expect(engine.read(b).get(0)).toMatchObject({ code: "#N/A", origin: { attribute: "b", at: [] } });
    set(engine, a, 0, 1);
    expect(engine.read(b).get(0)).toBe(1);
  });

  it("[ER9] a relation of an overlay: #VALUE! in its box", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2);
    const overlay = engine.overlay("scenario");
    overlay.relate(a, { outerFrom: 0, outerTo: 1, from: 1, to: 2 }, () => {
      throw new Error("no relation");
    });
    expect(overlay.read(a).get(0)).toBe(1);
    expect(overlay.read(a).get(1)).toMatchObject({ code: "#VALUE!", detail: "no relation" });
    overlay.clearOverride(a);
    expect(overlay.read(a).get(1)).toBe(2);
  });

  it("[ER9] an executor and a memo store: a failed task, and a miss", () => {
    const refuse = () => {
      throw new Error("out of order");
    };
    const heavy = {
      weight: "heavy",
      version: "1",
      compute: (_: unknown, out: { set: (i: number, v: number) => void }) => out.set(0, 7),
    } as const;
    const failing = createEngine({
      isChecked: true,
      executor: { submit: refuse, close: async () => undefined },
    });
    const failed = failing.addFormula({ name: "f", shape: one, precedents: [], kernel: heavy });
    expect(failing.read(failed).get(0)).toMatchObject({ code: "#VALUE!", detail: "failed: out of order" });
    const forgetful = createEngine({ isChecked: true, memoStore: { get: refuse, put: refuse } });
    const found = forgetful.addFormula({ name: "f", shape: one, precedents: [], kernel: heavy });
    expect(forgetful.read(found).get(0)).toBe(7);
  });

  it("[ER1] what has no text", () => {
    const engine = createEngine({ isChecked: true });
    const odd = engine.computed([], () => {
      throw Object.create(null);
    });
    expect(odd.value).toMatchObject({ code: "#VALUE!" });
  });
});

describe("promises of others", () => {
  it("[RC28] one that answers at once is taken in after the recalculation", async () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const b = engine.computed([a], (value) => answeredAtOnce(value * 2));
    const c = engine.computed([b], (value) => value + 1);
    a.set(4);
    expect(b.status.value).toBe("pending");
    await engine.settled();
    expect([b.value, c.value, c.status.value]).toEqual([8, 9, "fresh"]);
  });

  it("[ER1] one whose `then` throws is a rejected one", async () => {
    const engine = createEngine({ isChecked: true });
    const b = engine.computed([], () => ({
      // biome-ignore lint/suspicious/noThenProperty: this is what is tested
      then() {
        throw new Error("no then");
      },
    }));
    await engine.settled();
    expect(b.value).toMatchObject({ code: "#VALUE!", detail: "no then" });
  });
});

describe("effects", () => {
  it("[RC33] that edit do not depend on what they edit", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const log = engine.input(0);
    const seen: unknown[] = [];
    effect(() => {
      seen.push(log.signal.value);
    });
    let runs = 0;
    const stop = effect(() => {
      a.signal.value;
      log.set(++runs);
    });
    expect(runs).toBe(1);
    a.set(2);
    expect([runs, seen]).toEqual([2, [0, 1, 2]]);
    stop();
  });

  it("[RC33] that throw trouble neither who waits nor the next edit", async () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    effect(() => {
      if (a.signal.value === 2) throw new Error("in the effect");
    });
    engine.subscribe((event) => {
      if (event.kind === "changed" && a.value === 2) throw new Error("in the listener");
    });
    expect(() => a.set(2)).toThrow("in the effect");
    expect(() => a.set(3)).not.toThrow();
    await engine.settled();
  });

  it("[RC25] run once at the end of the host's own batch", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const b = engine.input(2);
    const sum = engine.computed([a, b], (left, right) => left + right);
    const host = computed(() => (sum.signal.value as number) * 10);
    const seen: unknown[] = [];
    effect(() => {
      seen.push(host.value);
    });
    batch(() => {
      a.set(10);
      b.set(20);
      expect([sum.value, sum.signal.value, host.value]).toEqual([30, 30, 300]);
    });
    expect(seen).toEqual([30, 300]);
  });

  it("[RC33] may dispose themselves and others while they run", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const seen: string[] = [];
    const stops: (() => void)[] = [];
    for (const name of ["first", "second"]) {
      stops.push(
        effect(() => {
          const value = a.signal.value;
          seen.push(`${name} ${value}`);
          if (value === 2) for (const stop of stops) stop();
        }),
      );
    }
    a.set(2);
    a.set(3);
    expect(seen.slice(0, 2)).toEqual(["first 1", "second 1"]);
    expect(seen).toHaveLength(3);
  });
});
