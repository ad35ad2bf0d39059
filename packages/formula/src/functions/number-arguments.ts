/**
 * The numbers that a reduction such as SUM or AVERAGE takes from its arguments.
 *
 * In an array or a range only numbers count: texts, booleans and blanks are passed over. An argument that is a scalar
 * is coerced instead (`SUM("3", TRUE)` is 4), and a text that is no number makes the call `#VALUE!`. The first error value in
 * argument order, then cell order, is the result.
 */
import {
  type ErrorValue,
  errorValue,
  isArrayValue,
  isErrorValue,
  type Scalar,
  sumOfRange,
} from "@reckon/value";
import { toNumber } from "./coerce.ts";
import { isLambda, type Value } from "./definition.ts";

/** The numbers of all arguments in order, or the first error. An argument left out (`undefined`) has none. */
export function numbersOf(args: readonly (Value | undefined)[]): number[] | ErrorValue {
  const numbers: number[] = [];
  for (const argument of args) {
    if (argument === undefined) continue;
    if (isArrayValue(argument)) {
      for (const cell of argument.cells) {
        if (typeof cell === "number") numbers.push(cell);
        else if (isErrorValue(cell)) return cell;
      }
      continue;
    }
    const number = isLambda(argument) ? errorValue("#VALUE!") : toNumber(argument);
    if (typeof number !== "number") return number;
    numbers.push(number);
  }
  return numbers;
}

/** The sum of all arguments: each on its own, a range in its documented order, then the sums in argument order. */
export function sumOf(args: readonly (Value | undefined)[]): number | ErrorValue {
  let total = 0;
  for (const argument of args) {
    if (argument === undefined) continue;
    const part = isArrayValue(argument)
      ? sumOfRange(argument)
      : isLambda(argument)
        ? errorValue("#VALUE!")
        : toNumber(argument);
    if (typeof part !== "number") return part;
    total += part;
  }
  return total;
}

/** As `numbersOf`, but in arrays TRUE is 1, and FALSE and texts are 0: the rule of AVERAGEA and its kin. */
export function numbersOfAll(args: readonly (Value | undefined)[]): number[] | ErrorValue {
  const numbers: number[] = [];
  for (const argument of args) {
    if (argument === undefined) continue;
    if (!isArrayValue(argument)) {
      const number = isLambda(argument) ? errorValue("#VALUE!") : toNumber(argument);
      if (typeof number !== "number") return number;
      numbers.push(number);
      continue;
    }
    for (const cell of argument.cells) {
      if (isErrorValue(cell)) return cell;
      if (cell !== null) numbers.push(typeof cell === "number" ? cell : cell === true ? 1 : 0);
    }
  }
  return numbers;
}

/** The numbers of all arguments, handed to `reduce`; the first error instead, if there is one. */
export function reduceNumbers(
  args: readonly (Value | undefined)[],
  reduce: (numbers: number[]) => Scalar,
): Scalar {
  const numbers = numbersOf(args);
  return Array.isArray(numbers) ? reduce(numbers) : (numbers as ErrorValue);
}

/** Cells of two arrays of equal size in pairs, those kept where both are numbers; `#N/A` when the sizes differ. */
export function numberPairs(a: Value, b: Value): { xs: number[]; ys: number[] } | ErrorValue {
  const left = cellsOf(a);
  const right = cellsOf(b);
  if (left.length !== right.length) return errorValue("#N/A", "the two arrays differ in size");
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; i < left.length; i++) {
    const x = left[i];
    const y = right[i];
    if (isErrorValue(x)) return x;
    if (isErrorValue(y)) return y;
    if (typeof x !== "number" || typeof y !== "number") continue;
    xs.push(x);
    ys.push(y);
  }
  return { xs, ys };
}

/** The cells of an array, or the scalar as the only one. */
export function cellsOf(value: Value): readonly Scalar[] {
  if (isArrayValue(value)) return value.cells;
  return isLambda(value) ? [errorValue("#VALUE!")] : [value];
}
