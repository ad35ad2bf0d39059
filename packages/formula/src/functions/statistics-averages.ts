/** Counts, averages, extremes and middle values. */
import { errorValue, isArrayValue, isErrorValue, type Scalar } from "@reckon/value";
import { toNumber } from "./coerce.ts";
import { type FunctionDefinition, isLambda, type Value } from "./definition.ts";
import { cellsOf, numbersOf, numbersOfAll, reduceNumbers, sumOf } from "./number-arguments.ts";
import { finiteOf } from "./operators.ts";
import { familyOf, number, value } from "./parameter.ts";

const values = value("number", "a number, or an array of which the numbers count");
const anything = value("value", "anything");

/** A reduction of the numbers of all arguments. */
function ofNumbers(
  name: string,
  doc: string,
  example: readonly [string, string],
  reduce: (numbers: number[]) => Scalar,
): Omit<FunctionDefinition, "family"> {
  const implement = (...args: Value[]): Scalar => reduceNumbers(args, reduce);
  return { name, parameters: [values], repeat: 1, reduces: true, doc, example, implement };
}

/** As `ofNumbers`, with TRUE as 1, and FALSE and texts as 0. */
function ofAll(
  name: string,
  doc: string,
  example: readonly [string, string],
  reduce: (numbers: number[]) => Scalar,
): Omit<FunctionDefinition, "family"> {
  const implement = (...args: Value[]): Scalar => {
    const numbers = numbersOfAll(args);
    return isErrorValue(numbers) ? numbers : reduce(numbers);
  };
  return { name, parameters: [anything], repeat: 1, reduces: true, doc, example, implement };
}

export const averageFunctions: readonly FunctionDefinition[] = familyOf("statistics", [
  {
    name: "AVERAGE",
    parameters: [values],
    repeat: 1,
    reduces: true,
    doc: "The mean of all numbers: their SUM divided by their count, to the last bit.",
    example: ["=AVERAGE(1,2,6)", "3"],
    implement: (...args: Value[]) => {
      const numbers = numbersOf(args);
      if (isErrorValue(numbers)) return numbers;
      if (numbers.length === 0) return errorValue("#DIV/0!", "there are no numbers");
      return finiteOf((sumOf(args) as number) / numbers.length);
    },
  },
  ofAll(
    "AVERAGEA",
    "The mean, texts and FALSE counting as 0, TRUE as 1.",
    ['=AVERAGEA({1,"x"})', "0.5"],
    mean,
  ),
  ofNumbers("MIN", "The smallest number; 0 when there is none.", ["=MIN(3,1,2)", "1"], smallest),
  ofNumbers("MAX", "The largest number; 0 when there is none.", ["=MAX(3,1,2)", "3"], largest),
  ofAll(
    "MINA",
    "The smallest, texts and FALSE counting as 0, TRUE as 1.",
    ["=MINA({3,FALSE})", "0"],
    smallest,
  ),
  ofAll("MAXA", "The largest, texts and FALSE counting as 0, TRUE as 1.", ["=MAXA({-3,TRUE})", "1"], largest),
  ofNumbers("MEDIAN", "The number in the middle.", ["=MEDIAN(1,9,2,3)", "2.5"], median),
  {
    ...ofNumbers(
      "MODE.SNGL",
      "The number that occurs most often; the first of several.",
      ["=MODE.SNGL(1,2,2)", "2"],
      mode,
    ),
    aliases: ["MODE"],
  },
  ofNumbers("GEOMEAN", "The geometric mean of positive numbers.", ["=GEOMEAN(2,8)", "4"], (all) => {
    if (all.length === 0 || all.some((x) => x <= 0)) return errorValue("#NUM!", "a number is not positive");
    const product = all.reduce((a, b) => a * b, 1);
    const isExact = Number.isFinite(product) && product > 1e-300;
    if (isExact) return finiteOf(product ** (1 / all.length));
    return finiteOf(Math.exp(all.reduce((a, b) => a + Math.log(b), 0) / all.length));
  }),
  ofNumbers("HARMEAN", "The harmonic mean of positive numbers.", ["=HARMEAN(1,3)", "1.5"], (all) =>
    all.length === 0 || all.some((x) => x <= 0)
      ? errorValue("#NUM!", "a number is not positive")
      : finiteOf(all.length / all.reduce((a, b) => a + 1 / b, 0)),
  ),
  {
    name: "TRIMMEAN",
    parameters: [
      value("array", "the numbers"),
      number("percent", "share left out at both ends together, 0 to below 1"),
    ],
    doc: "The mean without the smallest and largest numbers.",
    example: ["=TRIMMEAN({1,2,3,100},0.5)", "2.5"],
    implement: (array: Value, share: number) =>
      reduceNumbers([array], (all) => {
        if (all.length === 0 || share < 0 || share >= 1) return errorValue("#NUM!");
        const cut = Math.floor((all.length * share) / 2 + 1e-12);
        return mean(all.sort((a, b) => a - b).slice(cut, all.length - cut));
      }),
  },
  {
    name: "COUNT",
    parameters: [anything],
    repeat: 1,
    reduces: true,
    doc: "How many numbers there are.",
    example: ['=COUNT(1,"x",{2,3})', "3"],
    implement: (...args: Value[]) => countWhere(args, (cell) => typeof cell === "number", isNumberArgument),
  },
  {
    name: "COUNTA",
    parameters: [anything],
    repeat: 1,
    reduces: true,
    doc: "How many values there are that are not blank.",
    example: ['=COUNTA(1,"x",{2,3})', "4"],
    implement: (...args: Value[]) =>
      countWhere(
        args,
        (cell) => cell !== null,
        () => true,
      ),
  },
  {
    name: "COUNTBLANK",
    parameters: [value("range", "the cells")],
    reduces: true,
    doc: "How many cells are blank or hold an empty text.",
    example: ['=COUNTBLANK({1,"",2})', "1"],
    implement: (range: Value) => cellsOf(range).filter((cell) => cell === null || cell === "").length,
  },
]);

