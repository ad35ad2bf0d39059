import { effect } from "@preact/signals-core";
import { type ErrorValue, errorValue } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { createEngine } from "./engine.ts";
import { EngineError } from "./engine-error.ts";
import { cells, formula, formulaNode, input, kernel, now, series, set } from "./fixtures/columns.ts";
import type { NodeId } from "./formula-node.ts";

const one = { outer: 1, periods: 1 };

describe("error values", () => {
  it("[ER1] [ER2] come from exceptions, and travel without calling the functions behind", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(0);
    const inverse = engine.computed(
      [a],
      (value) => {
        if (value === 0) throw new Error("nothing to divide by");
        return 1 / value;
      },
      { name: "inverse" },
    );
    let calls = 0;
    const behind = engine.computed([inverse, a], (x, y) => {
      calls++;
      return x + y;
    });
    const expected = {
      code: "#VALUE!",
      detail: "nothing to divide by",
      origin: { attribute: "inverse", at: [] },
    };
    expect([inverse.value, behind.value]).toEqual([
      { kind: "error", ...expected },
      { kind: "error", ...expected },
    ]);
    expect(calls).toBe(0);
    a.set(2);
    expect([behind.value, calls]).toEqual([2.5, 1]);
  });

  it("[ER2] the first in argument order wins", () => {
    const engine = createEngine({ isChecked: true });
    const failing = (name: string) =>
      engine.computed([], (): number => {
        throw new Error(name);
      });
    const [first, second] = [failing("first"), failing("second")];
    const good = engine.input(1);
    const detailOf = (value: unknown): unknown => (value as ErrorValue).detail;
    expect(detailOf(engine.computed([good, second, first], (x, y, z) => x + y + z).value)).toBe("second");
    expect(detailOf(engine.computed([good, good, good, first, second], (...all) => all.length).value)).toBe(
      "first",
    );
  });

  it("[ER3] [ER4] [ER5] fill the box of a kernel that throws, with origin and labels, and go again", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2, 3);
    const shape = { outer: 1, periods: 3 };
    const b = engine.addFormula({
      name: "b",
      shape,
      precedents: [now(a)],
      kernel: {
        compute([read], out, box) {
          if (read?.get(box.from) === 0) throw new Error("zero");
          for (let t = box.from; t < box.to; t++)
            out.set(t, (read?.get(t) as number) < 0 ? errorValue("#NUM!") : 1);
        },
      },
      labelsAt: (_, period) => [`month ${period}`],
    });
    expect(cells(engine, b)).toEqual([1, 1, 1]);
    set(engine, a, 1, 0, 0);
    expect(cells(engine, b)).toMatchObject([
      1,
      { code: "#VALUE!", detail: "zero", origin: { attribute: "b", at: ["month 1"] } },
      { code: "#VALUE!", origin: { attribute: "b", at: ["month 2"] } },
    ]);
    set(engine, a, 1, 5, -1);
    expect(cells(engine, b)).toMatchObject([
      1,
      1,
      { code: "#NUM!", origin: { attribute: "b", at: ["month 2"] } },
    ]);
    set(engine, a, 2, 5);
    expect(engine.read(b).marks).toBeNull();
  });

  it("[ER4] keep the origin that they already have", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", errorValue("#N/A"));
    const b = formula(engine, "b", one, [now(a)], () => ({
      kind: "error",
      code: "#N/A",
      origin: { attribute: "elsewhere", at: ["x"] },
    }));
    expect(cells(engine, b)).toMatchObject([{ origin: { attribute: "elsewhere", at: ["x"] } }]);
  });

  it("[ER1] of an asynchronous kernel in a recurrence says why", async () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2);
    const shape = { outer: 1, periods: 2 };
    engine.replace(a, {
      name: "a",
      shape,
      precedents: [{ node: a, time: { kind: "window", from: -1, to: -1 }, outer: { kind: "same" } }],
      kernel: { compute: () => Promise.reject(new Error("never seen")) },
    });
    await engine.settled();
    const failed = { code: "#VALUE!", detail: expect.stringContaining("never seen") };
    expect(cells(engine, a)).toMatchObject([failed, failed]);
  });
});

