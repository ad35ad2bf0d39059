import { describe, expect, it } from "vitest";
import type { LoopMethod } from "../formula-node.ts";
import { dampingFor } from "./loop-table.ts";
import { OneUnknown } from "./one-unknown.ts";
import { type LoopSettings, settingsOf } from "./settings.ts";
import { Trail } from "./trail.ts";

const usual: LoopSettings = {
  absolute: 1e-9,
  relative: 1e-9,
  iterationsMax: 100,
  method: "auto",
  damping: 1,
  isDiscrete: false,
};

/** Iterates x = g(x); a value that is no finite number is what an error is. */
function solve(g: (x: number) => number, start = 0, settings: Partial<LoopSettings> = {}) {
  const machine = new OneUnknown();
  const points: number[] = [];
  machine.begin(start, { ...usual, ...settings });
  do points.push(machine.x);
  while (machine.advance(g(machine.x), 0) && points.length < 10_000);
  return { machine, points, x: machine.x, verdict: machine.verdict, settled: machine.settled };
}

const methods: readonly LoopMethod[] = ["auto", "plain", "damped", "aitken", "anderson", "newton"];

describe("one unknown", () => {
  it.each(methods)("[FP18] is solved by %s where the loop contracts", (method) => {
    const damping = method === "damped" ? 0.7 : 1;
    const { x, verdict, machine } = solve(Math.cos, 0, { method, damping });
    expect(verdict).toBe("converged");
    expect(Math.abs(x - 0.7390851332151607)).toBeLessThan(2e-9);
    expect(machine.ratio).toBeCloseTo(-0.6736, 3);
  });

  it("[FP22] stays where it was proven, if a sweep behind the proof makes it worse", () => {
    const machine = new OneUnknown();
    machine.begin(0, { ...usual, absolute: 1e-3 });
    const seen: { readonly x: number; readonly delta: number; readonly isBehind: boolean }[] = [];
    for (let isWanted = true; isWanted; ) {
      const { x } = machine;
      const isBehind = machine.verdict === "converged";
      // Proven a little beside the solution, for the tolerance is wide, and worse from then on.
      const isSame = isBehind && seen.some((one) => one.x === x);
      const gx = isBehind && !isSame ? x + 1e-3 : Math.cos(x);
      seen.push({ x, delta: Math.abs(gx - x), isBehind });
      isWanted = machine.advance(gx, 0);
    }
    const behind = seen.filter((one) => one.isBehind);
    const proven = seen[seen.length - behind.length - 1];
    expect(behind.map(({ x }) => x === proven?.x)).toEqual([false, true]);
    expect([machine.verdict, machine.x]).toEqual(["converged", proven?.x]);
    expect(machine.lastDelta).toBe(proven?.delta);
  });

  it("[FP18] plain and damped take the same part of every move, to the end", () => {
    const { points } = solve((x) => 0.9 * x + 1, 0, { method: "plain", iterationsMax: 30 });
    for (let i = 1; i < 30; i++) expect(points[i]).toBe(0.9 * (points[i - 1] as number) + 1);
    const damped = solve((x) => 1 - 3 * x, 0, { method: "damped", damping: 0.25, iterationsMax: 30 });
    expect(damped.points).toEqual([0, 0.25]);
    expect(damped.verdict).toBe("converged");
  });

  it.each([
    [0.5, 7],
    [-0.99, 7],
    [0.9999, 7],
    [-40, 7],
    [3, 7],
    [1.001, 7],
  ])("[FP15] [FP17] straight with slope %d in three sweeps and a proof, stable or not", (slope, added) => {
    const { x, verdict, machine } = solve((y) => slope * y + added);
    expect(verdict).toBe("converged");
    expect(machine.ratio).toBeCloseTo(slope, 6);
    expect(Math.abs(x * (1 - slope) - added)).toBeLessThan(1e-8);
    expect(machine.iterations).toBeLessThanOrEqual(4);
    expect(machine.sweeps).toBeLessThanOrEqual(6);
  });

  it.each([
    ["a bound", (x: number) => Math.max(0, 10 - 2 * x), 10 / 3],
    ["two bounds", (x: number) => Math.min(8, Math.max(3, 20 - 4 * x)), 4],
    ["a bend", (x: number) => 1000 - 3 * Math.log(x), 979.4],
    ["a steep slope", (x: number) => 10 / (1 + Math.exp(1000 * (x - 3))), 3],
    ["a wave", (x: number) => 3.9 * x * (1 - x), 0.74],
    ["a high power", (x: number) => 100 - x ** 5, 2.5],
  ])("[FP16] is always solved between residuals of both signs: %s", (_, g, near) => {
    const { x, verdict } = solve(g, 0.3);
    expect(verdict).toBe("converged");
    expect(Math.abs(x - near) / near).toBeLessThan(0.1);
    expect(Math.abs(g(x) - x)).toBeLessThan(1e-8);
  });

  it("[FP16] never leaves the bracket", () => {
    const { points } = solve((x) => 100 - x ** 5, 0.3);
    let low = Number.NEGATIVE_INFINITY;
    let high = Number.POSITIVE_INFINITY;
    for (const x of points) {
      expect(x).toBeGreaterThanOrEqual(low);
      expect(x).toBeLessThanOrEqual(high);
      if (100 - x ** 5 > x) low = x;
      else high = x;
    }
  });

  it("[FP21] is not called converged because it creeps", () => {
    // Moves by 1e-10, a hundred thousand times.
    const { verdict } = solve((x) => x + 1e-6 * (1 - x), 1 - 1e-4, { method: "plain" });
    expect(verdict).toBe("limit");
    const { x } = solve((y) => y + 1e-6 * (1 - y), 1 - 1e-4);
    expect(Math.abs(x - 1)).toBeLessThan(1e-8);
  });

  it("[FP21] by plain sweeps, too, where the moves are hardly more than rounding", () => {
    for (const method of ["plain", "damped"] as const) {
      for (const slow of [1e-13, 1e-14]) {
        expect(solve((x) => x + slow * (2 - x), 1, { method }).verdict).toBe("limit");
      }
      // Where the slope is gentle the same moves are the end.
      const { verdict, x } = solve((y) => y + 0.5 * (2 - y), 2 * (1 - 1e-14), { method });
      expect(verdict).toBe("converged");
      expect(x).toBeCloseTo(2, 13);
    }
  });

  it("[FP3] does not take what rounding alone gives back for a solution", () => {
    for (const method of methods) {
      expect(solve((x) => x + 1e-17, 2, { method }).verdict, method).toBe("limit");
      expect(solve((x) => 0.5 * x + 1, 2, { method }).verdict, method).toBe("converged");
      expect(
        solve((x) => 0.5 * x, 0, { method }),
        method,
      ).toMatchObject({ verdict: "converged", x: 0 });
    }
    // 10⁻⁸ before its end it stands still.
    expect(solve((x) => x + 1e-8 * (2 - x)).verdict).toBe("limit");
  });

  it("[FP3] no tolerance is smaller than four roundings of the values", () => {
    const { relative } = settingsOf(
      { name: "x", cuts: [], toleranceAbsolute: 0, toleranceRelative: 0, iterationsMax: 500 },
      false,
    );
    // Goes to and fro between two neighbours.
    const g = (x: number): number => 1 + 10 / 7 / (1 + x * 0.37);
    const { verdict, x } = solve(g, 0, { method: "plain", absolute: 0, relative, iterationsMax: 500 });
    expect(verdict).toBe("converged");
    expect(Math.abs(g(x) - x)).toBeLessThan(1e-15);
  });

  it("[FP3] by plain sweeps ends as soon as the estimated distance is within the tolerance", () => {
    for (const [slope, damping] of [
      [0.7, 1],
      [-0.7, 1],
      [0.8935546875, 0.5],
    ] as const) {
      const solution = 1 / (1 - slope);
      const method = damping === 1 ? "plain" : "damped";
      const { x, verdict, points } = solve((y) => slope * y + 1, 0, { method, damping, iterationsMax: 500 });
      expect(verdict).toBe("converged");
      const allowed = 1e-9 * (1 + Math.abs(solution));
      const first = points.findIndex((y) => Math.abs(y - solution) <= allowed);
      expect(Math.abs(x - solution)).toBeLessThanOrEqual(1.01 * allowed);
      expect(points.length - first).toBeLessThanOrEqual(5);
    }
  });

  it("[FP3] by plain sweeps asks of a member what it would move by to the end", () => {
    const machine = new OneUnknown();
    machine.begin(0, { ...usual, method: "plain", iterationsMax: 500 });
    while (!machine.isProof && machine.advance(0.9 * machine.x + 1, 0));
    expect(machine.reach).toBeCloseTo(9, 6);
    expect(solve((x) => 0.9 * x + 1).machine.reach).toBe(1);
  });

  it("[FP31] keeps the slope that was measured over longer ways, where the last ones are hardly more than rounding", () => {
    const { machine } = solve((x) => -6.6796875 * (0.125 * x + 8.5) + 56.605316162109375, 0, {
      method: "plain",
      iterationsMax: 400,
    });
    expect(machine.ratio).toBeCloseTo(-0.8349609375, 6);
  });

  it("[FP29] starts warm with the slope, which may be another one where the residual is the same", () => {
    const warm = (g: (x: number) => number) => {
      const machine = new OneUnknown();
      machine.begin(2, usual, 0, 0.5);
      while (machine.advance(g(machine.x), 0));
      return machine;
    };
    expect(warm((x) => 0.5 * x + 1)).toMatchObject({ isKept: true, verdict: "converged", x: 2 });
    const steeper = warm((x) => 1.5 * x - 1);
    expect(steeper).toMatchObject({ isKept: false, verdict: "converged", x: 2 });
    expect(steeper.ratio).toBeCloseTo(1.5, 6);
    expect(warm((x) => x + 1e-17)).toMatchObject({ isKept: false, verdict: "limit" });
    // No slope can be had beside.
    expect(warm((x) => (x === 2 ? 2 : Number.NaN))).toMatchObject({ isKept: true, verdict: "converged" });
  });

  it("[FP3] is not converged as long as the proof shows a member that moves", () => {
    const verdictOf = (excess: number) => {
      const machine = new OneUnknown();
      machine.begin(0, { ...usual, method: "plain", absolute: 0.01 });
      while (machine.advance(0.9 * machine.x + 1, machine.isProof ? excess : 0));
      return machine.verdict;
    };
    expect([verdictOf(0), verdictOf(1)]).toEqual(["converged", "limit"]);
  });

  it("[FP14] [FP22] ends at the point of the last sweep, mostly to the last digits", () => {
    for (const g of [Math.cos, (x: number) => 0.6 * Math.sin(x) + 0.2, (x: number) => 100 + 0.45 * x]) {
      const { points, x, machine } = solve(g);
      expect(points.at(-1)).toBe(x);
      expect(Math.abs(g(x) - x)).toBe(machine.lastDelta);
      expect(machine.lastDelta).toBeLessThan(1e-15 * Math.abs(x) * 4);
      expect(machine.sweeps - machine.iterations).toBeLessThanOrEqual(3);
    }
  });

  it("[FP23] tells a jump, and settles on the best state of the cycle, the nearest to the start", () => {
    const jump = solve((x) => (x > 5 ? 3 : 7));
    expect(jump).toMatchObject({ verdict: "switching", x: 3, settled: 1 });
    expect(solve((x) => (x > 5 ? 3 : 7), 9)).toMatchObject({ verdict: "switching", x: 7 });
    // 10 → 4 → 10 moves by 6, as 4 → 10 does.
    expect(solve((x) => (x > 6 ? 4 : 10), 8).x).toBe(10);
    expect(solve((x) => (x > 5 ? 3 : 4)).verdict).toBe("converged");
    expect(solve((x) => (x > 5 ? 3 : 7), 0, { iterationsMax: 12 }).verdict).toBe("switching");
  });

  it("[FP23] solves roundings that have a solution", () => {
    for (const add of [3.3, 7.7, 100.2]) {
      const { x, verdict } = solve((y) => Math.round(y / 2 + add), 0, { isDiscrete: true });
      expect(verdict).toBe("converged");
      expect(Math.round(x / 2 + add)).toBe(x);
    }
  });

  it("[FP24] plain: what repeats is oscillating, switching where a member makes steps", () => {
    expect(solve((x) => 1 - x, 0, { method: "plain" })).toMatchObject({ verdict: "oscillating", x: 0 });
    const discrete = solve((x) => (x > 5 ? 3 : 7), 0, { method: "plain", isDiscrete: true });
    expect(discrete).toMatchObject({ verdict: "switching", x: 3 });
    // 0.2 → 0.6 → 0.6 + 1/3 …: three states.
    const three = (x: number): number => ({ 1: 2, 2: 5, 5: 1 })[x] ?? 1;
    expect(solve(three, 0, { method: "plain", isDiscrete: true })).toMatchObject({
      verdict: "switching",
      x: 1,
    });
  });

  it("[FP5] says how a loop without a solution goes", () => {
    expect(solve((x) => x + 1).verdict).toBe("diverging");
    expect(solve((x) => x * x + 1).verdict).toBe("diverging");
    expect(solve((x) => Math.exp(x) / 2).verdict).toBe("diverging");
    expect(solve((x) => 2 * x + 1, 0, { method: "plain" }).verdict).toBe("diverging");
    // Its residuals shrink at first.
    expect(solve((x) => Math.exp(x) + 6.625, -1000).verdict).toBe("diverging");
    expect(solve((x) => 0.9 * x + 1e308).verdict).toBe("diverging");
    expect(solve((x) => 1 - 1.3 * x, 0, { method: "plain" }).verdict).toBe("oscillating");
    expect(solve((x) => 0.99 * x + 1, 0, { method: "plain" })).toMatchObject({
      verdict: "limit",
      settled: 2,
    });
  });

  it("[FP25] takes back a step that ends in an error", () => {
    // From 1 the secant leads below 0.
    const { x, verdict } = solve((y) => 5 - 3 * Math.log(y), 1);
    expect(verdict).toBe("converged");
    expect(x).toBeCloseTo(2.388279856, 8);
    expect(solve((y) => 3 + Math.sqrt(4 - y), 4).verdict).toBe("converged");
  });

  it("[FP26] ends at once where the first sweep is an error, and where none is without", () => {
    expect(solve(() => Number.NaN)).toMatchObject({ verdict: "error", machine: { sweeps: 1 } });
    expect(solve((x) => Math.sqrt(x - 1), 5).verdict).toBe("error");
    expect(solve((x) => (x > 1e6 ? Number.NaN : 10 * x + 1), 0, { method: "plain" }).verdict).toBe(
      "diverging",
    );
  });

  it("[FP19] counts steps as iterations, all computing as sweeps, and limits the steps", () => {
    for (const method of methods) {
      const { machine, points } = solve((x) => Math.exp(x) / 2, 0, { method, iterationsMax: 20 });
      expect(machine.iterations).toBeLessThanOrEqual(20);
      expect(machine.sweeps).toBe(points.length);
      expect(machine.trail.count).toBe(machine.iterations);
    }
    const newton = solve(Math.cos, 0, { method: "newton" });
    expect(newton.machine.sweeps).toBeGreaterThan(2 * newton.machine.iterations - 2);
  });

  it("starts near a solution, and is not led astray by rounding", () => {
    for (let k = 0; k < 200; k++) {
      const slope = Math.sin(k) * 1.5;
      const solution = 1e3 * Math.cos(k * k);
      const g = (x: number): number => slope * x + solution * (1 - slope);
      const { x, verdict } = solve(g, solution * (1 + 1e-4 * Math.sin(7 * k) ** 9));
      expect(verdict).toBe("converged");
      expect(Math.abs(x - solution)).toBeLessThanOrEqual(2e-9 * (1 + Math.abs(solution)));
    }
  });
});

