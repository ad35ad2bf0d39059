import type { Column } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { Engine } from "../api.ts";
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
import type { LoopDeclaration, NodeId } from "../formula-node.ts";

const shape = { outer: 1, periods: 3 };

function declare(
  engine: Engine,
  node: NodeId,
  options: Partial<LoopDeclaration> & { guess?: NodeId } = {},
): void {
  const { guess, ...rest } = options;
  engine.declareLoop({
    name: "loop",
    cuts: [guess === undefined ? { node } : { node, guess }],
    toleranceAbsolute: 1e-10,
    toleranceRelative: 0,
    iterationsMax: 100,
    ...rest,
  });
}

/** x = slope·y + a, y = x: converges for |slope| < 1 to a / (1 − slope). */
function pair(slope: number, ...values: number[]) {
  const engine = createEngine({ isChecked: true });
  const a = input(engine, "a", ...values);
  const wide = { outer: 1, periods: values.length };
  const [x, y] = mutual(engine, wide, ["x", "y"], ([first, second]) => [
    {
      precedents: [now(second as NodeId), now(a)],
      kernel: kernel(wide, (read) => {
        const [own, added] = [read(0), read(1)];
        return typeof own === "number" && typeof added === "number" ? slope * own + added : (own ?? null);
      }),
    },
    { precedents: [now(first as NodeId)], kernel: kernel(wide, (read) => read(0) ?? null) },
  ]) as [NodeId, NodeId];
  return { engine, a, x, y };
}

describe("undeclared loops", () => {
  it("[FP1] give #CYCLE! with origin and path; the rest computes", () => {
    const { engine, a, x, y } = pair(0.5, 1, 2, 3);
    const behind = formula(engine, "behind", shape, [now(y)], (read) => read(0) ?? null);
    const aside = formula(engine, "aside", shape, [now(a)], (read) => (read(0) as number) * 2);
    expect(engine.read(x).get(0)).toMatchObject({
      code: "#CYCLE!",
      origin: { attribute: "x" },
      detail: expect.stringContaining(" → "),
    });
    expect(engine.read(behind).get(1)).toMatchObject({ code: "#CYCLE!", origin: { attribute: "y" } });
    expect(cells(engine, aside)).toEqual([2, 4, 6]);
    const [path] = engine.undeclaredLoops();
    expect(path).toHaveLength(3);
    expect(path?.[0]).toBe(path?.[2]);
    expect(new Set(path)).toEqual(new Set([x, y]));
  });

  it("[FP4] stay undeclared while a cycle is left uncut", () => {
    const engine = createEngine({ isChecked: true });
    const [x, y, z] = mutual(engine, shape, ["x", "y", "z"], ([a, b, c]) => [
      { precedents: [now(b as NodeId), now(c as NodeId)], kernel: kernel(shape, () => 1) },
      { precedents: [now(a as NodeId), now(c as NodeId)], kernel: kernel(shape, () => 1) },
      { precedents: [now(b as NodeId)], kernel: kernel(shape, () => 1) },
    ]) as [NodeId, NodeId, NodeId];
    declare(engine, x);
    expect(engine.undeclaredLoops().map((path) => new Set(path))).toEqual([new Set([y, z])]);
    expect(engine.read(x).get(0)).toMatchObject({ code: "#CYCLE!" });
    engine.declareLoop({
      name: "second",
      cuts: [{ node: y }],
      toleranceAbsolute: 1e-9,
      toleranceRelative: 0,
      iterationsMax: 9,
    });
    expect(engine.undeclaredLoops()).toEqual([]);
    expect(cells(engine, x)).toEqual([1, 1, 1]);
    expect(engine.loopRecords()[0]).toMatchObject({ loop: "loop + second", verdict: "converged" });
  });
});

