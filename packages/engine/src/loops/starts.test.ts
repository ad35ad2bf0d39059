import { type Column, columnFrom, type Scalar } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { EngineOptions } from "../api.ts";
import { createEngine } from "../engine.ts";
import { cells, input, kernel, loopAt, mutual, now, set } from "../fixtures/columns.ts";
import type { LoopDeclaration, NodeId } from "../formula-node.ts";

const single = { outer: 1, periods: 1 };

/** x = step(x, a), read by y. */
function own(
  step: (x: Scalar, a: Scalar) => Scalar,
  first: Scalar,
  options: EngineOptions = {},
  loop: Partial<LoopDeclaration> = {},
  isDiscrete = false,
) {
  const engine = createEngine({ isChecked: true, ...options });
  const a = input(engine, "a", first);
  const [x] = mutual(engine, single, ["x"], ([self]) => [
    {
      precedents: [now(self as NodeId), now(a)],
      kernel: { ...kernel(single, (read) => step(read(0) ?? null, read(1) ?? null)), isDiscrete },
    },
  ]) as [NodeId];
  engine.declareLoop(loopAt([x], loop));
  const record = () => engine.loopRecords()[0];
  return { engine, a, x, record, value: () => engine.read(x).get(0) };
}

const curved = (x: Scalar, a: Scalar): Scalar =>
  typeof x === "number" && typeof a === "number" ? Math.cos(x) * a : (a ?? null);

describe("warm starts", () => {
  const warm: EngineOptions = { loops: { start: "warm" } };

  it("[FP28] are from the last solution, and take fewer iterations", () => {
    const cold = own(curved, 1);
    const hot = own(curved, 1, warm);
    expect(hot.record()).toMatchObject({ start: "cold", verdict: "converged" });
    for (const one of [cold, hot]) set(one.engine, one.a, 0, 1.0001);
    expect(hot.record()).toMatchObject({ start: "warm", verdict: "converged" });
    expect(cold.record()?.start).toBe("cold");
    expect(hot.record()?.iterations).toBeLessThan(cold.record()?.iterations as number);
    expect(Math.abs((hot.value() as number) - (cold.value() as number))).toBeLessThan(2e-9);
  });

  it("[FP28] the declaration has the last word", () => {
    const cold = own(curved, 1, warm, { start: "cold" });
    const hot = own(curved, 1, {}, { start: "warm" });
    for (const one of [cold, hot]) set(one.engine, one.a, 0, 1.1);
    expect([cold.record()?.start, hot.record()?.start]).toEqual(["cold", "warm"]);
  });

  it("[FP28] are not made after a solve that failed, nor where a member makes steps", () => {
    const hot = own(curved, 1, warm);
    set(hot.engine, hot.a, 0, { kind: "error", code: "#N/A" });
    expect(hot.record()?.verdict).toBe("error");
    set(hot.engine, hot.a, 0, 1);
    expect(hot.record()).toMatchObject({ start: "cold", verdict: "converged" });
    expect(hot.value()).toBe(own(curved, 1).value());
    const discrete = own(curved, 1, warm, {}, true);
    set(discrete.engine, discrete.a, 0, 1.1);
    expect(discrete.record()?.start).toBe("cold");
  });

  it("[FP29] stand where nothing moves, with bits and record", () => {
    const hot = own(curved, 1, warm, { method: "plain", toleranceRelative: 1e-4, toleranceAbsolute: 0 });
    const [value, record] = [hot.value(), hot.record()];
    expect(record?.lastDelta).toBeGreaterThan(1e-12);
    hot.engine.replace(hot.x, {
      name: "x",
      shape: single,
      precedents: [now(hot.x), now(hot.a)],
      kernel: kernel(single, (read) => curved(read(0) ?? null, read(1) ?? null)),
    });
    expect(hot.value()).toBe(value);
    expect(hot.record()).toEqual(record);
    set(hot.engine, hot.a, 0, 1 + 1e-16);
    expect(hot.value()).toBe(value);
  });

  it("[FP29] do not stand where the loop became slow, however small the residual", () => {
    for (const method of ["auto", "aitken", "newton"] as const) {
      const engine = createEngine({ isChecked: true, ...warm });
      const [slope, added] = [input(engine, "slope", 0.5), input(engine, "added", 50)];
      const [x] = mutual(engine, single, ["x"], ([self]) => [
        {
          precedents: [now(self as NodeId), now(slope), now(added)],
          kernel: kernel(single, (read) => (read(0) as number) * (read(1) as number) + (read(2) as number)),
        },
      ]) as [NodeId];
      engine.declareLoop(loopAt([x], { toleranceAbsolute: 0, method }));
      expect(engine.read(x).get(0)).toBeCloseTo(100, 6);
      engine.transaction(() => {
        set(engine, slope, 0, 1 - 2 ** -20);
        set(engine, added, 0, (100 + 2 ** -17) * 2 ** -20);
      });
      const distance = Math.abs((engine.read(x).get(0) as number) - (100 + 2 ** -17));
      const [record] = engine.loopRecords();
      expect(record?.start).toBe("warm");
      expect(record?.verdict, method).toBe("converged");
      expect(distance, method).toBeLessThan(2e-7);
    }
  });

  it("[FP28] an overlay starts from the solution of its parent", () => {
    const hot = own(curved, 1, warm);
    const overlay = hot.engine.overlay("scenario");
    set(overlay, hot.a, 0, 1.01);
    expect(overlay.loopRecords()[0]).toMatchObject({ start: "warm", verdict: "converged" });
    expect(hot.record()?.start).toBe("cold");
  });
});