function mean(numbers: readonly number[]): Scalar {
  if (numbers.length === 0) return errorValue("#DIV/0!", "there are no numbers");
  return finiteOf(numbers.reduce((a, b) => a + b, 0) / numbers.length);
}

function smallest(numbers: readonly number[]): number {
  let least = numbers[0] ?? 0;
  for (const each of numbers) if (each < least) least = each;
  return least;
}

function largest(numbers: readonly number[]): number {
  let most = numbers[0] ?? 0;
  for (const each of numbers) if (each > most) most = each;
  return most;
}

function median(numbers: number[]): Scalar {
  if (numbers.length === 0) return errorValue("#NUM!", "there are no numbers");
  const sorted = numbers.sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

function mode(numbers: readonly number[]): Scalar {
  const counts = new Map<number, number>();
  for (const each of numbers) counts.set(each, (counts.get(each) ?? 0) + 1);
  let most = 1;
  let result: number | undefined;
  for (const [each, count] of counts) {
    if (count <= most) continue;
    most = count;
    result = each;
  }
  return result ?? errorValue("#N/A", "no number occurs twice");
}

function countWhere(
  args: readonly (Value | undefined)[],
  countsInArray: (cell: Scalar) => boolean,
  countsAlone: (argument: Value) => boolean,
): number {
  let count = 0;
  for (const argument of args) {
    if (argument === undefined) continue;
    if (isArrayValue(argument)) count += argument.cells.filter(countsInArray).length;
    else if (countsAlone(argument)) count += 1;
  }
  return count;
}

function isNumberArgument(argument: Value): boolean {
  if (isErrorValue(argument) || isLambda(argument) || isArrayValue(argument)) return false;
  return typeof toNumber(argument) === "number";
}
