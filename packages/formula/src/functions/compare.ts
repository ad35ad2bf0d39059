/**
 * The order of scalars: numbers before texts before booleans, texts by lower-cased UTF-16 code units. A blank
 * takes the empty value of what it is compared with (0, "", FALSE). Errors are not ordered: callers answer them first.
 *
 * The order is total and the same on every machine; Excel's own order of texts depends on the language installed.
 *
 * Sorting, ranking and look-ups compare numbers by their bits. The operators `= <> < <= > >=` and SWITCH take two numbers
 * that are the same to 15 significant digits as equal (docs/decisions/0013): rounding to 15 digits keeps the order, so
 * this too is a total order, of the rounded numbers.
 */
import type { Scalar } from "@reckon/value";

/** Negative, 0 or positive as `a` sorts before, equal to or after `b`; texts are compared without regard to case. */
export function compareScalars(a: Scalar, b: Scalar): number {
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
  const left = a === null ? emptyLike(b) : a;
  const right = b === null ? emptyLike(a) : b;
  const difference = rank(left) - rank(right);
  if (difference !== 0) return difference;
  if (typeof left === "string" && typeof right === "string") return compareTexts(left, right);
  const from = Number(left);
  const to = Number(right);
  return from < to ? -1 : from > to ? 1 : 0;
}

/** Numbers further apart than this, relative to one of them, differ within 15 digits: a unit of the 15th is at most 1e-14. */
export const apartMin = 2e-14;

/** Whether two numbers that are close to each other are written with the same 15 significant digits. */
export function equalDigits(a: number, b: number): boolean {
  return a.toPrecision(15) === b.toPrecision(15);
}

/** Whether `=` takes two finite numbers as equal. Cost: a few comparisons, unless they are very close and not the same. */
export function equalNumbers(a: number, b: number): boolean {
  return a === b || (Math.abs(a - b) <= apartMin * Math.abs(a) && equalDigits(a, b));
}

/** The order of two scalars for the operators of comparison: as `compareScalars`, but numbers by 15 digits. */
export function compareRounded(a: Scalar, b: Scalar): number {
  if (typeof a === "number" && typeof b === "number" && equalNumbers(a, b)) return 0;
  return compareScalars(a, b);
}

/** Whether two scalars are equal for `=`: numbers to 15 digits, texts in any case, a blank equal to 0, "" and FALSE. */
export function equalScalars(a: Scalar, b: Scalar): boolean {
  return a === b || compareRounded(a, b) === 0;
}

/** The order of two texts without regard to case. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const left = a.toLowerCase();
  const right = b.toLowerCase();
  return left < right ? -1 : left > right ? 1 : 0;
}

function rank(value: Scalar): number {
  if (typeof value === "number" || value === null) return 0;
  return typeof value === "string" ? 1 : 2;
}

function emptyLike(value: Scalar): Scalar {
  if (typeof value === "string") return "";
  return typeof value === "boolean" ? false : 0;
}