describe("values in loops", () => {
  it("[FP27] that are texts or booleans are iterated until they stay the same", () => {
    const grown = own((x, a) => (typeof x === "string" && x.length >= 3 ? x : `${x}${a}`), "b");
    expect(grown.record()?.verdict).toBe("converged");
    expect(grown.value()).toBe("0bb");
    const flipping = own((x) => x !== true, 1);
    expect(flipping.record()).toMatchObject({ verdict: "switching", settledBy: expect.any(String) });
    const growing = own((x, a) => `${x}${a}`, "b", {}, { iterationsMax: 12 });
    expect(growing.record()).toMatchObject({ verdict: "limit", iterations: 12 });
    const blank = own(() => null, 1);
    expect([blank.record()?.verdict, blank.value()]).toEqual(["converged", null]);
  });

  it("[FP3] [FP27] beside numbers are proven with these: no member moves more than it may", () => {
    const engine = createEngine({ isChecked: true });
    const steep = 1e6;
    const [label, x, far] = mutual(engine, single, ["label", "x", "far"], ([label, x, far]) => [
      {
        precedents: [now(label as NodeId), now(far as NodeId)],
        kernel: kernel(single, (read) => (typeof read(0) === "string" ? (read(0) as string) : "a text")),
      },
      {
        precedents: [now(x as NodeId), now(label as NodeId)],
        kernel: kernel(single, (read) => (typeof read(1) === "string" ? (read(0) as number) / 2 + 1 : 1)),
      },
      { precedents: [now(x as NodeId)], kernel: kernel(single, (read) => (read(0) as number) * steep) },
    ]) as [NodeId, NodeId, NodeId];
    engine.declareLoop(loopAt([label, x], { toleranceAbsolute: 1e-3, toleranceRelative: 0 }));
    expect(engine.read(label).get(0)).toBe("a text");
    expect(engine.loopRecords()).toMatchObject([{ verdict: "converged" }]);
    expect(Math.abs((engine.read(far).get(0) as number) - 2 * steep)).toBeLessThan(2e-3);
  });

  it("[FP3] [FP27] beside numbers settle these within the relative tolerance", () => {
    const engine = createEngine({ isChecked: true });
    const [label, x] = mutual(engine, single, ["label", "x"], ([label, x]) => [
      {
        precedents: [now(label as NodeId), now(x as NodeId)],
        kernel: kernel(single, (read) => (typeof read(0) === "string" ? (read(0) as string) : "a text")),
      },
      {
        precedents: [now(x as NodeId), now(label as NodeId)],
        kernel: kernel(single, (read) => (typeof read(1) === "string" ? (read(0) as number) / 2 + 1000 : 1)),
      },
    ]) as [NodeId, NodeId];
    engine.declareLoop(loopAt([label, x], { toleranceAbsolute: 0, toleranceRelative: 1e-3 }));
    const [record] = engine.loopRecords();
    expect(record?.verdict).toBe("converged");
    expect(record?.iterations).toBeLessThan(20);
    expect(Math.abs((engine.read(x).get(0) as number) - 2000)).toBeLessThan(4);
  });

  it("[FP2] [FP7] are 0 where the loop itself computes the guess, whatever stood there before", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1);
    const [x, y] = mutual(engine, single, ["x", "y"], ([x, y]) => [
      { precedents: [now(y as NodeId)], kernel: kernel(single, (read) => read(0) ?? null) },
      {
        precedents: [now(x as NodeId), now(a)],
        kernel: kernel(single, (read) => curved(read(0) ?? null, read(1) ?? null)),
      },
    ]) as [NodeId, NodeId];
    engine.declareLoop(loopAt([], { cuts: [{ node: x, guess: y }] }));
    const first = { value: engine.read(x).get(0), record: engine.loopRecords()[0] };
    expect(first.record?.residuals[0]).toBe(1);
    set(engine, a, 0, 1.1);
    expect(engine.loopRecords()[0]?.residuals[0]).toBe(1.1);
    set(engine, a, 0, 1);
    expect({ value: engine.read(x).get(0), record: engine.loopRecords()[0] }).toEqual(first);
  });

  it("[FP30] of a member that reads itself stay, though its column holds errors elsewhere", () => {
    const wide = { outer: 1, periods: 3 };
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, { kind: "error", code: "#N/A" }, 3);
    const [x] = mutual(engine, wide, ["x"], ([self]) => [
      {
        precedents: [now(self as NodeId), now(a)],
        kernel: kernel(wide, (read) => {
          const added = read(1) as Scalar;
          return typeof added === "number" ? (read(0) as number) / 2 + added : added;
        }),
      },
    ]) as [NodeId];
    engine.declareLoop(loopAt([x], { toleranceRelative: 0 }));
    expect(cells(engine, x)).toEqual([2, expect.objectContaining({ code: "#N/A" }), 6]);
    set(engine, a, 1, 2);
    expect(cells(engine, x)).toEqual([2, 4, 6]);
    set(engine, a, 0, { kind: "error", code: "#REF!" });
    expect(cells(engine, x)).toEqual([expect.objectContaining({ code: "#REF!" }), 4, 6]);
    expect(engine.loopRecords().map(({ verdict }) => verdict)).toEqual(["error", "converged", "converged"]);
  });

  it("[FP7] one member's error does not touch the loops of the others", () => {
    const wide = { outer: 3, periods: 1 };
    const engine = createEngine({ isChecked: true });
    const a = engine.addInput({ name: "a", shape: wide, column: numbers([1, 2, 3]) });
    const [x] = mutual(engine, wide, ["x"], ([self]) => [
      {
        precedents: [now(self as NodeId), now(a)],
        kernel: kernel(wide, (read) => {
          const added = read(1) as Scalar;
          return typeof added === "number" ? Math.cos(read(0) as number) + added : added;
        }),
      },
    ]) as [NodeId];
    engine.declareLoop(loopAt([x], { toleranceRelative: 0 }));
    const before = cells(engine, x);
    const bad = engine.read(a).clone();
    bad.set(1, { kind: "error", code: "#N/A" });
    engine.setCells(a, { outerFrom: 0, outerTo: 3, from: 0, to: 1 }, bad);
    expect(cells(engine, x)).toEqual([before[0], expect.objectContaining({ code: "#N/A" }), before[2]]);
    expect(engine.loopRecords().map(({ outer, verdict }) => [outer, verdict])).toEqual([
      [0, "converged"],
      [1, "error"],
      [2, "converged"],
    ]);
    engine.setCells(a, { outerFrom: 0, outerTo: 3, from: 0, to: 1 }, numbers([1, 2, 3]));
    expect(cells(engine, x)).toEqual(before);
  });
});

function numbers(values: readonly number[]): Column {
  return columnFrom({ outer: values.length, periods: 1 }, values);
}
