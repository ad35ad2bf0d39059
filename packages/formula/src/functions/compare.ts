/**
 * The order of scalars: numbers before texts before booleans, texts by lower-cased UTF-16 code units. A blank
 * takes the empty value of what it is compared with (0, "", FALSE). Errors are not ordered: callers answer them first.
 *
 * The order is total and the same on every machine; Excel's own order of texts depends on the language installed.
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

/** Whether two scalars are equal for `=`: texts in any case, a blank equal to 0, "" and FALSE. */
export function equalScalars(a: Scalar, b: Scalar): boolean {
  return a === b || compareScalars(a, b) === 0;
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
