import { describe, expect, it } from "vitest";
import type { Attribute } from "../api.ts";
import { createEngine } from "../engine.ts";

/** An engine, and a way to make computed attributes that record each run under a name. */
function counted() {
  const engine = createEngine({ isChecked: true });
  const ran: string[] = [];
  const sum = (name: string, ...precedents: Attribute<number>[]): Attribute<number> =>
    engine.computed(precedents, (...values: number[]) => {
      ran.push(name);
      return values.reduce((total, value) => total + value, 0);
    });
  const takeRan = (): string[] => ran.splice(0);
  return { engine, sum, ran, takeRan };
}

describe("propagation", () => {
  //    a
  //   / \
  //  b   c
  //   \ /
  //    d
  it("[RC2] computes each corner of a diamond once", () => {
    const { engine, sum, takeRan } = counted();
    const a = engine.input(1);
    const b = sum("b", a);
    const c = sum("c", a);
    const d = sum("d", b, c);
    takeRan();
    a.set(2);
    expect(d.value).toBe(4);
    expect(takeRan().toSorted()).toEqual(["b", "c", "d"]);
  });

  //    a
  //   / \
  //  b   c
  //  |   |
  //  d   |
  //   \ /
  //    e
  it("[RC2] computes the end of a jagged diamond once, after its longest path", () => {
    const { engine, sum, takeRan } = counted();
    const a = engine.input(1);
    const b = sum("b", a);
    const c = sum("c", a);
    const d = sum("d", b);
    const e = sum("e", c, d);
    takeRan();
    a.set(5);
    expect(e.value).toBe(10);
    expect(takeRan().toSorted()).toEqual(["b", "c", "d", "e"]);
    expect(engine.levelOf(e.id)).toBe(3);
  });

  it("[RC2] leaves alone what does not depend on the edit", () => {
    const { engine, sum, takeRan } = counted();
    const a = engine.input(1);
    const other = engine.input(1);
    sum("of a", a);
    sum("of other", other);
    takeRan();
    a.set(2);
    expect(takeRan()).toEqual(["of a"]);
  });

  it("[RC3] stops at an equal value, however long the tail", () => {
    const { engine, sum, takeRan } = counted();
    const a = engine.input(1);
    const sign = engine.computed([a], (value) => Math.sign(value));
    let tail: Attribute<number> = sign;
    for (let i = 0; i < 100; i++) tail = sum("tail", tail);
    takeRan();
    a.set(7);
    expect(takeRan()).toEqual([]);
    a.set(-1);
    expect(takeRan()).toHaveLength(100);
    expect(tail.value).toBe(-1);
  });

  it("[RC2] computes a fan of dependents once each", () => {
    const { engine, sum, takeRan } = counted();
    const a = engine.input(1);
    const fan = engine.transaction(() => Array.from({ length: 3000 }, () => sum("fan", a)));
    const end = sum("end", ...fan);
    takeRan();
    a.set(2);
    expect(end.value).toBe(6000);
    expect(takeRan()).toHaveLength(3001);
  });

  it("[RC4] tells 0 from −0, takes all NaN for one, and uses an own equality", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input<number>(0);
    let runs = 0;
    const copy = engine.computed([a], (value) => value);
    engine.computed([copy], (value) => {
      runs++;
      return value;
    });
    a.set(-0);
    expect(runs).toBe(2);
    a.set(Number.NaN);
    a.set(Number.NaN);
    expect(runs).toBe(3);
    const rounded = engine.computed([a], (value) => value, {
      isEqual: (before, after) => Math.abs((before as number) - (after as number)) < 1,
    });
    a.set(5);
    a.set(5.5);
    expect(rounded.value).toBe(5);
    a.set(6.5);
    expect(rounded.value).toBe(6.5);
  });

  it("[RC4] compares errors by all that is shown of them", () => {
    const { engine, takeRan, ran } = counted();
    const a = engine.input(1);
    const failing = engine.computed(
      [a],
      (value): number => {
        throw new Error(value < 3 ? "too little" : "too much");
      },
      { name: "failing" },
    );
    engine.computed([failing], () => ran.push("behind"));
    takeRan();
    const before = failing.value;
    a.set(2);
    expect(failing.value).toBe(before);
    a.set(3);
    expect(failing.value).toMatchObject({ code: "#VALUE!", detail: "too much" });
  });

  it("[RC5] does nothing for an equal value", () => {
    const { engine, sum, takeRan } = counted();
    const a = engine.input(1);
    sum("b", a);
    takeRan();
    const { revision } = engine;
    a.set(1);
    engine.transaction(() => {
      a.set(2);
      a.set(1);
    });
    expect(takeRan()).toEqual([]);
    expect(engine.revision).toBe(revision);
  });

  it("[RC6] works on a chain of 1,000,000", () => {
    const engine = createEngine();
    const head = engine.input(0);
    let tail: Attribute<number> = head;
    engine.transaction(() => {
      for (let i = 0; i < 1_000_000; i++) tail = engine.computed([tail], (value) => value + 1);
    });
    expect(tail.value).toBe(1_000_000);
    head.set(5);
    expect(tail.value).toBe(1_000_005);
    expect(engine.levelOf(tail.id)).toBe(1_000_000);
  }, 60_000);

  it("[RC7] gives the same values whatever the order of edits", () => {
    const results = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ].map((order) => {
      const { engine, sum } = counted();
      const inputs = [1, 2, 3].map((value) => engine.input(value));
      const total = sum("total", ...inputs);
      const product = engine.computed([total, inputs[0] as Attribute<number>], (a, b) => a * b);
      for (const i of order) inputs[i]?.set(10 * (i + 1));
      return product.value;
    });
    expect(results).toEqual([600, 600, 600]);
  });

  it("[RC31] is the same with and without a listener, whatever kinds of values pass", () => {
    const play = (isHeard: boolean): unknown[] => {
      const engine = createEngine({ isChecked: true });
      if (isHeard) engine.subscribe(() => undefined);
      const a = engine.input<unknown>(1);
      const b = engine.computed([a], (value) => value);
      const c = engine.computed([b, a], (x, y) => (typeof x === "number" ? x + (y as number) : x));
      const d = engine.computed([a, b, c, a, b], (...values) => values.length);
      return [1, -0, "text", null, Number.NaN, 3, undefined, { kind: "object" }, 4].flatMap((value) => {
        a.set(value);
        return [b.value, c.value, d.value, engine.changedAt(c.id)];
      });
    };
    expect(play(true)).toEqual(play(false));
  });
});
