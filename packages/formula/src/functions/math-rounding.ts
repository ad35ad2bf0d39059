/**
 * Signs and rounding. Rounding is decimal, as Excel's is: 2.675 rounded to two places is 2.68 although the double nearest
 * to 2.675 lies below it. `scaled` brings a number to the wanted digits and takes a result within a few units in the last
 * place of a half or a whole as exactly that.
 */
import { type ErrorValue, errorValue } from "@reckon/value";
import type { FunctionDefinition } from "./definition.ts";
import { familyOf, number, optional, optionalOrBlank, strictNumber } from "./parameter.ts";

const digits = number("num_digits", "places behind the point; negative: before it");
const significance = number("significance", "the step to round to");

export const roundingFunctions: readonly FunctionDefinition[] = familyOf("math", [
  {
    name: "ABS",
    parameters: [number("number", "any number")],
    doc: "The number without its sign.",
    example: ["=ABS(-2.5)", "2.5"],
    implement: (x: number) => Math.abs(x),
  },
  {
    name: "SIGN",
    parameters: [number("number", "any number")],
    doc: "1, 0 or -1 as the number is positive, zero or negative.",
    example: ["=SIGN(-3)", "-1"],
    implement: (x: number) => (x > 0 ? 1 : x < 0 ? -1 : 0),
  },
  {
    name: "ROUND",
    parameters: [number("number", "what to round"), digits],
    doc: "The number rounded to a count of decimal places, half away from zero.",
    example: ["=ROUND(2.675,2)", "2.68"],
    implement: (x: number, places: number) => roundTo(x, places, (scaled) => Math.floor(scaled + 0.5)),
  },
  {
    name: "ROUNDUP",
    parameters: [number("number", "what to round"), digits],
    doc: "The number rounded away from zero to a count of decimal places.",
    example: ["=ROUNDUP(3.14159,2)", "3.15"],
    implement: (x: number, places: number) => roundTo(x, places, Math.ceil),
  },
  {
    name: "ROUNDDOWN",
    parameters: [number("number", "what to round"), digits],
    doc: "The number rounded towards zero to a count of decimal places.",
    example: ["=ROUNDDOWN(-3.149,2)", "-3.14"],
    implement: (x: number, places: number) => roundTo(x, places, Math.floor),
  },
  {
    name: "TRUNC",
    parameters: [number("number", "what to cut"), optional(digits, 0)],
    doc: "The number cut off behind a count of decimal places.",
    example: ["=TRUNC(-8.9)", "-8"],
    implement: (x: number, places: number) => roundTo(x, places, Math.floor),
  },
  {
    name: "INT",
    parameters: [number("number", "what to round")],
    doc: "The number rounded down to the whole number at or below it.",
    example: ["=INT(-8.9)", "-9"],
    implement: (x: number) => Math.floor(x),
  },
  {
    name: "MROUND",
    parameters: [
      strictNumber("number", "what to round"),
      strictNumber("multiple", "the step, of the same sign"),
    ],
    doc: "The number rounded to the nearest multiple of a step.",
    example: ["=MROUND(10,3)", "9"],
    implement: (x: number, step: number) => {
      if (x === 0 || step === 0) return 0;
      if (x > 0 !== step > 0) return errorValue("#NUM!", "number and multiple differ in sign");
      return Math.floor(snapped(x / step) + 0.5) * step;
    },
  },
  {
    name: "CEILING",
    parameters: [number("number", "what to round"), significance],
    doc: "The number rounded up, away from zero when both are negative, to a multiple of a step.",
    example: ["=CEILING(2.5,1)", "3"],
    implement: (x: number, step: number) => {
      if (x === 0 || step === 0) return 0;
      if (x > 0 && step < 0) return errorValue("#NUM!", "number and significance differ in sign");
      return Math.ceil(snapped(x / step)) * step;
    },
  },
  {
    name: "FLOOR",
    parameters: [number("number", "what to round"), significance],
    doc: "The number rounded down, towards zero when both are negative, to a multiple of a step.",
    example: ["=FLOOR(3.7,2)", "2"],
    implement: (x: number, step: number) => {
      if (x === 0) return 0;
      if (step === 0) return errorValue("#DIV/0!");
      if (x > 0 && step < 0) return errorValue("#NUM!", "number and significance differ in sign");
      return Math.floor(snapped(x / step)) * step;
    },
  },
  {
    name: "CEILING.MATH",
    parameters: [
      number("number", "what to round"),
      optional(significance, 1),
      optional(number("mode", "not 0: negative numbers are rounded away from zero"), 0),
    ],
    doc: "The number rounded up to a multiple of a step, whatever the signs.",
    example: ["=CEILING.MATH(-5.5,2)", "-4"],
    implement: (x: number, step: number, mode: number) =>
      toMultiple(x, step, x < 0 && mode !== 0 ? Math.floor : Math.ceil),
  },
  {
    name: "FLOOR.MATH",
    parameters: [
      number("number", "what to round"),
      optional(significance, 1),
      optional(number("mode", "not 0: negative numbers are rounded towards zero"), 0),
    ],
    doc: "The number rounded down to a multiple of a step, whatever the signs.",
    example: ["=FLOOR.MATH(-5.5,2)", "-6"],
    implement: (x: number, step: number, mode: number) =>
      toMultiple(x, step, x < 0 && mode !== 0 ? Math.ceil : Math.floor),
  },
  {
    name: "CEILING.PRECISE",
    aliases: ["ISO.CEILING"],
    parameters: [number("number", "what to round"), optionalOrBlank(significance, 1)],
    doc: "The number rounded up to a multiple of a step; the step's sign does not matter.",
    example: ["=CEILING.PRECISE(-4.3,-2)", "-4"],
    implement: (x: number, step: number) => toMultiple(x, step, Math.ceil),
  },
  {
    name: "FLOOR.PRECISE",
    parameters: [number("number", "what to round"), optionalOrBlank(significance, 1)],
    doc: "The number rounded down to a multiple of a step; the step's sign does not matter.",
    example: ["=FLOOR.PRECISE(-4.3,-2)", "-6"],
    implement: (x: number, step: number) => toMultiple(x, step, Math.floor),
  },
  {
    name: "EVEN",
    parameters: [number("number", "what to round")],
    doc: "The number rounded away from zero to an even whole number.",
    example: ["=EVEN(1.5)", "2"],
    implement: (x: number) => Math.sign(x) * Math.ceil(Math.abs(x) / 2) * 2 + 0,
  },
  {
    name: "ODD",
    parameters: [number("number", "what to round")],
    doc: "The number rounded away from zero to an odd whole number.",
    example: ["=ODD(-1.5)", "-3"],
    implement: (x: number) => (x < 0 ? -1 : 1) * (Math.max(0, Math.ceil((Math.abs(x) - 1) / 2)) * 2 + 1),
  },
]);

