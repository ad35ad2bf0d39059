/** Powers, roots, logarithms, remainders and constants. */
import { type ErrorValue, errorValue } from "@reckon/value";
import type { FunctionDefinition } from "./definition.ts";
import { finiteOf, powerOf, quotientOf } from "./operators.ts";
import { familyOf, number, optionalOrBlank, strictNumber } from "./parameter.ts";

export const powerFunctions: readonly FunctionDefinition[] = familyOf("math", [
  {
    name: "POWER",
    parameters: [number("number", "the base"), number("power", "the exponent")],
    doc: "The number raised to a power, as the operator ^.",
    example: ["=POWER(2,10)", "1024"],
    implement: powerOf,
  },
  {
    name: "SQRT",
    parameters: [number("number", "at least 0")],
    doc: "The square root.",
    example: ["=SQRT(16)", "4"],
    implement: (x: number) => (x < 0 ? errorValue("#NUM!", "the number is negative") : Math.sqrt(x)),
  },
  {
    name: "SQRTPI",
    parameters: [strictNumber("number", "at least 0")],
    doc: "The square root of the number times pi.",
    example: ["=ROUND(SQRTPI(2),6)", "2.506628"],
    implement: (x: number) => (x < 0 ? errorValue("#NUM!") : Math.sqrt(x * Math.PI)),
  },
  {
    name: "EXP",
    parameters: [number("number", "the exponent")],
    doc: "e raised to a power.",
    example: ["=EXP(0)", "1"],
    implement: (x: number) => finiteOf(Math.exp(x)),
  },
  {
    name: "LN",
    parameters: [number("number", "above 0")],
    doc: "The natural logarithm.",
    example: ["=LN(1)", "0"],
    implement: (x: number) => (x <= 0 ? errorValue("#NUM!", "the number is not positive") : Math.log(x)),
  },
  {
    name: "LOG",
    parameters: [number("number", "above 0"), optionalOrBlank(number("base", "above 0, not 1"), 10)],
    doc: "The logarithm to a base, 10 unless given.",
    example: ["=LOG(8,2)", "3"],
    implement: logarithm,
  },
  {
    name: "LOG10",
    parameters: [number("number", "above 0")],
    doc: "The logarithm to base 10.",
    example: ["=LOG10(1000)", "3"],
    implement: (x: number) => logarithm(x, 10),
  },
  {
    name: "MOD",
    parameters: [number("number", "what to divide"), number("divisor", "not 0")],
    doc: "The remainder of a division, with the sign of the divisor.",
    example: ["=MOD(-3,2)", "1"],
    implement: (x: number, divisor: number) => {
      if (divisor === 0) return errorValue("#DIV/0!");
      const rest = x % divisor;
      return rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest + 0;
    },
  },
  {
    name: "QUOTIENT",
    parameters: [strictNumber("numerator", "what to divide"), strictNumber("denominator", "not 0")],
    doc: "The whole part of a division.",
    example: ["=QUOTIENT(-10,3)", "-3"],
    implement: (x: number, divisor: number) => {
      const quotient = quotientOf(x, divisor);
      return typeof quotient === "number" ? Math.trunc(quotient) + 0 : quotient;
    },
  },
  {
    name: "PI",
    parameters: [],
    doc: "The ratio of a circle's circumference to its diameter.",
    example: ["=ROUND(PI(),4)", "3.1416"],
    implement: () => Math.PI,
  },
]);

/** `Math.log(8) / Math.log(2)` is not 3; the bases 2 and 10 have functions that give whole powers exactly. */
function logarithm(x: number, base: number): number | ErrorValue {
  if (x <= 0 || base <= 0) return errorValue("#NUM!", "number and base must be positive");
  if (base === 10) return Math.log10(x);
  if (base === 2) return Math.log2(x);
  return quotientOf(Math.log(x), Math.log(base));
}
