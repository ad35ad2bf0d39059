/** Variance, deviation and shape. Two passes over the numbers: the mean first, then the distances from it. */
import { errorValue, isErrorValue, type Scalar } from "@reckon/value";
import type { FunctionDefinition, Value } from "./definition.ts";
import { numbersOfAll, reduceNumbers } from "./number-arguments.ts";
import { finiteOf } from "./operators.ts";
import { familyOf, number, value } from "./parameter.ts";

const values = value("number", "a number, or an array of which the numbers count");
type Definition = Omit<FunctionDefinition, "family">;

function ofNumbers(
  names: readonly [string, ...string[]],
  doc: string,
  example: readonly [string, string],
  reduce: (numbers: readonly number[]) => Scalar,
): Definition {
  const [name, ...aliases] = names;
  const implement = (...args: Value[]): Scalar => reduceNumbers(args, reduce);
  return { name, aliases, parameters: [values], repeat: 1, reduces: true, doc, example, implement };
}

function ofAll(
  name: string,
  doc: string,
  example: readonly [string, string],
  reduce: (numbers: readonly number[]) => Scalar,
): Definition {
  const implement = (...args: Value[]): Scalar => {
    const numbers = numbersOfAll(args);
    return isErrorValue(numbers) ? numbers : reduce(numbers);
  };
  return { name, parameters: [values], repeat: 1, reduces: true, doc, example, implement };
}

const ofSample = "of a sample (n − 1)";
const ofPopulation = "of the whole population (n)";

export const spreadFunctions: readonly FunctionDefinition[] = familyOf("statistics", [
  ofNumbers(["VAR.S", "VAR"], `The variance ${ofSample}.`, ["=VAR.S(1,2,3)", "1"], (all) => variance(all, 1)),
  ofNumbers(["VAR.P", "VARP"], `The variance ${ofPopulation}.`, ["=VAR.P(1,3)", "1"], (all) =>
    variance(all, 0),
  ),
  ofNumbers(["STDEV.S", "STDEV"], `The standard deviation ${ofSample}.`, ["=STDEV.S(1,2,3)", "1"], (all) =>
    rootOf(variance(all, 1)),
  ),
  ofNumbers(["STDEV.P", "STDEVP"], `The standard deviation ${ofPopulation}.`, ["=STDEV.P(1,3)", "1"], (all) =>
    rootOf(variance(all, 0)),
  ),
  ofAll(
    "VARA",
    `The variance ${ofSample}, texts and FALSE as 0, TRUE as 1.`,
    ["=VARA({1,2,3})", "1"],
    (all) => variance(all, 1),
  ),
  ofAll(
    "VARPA",
    `The variance ${ofPopulation}, texts and FALSE as 0, TRUE as 1.`,
    ["=VARPA({1,3})", "1"],
    (all) => variance(all, 0),
  ),
  ofAll(
    "STDEVA",
    `The deviation ${ofSample}, texts and FALSE as 0, TRUE as 1.`,
    ["=STDEVA({1,2,3})", "1"],
    (all) => rootOf(variance(all, 1)),
  ),
  ofAll(
    "STDEVPA",
    `The deviation ${ofPopulation}, texts and FALSE as 0, TRUE as 1.`,
    ["=STDEVPA({1,3})", "1"],
    (all) => rootOf(variance(all, 0)),
  ),
  ofNumbers(["DEVSQ"], "The sum of the squared distances from the mean.", ["=DEVSQ(1,2,3)", "2"], (all) =>
    all.length === 0 ? errorValue("#NUM!") : finiteOf(moment(all, 2)),
  ),
  ofNumbers(["AVEDEV"], "The mean distance from the mean.", ["=AVEDEV(1,3)", "1"], (all) => {
    if (all.length === 0) return errorValue("#NUM!");
    const mean = meanOf(all);
    return finiteOf(all.reduce((total, x) => total + Math.abs(x - mean), 0) / all.length);
  }),
  ofNumbers(["SKEW"], "How far the numbers lean to one side, of a sample.", ["=SKEW(1,2,3)", "0"], (all) => {
    const n = all.length;
    const deviation = rootOf(variance(all, 1));
    if (n < 3 || typeof deviation !== "number" || deviation === 0) return errorValue("#DIV/0!");
    return finiteOf((n * moment(all, 3)) / ((n - 1) * (n - 2) * deviation ** 3));
  }),
  ofNumbers(
    ["SKEW.P"],
    "How far the numbers lean to one side, of the population.",
    ["=SKEW.P(1,2,3)", "0"],
    (all) => {
      const deviation = rootOf(variance(all, 0));
      if (all.length < 3 || typeof deviation !== "number" || deviation === 0) return errorValue("#DIV/0!");
      return finiteOf(moment(all, 3) / all.length / deviation ** 3);
    },
  ),
  ofNumbers(
    ["KURT"],
    "How heavy the ends are, compared with a normal distribution.",
    ["=KURT(1,2,3,4)", "-1.2"],
    (all) => {
      const n = all.length;
      const spread = variance(all, 1);
      if (n < 4 || typeof spread !== "number" || spread === 0) return errorValue("#DIV/0!");
      const scale = (n * (n + 1)) / ((n - 1) * (n - 2) * (n - 3));
      return finiteOf((scale * moment(all, 4)) / spread ** 2 - (3 * (n - 1) ** 2) / ((n - 2) * (n - 3)));
    },
  ),
  {
    name: "STANDARDIZE",
    parameters: [
      number("x", "the number"),
      number("mean", "the mean of the distribution"),
      number("standard_dev", "its standard deviation, above 0"),
    ],
    doc: "How many standard deviations a number lies from the mean.",
    example: ["=STANDARDIZE(5,3,2)", "1"],
    implement: (x: number, mean: number, deviation: number) =>
      deviation <= 0 ? errorValue("#NUM!") : (x - mean) / deviation,
  },
]);

/** The mean as the first number and the mean distance from it, so that equal numbers have a spread of exactly 0. */
function meanOf(numbers: readonly number[]): number {
  const first = numbers[0] ?? 0;
  return first + numbers.reduce((total, x) => total + (x - first), 0) / numbers.length;
}

/** The sum of a power of the distances from the mean. */
function moment(numbers: readonly number[], power: number): number {
  const mean = meanOf(numbers);
  return numbers.reduce((total, x) => total + (x - mean) ** power, 0);
}

/** The variance with `lost` degrees of freedom lost: 1 for a sample, 0 for a population. */
function variance(numbers: readonly number[], lost: 0 | 1): Scalar {
  if (numbers.length <= lost) return errorValue("#DIV/0!", "there are too few numbers");
  return finiteOf(moment(numbers, 2) / (numbers.length - lost));
}

function rootOf(value: Scalar): Scalar {
  return typeof value === "number" ? Math.sqrt(value) : value;
}
