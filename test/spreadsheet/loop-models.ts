/** The models that both programs are given: the ones of the specification, and random ones of every family. */
import { Choices } from "../arbitraries/choices.ts";
import { loopFamilies } from "../arbitraries/loop.ts";
import { type LoopCase, loopCase, toleranceDefault } from "../arbitraries/loop-case.ts";
import { constant, named, plus, times } from "../arbitraries/loop-term.ts";
import { circularModels } from "../spec/circular-models.ts";

export interface LoopGroup {
  readonly name: string;
  readonly models: readonly LoopCase[];
}

/** A linear congruence: the same models in every run. */
function* drawn(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield Math.floor((state / 2 ** 32) * 1000);
  }
}

/** Of one family, so many, that start at 0: Calc knows no other start. */
function randomModels(family: string, count: number): LoopCase[] {
  const numbers = drawn([...family].reduce((sum, letter) => sum + letter.charCodeAt(0), 0));
  const models: LoopCase[] = [];
  while (models.length < count) {
    const of = loopFamilies[family]?.(new Choices(Array.from({ length: 120 }, () => numbers.next().value)));
    if (of === undefined) throw new RangeError(`there is no family of loops called ${family}`);
    const zeros = Object.fromEntries(of.cuts.map((cut) => [cut, 0]));
    if (family === "slow") models.push({ ...of, starts: zeros });
    else if (Object.values(of.starts).every((start) => start === 0)) models.push(of);
  }
  return models;
}

function published(): LoopCase[] {
  return circularModels.map(({ solution, ...model }) => ({
    ...model,
    starts: Object.fromEntries(model.cuts.map((cut) => [cut, 0])),
    method: "auto",
    tolerance: toleranceDefault,
    limit: 100,
    truth: { solutions: [solution], verdicts: ["converged"], noise: 0 },
  }));
}

/** A ring of many cells whose gain is a half. */
function longRing(count: number): LoopCase {
  const names = Array.from({ length: count }, (_, i) => `m${i + 1}`);
  const last = names[count - 1] as string;
  return loopCase({
    name: `ring of ${count}`,
    unknowns: names.map((name, i) => {
      const before = named(names[(i + count - 1) % count] as string);
      return [name, i === 0 ? plus(times(constant(0.5), before), constant(1)) : plus(before, constant(1))];
    }),
    cuts: { [last]: 0 },
    solutions: [{ [last]: 2 * count }],
    verdicts: ["converged"],
  });
}

const families = {
  linear: "one line, of any slope",
  slow: "slopes just below one",
  bounded: "bounds (MIN and MAX)",
  floored: "a floor (MAX)",
  switching: "a condition (IF)",
  rounding: "rounding",
  curved: "curves",
  partial: "roots, logarithms, quotients",
  linearSystem: "several unknowns, linear",
  boundedSystem: "several unknowns, bounded",
  curvedSystem: "several unknowns, curved",
  drift: "no solution: a drift",
  contradiction: "no solution: a contradiction",
};

export function loopGroups(count: number): LoopGroup[] {
  return [
    { name: "published models", models: published() },
    { name: "long rings", models: [10, 100, 300].map(longRing) },
    ...Object.entries(families).map(([family, name]) => ({ name, models: randomModels(family, count) })),
  ];
}
