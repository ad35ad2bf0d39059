/** Random loops of every kind. A seed is a list of numbers (see `Choices`); the first one picks the family. */
import fc from "fast-check";
import { Choices } from "./choices.ts";
import type { LoopCase } from "./loop-case.ts";
import {
  bounded,
  broken,
  curved,
  declaredLinear,
  drift,
  floored,
  linear,
  partial,
  pole,
  rounding,
  slow,
  switching,
  touching,
  unsolved,
} from "./loop-ring.ts";
import {
  boundedSystem,
  contradiction,
  curvedSystem,
  linearSystem,
  roundedSystem,
  thresholds,
} from "./loop-system.ts";

export type LoopSeed = readonly number[];

export const loopFamilies: Readonly<Record<string, (choices: Choices) => LoopCase>> = {
  linear,
  declaredLinear,
  slow,
  drift,
  bounded,
  floored,
  switching,
  rounding,
  curved,
  partial,
  unsolved,
  broken,
  linearSystem,
  boundedSystem,
  curvedSystem,
  contradiction,
  touching,
  pole,
  thresholds,
  roundedSystem,
};

/** Enough numbers for a system of six unknowns. */
export const loopSeed: fc.Arbitrary<LoopSeed> = fc.array(fc.nat(999), { minLength: 120, maxLength: 120 });

/** A loop of the family of that name, or of the one that the seed picks. */
export function randomLoop(seed: LoopSeed, family?: string): LoopCase {
  const choices = new Choices(seed);
  const picked = choices.pick(Object.values(loopFamilies));
  return (family === undefined ? picked : (loopFamilies[family] as typeof picked))(choices);
}