describe("declared loops", () => {
  it("[FP2] [FP3] [FP6] converge in each period, with a record", () => {
    const { engine, x, y } = pair(0.5, 1, 2, 3);
    declare(engine, x);
    for (const [i, value] of [2, 4, 6].entries()) expect(engine.read(y).get(i)).toBeCloseTo(value, 9);
    const records = engine.loopRecords();
    expect(records.map(({ period, verdict }) => [period, verdict])).toEqual([
      [0, "converged"],
      [1, "converged"],
      [2, "converged"],
    ]);
    for (const { iterations, residuals } of records) {
      expect(residuals).toHaveLength(iterations);
      expect(residuals.at(-1)).toBeLessThanOrEqual(1e-10);
    }
  });

  it("[FP3] end by the relative tolerance on large amounts", () => {
    const { engine, y, x } = pair(0.5, 1e12);
    declare(engine, x, { toleranceAbsolute: 0, toleranceRelative: 1e-6, method: "plain" });
    expect(engine.loopRecords()[0]?.verdict).toBe("converged");
    expect(Math.abs((engine.read(y).get(0) as number) / 2e12 - 1)).toBeLessThan(2e-6);
    // Halving the error each sweep takes about log2(1e6) sweeps; without the relative part it takes over 40.
    expect(engine.loopRecords()[0]?.iterations).toBeGreaterThan(15);
    expect(engine.loopRecords()[0]?.iterations).toBeLessThan(25);
  });

  it("[FP2] start at the guess", () => {
    const { engine, a, x } = pair(0.5, 10);
    const guess = formula(
      engine,
      "guess",
      { outer: 1, periods: 1 },
      [now(a)],
      (read) => (read(0) as number) * 2,
    );
    declare(engine, x, { guess });
    expect(engine.loopRecords()[0]?.iterations).toBe(1);
    expect(engine.precedentsOf(x)).toContain(guess);
    set(engine, a, 0, 30);
    expect(engine.loopRecords()[0]?.iterations).toBe(1);
    expect(cells(engine, x)).toEqual([60]);
  });

  it("[FP9] read solved periods through lags, and solve again only from the edit on", () => {
    const engine = createEngine({ isChecked: true });
    const rate = input(engine, "rate", 0.1, 0.1, 0.1);
    // opening = closing[t-1]; interest = rate·(opening + closing)/2; closing = opening + interest
    const [opening, interest, closing] = mutual(
      engine,
      shape,
      ["opening", "interest", "closing"],
      ([o, i, c]) => [
        { precedents: [lag(c as NodeId)], kernel: kernel(shape, (read) => read(0, -1) ?? 100) },
        {
          precedents: [now(o as NodeId), now(c as NodeId), now(rate)],
          kernel: kernel(
            shape,
            (read) => ((read(2) as number) * ((read(0) as number) + (read(1) as number))) / 2,
          ),
        },
        {
          precedents: [now(o as NodeId), now(i as NodeId)],
          kernel: kernel(shape, (read) => (read(0) as number) + (read(1) as number)),
        },
      ],
    ) as [NodeId, NodeId, NodeId];
    declare(engine, closing, { guess: opening });
    const growth = 1.05 / 0.95;
    for (let t = 0; t < 3; t++) expect(engine.read(closing).get(t)).toBeCloseTo(100 * growth ** (t + 1), 7);
    const log = new Log(engine);
    set(engine, rate, 2, 0.2);
    expect(log.takeStarted().toSorted()).toEqual([`${interest} [2..3)`, `${closing} [2..3)`]);
    expect(engine.read(closing).get(2)).toBeCloseTo((100 * growth ** 2 * 1.1) / 0.9, 7);
  });

  it("[FP5] keep the best iterate where they end early, and say how it failed", () => {
    const { engine, x, y } = pair(0.999, 1);
    declare(engine, x, { iterationsMax: 5, method: "plain" });
    const [record] = engine.loopRecords();
    expect(record).toMatchObject({ verdict: "limit", iterations: 5, method: "plain" });
    expect(engine.read(x).get(0)).toBe(engine.read(y).get(0));
    expect(engine.read(x).get(0)).toBeCloseTo(3.994, 3);
    const swinging = pair(-1, 1);
    declare(swinging.engine, swinging.x, { iterationsMax: 20, method: "plain" });
    expect(swinging.engine.loopRecords()[0]?.verdict).toBe("oscillating");
    const running = pair(2, 1);
    declare(running.engine, running.x, { iterationsMax: 20, method: "plain" });
    expect(running.engine.loopRecords()[0]?.verdict).toBe("diverging");
    expect(running.engine.read(running.y).get(0)).toMatchObject({
      code: "#NUM!",
      origin: { attribute: "x" },
      detail: expect.stringContaining("does not converge"),
    });
  });

  it("[FP5] [FP7] contain an overflow, and recover at once", () => {
    const { engine, a, x, y } = pair(10, 1);
    declare(engine, x, { iterationsMax: 1000, method: "plain" });
    expect(engine.read(y).get(0)).toMatchObject({ code: "#NUM!", origin: { attribute: "x" } });
    expect(engine.loopRecords()[0]?.verdict).toBe("diverging");
    set(engine, a, 0, 0);
    expect(cells(engine, y)).toEqual([0]);
    expect(engine.loopRecords()[0]?.verdict).toBe("converged");
  });

  it("[FP7] give errors for a bad input in its period alone, and recover at once with the same bits", () => {
    const { engine, a, x, y } = pair(0.5, 1, 2, 3);
    declare(engine, x);
    const before = cells(engine, y);
    set(engine, a, 1, "not a number");
    expect(engine.loopRecords().map(({ verdict }) => verdict)).toEqual([
      "converged",
      "converged",
      "converged",
    ]);
    set(engine, a, 1, { kind: "error", code: "#N/A", origin: { attribute: "a", at: [] } });
    set(engine, a, 1, 2);
    expect(cells(engine, y)).toEqual(before);
  });

  it("[FP7] report an error inside as such", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1);
    const [x] = mutual(engine, { outer: 1, periods: 1 }, ["x"], ([self]) => [
      {
        precedents: [now(self as NodeId), now(a)],
        kernel: kernel({ outer: 1, periods: 1 }, (read) => {
          const added = read(1) as number;
          return added === 0 ? { kind: "error", code: "#DIV/0!" } : 1 / added;
        }),
      },
    ]) as [NodeId];
    declare(engine, x);
    expect(engine.loopRecords()[0]?.verdict).toBe("converged");
    set(engine, a, 0, 0);
    expect(engine.read(x).get(0)).toMatchObject({ code: "#DIV/0!", origin: { attribute: "x" } });
    expect(engine.loopRecords()[0]?.verdict).toBe("error");
    set(engine, a, 0, 4);
    expect(cells(engine, x)).toEqual([0.25]);
  });

  it("[FP8] solve each outer member by itself", () => {
    const wide = { outer: 3, periods: 1 };
    const solve = (slopes: readonly number[]) => {
      const engine = createEngine({ isChecked: true });
      const slope = engine.addInput({ name: "slope", shape: wide, column: columnOf(slopes) });
      const [x, y] = mutual(engine, wide, ["x", "y"], ([first, second]) => [
        {
          precedents: [now(second as NodeId), now(slope)],
          kernel: kernel(wide, (read) => (read(0) as number) * (read(1) as number) + 1),
        },
        { precedents: [now(first as NodeId)], kernel: kernel(wide, (read) => read(0) ?? null) },
      ]) as [NodeId, NodeId];
      declare(engine, x, { toleranceAbsolute: 1e-6 });
      return { engine, slope, y };
    };
    const slow = solve([0.5, 0.9, 0.1]);
    const quick = solve([0.5, 0.2, 0.1]);
    const at = (solved: ReturnType<typeof solve>, member: number) => solved.engine.read(solved.y).get(member);
    expect([at(slow, 0), at(slow, 2)]).toEqual([at(quick, 0), at(quick, 2)]);
    const log = new Log(slow.engine);
    slow.engine.setCells(slow.slope, { outerFrom: 1, outerTo: 2, from: 0, to: 1 }, series(0.3));
    const boxes = log.take().flatMap((event) => (event.kind === "started" ? event.boxes : []));
    expect(boxes.map(({ outerFrom, outerTo }) => [outerFrom, outerTo])).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  //  total = sum of all x;  x[t] = total / 10 + 1
  it("[FP10] solve over all periods at once where the loop reads all of them", () => {
    const engine = createEngine({ isChecked: true });
    const [x, total] = engine.transaction(() => {
      const first = engine.addInput({ name: "x", shape, column: series(0, 0, 0) });
      const second = engine.addFormula({
        name: "total",
        shape: { outer: 1, periods: 1 },
        precedents: [every(first)],
        kernel: {
          compute: ([read], out) =>
            out.set(
              0,
              (read as Column).numbers.reduce((sum, value) => sum + value, 0),
            ),
        },
      });
      engine.replace(
        first,
        formulaNode("x", shape, [every(second)], (read) => (read(0) as number) / 10 + 1),
      );
      return [first, second];
    });
    expect(engine.undeclaredLoops()).toHaveLength(1);
    expect(engine.read(x).get(2)).toMatchObject({ code: "#CYCLE!" });
    declare(engine, total);
    expect(engine.read(total).get(0)).toBeCloseTo(30 / 7, 8);
    expect(engine.loopRecords()).toMatchObject([{ period: -1, verdict: "converged" }]);
  });

  it("[FP12] are declared, changed, dropped and removed with effect at once", () => {
    const { engine, x, y, a } = pair(0.5, 1);
    declare(engine, x, { toleranceAbsolute: 0.3, method: "plain" });
    const coarse = engine.read(y).get(0) as number;
    declare(engine, x);
    expect(Math.abs((engine.read(y).get(0) as number) - 2)).toBeLessThan(Math.abs(coarse - 2));
    engine.dropLoop("loop");
    expect(engine.read(y).get(0)).toMatchObject({ code: "#CYCLE!" });
    declare(engine, x);
    engine.transaction(() => {
      engine.remove(x);
      engine.remove(y);
    });
    expect(engine.loopRecords()).toEqual([]);
    const again = formula(engine, "again", { outer: 1, periods: 1 }, [now(a)], (read) => read(0) ?? null);
    expect(engine.precedentsOf(again)).toEqual([a]);
  });

  it("[FP11] [OV3] are solved in an overlay as a whole, with records of their own", () => {
    const { engine, a, x, y } = pair(0.5, 1, 2, 3);
    declare(engine, x);
    const overlay = engine.overlay("scenario");
    expect(overlay.loopRecords()).toEqual(engine.loopRecords());
    set(overlay, a, 2, 30);
    expect([overlay.owns(x), overlay.owns(y)]).toEqual([true, true]);
    expect(overlay.read(y).get(2)).toBeCloseTo(60, 8);
    expect(engine.read(y).get(2)).toBeCloseTo(6, 8);
    expect(overlay.loopRecords()[2]?.residuals).not.toEqual(engine.loopRecords()[2]?.residuals);
  });
});

function columnOf(values: readonly number[]): Column {
  const column = series(...values);
  return Object.assign(Object.create(Object.getPrototypeOf(column)), column, {
    shape: { outer: values.length, periods: 1 },
  });
}

describe("records", () => {
  it("[FP13] go with their loop, and with the periods it had", () => {
    const { engine, a, x, y } = pair(0.5, 1, 2, 3);
    declare(engine, x);
    expect(engine.loopRecords()).toHaveLength(3);
    const overlay = engine.overlay("scenario");
    set(overlay, a, 0, 5);
    expect(overlay.loopRecords()).toHaveLength(3);
    engine.dropLoop("loop");
    expect([engine.loopRecords(), overlay.loopRecords()]).toEqual([[], []]);
    declare(engine, y, { name: "other" });
    expect(engine.loopRecords().map((record) => record.loop)).toEqual(["other", "other", "other"]);
    engine.replace(
      y,
      formulaNode("y", { outer: 1, periods: 3 }, [now(a)], (read) => read(0) ?? null),
    );
    expect([engine.loopRecords(), overlay.loopRecords()]).toEqual([[], []]);
  });
});
