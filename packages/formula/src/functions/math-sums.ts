/** Sums and products over arguments, ranges and pairs of arrays. */
import { type ErrorValue, errorValue, isArrayValue, isErrorValue, type Scalar } from "@reckon/value";
import { broadcastShape, cellAt } from "./broadcast.ts";
import type { FunctionDefinition, Value } from "./definition.ts";
import { numberPairs, numbersOf, reduceNumbers, sumOf } from "./number-arguments.ts";
import { finiteOf } from "./operators.ts";
import { familyOf, number, value } from "./parameter.ts";

const addend = value("number", "a number, or an array of which the numbers count");
const xs = value("array_x", "an array");
const ys = value("array_y", "an array of the same size");

export const sumFunctions: readonly FunctionDefinition[] = familyOf("math", [
  {
    name: "SUM",
    parameters: [addend],
    repeat: 1,
    reduces: true,
    doc: "The sum of all numbers; texts, booleans and blanks in ranges do not count.",
    example: ["=SUM(1,2,{3,4})", "10"],
    implement: (...args: Value[]) => {
      const total = sumOf(args);
      return typeof total === "number" ? finiteOf(total) : total;
    },
  },
  {
    name: "PRODUCT",
    parameters: [addend],
    repeat: 1,
    reduces: true,
    doc: "The product of all numbers; 0 when there are none.",
    example: ["=PRODUCT(2,3,4)", "24"],
    implement: (...args: Value[]) =>
      reduceNumbers(args, (all) => (all.length === 0 ? 0 : finiteOf(all.reduce((a, b) => a * b, 1)))),
  },
  {
    name: "SUMSQ",
    parameters: [addend],
    repeat: 1,
    reduces: true,
    doc: "The sum of the squares of all numbers.",
    example: ["=SUMSQ(3,4)", "25"],
    implement: (...args: Value[]) =>
      reduceNumbers(args, (all) => finiteOf(all.reduce((a, b) => a + b * b, 0))),
  },
  {
    name: "SUMPRODUCT",
    parameters: [value("array", "arrays of the same size")],
    repeat: 1,
    reduces: true,
    doc: "The sum of the products of cells at the same place; cells that are no numbers count as 0.",
    example: ["=SUMPRODUCT({1,2,3},{4,5,6})", "32"],
    implement: sumProduct,
  },
  {
    name: "SUMX2MY2",
    parameters: [xs, ys],
    doc: "The sum of x² − y² over pairs of cells.",
    example: ["=SUMX2MY2({3,4},{1,2})", "20"],
    implement: (a: Value, b: Value) => sumPairs(a, b, (x, y) => x * x - y * y),
  },
  {
    name: "SUMX2PY2",
    parameters: [xs, ys],
    doc: "The sum of x² + y² over pairs of cells.",
    example: ["=SUMX2PY2({3,4},{1,2})", "30"],
    implement: (a: Value, b: Value) => sumPairs(a, b, (x, y) => x * x + y * y),
  },
  {
    name: "SUMXMY2",
    parameters: [xs, ys],
    doc: "The sum of (x − y)² over pairs of cells.",
    example: ["=SUMXMY2({3,4},{1,2})", "8"],
    implement: (a: Value, b: Value) => sumPairs(a, b, (x, y) => (x - y) * (x - y)),
  },
  {
    name: "SERIESSUM",
    parameters: [
      number("x", "where the series is taken"),
      number("n", "the first power"),
      number("m", "the step of the powers"),
      value("coefficients", "one for each power"),
    ],
    doc: "The sum of a power series.",
    example: ["=SERIESSUM(2,0,1,{1,1,1})", "7"],
    implement: (x: number, first: number, step: number, coefficients: Value) =>
      reduceNumbers([coefficients], (all) =>
        finiteOf(all.reduce((total, coefficient, i) => total + coefficient * x ** (first + i * step), 0)),
      ),
  },
]);

function sumProduct(...args: Value[]): Scalar {
  if (args.length === 1 && !isArrayValue(args[0])) {
    const numbers = numbersOf(args);
    return Array.isArray(numbers) ? (numbers[0] as number) : (numbers as ErrorValue);
  }
  const { rows, columns } = broadcastShape(args);
  const isOfSize = (argument: Value): boolean =>
    isArrayValue(argument) ? argument.rows === rows && argument.columns === columns : rows * columns === 1;
  if (!args.every(isOfSize)) return errorValue("#VALUE!", "the arrays differ in size");
  let total = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let product = 1;
      for (const argument of args) {
        const cell = cellAt(argument as Scalar, row, column) as Scalar;
        if (isErrorValue(cell)) return cell;
        product *= typeof cell === "number" ? cell : 0;
      }
      total += product;
    }
  }
  return finiteOf(total);
}

function sumPairs(a: Value, b: Value, term: (x: number, y: number) => number): Scalar {
  const pairs = numberPairs(a, b);
  if (isErrorValue(pairs)) return pairs;
  return finiteOf(pairs.xs.reduce((total, x, i) => total + term(x, pairs.ys[i] as number), 0));
}
