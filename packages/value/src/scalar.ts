import { type ErrorValue, isErrorValue, sameError } from "./error-value.ts";

/**
 * What one cell holds. `null` is a blank cell. A date is a number: the serial day of the 1900 system, with the
 * time of day as its fraction.
 */
export type Scalar = number | string | boolean | null | ErrorValue;

/**
 * Whether two scalars are the same for cutoff: numbers by bits except that all NaN are one (so NaN equals NaN
 * and 0 differs from −0), errors by code and origin, everything else by `===`. Cost: constant, or the length of
 * a text.
 */
export function sameScalar(a: Scalar, b: Scalar): boolean {
  if (Object.is(a, b)) return true;
  return isErrorValue(a) && isErrorValue(b) && sameError(a, b);
}
