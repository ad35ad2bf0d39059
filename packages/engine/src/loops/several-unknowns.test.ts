import { describe, expect, it } from "vitest";
import type { LoopSettings } from "./settings.ts";
import { SeveralUnknowns } from "./several-unknowns.ts";

const usual: LoopSettings = {
  absolute: 1e-9,
  relative: 1e-9,
  iterationsMax: 100,
  method: "auto",
  damping: 1,
  isDiscrete: false,
};

type Sweep = (x: Float64Array) => ArrayLike<number>;

function solve(start: readonly number[], g: Sweep, settings: Partial<LoopSettings> = {}) {
  const machine = new SeveralUnknowns(start.length);
  machine.begin(Float64Array.from(start), { ...usual, ...settings });
  let sweeps = 1;
  while (machine.advance(Float64Array.from(g(machine.x)), 0) && sweeps < 20_000) sweeps++;
  return { machine, sweeps, x: [...machine.x], verdict: machine.verdict };
}

/** Numbers that look random, always the same. */
function stream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

/** A straight loop with a known solution; `scale` is about the size of its slopes' largest ratio. */
function straight(count: number, scale: number, seed: number): { g: Sweep; solution: number[] } {
  const next = stream(seed);
  const slopes = Array.from({ length: count }, () =>
    Array.from({ length: count }, () => ((next() * 2 - 1) * scale) / Math.sqrt(count)),
  );
  const solution = Array.from({ length: count }, () => (next() * 2 - 1) * 1000);
  const dot = (row: readonly number[], x: ArrayLike<number>): number =>
    row.reduce((sum, slope, j) => sum + slope * (x[j] as number), 0);
  const added = solution.map((value, i) => value - dot(slopes[i] as number[], solution));
  return { g: (x) => slopes.map((row, i) => dot(row, x) + (added[i] as number)), solution };
}

function error(x: readonly number[], solution: readonly number[]): number {
  return Math.max(...x.map((value, i) => Math.abs(value - (solution[i] as number)) / (1 + Math.abs(value))));
}

