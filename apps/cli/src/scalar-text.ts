/** How values are written: exactly, and for reading in a column of others. */
import { isErrorValue, type Scalar } from "@reckon/value";
import { format } from "numfmt";
import { type CellTexts, textWidth } from "./text-table.ts";

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
  if (typeof value === "number")
    return groupedNumber(
      value,
      decimalsOf(() => value, 1),
    );
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
  return exactText(value);
}

/**
 * Decimals that show all the numbers: at most 2, or 4 where all are below 1, and more where all are below 0.1, so
 * that a rate of 0.00125 keeps its digits.
 */
function decimalsOf(
  valueAt: (at: number) => Scalar,
  count: number,
  largest = largestOf(valueAt, count),
): number {
  // Each is written in scientific form, but zeros.
  if (largest < 10 ** -decimalsOfSmallMax) return 0;
  let decimals = 0;
  const leadingZeros = largest > 0 && largest < 0.1 ? Math.floor(-Math.log10(largest)) : 0;
  const most = largest >= 1 ? 2 : Math.min(decimalsMax + leadingZeros, decimalsOfSmallMax);
  for (let at = 0; at < count && decimals < most; at++) {
    const value = valueAt(at);
    if (typeof value !== "number") continue;
    while (decimals < most && !isExactWith(value, decimals)) decimals += 1;
  }
  return decimals;
}

function largestOf(valueAt: (at: number) => Scalar, count: number): number {
  let largest = 0;
  for (let at = 0; at < count; at++) {
    const value = valueAt(at);
    if (typeof value === "number") largest = Math.max(largest, Math.abs(value));
  }
  return largest;
}

function isExactWith(value: number, decimals: number): boolean {
  // Whole numbers first: of a long row every number is asked, and most are.
  if (Number.isInteger(value)) return true;
  return Math.abs(value - Number(value.toFixed(decimals))) <= 1e-9 * Math.abs(value);
}

/** Texts for the cells of one row or column, all with the same decimals, or by a display format. */
export function alignedTexts(values: readonly Scalar[], pattern: string | undefined): string[] {
  const cells = alignedCells((at) => values[at] as Scalar, values.length, pattern);
  return values.map((_, at) => cells.textAt(at));
}

/**
 * The same, of which each is made when somebody asks for it. Cost: a look at all values at first; a width is far cheaper
 * than a text.
 */
export function alignedCells(
  valueAt: (at: number) => Scalar,
  length: number,
  pattern: string | undefined,
): CellTexts {
  const largest = largestOf(valueAt, length);
  const decimals = decimalsOf(valueAt, length, largest);
  const noise = noiseShare * largest;
  const cleanOf = (value: number): number => (Math.abs(value) < noise ? 0 : value);
  const textAt = (at: number): string => {
    const value = valueAt(at);
    if (typeof value !== "number") return exactText(value).replaceAll(/\s+/g, " ");
    const clean = cleanOf(value);
    return formatted(clean, pattern) ?? groupedNumber(clean, decimals);
  };
  const widthAt = (at: number): number => {
    const value = valueAt(at);
    return pattern === undefined && typeof value === "number"
      ? groupedWidth(cleanOf(value), decimals)
      : textWidth(textAt(at));
  };
  return { length, textAt, widthAt };
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
  const written = value.toFixed(decimals);
  if (value >= 0 && value < 999) return written;
  const [whole = "", part = ""] = written.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const text = part === "" ? grouped : `${grouped}.${part}`;
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}

/** How wide `groupedNumber` makes it. Where rounding might add a digit or take a sign away, its text is made. */
export function groupedWidth(value: number, decimals: number): number {
  const magnitude = Math.abs(value);
  const step = 10 ** -decimals;
  const isPlain = value === 0 || (magnitude >= step && magnitude >= 10 ** -decimalsMax && magnitude < 1e15);
  if (!isPlain) return groupedNumber(value, decimals).length;
  let digits = 1;
  let above = 10;
  for (; magnitude >= above; above *= 10) digits += 1;
  if (above - magnitude <= step) return groupedNumber(value, decimals).length;
  const signs = value < 0 ? 1 : 0;
  return signs + digits + Math.floor((digits - 1) / 3) + (decimals > 0 ? decimals + 1 : 0);
}
