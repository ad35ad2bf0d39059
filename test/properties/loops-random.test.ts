/** Random loops whose solutions and verdicts are known from how they were built. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { loopFamilies, loopSeed, randomLoop } from "../arbitraries/loop.ts";
import { type LoopCase, loopText } from "../arbitraries/loop-case.ts";
import { largestResidual } from "../oracle/residual.ts";
import { cases } from "./cases.ts";
import { faultsOf, openLoop, openLoopText, outcomeOf } from "./loop-sheet.ts";

/** Far below the tolerance that the loops declare: the rounding of a few sums, and of the unknown, times the slope. */
const tighterFor = (slope: number): number => 1e-12 + Number.EPSILON * Math.abs(slope);

/** By how much an unknown moves when all are computed from what is said to be a solution, as a share of the largest. */
function restOf(of: LoopCase, solution: Readonly<Record<string, number>>): number {
  const again = of.sweep({ ...of.inputs, ...solution });
  const largest = Math.max(1e-3, ...Object.values(solution).map(Math.abs));
  return (
    Math.max(...Object.keys(again).map((name) => Math.abs((again[name] ?? 0) - (solution[name] ?? 0)))) /
    largest
  );
}

it("what is known of random loops is so", () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(loopSeed, (seed) => {
      const of = randomLoop(seed);
      seen.set(of.truth.verdicts.join(" "), (seen.get(of.truth.verdicts.join(" ")) ?? 0) + 1);
      for (const solution of of.truth.solutions) {
        expect(restOf(of, solution), loopText(of)).toBeLessThanOrEqual(100 * of.truth.noise);
      }
      // Most kinds are all or nothing: with a solution they must converge, without one they must not.
      if (of.truth.verdicts.length < 4 && of.truth.isStepwise !== true) {
        expect(of.truth.solutions.length > 0, loopText(of)).toBe(
          of.truth.verdicts.includes("converged") || of.name.startsWith("linear, "),
        );
      }
    }),
    cases(800),
  );
  expect(seen.size).toBeGreaterThan(Object.keys(loopFamilies).length / 4);
});

it("[FP91] [FP92] a random loop ends as it must, and what has converged is a solution", () => {
  fc.assert(
    fc.property(loopSeed, (seed) => {
      const of = randomLoop(seed);
      const sheet = openLoop(of);
      expect(faultsOf(of, outcomeOf(of, sheet)), `${of.name}\n${loopText(of)}`).toEqual([]);
      sheet.dispose();
    }),
    cases(320),
  );
});

it("[FP98] the formulas of a solved loop, computed once more, give back its values", () => {
  fc.assert(
    fc.property(loopSeed, (seed) => {
      const of = randomLoop(seed);
      const sheet = openLoop(of);
      const [loop] = sheet.loops();
      const rest = largestResidual(sheet.model, loop?.attributes ?? [], (id) => sheet.column(id));
      if (loop?.verdict === "converged" && of.method === "auto") {
        const hasSteps = /IF|ROUND/.test(loopText(of));
        const most = hasSteps ? of.tolerance.relative : tighterFor(loop.ratio ?? 0);
        expect(rest?.part, loopText(of)).toBeLessThanOrEqual(most);
      }
      sheet.dispose();
    }),
    cases(200),
  );
});

it("[FP99] the damping that a record recommends makes a plain loop converge at the ratio predicted", () => {
  let recommended = 0;
  fc.assert(
    fc.property(loopSeed, (seed) => {
      const of = randomLoop(seed, "declaredLinear");
      const { gain } = of.truth;
      if (of.method !== "plain" || gain === undefined) return;
      const sheet = openLoop(of);
      const [loop] = sheet.loops();
      sheet.dispose();
      if (loop?.damping === undefined || loop.dampedRatio === undefined) return;
      recommended++;
      expect(loop.ratio).toBeCloseTo(gain, 5);
      expect(loop.dampedRatio).toBeCloseTo(1 - loop.damping * (1 - gain), 5);
      const damped: LoopCase = {
        ...of,
        method: "damped",
        damping: loop.damping,
        truth: { ...of.truth, verdicts: ["converged"] },
      };
      const again = openLoop(damped);
      expect(faultsOf(damped, outcomeOf(damped, again)), loopText(damped)).toEqual([]);
      const [first = Number.NaN, second = Number.NaN] = again.loops()[0]?.residuals ?? [];
      expect(second / first).toBeCloseTo(Math.abs(loop.dampedRatio), 4);
      again.dispose();
    }),
    cases(150),
  );
  expect(recommended).toBeGreaterThan(10);
});

it("[FP91] a member that is steeper than the unknown is as near in its own tolerance", () => {
  for (const steepness of [4, 40]) {
    const gain = 0.8056640625 / (steepness / 2);
    const sheet = openLoopText(`model steep

block ring
  m1 = m4 - 2
  m2 = 0.5 * m1 + 8.5
  m3 = ${steepness} * m2
  m4 = ${gain} * m3 - 14.4
  loop m4  start 0  limit 400  method plain
`);
    const m4 = (gain * steepness * 7.5 - 14.4) / (1 - 0.8056640625);
    const m3 = steepness * (0.5 * (m4 - 2) + 8.5);
    expect(sheet.loops()[0]?.verdict).toBe("converged");
    expect(Math.abs((sheet.get("ring.m3") as number) - m3)).toBeLessThanOrEqual(1.5e-9 * (1 + Math.abs(m3)));
    sheet.dispose();
  }
});
