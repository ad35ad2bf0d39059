/**
 * How a value looks in a cell.
 *
 * A row of numbers is easier to read when all of them have the same number of decimals, so the decimals are chosen
 * for a row (`rowDecimals`) and then, cell by cell, given up from the right when the cell is too narrow: fewer
 * decimals, then thousands and millions in scientific form. A number is never cut: digits that are not there would
 * be a wrong value.
 */
import type { CheckedAttribute } from "@reckon/model";
import { isErrorValue, isoDateText, type Scalar } from "@reckon/value";
import { format } from "numfmt";
import { cutEnd, padStart, plainText, widthOf } from "../screen/text-width.ts";

/** Decimals looked for at most. */
const decimalsMax = 4;

/** From here on six digits before the point say enough in a cell; the formula bar shows the rest. */
const wholeMin = 1e5;

/**
 * The decimals that show every number of a row without trailing zeros: 0 to 2, to 4 when all are below 1, none from
 * 100,000 up.
 */
export function rowDecimals(values: readonly Scalar[]): number {
  let largest = 0;
  let decimals = 0;
  for (const value of values) {
    if (typeof value !== "number") continue;
    largest = Math.max(largest, Math.abs(value));
    for (let digits = decimals; digits < decimalsMax; digits++) {
      if (Math.abs(value - roundTo(value, digits)) <= 1e-9 * Math.max(1, Math.abs(value))) break;
      decimals = digits + 1;
    }
  }
  if (largest >= wholeMin) return 0;
  return Math.min(decimals, largest >= 1 ? 2 : decimalsMax);
}

function roundTo(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

/** A number in at most `width` cells, thousands grouped; `#` signs when not even the shortest scientific form fits. */
export function fitNumber(value: number, width: number, decimals: number): string {
  for (let digits = decimals; digits >= 0; digits--) {
    // A small number must not look like nothing, where it is small for its row.
    if ((digits < decimals || digits === decimalsMax) && value !== 0 && roundTo(value, digits) === 0) break;
    const text = numberText(value, digits);
    if (text.length <= width) return text;
  }
  const plain = numberText(value, 0).replaceAll(",", "");
  if (plain.length <= width && roundTo(value, 0) !== 0) return plain;
  for (let digits = 3; digits >= 0; digits--) {
    const text = value.toExponential(digits).replace("e+", "e");
    if (text.length <= width) return text;
  }
  return "#".repeat(Math.max(0, width));
}

/** From here on scientific form is easier to read than groups of zeros. */
const scientificMin = 1e15;

/** `1,284.50`, as `reckon run` prints it. */
function numberText(value: number, decimals: number): string {
  if (Math.abs(value) >= scientificMin) return value.toExponential(4).replace("e+", "e");
  const [whole = "", part = ""] = unsignedZero(value.toFixed(decimals)).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return part === "" ? grouped : `${grouped}.${part}`;
}

/** The most decimals up to `decimals` with which all the numbers fit, so that those of a row stay alike. */
export function fittingDecimals(values: readonly Scalar[], width: number, decimals: number): number {
  let needed = 0;
  for (const value of values)
    if (typeof value === "number" && Math.abs(value) < scientificMin)
      needed = Math.max(needed, numberText(value, 0).length);
  return needed > width ? decimals : Math.max(0, Math.min(decimals, width - needed - 1));
}

/** `-0.00` says nothing that `0.00` does not. */
function unsignedZero(text: string): string {
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}

/** How a row shows its numbers: by a format in Excel's notation, else with so many decimals. */
export interface NumberStyle {
  readonly decimals: number;
  readonly pattern?: string;
}

/** A scalar in at most `width` cells. A formatted number that does not fit is shown without its format. */
export function fitScalar(value: Scalar, width: number, style: NumberStyle, ellipsis = "…"): string {
  if (typeof value !== "number") return cutEnd(scalarText(value), width, ellipsis);
  if (style.pattern !== undefined) {
    const text = patternText(value, style.pattern);
    if (text !== undefined && widthOf(text) <= width) return text;
  }
  return fitNumber(value, width, style.decimals);
}

/** Cells that the widest of the values takes in full; a text counts with at most `textMax`. */
export function widestOf(values: readonly Scalar[], style: NumberStyle, textMax: number): number {
  let low = 0;
  let high = 0;
  let widest = 0;
  for (const value of values) {
    if (typeof value === "number") {
      low = Math.min(low, value);
      high = Math.max(high, value);
    } else if (value !== null) widest = Math.max(widest, Math.min(textMax, widthOf(scalarText(value))));
  }
  for (const number of [low, high])
    widest = Math.max(widest, widthOf(fitScalar(number, Number.POSITIVE_INFINITY, style)));
  return widest;
}

/** Formats that numfmt cannot read; each is tried once. */
const brokenPatterns = new Set<string>();

function patternText(value: number, pattern: string): string | undefined {
  if (brokenPatterns.has(pattern)) return undefined;
  try {
    return plainText(format(pattern, value));
  } catch {
    // The checker has already said what is wrong with the format; the number is shown without it.
    brokenPatterns.add(pattern);
    return undefined;
  }
}

/** A scalar with all its digits, as it is typed: what the formula bar shows and an edit begins with. */
export function scalarText(value: Scalar): string {
  if (value === null) return "";
  if (typeof value === "number") return fullNumber(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (isErrorValue(value)) return value.code;
  return plainText(value);
}

function fullNumber(value: number): string {
  if (Object.is(value, -0)) return "0";
  // 15 significant digits are what a double holds for certain; more only shows binary dust (0.1 + 0.2).
  const rounded = Number(value.toPrecision(15));
  return String(rounded);
}

/** A number for reading: up to 4 decimals, thousands grouped. */
export function readableNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude >= 1e15 || magnitude < 1e-4))
    return value.toExponential(4).replace("e+", "e");
  const decimals = magnitude >= 100 ? 2 : 4;
  const [whole = "0", part = ""] = unsignedZero(value.toFixed(decimals)).split(".");
  const trimmed = part.replace(/0+$/, "");
  const kept = trimmed.length === 1 ? `${trimmed}0` : trimmed;
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return kept === "" ? grouped : `${grouped}.${kept}`;
}

/** A scalar for reading in a sentence. */
export function readableScalar(value: Scalar): string {
  if (typeof value === "number") return readableNumber(value);
  if (typeof value === "string") return `"${plainText(value)}"`;
  return value === null ? "blank" : scalarText(value);
}

export function isDate(attribute: CheckedAttribute): boolean {
  return attribute.type?.kind === "word" && attribute.type.word === "date";
}

/** A value of an attribute for reading in a sentence: a date as a day. */
export function readableValue(value: Scalar, attribute: CheckedAttribute): string {
  return typeof value === "number" && isDate(attribute) ? isoDateText(value) : readableScalar(value);
}

/** Right-aligned in `width` cells. */
export function alignCell(text: string, width: number): string {
  return widthOf(text) === width ? text : padStart(text, width);
}
