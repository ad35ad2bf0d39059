/** Pairs of numbers: covariance, correlation and the straight line through them. */
import { errorValue, isErrorValue, type Scalar } from "@reckon/value";
import type { FunctionDefinition, Value } from "./definition.ts";
import { numberPairs } from "./number-arguments.ts";
import { quotientOf } from "./operators.ts";
import { familyOf, number, value } from "./parameter.ts";

const knownY = value("known_y", "the dependent numbers");
const knownX = value("known_x", "the independent numbers, as many");
const first = value("array1", "the first numbers");
const second = value("array2", "the second numbers, as many");

/** Sums over pairs: the count, the means, and the sums of squared and crossed distances from them. */
interface Moments {
  readonly n: number;
  readonly meanX: number;
  readonly meanY: number;
  readonly xx: number;
  readonly yy: number;
  readonly xy: number;
}

export const regressionFunctions: readonly FunctionDefinition[] = familyOf("statistics", [
  {
    name: "CORREL",
    aliases: ["PEARSON"],
    parameters: [first, second],
    doc: "The correlation of two arrays, from -1 to 1.",
    example: ["=CORREL({1,2,3},{2,4,6})", "1"],
    implement: (xs: Value, ys: Value) =>
      ofPairs(xs, ys, 1, (m) => quotientOf(m.xy, Math.sqrt(m.xx) * Math.sqrt(m.yy))),
  },
  {
    name: "RSQ",
    parameters: [knownY, knownX],
    doc: "The square of the correlation.",
    example: ["=RSQ({2,4,6},{1,2,3})", "1"],
    implement: (ys: Value, xs: Value) => ofPairs(xs, ys, 1, (m) => quotientOf(m.xy * m.xy, m.xx * m.yy)),
  },
  {
    name: "COVARIANCE.P",
    aliases: ["COVAR"],
    parameters: [first, second],
    doc: "The covariance of the whole population (n).",
    example: ["=COVARIANCE.P({1,3},{1,3})", "1"],
    implement: (xs: Value, ys: Value) => ofPairs(xs, ys, 1, (m) => m.xy / m.n),
  },
  {
    name: "COVARIANCE.S",
    parameters: [first, second],
    doc: "The covariance of a sample (n − 1).",
    example: ["=COVARIANCE.S({1,3},{1,3})", "2"],
    implement: (xs: Value, ys: Value) => ofPairs(xs, ys, 2, (m) => m.xy / (m.n - 1)),
  },
  {
    name: "SLOPE",
    parameters: [knownY, knownX],
    doc: "How much y grows with x on the straight line of least squares.",
    example: ["=SLOPE({3,5,7},{1,2,3})", "2"],
    implement: (ys: Value, xs: Value) => ofPairs(xs, ys, 1, (m) => quotientOf(m.xy, m.xx)),
  },
  {
    name: "INTERCEPT",
    parameters: [knownY, knownX],
    doc: "Where the straight line of least squares crosses x = 0.",
    example: ["=INTERCEPT({3,5,7},{1,2,3})", "1"],
    implement: (ys: Value, xs: Value) => ofPairs(xs, ys, 1, (m) => lineAt(m, 0)),
  },
  {
    name: "FORECAST.LINEAR",
    aliases: ["FORECAST"],
    parameters: [number("x", "where to read the line"), knownY, knownX],
    doc: "The value at x of the straight line of least squares.",
    example: ["=FORECAST.LINEAR(4,{3,5,7},{1,2,3})", "9"],
    implement: (x: number, ys: Value, xs: Value) => ofPairs(xs, ys, 1, (m) => lineAt(m, x)),
  },
  {
    name: "STEYX",
    parameters: [knownY, knownX],
    doc: "The standard error of y about the straight line of least squares.",
    example: ["=STEYX({3,5,7},{1,2,3})", "0"],
    implement: (ys: Value, xs: Value) =>
      ofPairs(xs, ys, 3, (m) =>
        m.xx === 0 ? errorValue("#DIV/0!") : Math.sqrt(Math.max(0, m.yy - (m.xy * m.xy) / m.xx) / (m.n - 2)),
      ),
  },
]);

function lineAt(m: Moments, x: number): Scalar {
  const slope = quotientOf(m.xy, m.xx);
  return typeof slope === "number" ? m.meanY + slope * (x - m.meanX) : slope;
}

/** `give` of the moments of the pairs; `#DIV/0!` for fewer than `least` pairs. */
function ofPairs(xs: Value, ys: Value, least: number, give: (moments: Moments) => Scalar): Scalar {
  const pairs = numberPairs(xs, ys);
  if (isErrorValue(pairs)) return pairs;
  const n = pairs.xs.length;
  if (n < least) return errorValue("#DIV/0!", "there are too few pairs of numbers");
  const meanX = pairs.xs.reduce((a, b) => a + b, 0) / n;
  const meanY = pairs.ys.reduce((a, b) => a + b, 0) / n;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < n; i++) {
    const dx = (pairs.xs[i] as number) - meanX;
    const dy = (pairs.ys[i] as number) - meanY;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return give({ n, meanX, meanY, xx, yy, xy });
}
