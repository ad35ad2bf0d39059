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

const shape = { outer: 1, periods: 4 };

/** a → doubled → total, and b → other aside. */
function model() {
  const engine = createEngine({ isChecked: true });
  const a = input(engine, "a", 1, 2, 3, 4);
  const b = input(engine, "b", 1, 1, 1, 1);
  const doubled = formula(engine, "doubled", shape, [now(a)], (read) => (read(0) as number) * 2);
  const other = formula(engine, "other", shape, [now(b)], (read) => (read(0) as number) + 1);
  const both = formula(
    engine,
    "both",
    shape,
    [now(doubled), now(other)],
    (read) => (read(0) as number) + (read(1) as number),
  );
  return { engine, a, b, doubled, other, both };
}

describe("overlays", () => {
  it("[OV2] without overrides equal their parent and cost nothing", () => {
    const { engine, both, a } = model();
    const log = new Log(engine);
    const overlay = engine.overlay("empty");
    expect(log.take()).toEqual([]);
    expect(overlay.read(both)).toBe(engine.read(both));
    expect([overlay.owns(a), overlay.owns(both), overlay.statusOf(both)]).toEqual([false, false, "fresh"]);
    set(engine, a, 0, 5);
    expect(overlay.read(both)).toBe(engine.read(both));
    expect(log.take().every(({ state }) => state === 0)).toBe(true);
  });

  it("[OV3] [OV4] own what the overrides reach and compute only the cells that differ", () => {
    const { engine, a, b, doubled, other, both } = model();
    const log = new Log(engine);
    const overlay = engine.overlay("scenario");
    set(overlay, a, 2, 30);
    expect([a, b, doubled, other, both].map(overlay.owns)).toEqual([true, false, true, false, true]);
    expect(log.takeStarted()).toEqual([`${doubled} [2..3)`, `${both} [2..3)`]);
    expect([cells(overlay, both), cells(engine, both)]).toEqual([
      [4, 6, 62, 10],
      [4, 6, 8, 10],
    ]);
    expect(overlay.isOverridden(a)).toBe(true);
  });

  it("[OV5] [OV6] follow the base but for the overridden cells", () => {
    const { engine, a, b, both, doubled } = model();
    const overlay = engine.overlay("scenario");
    set(overlay, a, 2, 30);
    const log = new Log(engine);
    set(engine, b, 0, 11);
    expect(log.take().filter((event) => event.kind === "started" && event.state === overlay.id)).toHaveLength(
      1,
    );
    expect(cells(overlay, both)).toEqual([14, 6, 62, 10]);
    set(engine, a, 1, 20, 33);
    expect([cells(overlay, doubled), cells(engine, doubled)]).toEqual([
      [2, 40, 60, 8],
      [2, 40, 66, 8],
    ]);
    set(engine, a, 2, 50);
    expect(cells(overlay, doubled)).toEqual([2, 40, 60, 8]);
  });

  it("[OV7] nest: a child inherits overrides and pins", () => {
    const { engine, a, b, doubled, both } = model();
    const parent = engine.overlay("parent");
    const child = engine.overlay("child", parent);
    set(child, b, 3, 100);
    set(parent, a, 0, 10);
    expect(cells(child, both)).toEqual([22, 6, 8, 109]);
    expect(child.owns(a)).toBe(false);
    parent.pin(doubled, { outerFrom: 0, outerTo: 1, from: 3, to: 4 }, series(0));
    expect(cells(child, both)).toEqual([22, 6, 8, 101]);
    set(child, a, 0, 7);
    set(engine, a, 1, 9);
    expect(cells(child, both)).toEqual([16, 20, 8, 101]);
    parent.unpin(doubled);
    expect(cells(child, both)).toEqual([16, 20, 8, 109]);
  });

  it("[OV8] let later overrides win where they overlap", () => {
    const { engine, a, doubled } = model();
    const overlay = engine.overlay("scenario");
    set(overlay, a, 0, 5, 5, 5, 5);
    set(overlay, a, 1, 6, 6);
    expect(cells(overlay, doubled)).toEqual([10, 12, 12, 10]);
  });

  it("[OV9] pin cells of a formula; the rest goes on, a recurrence from the pinned value", () => {
    const { engine, a, doubled, both } = model();
    const [sum] = mutual(engine, shape, ["sum"], ([self]) => [
      {
        precedents: [lag(self as NodeId), now(doubled)],
        kernel: kernel(shape, (read) => ((read(0, -1) as number | undefined) ?? 0) + (read(1) as number)),
      },
    ]) as [NodeId];
    const levels = [doubled, both, sum].map(engine.levelOf);
    const overlay = engine.overlay("scenario");
    overlay.pin(sum, { outerFrom: 0, outerTo: 1, from: 1, to: 2 }, series(100));
    expect(cells(overlay, sum)).toEqual([2, 100, 106, 114]);
    set(engine, a, 0, 5);
    expect(cells(overlay, sum)).toEqual([10, 100, 106, 114]);
    overlay.pin(doubled, { outerFrom: 0, outerTo: 1, from: 0, to: 4 }, series(0, 0, 0, 0));
    const log = new Log(engine);
    set(engine, a, 2, 8);
    expect(log.take().some((event) => event.kind === "started" && event.state === overlay.id)).toBe(false);
    expect(cells(overlay, sum)).toEqual([0, 100, 100, 100]);
    expect([doubled, both, sum].map(engine.levelOf)).toEqual(levels);
    expect(overlay.isOverridden(doubled)).toBe(true);
  });

  it("[OV10] relate to the parent's value and follow it", () => {
    const { engine, a, doubled } = model();
    const parent = engine.overlay("parent");
    const child = engine.overlay("child", parent);
    child.relate(a, { outerFrom: 0, outerTo: 1, from: 1, to: 3 }, (inherited, out, box) => {
      for (let t = box.from; t < box.to; t++) out.set(t, (inherited.get(t) as number) * 10);
    });
    expect(cells(child, doubled)).toEqual([2, 40, 60, 8]);
    set(parent, a, 2, 5);
    set(engine, a, 1, 7);
    expect(cells(child, doubled)).toEqual([2, 140, 100, 8]);
  });

  it("[OV11] give up what nothing reaches when an override or pin goes", () => {
    const { engine, a, b, doubled, both } = model();
    const overlay = engine.overlay("scenario");
    set(overlay, a, 0, 9);
    set(overlay, b, 0, 9);
    overlay.clearOverride(a);
    expect([a, b, doubled, both].map(overlay.owns)).toEqual([false, true, false, true]);
    expect(cells(overlay, both)).toEqual([12, 6, 8, 10]);
    overlay.clearOverride(b);
    overlay.pin(both, { outerFrom: 0, outerTo: 1, from: 0, to: 1 }, series(1));
    overlay.unpin(both);
    expect(overlay.owns(both)).toBe(false);
    expect(overlay.read(both)).toBe(engine.read(both));
  });

  it("[OV14] copy: the same overrides, pins and values, and nothing is computed", () => {
    const { engine, a, b, doubled, other, both } = model();
    const first = engine.overlay("first");
    set(first, a, 1, 20);
    first.relate(b, { outerFrom: 0, outerTo: 1, from: 0, to: 2 }, (inherited, out, box) => {
      for (let t = box.from; t < box.to; t++) out.set(t, (inherited.get(t) as number) * 10);
    });
    first.pin(doubled, { outerFrom: 0, outerTo: 1, from: 3, to: 4 }, series(0));
    const child = engine.overlay("child", first);
    set(child, a, 0, 7);
    const log = new Log(engine);
    const second = first.copy("second");
    expect(log.take()).toEqual([]);
    expect(second.parent).toBe(first.parent);
    for (const node of [a, b, doubled, other, both]) {
      expect(second.peek(node)).toBe(first.peek(node));
      expect(second.owns(node)).toBe(first.owns(node));
    }
    set(engine, b, 1, 3);
    set(engine, a, 3, 9);
    expect(cells(second, both)).toEqual([13, 71, 8, 2]);
    expect(cells(second, both)).toEqual(cells(first, both));
  });

  it("[OV14] and its copy part at the first edit of either", () => {
    const { engine, a, doubled, both } = model();
    const first = engine.overlay("first");
    set(first, a, 1, 20);
    first.pin(doubled, { outerFrom: 0, outerTo: 1, from: 3, to: 4 }, series(0));
    const second = first.copy("second");
    const log = new Log(engine);
    set(first, a, 2, 30);
    second.unpin(doubled);
    expect([cells(first, both), cells(second, both)]).toEqual([
      [4, 42, 62, 2],
      [4, 42, 8, 10],
    ]);
    const states = log.take().flatMap((event) => (event.kind === "changed" ? [event.state] : []));
    expect(new Set(states)).toEqual(new Set([first.id, second.id]));
    first.close();
    second.clearOverride(a);
    expect(second.owns(both)).toBe(false);
    expect(cells(second, both)).toEqual(cells(engine, both));
    expect(() => first.copy("late")).toThrow("engine/closed");
  });

  it("[OV14] copies what is still to be computed with it", () => {
    const { engine, a } = model();
    const slow = engine.addFormula({
      ...formulaNode("slow", shape, [now(a)], (read) => (read(0) as number) + 1),
      isManual: true,
    });
    const behind = formula(engine, "behind", shape, [now(slow)], (read) => read(0) as number);
    const first = engine.overlay("first");
    set(first, a, 1, 20);
    const second = first.copy("second");
    expect(second.statusOf(slow)).toBe(first.statusOf(slow));
    expect(cells(second, behind)).toEqual([2, 21, 4, 5]);
    expect(cells(first, behind)).toEqual([2, 21, 4, 5]);
  });

  it("[OV12] close with those over them", () => {
    const { engine, a, both } = model();
    const parent = engine.overlay("parent");
    const child = engine.overlay("child", parent);
    set(child, a, 0, 9);
    parent.close();
    parent.close();
    expect(() => child.read(both)).toThrow("engine/closed");
    expect(() => set(parent, a, 0, 1)).toThrow("engine/closed");
    expect(() => engine.overlay("grandchild", child)).toThrow("engine/foreign-state");
    set(engine, a, 0, 2);
    expect(cells(engine, both)).toEqual([6, 6, 8, 10]);
  });

  it("[OV13] see formulas replaced and added", () => {
    const { engine, a, b, doubled, other, both } = model();
    const overlay = engine.overlay("scenario");
    set(overlay, a, 0, 10);
    engine.replace(
      doubled,
      formulaNode("doubled", shape, [now(a)], (read) => (read(0) as number) * 3),
    );
    expect(cells(overlay, both)).toEqual([32, 8, 11, 14]);
    engine.replace(
      other,
      formulaNode("other", shape, [now(b), now(a)], (read) => read(1) as number),
    );
    expect(overlay.owns(other)).toBe(true);
    expect(cells(overlay, both)).toEqual([40, 8, 12, 16]);
    const total = engine.addFormula({
      name: "total",
      shape: { outer: 1, periods: 1 },
      precedents: [every(both)],
      kernel: {
        compute: ([read], out) => out.set(0, read?.numbers.reduce((sum, value) => sum + value, 0) ?? 0),
      },
    });
    expect([engine.read(total).get(0), overlay.read(total).get(0)]).toEqual([40, 76]);
    engine.replace(
      doubled,
      formulaNode("doubled", shape, [now(b)], () => 0),
    );
    engine.replace(
      other,
      formulaNode("other", shape, [now(b)], () => 1),
    );
    expect(overlay.owns(both)).toBe(false);
  });

  it("[OV1] override scalar inputs, and run computed functions for the overlay", () => {
    const engine = createEngine({ isChecked: true });
    const price = engine.input(10);
    const units = engine.input(5);
    const revenue = engine.computed([price, units], (p, u) => p * u);
    const overlay = engine.overlay("scenario");
    set(overlay, price.id, 0, 100);
    expect([overlay.read(revenue.id).get(0), revenue.value]).toEqual([500, 50]);
    units.set(6);
    expect([overlay.read(revenue.id).get(0), revenue.value]).toEqual([600, 60]);
    overlay.pin(revenue.id, { outerFrom: 0, outerTo: 1, from: 0, to: 1 }, series(1));
    expect(overlay.read(revenue.id).get(0)).toBe(1);
    overlay.unpin(revenue.id);
    overlay.clearOverride(price.id);
    expect([overlay.owns(revenue.id), overlay.read(revenue.id).get(0)]).toEqual([false, 60]);
  });

  it("[OV5] wait for what the base waits for", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1);
    const b = input(engine, "b", 1);
    const one = { outer: 1, periods: 1 };
    const costly = engine.addFormula({
      ...formulaNode("costly", one, [now(a)], (read) => read(0) as number),
      isManual: true,
    });
    const sum = formula(
      engine,
      "sum",
      one,
      [now(costly), now(b)],
      (read) => (read(0) as number) + (read(1) as number),
    );
    const overlay = engine.overlay("scenario");
    set(overlay, b, 0, 10);
    expect([overlay.statusOf(sum), overlay.owns(costly)]).toEqual(["stale", false]);
    expect(cells(overlay, sum)).toEqual([11]);
    set(engine, a, 0, 5);
    expect([overlay.statusOf(sum), engine.statusOf(sum)]).toEqual(["stale", "stale"]);
    expect(cells(engine, sum)).toEqual([6]);
    expect(overlay.statusOf(sum)).toBe("fresh");
    expect(cells(overlay, sum)).toEqual([15]);
  });
});

