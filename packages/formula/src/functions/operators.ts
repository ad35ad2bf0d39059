/**
 * The operators of formulas with Excel's coercions, lifted over arrays.
 *
 * Two numbers take the first branch of each function and touch nothing else; arrays are broadcast cell by cell
 * (`broadcast.ts`). The first error in argument order wins. Arithmetic is IEEE: a division by zero is `#DIV/0!`, a result
 * that is not finite `#NUM!`. `powerOf` and `quotientOf` are what generated code must call or repeat exactly.
 */
import {
  type ArrayValue,
  type ErrorValue,
  errorValue,
  isArrayValue,
  isErrorValue,
  type Scalar,
} from "@reckon/value";
import type { BinaryOperator } from "../syntax.ts";
import { liftPair, mapCells } from "./broadcast.ts";
import { toNumber, toText } from "./coerce.ts";
import { compareRounded, equalNumbers } from "./compare.ts";
import { isLambda, type Value } from "./definition.ts";

/** `a operator b`. Cost: constant for scalars, the cells of the result for arrays. */
export function applyBinary(operator: BinaryOperator, a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") return combineNumbers(operator, a, b);
  if (isLambda(a) || isLambda(b)) return lambdaOperand();
  if (isArrayValue(a) || isArrayValue(b)) {
    return liftPair(a, b, (left, right) => combineScalars(operator, left, right));
  }
  return combineScalars(operator, a, b);
}

/** `-a`, or `+a`, which changes nothing, not even a text. */
export function applyUnary(operator: "+" | "-", a: Value): Value {
  if (operator === "+") return isLambda(a) ? lambdaOperand() : a;
  return applyToNumbers(a, (value) => -value);
}

/** `a%`: a hundredth. */
export function applyPercent(a: Value): Value {
  return applyToNumbers(a, (value) => value / 100);
}

/** `base ^ exponent`: `#NUM!` for 0^0, for a fractional power of a negative number and for overflow; `#DIV/0!` for 0^-n. */
export function powerOf(base: number, exponent: number): number | ErrorValue {
  if (base === 0) {
    if (exponent === 0) return errorValue("#NUM!");
    if (exponent < 0) return errorValue("#DIV/0!");
  }
  return finiteOf(base ** exponent);
}

/** `dividend / divisor`: `#DIV/0!` for a divisor of 0, `#NUM!` for overflow. */
export function quotientOf(dividend: number, divisor: number): number | ErrorValue {
  return divisor === 0 ? errorValue("#DIV/0!") : finiteOf(dividend / divisor);
}

/** The number, or `#NUM!` when it is not finite. */
export function finiteOf(value: number): number | ErrorValue {
  return Number.isFinite(value) ? value : errorValue("#NUM!");
}

function combineNumbers(operator: BinaryOperator, a: number, b: number): Scalar {
  switch (operator) {
    case "+":
      return finiteOf(a + b);
    case "-":
      return finiteOf(a - b);
    case "*":
      return finiteOf(a * b);
    case "/":
      return quotientOf(a, b);
    case "^":
      return powerOf(a, b);
    case "&":
      return `${toText(a)}${toText(b)}`;
    case "=":
      return equalNumbers(a, b);
    case "<>":
      return !equalNumbers(a, b);
    case "<":
      return a < b && !equalNumbers(a, b);
    case "<=":
      return a <= b || equalNumbers(a, b);
    case ">":
      return a > b && !equalNumbers(a, b);
    case ">=":
      return a >= b || equalNumbers(a, b);
  }
}

function combineScalars(operator: BinaryOperator, a: Scalar, b: Scalar): Scalar {
  switch (operator) {
    case "+":
    case "-":
    case "*":
    case "/":
    case "^": {
      const left = toNumber(a);
      if (typeof left !== "number") return left;
      const right = toNumber(b);
      return typeof right === "number" ? combineNumbers(operator, left, right) : right;
    }
    case "&": {
      const left = toText(a);
      if (typeof left !== "string") return left;
      const right = toText(b);
      return typeof right === "string" ? left + right : right;
    }
    case "=":
    case "<>":
    case "<":
    case "<=":
    case ">":
    case ">=":
      if (isErrorValue(a)) return a;
      if (isErrorValue(b)) return b;
      return holds(operator, compareRounded(a, b));
  }
}

function holds(operator: "=" | "<>" | "<" | "<=" | ">" | ">=", order: number): boolean {
  switch (operator) {
    case "=":
      return order === 0;
    case "<>":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

function applyToNumbers(a: Value, apply: (value: number) => number): Value {
  if (typeof a === "number") return apply(a);
  if (isLambda(a)) return lambdaOperand();
  const one = (value: Scalar): Scalar => {
    const number = toNumber(value);
    return typeof number === "number" ? apply(number) : number;
  };
  return isArrayValue(a) ? mapCells(a as ArrayValue, one) : one(a);
}

function lambdaOperand(): ErrorValue {
  return errorValue("#VALUE!", "a function is not a value to calculate with");
}
