/** Factorials, combinations, divisors and number systems. Arguments are cut to whole numbers first. */
import { type ErrorValue, errorValue } from "@reckon/value";
import { toNumber } from "./coerce.ts";
import type { FunctionDefinition, Value } from "./definition.ts";
import { cellsOf } from "./number-arguments.ts";
import { finiteOf } from "./operators.ts";
import { familyOf, number, optional, strictNumber, text, value } from "./parameter.ts";

const wholeMax = 2 ** 53;

export const countingFunctions: readonly FunctionDefinition[] = familyOf("math", [
  {
    name: "FACT",
    parameters: [number("number", "at least 0")],
    doc: "The factorial: the product of the whole numbers up to the number.",
    example: ["=FACT(5)", "120"],
    implement: (x: number) => factorial(Math.trunc(x)),
  },
  {
    name: "FACTDOUBLE",
    parameters: [strictNumber("number", "at least -1")],
    doc: "The double factorial: the product of every second whole number down from the number.",
    example: ["=FACTDOUBLE(7)", "105"],
    implement: (x: number) => {
      if (x < -1) return errorValue("#NUM!");
      let product = 1;
      for (let i = Math.trunc(x); i > 1 && Number.isFinite(product); i -= 2) product *= i;
      return finiteOf(product);
    },
  },
  {
    name: "COMBIN",
    parameters: [number("number", "things to choose from"), number("number_chosen", "how many are chosen")],
    doc: "In how many ways some of a number of things can be chosen, the order not counting.",
    example: ["=COMBIN(8,2)", "28"],
    implement: (n: number, k: number) => combinations(Math.trunc(n), Math.trunc(k)),
  },
  {
    name: "COMBINA",
    parameters: [number("number", "things to choose from"), number("number_chosen", "how many are chosen")],
    doc: "As COMBIN, but each thing may be chosen more than once.",
    example: ["=COMBINA(4,3)", "20"],
    implement: (n: number, k: number) => {
      const things = Math.trunc(n);
      const chosen = Math.trunc(k);
      if (things < 0 || chosen < 0 || (things === 0 && chosen > 0)) return errorValue("#NUM!");
      return chosen === 0 ? 1 : combinations(things + chosen - 1, chosen);
    },
  },
  {
    name: "PERMUT",
    parameters: [number("number", "things to choose from"), number("number_chosen", "how many are chosen")],
    doc: "In how many ways some of a number of things can be chosen in order.",
    example: ["=PERMUT(5,2)", "20"],
    implement: (n: number, k: number) => {
      const things = Math.trunc(n);
      const chosen = Math.trunc(k);
      if (things <= 0 || chosen < 0 || chosen > things) return errorValue("#NUM!");
      let product = 1;
      for (let i = 0; i < chosen && Number.isFinite(product); i++) product *= things - i;
      return finiteOf(product);
    },
  },
  {
    name: "PERMUTATIONA",
    parameters: [number("number", "things to choose from"), number("number_chosen", "how many are chosen")],
    doc: "As PERMUT, but each thing may be chosen more than once.",
    example: ["=PERMUTATIONA(3,2)", "9"],
    implement: (n: number, k: number) =>
      n < 0 || k < 0 ? errorValue("#NUM!") : finiteOf(Math.trunc(n) ** Math.trunc(k)),
  },
  {
    name: "GCD",
    parameters: [value("number", "whole numbers, at least 0")],
    repeat: 1,
    reduces: true,
    doc: "The greatest number that divides all the numbers.",
    example: ["=GCD(24,36)", "12"],
    implement: (...args: Value[]) => foldWhole(args, 0, greatestDivisor),
  },
  {
    name: "LCM",
    parameters: [value("number", "whole numbers, at least 0")],
    repeat: 1,
    reduces: true,
    doc: "The smallest number that all the numbers divide.",
    example: ["=LCM(4,6)", "12"],
    implement: (...args: Value[]) =>
      foldWhole(args, 1, (a, b) => (a === 0 || b === 0 ? 0 : (a / greatestDivisor(a, b)) * b)),
  },
  {
    name: "MULTINOMIAL",
    parameters: [value("number", "whole numbers, at least 0")],
    repeat: 1,
    reduces: true,
    doc: "The factorial of the sum divided by the product of the factorials.",
    example: ["=MULTINOMIAL(2,3,4)", "1260"],
    implement: (...args: Value[]) => {
      let total = 0;
      return foldWhole(args, 1, (product, part) => {
        total += part;
        const ways = combinations(total, part);
        return typeof ways === "number" ? product * ways : Number.NaN;
      });
    },
  },
  {
    name: "BASE",
    parameters: [
      number("number", "from 0 to 2^53"),
      number("radix", "from 2 to 36"),
      optional(number("min_length", "least count of digits, filled with zeros"), 0),
    ],
    doc: "The number written in another number system.",
    example: ["=BASE(255,16)", "FF"],
    implement: (x: number, radix: number, length: number) => {
      const whole = Math.trunc(x);
      const base = Math.trunc(radix);
      if (whole < 0 || whole >= wholeMax || base < 2 || base > 36 || length < 0 || length > 255) {
        return errorValue("#NUM!");
      }
      return whole.toString(base).toUpperCase().padStart(Math.trunc(length), "0");
    },
  },
  {
    name: "DECIMAL",
    parameters: [text("text", "digits of the number system"), number("radix", "from 2 to 36")],
    doc: "The number that a text in another number system stands for.",
    example: ['=DECIMAL("FF",16)', "255"],
    implement: (digits: string, radix: number) => {
      const base = Math.trunc(radix);
      if (base < 2 || base > 36) return errorValue("#NUM!");
      let total = 0;
      for (const digit of digits.trim().toLowerCase()) {
        const position = "0123456789abcdefghijklmnopqrstuvwxyz".indexOf(digit);
        if (position < 0 || position >= base)
          return errorValue("#NUM!", `${digit} is no digit of base ${base}`);
        total = total * base + position;
      }
      return finiteOf(total);
    },
  },
]);

function factorial(x: number): number | ErrorValue {
  if (x < 0 || x > 170) return errorValue("#NUM!", "the number lies outside 0 to 170");
  let product = 1;
  for (let i = 2; i <= x; i++) product *= i;
  return product;
}

function combinations(n: number, k: number): number | ErrorValue {
  if (n < 0 || k < 0 || k > n) return errorValue("#NUM!");
  const picks = Math.min(k, n - k);
  let ways = 1;
  // Each division is exact while the product stays below 2^53: i consecutive numbers hold a multiple of i.
  for (let i = 1; i <= picks && Number.isFinite(ways); i++) ways = (ways * (n - picks + i)) / i;
  return finiteOf(ways < wholeMax ? Math.round(ways) : ways);
}

function greatestDivisor(a: number, b: number): number {
  let [larger, smaller] = [a, b];
  while (smaller !== 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

/** Whole numbers of all arguments, folded; texts must read as numbers, booleans are refused, blanks passed over. */
function foldWhole(
  args: readonly Value[],
  start: number,
  combine: (total: number, next: number) => number,
): number | ErrorValue {
  let total = start;
  for (const cell of args.flatMap((argument) => [...cellsOf(argument)])) {
    if (cell === null) continue;
    const each =
      typeof cell === "boolean"
        ? errorValue("#VALUE!", "TRUE and FALSE are no numbers here")
        : toNumber(cell);
    if (typeof each !== "number") return each;
    if (each < 0 || each >= wholeMax) return errorValue("#NUM!", "a number is negative or too large");
    total = combine(total, Math.trunc(each));
  }
  return finiteOf(total);
}
