/**
 * Excel's coercions of one scalar to the kind that an operator or a parameter wants.
 *
 *             to number               to text            to logical
 *   blank     0                       ""                 FALSE
 *   number    as it is                General format     not 0
 *   boolean   1 or 0                  TRUE or FALSE      as it is
 *   text      what typing it into     as it is           "TRUE" or "FALSE" in any case,
 *             a cell would give, or                      otherwise #VALUE!
 *             #VALUE!
 *   error     itself                  itself             itself
 */
import { type ErrorValue, errorValue, isErrorValue, numberToText, type Scalar } from "@reckon/value";
import { textToNumber } from "./text-number.ts";

/** The number a scalar stands for in arithmetic; `#VALUE!` for a text that is no number, date, time, percentage or amount. */
export function toNumber(value: Scalar): number | ErrorValue {
  if (typeof value === "number") return value;
  if (value === null) return 0;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string") {
    return textToNumber(value) ?? errorValue("#VALUE!", `"${shorten(value)}" is not a number`);
  }
  return value;
}

/** The text a scalar becomes when it is joined to a text; only an error value is not turned into one. */
export function toText(value: Scalar): string | ErrorValue {
  if (typeof value === "string") return value;
  if (typeof value === "number") return numberToText(value);
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  return value;
}

/** The truth of a scalar as a condition; `#VALUE!` for a text other than TRUE and FALSE. */
export function toLogical(value: Scalar): boolean | ErrorValue {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (value === null) return false;
  if (isErrorValue(value)) return value;
  const upper = value.toUpperCase();
  if (upper === "TRUE") return true;
  if (upper === "FALSE") return false;
  return errorValue("#VALUE!", `"${shorten(value)}" is neither TRUE nor FALSE`);
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
