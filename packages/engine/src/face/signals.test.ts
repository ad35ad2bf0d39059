import { computed, effect } from "@preact/signals-core";
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { formula, input, Log, now, set } from "../fixtures/columns.ts";

describe("signals", () => {
  it("[RC25] show an edit to effects once, and never half of it", () => {
    const engine = createEngine({ isChecked: true });
    const price = engine.input(10);
    const units = engine.input(5);
    const revenue = engine.computed([price, units], (p, u) => p * u);
    const cost = engine.computed([units], (u) => u * 2);
    const margin = engine.computed([revenue, cost], (r, c) => r - c);
    const seen: unknown[][] = [];
    const dispose = effect(() => {
      seen.push([revenue.signal.value, cost.signal.value, margin.signal.value]);
    });
    units.set(6);
    engine.transaction(() => {
      price.set(20);
      units.set(1);
    });
    dispose();
    price.set(1);
    expect(seen).toEqual([
      [50, 10, 40],
      [60, 12, 48],
      [20, 2, 18],
    ]);
  });

  it("[RC25] compose with the host's own signals", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const b = engine.computed([a], (value) => value + 1);
    const host = computed(() => (b.signal.value as number) * 10);
    expect(host.value).toBe(20);
    a.set(5);
    expect(host.value).toBe(60);
    expect(b.signal).toBe(b.signal);
  });

  it("[RC4] do not fire again for NaN", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const root = engine.computed([a], (value) => Math.sqrt(-value));
    let runs = 0;
    effect(() => {
      root.signal.value;
      runs++;
    });
    a.set(2);
    a.set(3);
    expect(runs).toBe(1);
  });

  it("[RC26] let an effect edit, up to a limit", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(0);
    const copy = engine.input(0);
    effect(() => copy.set(a.signal.value as number));
    a.set(5);
    expect(copy.value).toBe(5);
    const endless = engine.input(0);
    const next = engine.computed([endless], (value) => value + 1);
    expect(() =>
      effect(() => {
        const value = next.signal.value as number;
        if (value > 1) endless.set(value);
      }),
    ).not.toThrow();
    expect(() => endless.set(1)).toThrow("engine/endless-effects");
    expect(next.value).toBe((endless.value as number) + 1);
  });

  it("[RC27] fire for a column only if it changed", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2, 3);
    const capped = formula(engine, "capped", { outer: 1, periods: 3 }, [now(a)], (read) =>
      Math.min(2, read(0) as number),
    );
    const seen: unknown[] = [];
    effect(() => {
      seen.push(engine.signalOf(capped).value.get(0));
    });
    set(engine, a, 2, 9);
    set(engine, a, 0, 2);
    expect(seen).toEqual([1, 2]);
  });

  it("[OV5] follow the base in an overlay that reads through", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1);
    const b = formula(engine, "b", { outer: 1, periods: 1 }, [now(a)], (read) => (read(0) as number) * 2);
    const overlay = engine.overlay("scenario");
    const seen: unknown[] = [];
    effect(() => {
      seen.push(overlay.signalOf(b).value.get(0));
    });
    set(engine, a, 0, 5);
    set(overlay, a, 0, 100);
    set(engine, a, 0, 6);
    overlay.clearOverride(a);
    expect(seen).toEqual([2, 10, 200, 12]);
  });
});

describe("demand", () => {
  function manualGraph() {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const ran: string[] = [];
    const costly = engine.computed(
      [a],
      (value) => {
        ran.push("costly");
        return Math.min(value, 10);
      },
      { isManual: true, name: "costly" },
    );
    const behind = engine.computed([costly], (value) => {
      ran.push("behind");
      return value * 2;
    });
    return { engine, a, costly, behind, takeRan: () => ran.splice(0) };
  }

  it("[RC16] [RC17] [RC19] leave a manual node stale until it is read", () => {
    const { a, costly, behind, takeRan } = manualGraph();
    expect([costly.status.value, behind.status.value]).toEqual(["stale", "stale"]);
    expect(takeRan()).toEqual([]);
    expect(behind.value).toBe(2);
    expect(takeRan()).toEqual(["costly", "behind"]);
    a.set(2);
    expect([takeRan(), costly.status.value, behind.status.value]).toEqual([[], "stale", "stale"]);
    expect(behind.signal.value).toBe(4);
    a.set(3);
    expect(behind.signal.value).toBe(6);
    expect(behind.signal.peek()).toBe(6);
    expect(behind.status.value).toBe("fresh");
  });

  it("[RC16] keep the last column for those who peek", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1);
    const b = engine.addFormula({
      name: "b",
      shape: { outer: 1, periods: 1 },
      precedents: [now(a)],
      kernel: { compute: ([read], out) => out.set(0, read?.get(0) ?? null) },
      isManual: true,
    });
    expect(engine.peek(b).get(0)).toMatchObject({ code: "#BUSY!" });
    engine.refresh();
    set(engine, a, 0, 2);
    expect([engine.peek(b).get(0), engine.statusOf(b)]).toEqual([1, "stale"]);
    engine.refresh([b]);
    expect([engine.peek(b).get(0), engine.statusOf(b)]).toEqual([2, "fresh"]);
  });

  it("[RC18] keep a watched node and what is before it up to date", () => {
    const { a, behind, costly, takeRan } = manualGraph();
    const seen: unknown[] = [];
    const dispose = effect(() => {
      seen.push(behind.signal.value);
    });
    takeRan();
    a.set(4);
    expect(takeRan()).toEqual(["costly", "behind"]);
    expect(seen).toEqual([2, 8]);
    dispose();
    a.set(5);
    expect(takeRan()).toEqual([]);
    expect(costly.status.value).toBe("stale");
  });

  it("[RC20] make what waits fresh without running it, if nothing changed", () => {
    const { engine, a, costly, behind, takeRan } = manualGraph();
    a.set(20);
    behind.value;
    takeRan();
    a.set(30);
    expect(behind.status.value).toBe("stale");
    const log = new Log(engine);
    expect(costly.value).toBe(10);
    expect(takeRan()).toEqual(["costly"]);
    expect(behind.status.value).toBe("fresh");
    expect(log.take()).toContainEqual({ kind: "reused", state: 0, node: behind.id });
  });

  it("[RC16] mark what stands behind a manual node, also of nodes added later", () => {
    const { engine, a, costly } = manualGraph();
    costly.value;
    a.set(7);
    const later = engine.computed([costly], (value) => value + 1);
    expect(later.status.value).toBe("stale");
    expect(later.value).toBe(8);
  });
});
