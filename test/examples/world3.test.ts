/**
 * World3 of 2003, held against the figures of others and against a plain program (`world3-simulation.ts`).
 */
import { expect, it } from "vitest";
import { distance, published, type Run } from "./world3-published.ts";
import { abundance, reference, type Settings, simulate } from "./world3-simulation.ts";

const runs: readonly (readonly [Run, Settings])[] = [
  ["reference", reference],
  ["abundance", abundance],
];

function seriesOf(name: string, of: ReadonlyMap<string, readonly number[]>): readonly number[] {
  const series = of.get(name);
  if (series === undefined) throw new Error(`no ${name}`);
  return series;
}

it.each(runs)(
  "the plain program gives the published figures of the %s run to eight digits",
  (run, settings) => {
    const simulated = simulate({ ...settings, isFirstStepRounded: true });
    for (const series of published) {
      expect(distance(series, run, seriesOf(series.name, simulated))).toBeLessThan(5e-8);
    }
  },
);