describe("overlays of nodes that wait", () => {
  it("[OV5] take over a node in flight: what is behind it is released by any result", async () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(5);
    const awaited = engine.computed([a], (value) => (value === 5 ? 5 : Promise.resolve(value)));
    const behind = engine.computed([awaited], (value) => value);
    a.set(1);
    const overlay = engine.overlay("scenario");
    set(overlay, a.id, 0, 5);
    expect([overlay.statusOf(behind.id), overlay.read(behind.id).get(0)]).toEqual(["fresh", 5]);
    await engine.settled();
    expect(behind.value).toBe(1);
  });

  it("[OV11] give up a parked node: what stays owned is computed from the parent's value", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(0);
    const b = engine.input(1);
    const parked = engine.computed([a], (value) => value, { isManual: true });
    const sum = engine.computed([b, parked], (left, right) => left + right);
    const overlay = engine.overlay("scenario");
    set(overlay, b.id, 0, 10);
    set(overlay, a.id, 0, 100);
    expect(overlay.read(sum.id).get(0)).toBe(110);
    expect(sum.value).toBe(1);
    set(overlay, a.id, 0, 200);
    overlay.clearOverride(a.id);
    expect([overlay.owns(parked.id), overlay.statusOf(sum.id)]).toEqual([false, "fresh"]);
    expect(overlay.read(sum.id).get(0)).toBe(10);
  });

  it("[OV11] give up a node that the parent has not computed: what stays owned waits for it", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(0);
    const b = engine.input(1);
    const parked = engine.computed([a], (value) => value, { isManual: true });
    const sum = engine.computed([b, parked], (left, right) => left + right);
    const overlay = engine.overlay("scenario");
    set(overlay, b.id, 0, 10);
    set(overlay, a.id, 0, 100);
    expect(overlay.read(sum.id).get(0)).toBe(110);
    overlay.clearOverride(a.id);
    expect(overlay.read(sum.id).get(0)).toBe(10);
  });
});
