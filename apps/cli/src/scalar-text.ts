/** How values are written: exactly, and for reading in a column of others. */
import { isErrorValue, type Scalar } from "@reckon/value";
import { format } from "numfmt";

const decimalsMax = 4;

/** A scalar with all its digits; a text as it is; a blank is nothing. */
export function exactText(value: Scalar): string {
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (isErrorValue(value)) return value.code;
  return String(value);
}

/** A scalar for one line: texts in quotes, long ones cut, numbers grouped. */
export function shortText(value: Scalar): string {
  if (value === null) return "blank";
  if (typeof value === "number") return groupedNumber(value, decimalsOf([value]));
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
  return exactText(value);
}

/** Decimals that show all the numbers: at most 2, or 4 where all are below 1. */
function decimalsOf(values: readonly Scalar[]): number {
  let largest = 0;
  let decimals = 0;
  for (const value of values) {
    if (typeof value !== "number") continue;
    largest = Math.max(largest, Math.abs(value));
    while (decimals < decimalsMax && !isExactWith(value, decimals)) decimals += 1;
  }
  return Math.min(decimals, largest >= 1 ? 2 : decimalsMax);
}

function isExactWith(value: number, decimals: number): boolean {
  return Math.abs(value - Number(value.toFixed(decimals))) <= 1e-9 * Math.max(1, Math.abs(value));
}

/** Texts for the cells of one row or column, all with the same decimals, or by a display format. */
export function alignedTexts(values: readonly Scalar[], pattern: string | undefined): string[] {
  const decimals = decimalsOf(values);
  return values.map((value) => {
    if (typeof value !== "number") return exactText(value).replaceAll(/\s+/g, " ");
    return formatted(value, pattern) ?? groupedNumber(value, decimals);
  });
}

function formatted(value: number, pattern: string | undefined): string | undefined {
  if (pattern === undefined) return undefined;
  try {
    return format(pattern, value);
  } catch {
    // A format that cannot be read is the checker's to report; the number is shown without it.
    return undefined;
  }
}

/** Thousands grouped by commas; very large and very small numbers in scientific form. */
export function groupedNumber(value: number, decimals: number): string {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude >= 1e15 || magnitude < 10 ** -decimalsMax)) {
    return value.toExponential(4).replace("e+", "e");
  }
  const [whole = "", part = ""] = value.toFixed(decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const text = part === "" ? grouped : `${grouped}.${part}`;
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}
