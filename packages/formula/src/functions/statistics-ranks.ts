/** Order statistics: ranks, percentiles, quartiles, the k-th smallest and largest. */
import { type ErrorValue, errorValue, isErrorValue, type Scalar } from "@reckon/value";
import type { FunctionDefinition, Value } from "./definition.ts";
import { numbersOf } from "./number-arguments.ts";
import { familyOf, number, optional, value } from "./parameter.ts";

const array = value("array", "the numbers");
const share = number("k", "from 0 to 1");

/** A function of a number and the sorted numbers of an array. */
function ofSorted(
  names: readonly [string, ...string[]],
  parameter: ReturnType<typeof number>,
  doc: string,
  example: readonly [string, string],
  give: (sorted: Float64Array, k: number) => Scalar,
): Omit<FunctionDefinition, "family"> {
  const [name, ...aliases] = names;
  const implement = (numbers: Value, k: number): Scalar => {
    const sorted = sortedNumbers(numbers);
    if (isErrorValue(sorted)) return sorted;
    return sorted.length === 0 ? errorValue("#NUM!", "there are no numbers") : give(sorted, k);
  };
  return { name, aliases, parameters: [array, parameter], doc, example, implement };
}

const place = number("k", "1 for the first");

export const rankFunctions: readonly FunctionDefinition[] = familyOf("statistics", [
  ofSorted(["LARGE"], place, "The k-th largest number.", ["=LARGE({3,1,2},1)", "3"], (sorted, k) =>
    at(sorted, sorted.length - Math.ceil(k)),
  ),
  ofSorted(["SMALL"], place, "The k-th smallest number.", ["=SMALL({3,1,2},2)", "2"], (sorted, k) =>
    at(sorted, Math.trunc(k) - 1),
  ),
  ofSorted(
    ["PERCENTILE.INC", "PERCENTILE"],
    share,
    "The number below which a share of the numbers lies, both ends included.",
    ["=PERCENTILE.INC({1,2,3,4},0.3)", "1.9"],
    inclusive,
  ),
  ofSorted(
    ["PERCENTILE.EXC"],
    number("k", "between 1/(n+1) and n/(n+1)"),
    "The number below which a share of the numbers lies, both ends excluded.",
    ["=PERCENTILE.EXC({1,2,3},0.25)", "1"],
    exclusive,
  ),
  ofSorted(
    ["QUARTILE.INC", "QUARTILE"],
    number("quart", "0 least, 1 first quartile, 2 median, 3 third quartile, 4 largest"),
    "A quartile, both ends included.",
    ["=QUARTILE.INC({1,2,3,4},1)", "1.75"],
    (sorted, quart) => inclusive(sorted, Math.trunc(quart) / 4),
  ),
  ofSorted(
    ["QUARTILE.EXC"],
    number("quart", "1, 2 or 3"),
    "A quartile, both ends excluded.",
    ["=QUARTILE.EXC({1,2,3},1)", "1"],
    (sorted, quart) => exclusive(sorted, Math.trunc(quart) / 4),
  ),
  {
    name: "RANK.EQ",
    aliases: ["RANK"],
    parameters: [
      number("number", "the number to place"),
      value("ref", "the numbers"),
      optional(number("order", "0: the largest is first; otherwise the smallest"), 0),
    ],
    doc: "The place of a number among others; equal numbers share the first of their places.",
    example: ["=RANK.EQ(2,{3,2,1})", "2"],
    implement: (x: number, numbers: Value, order: number) => rank(x, numbers, order, false),
  },
  {
    name: "RANK.AVG",
    parameters: [
      number("number", "the number to place"),
      value("ref", "the numbers"),
      optional(number("order", "0: the largest is first; otherwise the smallest"), 0),
    ],
    doc: "The place of a number among others; equal numbers share the mean of their places.",
    example: ["=RANK.AVG(2,{3,2,2})", "2.5"],
    implement: (x: number, numbers: Value, order: number) => rank(x, numbers, order, true),
  },
  {
    name: "PERCENTRANK.INC",
    aliases: ["PERCENTRANK"],
    parameters: [
      array,
      number("x", "the number to place"),
      optional(number("significance", "digits kept, ≥ 1"), 3),
    ],
    doc: "The share of the numbers below a number, both ends included; cut off, not rounded.",
    example: ["=PERCENTRANK.INC({1,2,3,4,5},2)", "0.25"],
    implement: (numbers: Value, x: number, digits: number) =>
      shareBelow(numbers, x, digits, (position, n) => (n === 1 ? 1 : position / (n - 1))),
  },
  {
    name: "PERCENTRANK.EXC",
    parameters: [
      array,
      number("x", "the number to place"),
      optional(number("significance", "digits kept, ≥ 1"), 3),
    ],
    doc: "The share of the numbers below a number, both ends excluded; cut off, not rounded.",
    example: ["=PERCENTRANK.EXC({1,2,3},2)", "0.5"],
    implement: (numbers: Value, x: number, digits: number) =>
      shareBelow(numbers, x, digits, (position, n) => (position + 1) / (n + 1)),
  },
]);

function sortedNumbers(numbers: Value): Float64Array | ErrorValue {
  const all = numbersOf([numbers]);
  return isErrorValue(all) ? all : Float64Array.from(all).sort();
}

function at(sorted: Float64Array, index: number): Scalar {
  return sorted[index] ?? errorValue("#NUM!", "there are not that many numbers");
}

function inclusive(sorted: Float64Array, k: number): Scalar {
  return k < 0 || k > 1 ? errorValue("#NUM!") : between(sorted, k * (sorted.length - 1));
}

function exclusive(sorted: Float64Array, k: number): Scalar {
  const position = k * (sorted.length + 1) - 1;
  return k <= 0 || k >= 1 || position < -1e-12 || position > sorted.length - 1 + 1e-12
    ? errorValue("#NUM!")
    : between(sorted, Math.min(Math.max(position, 0), sorted.length - 1));
}

/** The number at a position that need not be whole, on the straight line between its neighbours. */
function between(sorted: Float64Array, position: number): number {
  const below = Math.floor(position);
  const lower = sorted[below] as number;
  const upper = sorted[below + 1] ?? lower;
  return lower + (position - below) * (upper - lower);
}

function rank(x: number, numbers: Value, order: number, isShared: boolean): Scalar {
  const all = numbersOf([numbers]);
  if (isErrorValue(all)) return all;
  const before = all.filter((each) => (order === 0 ? each > x : each < x)).length;
  const same = all.filter((each) => each === x).length;
  if (same === 0) return errorValue("#N/A", "the number is not among them");
  return before + 1 + (isShared ? (same - 1) / 2 : 0);
}

function shareBelow(
  numbers: Value,
  x: number,
  digits: number,
  shareOf: (position: number, count: number) => number,
): Scalar {
  const sorted = sortedNumbers(numbers);
  if (isErrorValue(sorted)) return sorted;
  if (sorted.length === 0 || Math.trunc(digits) < 1) return errorValue("#NUM!");
  const upper = sorted.findIndex((each) => each >= x);
  if (upper < 0 || x < (sorted[0] as number)) return errorValue("#N/A", "the number lies outside");
  const above = sorted[upper] as number;
  const below = sorted[upper - 1] ?? above;
  const position = above === x ? upper : upper - 1 + (x - below) / (above - below);
  const factor = 10 ** Math.trunc(digits);
  return Math.floor(shareOf(position, sorted.length) * factor * (1 + 2 ** -50)) / factor;
}