describe("the trail", () => {
  it.each([
    [[8, 4, 2], "limit"],
    [[1, -1, 1, -1], "oscillating"],
    [[1, -1.3, 1.7, -2.2], "oscillating"],
    [[1, 2, 4], "diverging"],
    [[1, 1, 1, 1], "diverging"],
    [[9, 8, 7, 3, 4, 5, 6, 7], "diverging"],
    [[0.5], "limit"],
  ] as const)("[FP5] of residuals %j says %s", (residuals, verdict) => {
    const trail = new Trail();
    trail.clear();
    for (const [i, r] of residuals.entries()) trail.add(i, r, Math.abs(r));
    expect(trail.verdict()).toBe(verdict);
  });

  it.each([
    [[4, 2], false],
    [[1, 9, 81], true],
    [[1, 50], true],
    [[1, 1.5], false],
    [[7], false],
  ] as const)("[FP26] of residuals %j before an error says that they grew: %s", (residuals, isGrowing) => {
    const trail = new Trail();
    trail.clear();
    for (const [i, r] of residuals.entries()) trail.add(i, r, r);
    expect(trail.isGrowing()).toBe(isGrowing);
  });
});

describe("the damping that would help", () => {
  it.each([
    [-1.31, 0.5],
    [-1, 0.5],
    [-9, 0.1],
    [-3, 0.25],
    [-0.5, 0.75],
  ])("[FP31] of ratio %d is %d, with the ratio it gives", (ratio, damping) => {
    expect(dampingFor(ratio)).toEqual({ damping, dampedRatio: 1 - damping * (1 - ratio) });
  });

  it("[FP31] is not told where plain sweeps do, or no damping does", () => {
    for (const ratio of [0.3, -0.2, 1.5, Number.NaN, 0.999]) expect(dampingFor(ratio)).toEqual({});
  });
});