/** Doubles carry no more decimal places than this, and 10 to the power stays exact to read back. */
const placesMax = 300;

/** `x` rounded to `places` by `round`, which is given the size of `x` in units of the last place. */
function roundTo(x: number, places: number, round: (scaled: number) => number): number | ErrorValue {
  const whole = Math.trunc(places);
  if (whole > placesMax) return x;
  if (whole < -placesMax) return 0;
  const factor = 10 ** Math.abs(whole);
  const size = Math.abs(x);
  const scaled = whole >= 0 ? size * factor : size / factor;
  // Beyond 2^53 there are no places left to round.
  if (!(scaled < 2 ** 53)) return x;
  const rounded = round(snapped(scaled));
  const result = whole >= 0 ? rounded / factor : rounded * factor;
  return x < 0 ? 0 - result : result;
}

function toMultiple(x: number, step: number, round: (scaled: number) => number): number {
  const size = Math.abs(step);
  return size === 0 ? 0 : round(snapped(x / size)) * size + 0;
}

/** `scaled`, or the half or whole number that it misses by rounding errors alone. */
function snapped(scaled: number): number {
  const nearest = Math.round(scaled * 2) / 2;
  return Math.abs(scaled - nearest) <= Math.abs(scaled) * 2 ** -50 ? nearest : scaled;
}
