import { errorValue, withOrigin } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { LoopSolve } from "./api.ts";
import { ratioText, residualLogs, roundText, solveAdvice, solveText, startText } from "./loop-words.ts";

const solve: LoopSolve = {
  loop: "b.x",
  nodes: [],
  attributes: ["b.x"],
  at: [],
  period: 0,
  outer: -1,
  iterations: 50,
  sweeps: 50,
  residuals: [30, 14.2],
  lastDelta: 14.2,
  ratio: -1.31,
  verdict: "oscillating",
  method: "plain",
  start: "cold",
  damping: 0.5,
  dampedRatio: -0.155,
  settings: {
    cuts: [{ attribute: "b.x" }],
    toleranceAbsolute: 0.01,
    toleranceRelative: 0,
    iterationsMax: 50,
    method: "plain",
  },
  cuts: [{ attribute: "b.x", at: [], start: 0, value: 3 }],
  tolerance: 0.01,
  unit: "USD",
};

describe("a solve in words", () => {
  it("[SH40] says how far it came, against what, and what would help", () => {
    expect(solveText(solve)).toBe(
      "50 of 50 iterations, residual 14.2 USD > 0.01, oscillating (ratio -1.31); damping 0.5 predicts -0.155",
    );
    const { ratio: _, damping: __, dampedRatio: ___, ...bare } = solve;
    expect(solveText({ ...bare, verdict: "limit", method: "newton" })).toBe(
      "50 of 50 iterations, residual 14.2 USD > 0.01, limit reached, by newton",
    );
    const stopped = { ...bare, verdict: "error", iterations: 2 } as const;
    expect(solveText(stopped)).toBe("stopped by an error value");
    const value = withOrigin(errorValue("#DIV/0!"), { attribute: "b.cash", at: ["2026-03"] });
    expect(solveText({ ...stopped, cuts: [{ attribute: "b.x", at: [], value }] })).toBe(
      "stopped by #DIV/0!, which began in b.cash[2026-03]",
    );
    const converged = { ...solve, verdict: "converged", iterations: 1, ratio: 0.25 } as const;
    expect(solveText({ ...converged, lastDelta: 3.1e-10 })).toBe(
      "converged in 1 iteration, last change 3.1e-10 USD, ratio 0.25, by plain",
    );
    expect(solveText({ ...converged, lastDelta: 0 })).toContain(", last change 0, ratio");
    const away = { ...bare, verdict: "diverging", iterations: 9, ratio: -8.39e16 } as const;
    expect(solveText({ ...away, lastDelta: Number.POSITIVE_INFINITY })).toBe(
      "9 of 50 iterations, residual out of all numbers, diverging",
    );
    const texts = [{ attribute: "b.x", at: [], value: false }];
    expect(
      solveText({ ...away, verdict: "switching", cuts: texts, lastDelta: Number.POSITIVE_INFINITY }),
    ).toBe("9 of 50 iterations, switching");
    expect(ratioText(-8.39e16)).toBe("< -1e6");
    expect(ratioText(0.25)).toBe("0.25");
  });

  it("[SH40] says where it began", () => {
    const [cut] = solve.cuts as [LoopSolve["cuts"][number]];
    expect(startText(solve, cut)).toBe("b.x from 0 (no start is declared)");
    const settings = { ...solve.settings, cuts: [{ attribute: "b.x", start: "opening" }] };
    expect(startText({ ...solve, settings }, { ...cut, start: 1000 })).toBe("b.x from 1,000 (start opening)");
    const from = (start: number, written: string): string =>
      startText(
        { ...solve, settings: { ...solve.settings, cuts: [{ attribute: "b.x", start: written }] } },
        { ...cut, start },
      );
    expect(from(1000, "1_000")).toBe("b.x from 1,000 (declared)");
    expect(from(12_345_678_901_234, "big")).toBe("b.x from 12,345,678,901,234 (start big)");
    expect(from(1_000_000.123456, "x")).toBe("b.x from 1,000,000.12 (start x)");
    expect(from(2 / 3, "x")).toBe("b.x from 0.6667 (start x)");
    expect(from(-0.000012345678, "x")).toBe("b.x from -0.00001235 (start x)");
    expect(from(542.7884, "x")).toBe("b.x from 542.79 (start x)");
    expect(from(542.7884, "542.7884")).toBe("b.x from 542.7884 (declared)");
    const literal = (start: string | boolean, written: string): string =>
      from(start as unknown as number, written);
    expect(literal("", '""')).toBe('b.x from "" (declared)');
    expect(literal("ab", "name")).toBe('b.x from "ab" (start name)');
    expect(literal(true, "TRUE")).toBe("b.x from TRUE (declared)");
    expect(from(-1.5, "x")).toBe("b.x from -1.5 (start x)");
    expect(from(3e-9, "x")).toBe("b.x from 3e-9 (start x)");
    expect(from(1e300, "x")).toBe("b.x from 1e300 (start x)");
    const several = { ...cut, at: ["CA", "2026"] };
    expect(startText({ ...solve, at: ["2026"] }, several)).toBe("b.x[CA] from 0 (no start is declared)");
    expect(startText({ ...solve, at: ["CA", "2026"] }, several)).toBe("b.x from 0 (no start is declared)");
    const { start: _, ...warm } = cut;
    expect(startText({ ...solve, start: "warm" }, warm)).toBe("b.x from its last solution (warm)");
  });

  it("[SH40] advises by the verdict", () => {
    const advice = (change: Partial<LoopSolve>) => solveAdvice({ ...solve, ...change }).join("\n");
    expect(advice({})).toContain("`method damped  damping 0.5`: it predicts a ratio of -0.155");
    expect(advice({})).toContain("leave out `method plain`");
    // 14.2 · 0.5^n ≤ 0.01 for n ≥ 10.5, so 50 + 11 + 1, rounded up.
    expect(advice({ verdict: "limit", ratio: 0.5 })).toContain("`limit 62`");
    expect(advice({ verdict: "switching", settledBy: "the smallest residual" })).toContain(
      "so one was chosen: the smallest residual",
    );
    expect(advice({ verdict: "diverging" })).toContain("break the loop");
    expect(advice({ verdict: "error" })).toContain("from its declared start");
    expect(advice({ verdict: "diverging", ratio: 1, residuals: [2, 2, 2], lastDelta: 2 })).toContain(
      "moves by the same amount",
    );
    expect(advice({ verdict: "limit", ratio: 1, residuals: [2, 2, 2], lastDelta: 2 })).toContain(
      "no value fits",
    );
    const flat = [9, 2, 2, 2, 2, 2, 2, 2, 1];
    expect(advice({ verdict: "limit", ratio: 0.9, residuals: flat, lastDelta: 2 })).toContain(
      "came no nearer",
    );
    const falling = flat.map((_, i) => 2 * 0.9 ** i);
    const strayed = { verdict: "limit", ratio: 0.9, residuals: falling, lastDelta: 0.02 } as const;
    expect(advice(strayed)).toContain("came no nearer");
    expect(advice({ verdict: "limit", ratio: 0.9, residuals: falling, lastDelta: 2 })).toContain(
      "on its way",
    );
    expect(advice({ verdict: "diverging", ratio: 1.1, residuals: [2, 2.2], lastDelta: 2.2 })).toContain(
      "leads further away",
    );
    expect(advice({ verdict: "limit", ratio: 1, iterations: 6 })).toContain("a higher `limit` does not help");
    expect(advice({ verdict: "converged", ratio: 0.2 })).toBe("");
    expect(advice({ verdict: "converged", ratio: -1.4, method: "newton" })).toContain("(ratio -1.4)");
    expect(advice({ verdict: "converged", ratio: 0.95 })).toContain("leave out `method plain`");
  });

  it("[SH40] advises a start where the loop makes the error itself, and has none", () => {
    const advice = (attribute: string, start?: string) =>
      solveAdvice({
        ...solve,
        verdict: "error",
        settings: {
          ...solve.settings,
          cuts: [{ attribute: "b.x", ...(start === undefined ? {} : { start }) }],
        },
        cuts: [{ attribute: "b.x", at: [], value: withOrigin(errorValue("#DIV/0!"), { attribute, at: [] }) }],
      }).join("\n");
    expect(advice("b.x")).toContain("declare another start (`loop x  start 1`)");
    expect(advice("b.x", "opening")).not.toContain("another start");
    expect(advice("b.cash")).not.toContain("another start");
  });

  it("[SH40] draws residuals that are nearly alike as alike", () => {
    expect(residualLogs([1, 1.001, 0.999])).toEqual([0, 0, -0]);
    expect(residualLogs([100, 1, 0, Number.POSITIVE_INFINITY])).toEqual([2, 0, -1, 3]);
  });

  it("[SH40] rounds to three digits", () => {
    expect(
      [0, -0.000012345, 123456, 31_650_000, -2e9, Number.POSITIVE_INFINITY, Number.NaN].map(roundText),
    ).toEqual(["0", "-0.0000123", "123000", "3.17e7", "-2e9", "infinite", "unknown"]);
  });
});
