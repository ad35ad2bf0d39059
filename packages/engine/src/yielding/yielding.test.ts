import { effect } from "@preact/signals-core";
import { describe, expect, it } from "vitest";
import type { Attribute, Engine, EngineOptions, Input } from "../api.ts";
import { createEngine } from "../engine.ts";
import { input, kernel, lag, mutual, now, series, set } from "../fixtures/columns.ts";
import type { NodeId } from "../formula-node.ts";

/** An engine whose clock goes on by one at each look, so a slice is about `budgetMs` units long. */
function yielding(budgetMs: number, options: EngineOptions = {}) {
  let ms = 0;
  const later: (() => void)[] = [];
  const engine = createEngine({
    isChecked: true,
    clock: { now: () => ms++ },
    ...options,
    yielding: { budgetMs, defer: (resume) => void later.push(resume) },
  });
  /** Runs up to `count` slices; how many there were. */
  const slices = (count = Number.POSITIVE_INFINITY): number => {
    let done = 0;
    for (; done < count && later.length > 0; done++) later.shift()?.();
    return done;
  };
  return { engine, later, slices };
}

/** chain[0] = a + 1, chain[i] = chain[i-1] + 1 */
function chain(engine: Engine, length: number): { a: Input<number>; nodes: Attribute<number>[] } {
  return engine.transaction(() => {
    const a = engine.input(0);
    const nodes: Attribute<number>[] = [];
    for (let i = 0; i < length; i++) {
      nodes.push(engine.computed([i === 0 ? a : (nodes[i - 1] as Attribute<number>)], (x) => x + 1));
    }
    return { a, nodes };
  });
}