describe("misuse", () => {
  const codeOf = (action: () => unknown): string => {
    try {
      action();
    } catch (error) {
      if (error instanceof EngineError) {
        expect([error.expected, error.found, error.remedy].every((part) => part.length > 0)).toBe(true);
        return error.code;
      }
      throw error;
    }
    return "no error";
  };

  it("[ER6] says what was expected, found, and what to do", () => {
    const engine = createEngine({ isChecked: true });
    const other = createEngine();
    const a = input(engine, "a", 1, 2);
    const b = formula(engine, "b", { outer: 1, periods: 2 }, [now(a)], (read) => read(0) as number);
    const scalar = engine.input(1);
    const box = { outerFrom: 0, outerTo: 1, from: 0, to: 3 };
    expect(codeOf(() => engine.read(99 as NodeId))).toBe("engine/unknown-node");
    expect(codeOf(() => engine.setCells(b, { ...box, to: 1 }, series(1)))).toBe("engine/wrong-kind");
    expect(codeOf(() => engine.setCells(a, box, series(1, 2, 3)))).toBe("engine/bad-box");
    expect(codeOf(() => engine.setCells(a, { ...box, to: 2 }, series(1)))).toBe("engine/bad-box");
    expect(codeOf(() => engine.overlay("o").pin(a, { ...box, to: 1 }, series(1)))).toBe("engine/wrong-kind");
    expect(codeOf(() => engine.overlay("o", other))).toBe("engine/foreign-state");
    expect(
      codeOf(() =>
        engine.replace(
          scalar.id,
          formulaNode("x", one, [], () => 1),
        ),
      ),
    ).toBe("engine/wrong-kind");
    expect(codeOf(() => engine.addInput({ name: "x", shape: one, column: series(1, 2) }))).toBe(
      "engine/wrong-shape",
    );
    expect(codeOf(() => formula(engine, "x", one, [now(77 as NodeId)], () => 1))).toBe("engine/unknown-node");
    expect(codeOf(() => engine.computed([{ id: 77 } as never], () => 1))).toBe("engine/unknown-node");
    expect(engine.nodeCount).toBe(3);
  });

  it("[ER7] inside a formula gives an error value there and an exception to the editor", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const victim = engine.input(1);
    const wrong = engine.computed([a], (value) => {
      if (value > 1) victim.set(5);
      return value;
    });
    const right = engine.computed([a], (value) => value * 2);
    expect(codeOf(() => a.set(2))).toBe("engine/edit-while-computing");
    expect([wrong.value, right.value, victim.value]).toMatchObject([{ code: "#VALUE!" }, 4, 1]);
    a.set(0);
    expect(wrong.value).toBe(0);
  });

  it("[ER7] [RC31] inside a listener, or any exception of one, leaves the recalculation whole", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const b = engine.computed([a], (value) => value + 1);
    const unsubscribe = engine.subscribe(() => a.set(9));
    expect(codeOf(() => a.set(2))).toBe("engine/edit-while-computing");
    unsubscribe();
    engine.subscribe(() => {
      throw new Error("listener");
    });
    expect(() => a.set(3)).toThrow("listener");
    expect([a.value, b.value]).toEqual([3, 4]);
  });

  it("[ER4] values of any kind read as columns", () => {
    const engine = createEngine({ isChecked: true });
    const list = engine.computed([], () => [1, 2]);
    expect(engine.read(list.id).get(0)).toMatchObject({ code: "#VALUE!" });
    const text = engine.input<unknown>("text");
    const column = engine.addFormula({
      name: "c",
      shape: one,
      precedents: [now(text.id)],
      kernel: kernel(one, (read) => read(0) ?? null),
    });
    expect(cells(engine, column)).toEqual(["text"]);
    text.set(true);
    expect(cells(engine, column)).toEqual([true]);
  });
});

describe("details", () => {
  it("[RC4] are shown as they are now, in what reads the error as well", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input("abc");
    const number = engine.computed([a], (text) => {
      throw new Error(`cannot read ${text}`);
    });
    const behind = engine.computed([number], (value) => value);
    const shown: unknown[] = [];
    effect(() => {
      shown.push((behind.signal.value as ErrorValue).detail);
    });
    a.set("xyz");
    expect(shown).toEqual(["cannot read abc", "cannot read xyz"]);
    expect(number.value).toMatchObject({ detail: "cannot read xyz" });
  });

  it("[RC4] of columns too, each scenario its own", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", "abc");
    const one = { outer: 1, periods: 1 };
    const number = formula(engine, "number", one, [now(a)], (read) =>
      errorValue("#VALUE!", `cannot read ${read(0)}`),
    );
    const behind = formula(engine, "behind", one, [now(number)], (read) => read(0) ?? null);
    const overlay = engine.overlay("scenario");
    overlay.setCells(a, { outerFrom: 0, outerTo: 1, from: 0, to: 1 }, series("xyz"));
    engine.setCells(a, { outerFrom: 0, outerTo: 1, from: 0, to: 1 }, series("def"));
    expect([engine.read(behind).get(0), overlay.read(behind).get(0)]).toMatchObject([
      { detail: "cannot read def", origin: { attribute: "number" } },
      { detail: "cannot read xyz", origin: { attribute: "number" } },
    ]);
  });
});
