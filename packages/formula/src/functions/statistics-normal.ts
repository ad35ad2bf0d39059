/** The normal distribution and what follows from it directly. */
import { type ErrorValue, errorValue } from "@reckon/value";
import type { FunctionDefinition } from "./definition.ts";
import { erf, erfc, normalBelow, normalDensity, normalInverse } from "./error-function.ts";
import { finiteOf } from "./operators.ts";
import { familyOf, logical, number, optional, strictNumber } from "./parameter.ts";

const x = number("x", "the value");
const mean = number("mean", "the mean");
const deviation = number("standard_dev", "the standard deviation, above 0");
const cumulative = logical("cumulative", "TRUE: the share at or below; FALSE: the density");
const probability = number("probability", "above 0 and below 1");

export const normalFunctions: readonly FunctionDefinition[] = familyOf("statistics", [
  {
    name: "NORM.DIST",
    aliases: ["NORMDIST"],
    parameters: [x, mean, deviation, cumulative],
    doc: "The normal distribution: the share at or below a value, or the density.",
    example: ["=NORM.DIST(3,3,2,TRUE)", "0.5"],
    implement: (at: number, centre: number, spread: number, isShare: boolean) => {
      if (spread <= 0) return errorValue("#NUM!", "the deviation is not positive");
      const z = (at - centre) / spread;
      return isShare ? normalBelow(z) : normalDensity(z) / spread;
    },
  },
  {
    name: "NORM.S.DIST",
    parameters: [number("z", "the value"), cumulative],
    doc: "The normal distribution with mean 0 and deviation 1.",
    example: ["=NORM.S.DIST(0,TRUE)", "0.5"],
    implement: (z: number, isShare: boolean) => (isShare ? normalBelow(z) : normalDensity(z)),
  },
  {
    name: "NORMSDIST",
    parameters: [number("z", "the value")],
    doc: "The share of the standard normal distribution at or below a value.",
    example: ["=NORMSDIST(0)", "0.5"],
    implement: normalBelow,
  },
  {
    name: "NORM.INV",
    aliases: ["NORMINV"],
    parameters: [probability, mean, deviation],
    doc: "The value below which a share of a normal distribution lies.",
    example: ["=NORM.INV(0.5,3,2)", "3"],
    implement: (p: number, centre: number, spread: number) =>
      spread <= 0
        ? errorValue("#NUM!", "the deviation is not positive")
        : ofShare(p, (z) => centre + spread * z),
  },
  {
    name: "NORM.S.INV",
    aliases: ["NORMSINV"],
    parameters: [probability],
    doc: "The value below which a share of the standard normal distribution lies.",
    example: ["=NORM.S.INV(0.5)", "0"],
    implement: (p: number) => ofShare(p, (z) => z),
  },
  {
    name: "LOGNORM.DIST",
    parameters: [number("x", "above 0"), mean, deviation, cumulative],
    doc: "The distribution of a number whose logarithm is normal.",
    example: ["=LOGNORM.DIST(1,0,1,TRUE)", "0.5"],
    implement: (at: number, centre: number, spread: number, isShare: boolean) => {
      if (at <= 0 || spread <= 0) return errorValue("#NUM!");
      const z = (Math.log(at) - centre) / spread;
      return isShare ? normalBelow(z) : finiteOf(normalDensity(z) / spread / at);
    },
  },
  {
    name: "LOGNORM.INV",
    aliases: ["LOGINV"],
    parameters: [probability, mean, deviation],
    doc: "The value below which a share of a lognormal distribution lies.",
    example: ["=LOGNORM.INV(0.5,0,1)", "1"],
    implement: (p: number, centre: number, spread: number) =>
      spread <= 0 ? errorValue("#NUM!") : ofShare(p, (z) => Math.exp(centre + spread * z)),
  },
  {
    name: "CONFIDENCE.NORM",
    aliases: ["CONFIDENCE"],
    parameters: [
      number("alpha", "share outside, above 0 and below 1"),
      deviation,
      number("size", "of the sample, ≥ 1"),
    ],
    doc: "Half the width of the interval that holds the mean.",
    example: ["=ROUND(CONFIDENCE.NORM(0.05,2.5,50),6)", "0.692952"],
    implement: (alpha: number, spread: number, size: number) =>
      spread <= 0 || Math.trunc(size) < 1
        ? errorValue("#NUM!")
        : ofShare(1 - alpha / 2, (z) => (z * spread) / Math.sqrt(Math.trunc(size)), alpha),
  },
  {
    name: "GAUSS",
    parameters: [number("z", "the value")],
    doc: "The share of the standard normal distribution between 0 and a value.",
    example: ["=ROUND(GAUSS(2),5)", "0.47725"],
    implement: (z: number) => erf(z / Math.SQRT2) / 2,
  },
  {
    name: "PHI",
    parameters: [number("x", "the value")],
    doc: "The density of the standard normal distribution.",
    example: ["=ROUND(PHI(0),6)", "0.398942"],
    implement: normalDensity,
  },
  {
    name: "ERF",
    parameters: [
      strictNumber("lower_limit", "from where, or up to where when alone"),
      optional(strictNumber("upper_limit", "up to where")),
    ],
    doc: "The error function, from 0 or between two limits.",
    example: ["=ROUND(ERF(1),6)", "0.842701"],
    implement: (from: number, to?: number) => (to === undefined ? erf(from) : erf(to) - erf(from)),
  },
  {
    name: "ERF.PRECISE",
    parameters: [strictNumber("x", "the value")],
    doc: "The error function.",
    example: ["=ROUND(ERF.PRECISE(1),6)", "0.842701"],
    implement: erf,
  },
  {
    name: "ERFC",
    aliases: ["ERFC.PRECISE"],
    parameters: [strictNumber("x", "the value")],
    doc: "One less the error function.",
    example: ["=ROUND(ERFC(1),6)", "0.157299"],
    implement: erfc,
  },
  {
    name: "FISHER",
    parameters: [number("x", "between -1 and 1")],
    doc: "The Fisher transformation of a correlation.",
    example: ["=ROUND(FISHER(0.75),6)", "0.972955"],
    implement: (at: number) => (Math.abs(at) >= 1 ? errorValue("#NUM!") : Math.atanh(at)),
  },
  {
    name: "FISHERINV",
    parameters: [number("y", "a transformed correlation")],
    doc: "The correlation behind a Fisher transformation.",
    example: ["=FISHERINV(0)", "0"],
    implement: (y: number) => Math.tanh(y),
  },
]);

function ofShare(p: number, give: (z: number) => number, checked: number = p): number | ErrorValue {
  if (checked <= 0 || checked >= 1) return errorValue("#NUM!", "the probability is not between 0 and 1");
  return finiteOf(give(normalInverse(p)));
}
