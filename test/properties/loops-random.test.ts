/** Random loops whose solutions and verdicts are known from how they were built. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { loopFamilies, loopSeed, randomLoop } from "../arbitraries/loop.ts";
import { type LoopCase, loopText } from "../arbitraries/loop-case.ts";
import { cases } from "./cases.ts";

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
      expect(of.truth.solutions.length > 0, loopText(of)).toBe(
        of.truth.verdicts.includes("converged") || of.name.startsWith("linear, "),
      );
    }),
    cases(800),
  );
  expect(seen.size).toBeGreaterThan(Object.keys(loopFamilies).length / 4);
});