describe("several unknowns", () => {
  it.each([
    [2, 0.8],
    [5, 0.8],
    [5, 3],
    [12, 0.9],
    [40, 3],
    [64, 2],
    [65, 2],
    [100, 3],
  ])("[FP20] %d of them are solved, contracting or not (size %d)", (count, scale) => {
    for (let seed = 1; seed < 6; seed++) {
      const { g, solution } = straight(count, scale, seed);
      const { x, verdict } = solve(new Array<number>(count).fill(0), g);
      expect(verdict).toBe("converged");
      expect(error(x, solution)).toBeLessThan(4e-9);
    }
  });

  it("[FP20] up to five straight ones take as many sweeps and a few", () => {
    for (let count = 2; count <= 5; count++) {
      const { g } = straight(count, 0.9, count);
      const { machine } = solve(new Array<number>(count).fill(0), g, { method: "anderson" });
      expect(machine.verdict).toBe("converged");
      // As many again where the slopes are asked, which rounding hides in the last sweeps.
      expect(machine.sweeps).toBeLessThanOrEqual(2 * count + 7);
    }
  });

  it("[FP21] that start near, but along a slow way, have not converged there", () => {
    // Slow along (1, 1), quick along (1, −1); the start is off along the slow one, and a little along the other.
    for (const method of ["auto", "plain", "aitken", "anderson", "newton"] as const) {
      for (const slow of [1 - 2 ** -12, 1 - 2 ** -20, 1 + 2 ** -20]) {
        for (const off of [2 ** -24, 2 ** -20, 2 ** -16]) {
          const g: Sweep = (x) => {
            const along = slow * (((x[0] as number) + (x[1] as number)) / 2 - 100);
            const across = (0.3 * ((x[0] as number) - (x[1] as number))) / 2;
            return [100 + along + across, 100 + along - across];
          };
          const { x, verdict } = solve([100 + off, 100 + off * 1.001], g, { method, iterationsMax: 200 });
          const told = `${method} ${slow} ${off}`;
          if (method === "auto" || method === "newton") expect(verdict, told).toBe("converged");
          if (verdict !== "converged") continue;
          for (const value of x) expect(Math.abs(value - 100), told).toBeLessThan(4e-7);
        }
      }
    }
  });

  it("[FP21] a hundred that start near along a slow way have not converged there", () => {
    const count = 100;
    for (const method of ["auto", "plain", "anderson", "newton"] as const) {
      for (const off of [2 ** -24, 2 ** -20, 2 ** -16]) {
        // Slow for all together, quick for each.
        const g: Sweep = (x) => {
          const mean = x.reduce((sum, value) => sum + value, 0) / count;
          return x.map((value) => 100 + (1 - 2 ** -20) * (mean - 100) + 0.3 * (value - mean));
        };
        const start = Array.from({ length: count }, (_, i) => 100 + off * (1 + 0.001 * Math.sin(i)));
        const { x, verdict } = solve(start, g, { method, iterationsMax: 200 });
        const told = `${method} ${off}`;
        if (method === "auto") expect(verdict, told).toBe("converged");
        else if (method === "plain" && off > 2e-7) expect(verdict, told).toBe("limit");
        if (verdict !== "converged") continue;
        for (const value of x) expect(Math.abs(value - 100), told).toBeLessThan(2e-7);
      }
    }
  });

  it("[FP20] a line between two ends, each point half of its neighbours", () => {
    for (const count of [50, 359]) {
      const line: Sweep = (x) => {
        const swept = Float64Array.from(x);
        for (let i = 0; i < count; i++) swept[i] = ((swept[i - 1] ?? 0) + (swept[i + 1] ?? 9)) / 2;
        return swept;
      };
      const { x, verdict } = solve(new Array<number>(count).fill(0), line);
      expect(verdict).toBe("converged");
      for (const [i, value] of x.entries()) expect(value).toBeCloseTo((9 * (i + 1)) / (count + 1), 8);
    }
  });

  it("[FP20] may be far out, where the slopes say so", () => {
    const far: Sweep = (x) => [0.5 * (x[0] as number) + 1, 1e8 * (x[0] as number) + 0.7 * (x[1] as number)];
    for (const method of ["auto", "plain"] as const) {
      const { x, verdict } = solve([0, 0], far, { method });
      expect(verdict, method).toBe("converged");
      expect((x[1] as number) / (2e8 / 0.3)).toBeCloseTo(1, 8);
    }
    // And what only drifts is not solved by rounding.
    const drifting: Sweep = (x) => [(x[1] as number) + 1, x[0] as number];
    for (const at of [0, 1e16, 1e18]) expect(solve([at, at], drifting).verdict).not.toBe("converged");
  });

  it("[FP3] what rounding alone gives back is no solution", () => {
    const still: Sweep = (x) => [(x[0] as number) + 1e-17 * (x[1] as number), (x[1] as number) + 1e-17];
    for (const method of ["auto", "plain", "anderson", "newton"] as const) {
      expect(solve([2, 2], still, { method }).verdict, method).toBe("limit");
      const even = solve([2, 2], (x) => [(x[1] as number) / 2 + 1, (x[0] as number) / 2 + 1], { method });
      expect(even.verdict, method).toBe("converged");
    }
  });

  it("[FP29] start warm with all slopes, which may be others where the residual is the same", () => {
    const warm = (count: number, g: Sweep) => {
      const machine = new SeveralUnknowns(count);
      machine.begin(new Float64Array(count).fill(2), usual, 0);
      while (machine.advance(Float64Array.from(g(machine.x)), 0));
      return machine;
    };
    for (const count of [2, 100]) {
      const kept = warm(count, (x) => x.map((value) => 0.5 * value + 1));
      expect(kept).toMatchObject({ isKept: true, verdict: "converged" });
      const drifting = warm(count, (x) => x.map((value) => value + 1e-17));
      expect(drifting).toMatchObject({ isKept: false, verdict: "limit" });
    }
  });

  it("[FP20] bounded ones that no step gets nearer to are followed from the start to a solution", () => {
    let solved = 0;
    const cases = 300;
    for (let seed = 1; seed <= cases; seed++) {
      const next = stream(seed * 7919 + 13);
      for (let i = 0; i < 5; i++) next();
      const count = 2 + Math.floor(next() * 5);
      const scale = [0.8, 1.5, 3, 6][Math.floor(next() * 4)] as number;
      const kind = Math.floor(next() * 3);
      const rows = Array.from({ length: count }, () =>
        Array.from({ length: count }, () => (next() * 2 - 1) * scale),
      );
      const added = rows.map(() => (next() * 2 - 1) * 10);
      const bounded = (value: number): number =>
        kind === 0 ? Math.min(10, Math.max(0, value)) : kind === 1 ? 10 * Math.tanh(value / 10) : value;
      const inner = (value: number): number => (kind === 2 ? 3 * Math.tanh(value / 2) : value);
      const g: Sweep = (x) => {
        const swept = Float64Array.from(x);
        rows.forEach((row, i) => {
          swept[i] = bounded(
            row.reduce((sum, gain, j) => sum + gain * inner(swept[j] as number), added[i] as number),
          );
        });
        return swept;
      };
      const { x, verdict } = solve(new Array<number>(count).fill(0), g, { iterationsMax: 1000 });
      if (verdict !== "converged") continue;
      solved++;
      const again = g(Float64Array.from(x));
      for (const [i, value] of x.entries()) expect(again[i]).toBeCloseTo(value, 7);
    }
    expect(solved).toBeGreaterThan(0.99 * cases);
  });

  it("[FP20] the way to a solution ends where there is none", () => {
    const verdictOf = (g: Sweep) => solve([0, 0], g).verdict;
    expect(verdictOf((x) => [(x[1] as number) + 1, x[0] as number])).toBe("diverging");
    expect(verdictOf((x) => [(x[1] as number) ** 2 + 1, x[0] as number])).toBe("diverging");
    expect(verdictOf((x) => [Math.exp(x[1] as number), x[0] as number])).toBe("diverging");
  });

  it("[FP3] are not converged as long as the proof shows a member that moves", () => {
    const verdictOf = (excess: number) => {
      const machine = new SeveralUnknowns(2);
      machine.begin(Float64Array.of(0, 0), { ...usual, method: "plain", absolute: 0.01 });
      const g = () => machine.x.map((x, i) => (i === 0 ? 0.9 * x + 1 : 0.5 * x + 1));
      while (machine.advance(g(), machine.isProof ? excess : 0));
      return machine.verdict;
    };
    expect([verdictOf(0), verdictOf(1)]).toEqual(["converged", "limit"]);
  });

  it("[FP20] bounds take Newton a few steps", () => {
    const bounded: Sweep = (x) => [
      Math.max(0, 10 - 2 * (x[1] as number)),
      Math.min(5, 3 + 1.5 * (x[0] as number)),
    ];
    const { x, verdict, machine } = solve([0, 0], bounded, { method: "newton" });
    expect(verdict).toBe("converged");
    expect(x[0]).toBeCloseTo(1, 12);
    expect(x[1]).toBeCloseTo(4.5, 12);
    expect(machine.iterations).toBeLessThanOrEqual(4);
    expect(solve([0, 0], bounded).verdict).toBe("converged");
  });

  it("[FP20] ten thousand that meet in a sum take a few sweeps", () => {
    const count = 10_000;
    const share: Sweep = (x) => {
      let total = 0;
      for (let i = 0; i < count; i++) total += x[i] as number;
      return x.length === 0
        ? x
        : Float64Array.from({ length: count }, (_, i) => 1 + i / 1000 + (0.5 * total) / count);
    };
    const { machine, verdict } = solve(new Array<number>(count).fill(0), share);
    expect(verdict).toBe("converged");
    // Three of them measure slopes.
    expect(machine.sweeps).toBeLessThan(12);
    const swept = share(machine.x);
    for (let i = 0; i < count; i += 997) {
      expect(Math.abs((swept[i] as number) - (machine.x[i] as number))).toBeLessThan(1e-9);
    }
  });

  it("[FP20] a thousand in a chain, without a matrix", () => {
    const chain: Sweep = (x) =>
      x.map((_, i) => 1 - 1.5 * ((x[i - 1] ?? 0) + (x[i + 1] ?? 0)) * (i % 2 === 0 ? 0.3 : 1));
    const { machine, verdict } = solve(new Array<number>(200).fill(0), chain);
    expect(verdict).toBe("converged");
    expect(machine.methodTaken).toBe("newton");
    const swept = chain(machine.x);
    for (let i = 0; i < 200; i++)
      expect(Math.abs((swept[i] as number) - (machine.x[i] as number))).toBeLessThan(1e-8);
  });

  it("[FP18] each method solves what contracts, and is what the record says", () => {
    const { g, solution } = straight(3, 0.5, 7);
    for (const method of ["plain", "damped", "anderson", "newton"] as const) {
      const { x, machine } = solve([0, 0, 0], g, { method, damping: method === "damped" ? 0.8 : 1 });
      expect([machine.verdict, machine.methodTaken]).toEqual(["converged", method]);
      expect(error(x, solution)).toBeLessThan(4e-9);
    }
  });

  it("[FP18] aitken looks at one unknown at a time", () => {
    const { x, verdict } = solve([0, 0], (y) => [0.9 * (y[0] as number) + 1, -3 * (y[1] as number) + 4], {
      method: "aitken",
    });
    expect(verdict).toBe("converged");
    expect(x[0]).toBeCloseTo(10, 8);
    expect(x[1]).toBeCloseTo(1, 8);
  });

  it("[FP21] small moves of a slow loop are not the end of it", () => {
    const slow: Sweep = (x) => [0.999999 * (x[0] as number) + 1e-6, 0.5 * (x[1] as number)];
    const { verdict } = solve([1 - 1e-4, 1e-12], slow, { method: "plain" });
    expect(verdict).toBe("limit");
    expect(solve([1 - 1e-4, 1e-12], slow).x[0]).toBeCloseTo(1, 8);
  });

  it("[FP24] states that come again are told, and the best of them stands", () => {
    const swap: Sweep = (x) => [(x[1] as number) > 5 ? 3 : 7, x[0] as number];
    for (const method of ["plain", "auto"] as const) {
      const { verdict, machine } = solve([0, 0], swap, { method, isDiscrete: true });
      expect(verdict).toBe("switching");
      expect(machine.settled).toBe(1);
      expect([3, 7]).toContain(machine.x[0]);
    }
    const turning: Sweep = (x) => [1 - (x[1] as number), 2 + (x[0] as number)];
    expect(solve([0, 0], turning, { method: "plain" }).verdict).toBe("oscillating");
    expect(solve([0, 0], turning).verdict).toBe("converged");
  });

  it("[FP5] [FP26] errors and what has no solution", () => {
    expect(solve([0, 0], () => [Number.NaN, 1])).toMatchObject({ verdict: "error", sweeps: 1 });
    expect(solve([0, 0], (x) => [(x[0] as number) ** 2 + 1, (x[0] as number) / 2]).verdict).toBe("diverging");
    const growing: Sweep = (x) => [2 * (x[0] as number) + 1, 3 * (x[1] as number) + 1];
    expect(solve([0, 0], growing, { method: "plain" }).verdict).toBe("diverging");
    expect(solve([0, 0], growing).verdict).toBe("converged");
  });

  it("[FP25] a step that ends in an error is taken back", () => {
    const logs: Sweep = (x) => [5 - 3 * Math.log(x[1] as number), 5 - 3 * Math.log(x[0] as number)];
    const { x, verdict } = solve([1, 1.5], logs);
    expect(verdict).toBe("converged");
    expect(Math.abs((logs(Float64Array.from(x))[0] as number) - (x[0] as number))).toBeLessThan(1e-8);
  });

  it("[FP19] counts each step once, whatever slopes cost", () => {
    const { g } = straight(20, 3, 3);
    const { machine, sweeps } = solve(new Array<number>(20).fill(0), g, { method: "newton" });
    expect(machine.sweeps).toBe(sweeps);
    expect(machine.sweeps).toBeGreaterThan(20);
    expect(machine.iterations).toBeLessThan(5);
    expect(machine.trail.count).toBe(machine.iterations);
  });
});
