/** The thresholds of advice: their defaults, and how a configuration changes them. */
import type { AdviceThresholds } from "../batch-plan.ts";

/** A week of setting up a cluster, against the hour of somebody who waits, in the currency of `--price`. */
const engineeringCost = 4_000;
const waitingCostPerHour = 50;

/** What holds where nothing else is said. */
export const adviceDefaults: AdviceThresholds = {
  runsMin: 3,
  failureShareMax: 0.01,
  p99RatioMax: 10,
  wallMsMin: 10_000,
  entitiesMin: 30,
  savedMsPerDayMin: 60_000,
  speedUpMin: 1.25,
  costRatioMax: 1.5,
  engineeringCost,
  waitingCostPerHour,
};

const names = Object.keys(adviceDefaults) as readonly (keyof AdviceThresholds)[];

/**
 * The thresholds with those of a configuration, which is what `reckon.json` has under `advise`; `undefined` is none. What cannot be
 * one is a problem, as a sentence.
 *
 * @example
 * ```ts
 * const thresholds = readThresholds({ runsMin: 5 });
 * if ("runsMin" in thresholds) console.log(thresholds.runsMin, thresholds.entitiesMin); // 5 30
 * ```
 */
export function readThresholds(config: unknown): AdviceThresholds | { readonly problem: string } {
  if (config === undefined) return adviceDefaults;
  if (typeof config !== "object" || config === null || Array.isArray(config))
    return { problem: "advise has to be an object with thresholds in it" };
  for (const [name, value] of Object.entries(config)) {
    if (!names.some((known) => known === name))
      return { problem: `advise has no threshold ${name}; there are ${names.join(", ")}` };
    if (typeof value !== "number" || !Number.isFinite(value) || value < 0)
      return { problem: `${name} of advise has to be a number that is not below 0` };
  }
  return { ...adviceDefaults, ...config };
}