describe("yielding", () => {
  it("[CO11] returns within its budget and goes on in slices", async () => {
    const { engine, later, slices } = yielding(4);
    const { a, nodes } = chain(engine, 200);
    slices();
    let isSettled = false;
    a.set(10);
    expect(later.length).toBe(1);
    const settled = engine.settled().then(() => {
      isSettled = true;
    });
    expect(slices(3)).toBe(3);
    await Promise.resolve();
    expect(isSettled).toBe(false);
    expect(slices()).toBeGreaterThan(5);
    await settled;
    expect(engine.peek((nodes[199] as Attribute<number>).id).get(0)).toBe(210);
    expect(later.length).toBe(0);
  });

  it("[CO12] computes what is watched first, and publishes it when its cone is finished", () => {
    const { engine, slices } = yielding(4);
    const { a, nodes } = chain(engine, 60);
    const side = engine.transaction(() =>
      Array.from({ length: 300 }, (_, i) => engine.computed([a], (x) => x * i)),
    );
    slices();
    const seen: number[][] = [];
    const [low, high] = [nodes[5], nodes[40]] as [Attribute<number>, Attribute<number>];
    const stop = effect(() => {
      seen.push([low.signal.value as number, high.signal.value as number]);
    });
    a.set(100);
    let count = 0;
    while (seen.length === 1 && slices(1) === 1) count++;
    expect(seen).toEqual([
      [6, 41],
      [106, 141],
    ]);
    const waiting = side.filter((one) => one.status.value === "pending");
    expect(waiting.length).toBeGreaterThan(200);
    expect([low.status.value, high.status.value]).toEqual(["fresh", "fresh"]);
    expect(slices()).toBeGreaterThan(count);
    expect(side.every((one, i) => one.value === 100 * i && one.status.value === "fresh")).toBe(true);
    expect(seen.length).toBe(2);
    stop();
  });

  it("[CO11] [CO12] a fan of many, some watched and some read meanwhile, ends as without slices", () => {
    const { engine, slices } = yielding(5);
    const { a, tens } = engine.transaction(() => {
      const source = engine.input(1);
      const made = Array.from({ length: 100 }, (_, i) => engine.computed([source], (x) => x * 10 + i));
      return { a: source, tens: made };
    });
    const sum = engine.computed([...tens.slice(40, 44)], (...all) => all.reduce((x, y) => x + y, 0));
    const seen: unknown[] = [];
    effect(() => void seen.push(tens[50]?.signal.value, sum.signal.value));
    slices();
    seen.length = 0;
    for (let edit = 2; edit < 12; edit++) {
      a.set(edit);
      // In the middle of it one is read, then the edit goes on.
      slices(edit % 3);
      expect(tens[edit * 7]?.value).toBe(edit * 10 + edit * 7);
      if (edit % 2 === 0) continue;
      slices();
      expect(tens.map(({ value }) => value)).toEqual(tens.map((_, i) => edit * 10 + i));
      expect(seen.slice(-2)).toEqual([edit * 10 + 50, 40 * edit + 166]);
    }
  });

  it("[CO13] says pending for what a later slice may change, and computes it when it is read", () => {
    const { engine, later, slices } = yielding(2);
    const { a, nodes } = chain(engine, 100);
    const other = engine.computed([], () => 1);
    slices();
    a.set(5);
    const [near, far, last] = [nodes[0], nodes[50], nodes[99]] as Attribute<number>[];
    expect([near?.status.value, far?.status.value, other.status.value]).toEqual([
      "fresh",
      "pending",
      "fresh",
    ]);
    expect(far?.value).toBe(56);
    expect(engine.statusOf((far as Attribute<number>).id)).toBe("fresh");
    expect([last?.status.value, later.length]).toEqual(["pending", 1]);
    expect(engine.readCell((last as Attribute<number>).id, 0)).toBe(105);
    slices();
    expect(last?.status.value).toBe("fresh");
  });

  it("[CO13] tells status signals of the wait and of its end", () => {
    const { engine, slices } = yielding(2);
    const { a, nodes } = chain(engine, 50);
    slices();
    const seen: string[] = [];
    const stop = effect(() => {
      seen.push((nodes[49] as Attribute<number>).status.value);
    });
    a.set(1);
    slices();
    stop();
    expect(seen).toEqual(["fresh", "pending", "fresh"]);
  });

  it("[CO14] takes edits in between, of values and of the structure", () => {
    const { engine, slices } = yielding(3);
    const { a, nodes } = chain(engine, 120);
    slices();
    const last = nodes[119] as Attribute<number>;
    const seen: unknown[] = [];
    const stop = effect(() => {
      seen.push(last.signal.value);
    });
    a.set(1);
    slices(4);
    a.set(2);
    slices(2);
    const extra = engine.computed([last], (x) => x * 2);
    slices(1);
    a.set(3);
    slices(5);
    const sum = engine.transaction(() => {
      engine.remove(extra.id);
      return engine.computed([nodes[3] as Attribute<number>, last], (x, y) => x + y);
    });
    slices();
    expect([last.value, sum.value]).toEqual([123, 130]);
    expect(seen.at(-1)).toBe(123);
    expect(seen.every((value) => [120, 121, 122, 123].includes(value as number))).toBe(true);
    stop();
  });

  it("[CO14] keeps scenarios right, which publish together", () => {
    const { engine, slices } = yielding(3);
    const months = { outer: 1, periods: 4 };
    const a = input(engine, "a", 1, 2, 3, 4);
    const nodes = [a];
    engine.transaction(() => {
      for (let i = 0; i < 30; i++) {
        nodes.push(
          engine.addFormula({
            name: `n${i}`,
            shape: months,
            precedents: [now(nodes[i] as NodeId)],
            kernel: kernel(months, (read) => (read(0) as number) + 1),
          }),
        );
      }
    });
    slices();
    const overlay = engine.overlay("scenario");
    set(overlay, a, 1, 50);
    slices(2);
    set(engine, a, 0, 10);
    slices(3);
    const inner = engine.overlay("inner", overlay);
    set(inner, a, 3, 7);
    slices(1);
    set(engine, a, 2, 30);
    overlay.view(nodes[5] as NodeId);
    set(inner, a, 2, 0);
    slices();
    const last = nodes[30] as NodeId;
    const values = (state: Pick<Engine, "readCell">): unknown[] =>
      [0, 1, 2, 3].map((t) => state.readCell(last, t));
    expect([values(engine), values(overlay), values(inner)]).toEqual([
      [40, 32, 60, 34],
      [40, 80, 60, 34],
      [40, 80, 30, 37],
    ]);
    set(engine, a, 0, 11);
    overlay.close();
    slices();
    expect(values(engine)).toEqual([41, 32, 60, 34]);
  });

  it("[CO14] steps recurrences, awaits promises and serves manual nodes as ever", async () => {
    const { engine, slices } = yielding(1);
    const months = { outer: 1, periods: 12 };
    const a = input(engine, "a", ...Array.from({ length: 12 }, () => 1));
    const [total] = mutual(engine, months, ["total"], ([self]) => [
      {
        precedents: [lag(self as NodeId), now(a)],
        kernel: kernel(months, (read) => ((read(0, -1) as number | undefined) ?? 0) + (read(1) as number)),
      },
    ]) as [NodeId];
    const b = engine.input(1);
    const late = engine.computed([b], async (x) => x * 10);
    const behind = engine.computed([late], (x) => x + 1);
    const manual = engine.computed([b], (x) => -x, { isManual: true });
    const afterManual = engine.computed([manual], (x) => x * 2);
    slices();
    engine.transaction(() => {
      set(engine, a, 3, 5);
      b.set(4);
    });
    slices(1);
    expect(afterManual.value).toBe(-8);
    for (let i = 0; i < 20; i++) {
      await Promise.resolve();
      slices();
    }
    await engine.settled();
    expect([behind.value, engine.readCell(total, 11), engine.statusOf(total)]).toEqual([41, 16, "fresh"]);
  });

  it("[CO14] an edit of the base by the short way, and an overlay that closes, while another overlay waits", () => {
    const one = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
    for (const isClosing of [false, true]) {
      for (const isSetMany of [false, true]) {
        for (let waits = 1; waits < 120; waits += 7) {
          const { engine, slices } = yielding(1);
          const { a, nodes } = chain(engine, 20);
          const first = engine.overlay("first");
          const second = engine.overlay("second");
          const last = (nodes.at(-1) as { id: NodeId }).id;
          first.pin((nodes[3] as { id: NodeId }).id, one, series(100));
          second.pin((nodes[5] as { id: NodeId }).id, one, series(200));
          slices();
          const before = [engine, first, second].map((state) => state.readCell(last, 0) as number);
          second.pin((nodes[5] as { id: NodeId }).id, one, series(300));
          a.set(50);
          slices(waits);
          if (isSetMany) engine.setNumbers(a.id, Float64Array.of(70));
          else a.set(70);
          if (isClosing) first.close();
          expect(second.readCell(last, 0)).toBe((before[2] as number) + 100);
          expect(engine.readCell(last, 0)).toBe((before[0] as number) + 70);
          if (!isClosing) expect(first.readCell(last, 0)).toBe(before[1]);
          slices();
          expect(engine.readCell(last, 0)).toBe((before[0] as number) + 70);
        }
      }
    }
  });

  it("[CO14] [OV12] an overlay that closes while one behind it waits", () => {
    const one = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
    for (let waits = 1; waits < 60; waits++) {
      const { engine, slices } = yielding(1);
      const { a, nodes } = chain(engine, 20);
      const idAt = (i: number): NodeId => (nodes[i] as Attribute<number>).id;
      const [first, second] = [engine.overlay("first"), engine.overlay("second")];
      first.pin(idAt(3), one, series(100));
      second.pin(idAt(5), one, series(200));
      slices();
      second.setCells(a.id, one, series(7));
      second.pin(idAt(5), one, series(300));
      slices(waits);
      first.close();
      expect([second.readCell(idAt(4), 0), second.readCell(idAt(19), 0)]).toEqual([12, 314]);
    }
  });

  it("[CO14] [OV11] an input whose override was dropped follows the base before the overlay gives it up", () => {
    const one = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
    for (let waits = 0; waits < 40; waits++) {
      const { engine, slices } = yielding(1);
      const { a, nodes } = chain(engine, 10);
      const b = engine.input(1000);
      const sum = engine.computed([nodes[0] as Attribute<number>, b], (x, y) => x + y);
      const overlay = engine.overlay("scenario");
      overlay.setCells(a.id, one, series(5));
      overlay.setCells(b.id, one, series(2000));
      slices();
      overlay.clearOverride(a.id);
      slices(waits);
      a.set(7);
      expect([overlay.readCell(a.id, 0), overlay.readCell(sum.id, 0), sum.value]).toEqual([7, 2008, 1008]);
      expect(overlay.owns(a.id)).toBe(false);
    }
  });

  it("[CO11] ends with the engine, and wants a clock", async () => {
    const { engine, later, slices } = yielding(1);
    const { a } = chain(engine, 50);
    slices();
    a.set(9);
    const settled = engine.settled();
    engine.dispose();
    await settled;
    expect(() =>
      later.forEach((resume) => {
        resume();
      }),
    ).not.toThrow();
    expect(() => createEngine({ yielding: { budgetMs: 1, defer: () => undefined } })).toThrow(
      "engine/no-clock",
    );
  });
});
