/** How values are written: exactly, and for reading in a column of others. */
import { isErrorValue, type Scalar } from "@reckon/value";
import { format } from "numfmt";

const decimalsMax = 4;
const decimalsOfSmallMax = 7;
/** What is smaller than this share of its neighbours is what rounding has left of a zero. */
const noiseShare = 1e-13;

/** A scalar with all its digits; a text as it is; a blank is nothing. */
export function exactText(value: Scalar): string {
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (isErrorValue(value)) return value.code;
  return String(value);
}

/** A number with up to 15 digits, which hides what arithmetic adds in the 17th; other scalars exactly. */
export function clearText(value: Scalar): string {
  return typeof value === "number" ? String(Number(value.toPrecision(15))) : exactText(value);
}

/** A scalar for one line: texts in quotes, long ones cut, numbers grouped. */
export function shortText(value: Scalar): string {
  if (value === null) return "blank";
  if (typeof value === "number") return groupedNumber(value, decimalsOf([value]));
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
  return exactText(value);
}

/**
 * Decimals that show all the numbers: at most 2, or 4 where all are below 1, and more where all are below 0.1, so
 * that a rate of 0.00125 keeps its digits.
 */
function decimalsOf(values: readonly Scalar[]): number {
  const largest = largestOf(values);
  let decimals = 0;
  const leadingZeros = largest > 0 && largest < 0.1 ? Math.floor(-Math.log10(largest)) : 0;
  const most = largest >= 1 ? 2 : Math.min(decimalsMax + leadingZeros, decimalsOfSmallMax);
  for (const value of values) {
    if (typeof value !== "number") continue;
    while (decimals < most && !isExactWith(value, decimals)) decimals += 1;
  }
  return decimals;
}

function largestOf(values: readonly Scalar[]): number {
  let largest = 0;
  for (const value of values) if (typeof value === "number") largest = Math.max(largest, Math.abs(value));
  return largest;
}

function isExactWith(value: number, decimals: number): boolean {
  // Whole numbers first: of a long row every number is asked, and most are.
  if (Number.isInteger(value)) return true;
  return Math.abs(value - Number(value.toFixed(decimals))) <= 1e-9 * Math.abs(value);
}

/**
 * Texts for the cells of one row or column, all with the same decimals, or by a display format. With `shown`, only those
 * at these positions, as they would be among all the others.
 */
export function alignedTexts(
  values: readonly Scalar[],
  pattern: string | undefined,
  shown?: readonly number[],
): string[] {
  const decimals = decimalsOf(values);
  const noise = noiseShare * largestOf(values);
  return (shown === undefined ? values : shown.map((at) => values[at] as Scalar)).map((value) => {
    if (typeof value !== "number") return exactText(value).replaceAll(/\s+/g, " ");
    const clean = Math.abs(value) < noise ? 0 : value;
    return formatted(clean, pattern) ?? groupedNumber(clean, decimals);
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

/** So small that these decimals would show next to nothing of it. */
function isTiny(value: number, decimals: number): boolean {
  return Math.abs(value) < 10 ** -decimalsMax && !isExactWith(value, decimals);
}

/** Thousands grouped by commas; very large and very small numbers in scientific form. */
export function groupedNumber(value: number, decimals: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e15 || (magnitude !== 0 && isTiny(value, decimals))) {
    return value.toExponential(4).replace("e+", "e");
  }
  const [whole = "", part = ""] = value.toFixed(decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const text = part === "" ? grouped : `${grouped}.${part}`;
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}
