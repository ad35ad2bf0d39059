/**
 * A1 references as texts: what counts as one, and which cells it means.
 *
 * Columns run from A to XFD (16,384), rows from 1 to 1,048,576; what lies outside is a name, not a reference.
 */
const columnsMax = 16_384;
const rowsMax = 1_048_576;

/** Cells from (`fromRow`, `fromColumn`) to (`toRow`, `toColumn`), both included, counted from 1. */
export interface CellRange {
  readonly fromRow: number;
  readonly fromColumn: number;
  readonly toRow: number;
  readonly toColumn: number;
}

const boundary = "(?![\\p{L}\\p{N}_.(!])";
const rangePattern = new RegExp(
  `(?:\\$?[A-Za-z]{1,3}\\$?\\d{1,7}:\\$?[A-Za-z]{1,3}\\$?\\d{1,7}|\\$?[A-Za-z]{1,3}:\\$?[A-Za-z]{1,3}|\\$?\\d{1,7}:\\$?\\d{1,7})${boundary}`,
  "uy",
);
const cellPattern = new RegExp(`\\$?[A-Za-z]{1,3}\\$?\\d{1,7}${boundary}`, "uy");

/** The end of the range reference (`A1:B2`, `A:C`, `1:3`, with or without `$`) that begins at `start`. */
export function rangeEndAt(text: string, start: number, end: number): number | undefined {
  return patternEnd(rangePattern, text, start, end);
}

/** The end of the single cell reference (`B2`, `$B$2`) that begins at `start`. */
export function cellEndAt(text: string, start: number, end: number): number | undefined {
  return patternEnd(cellPattern, text, start, end);
}

function patternEnd(pattern: RegExp, text: string, start: number, end: number): number | undefined {
  pattern.lastIndex = start;
  if (!pattern.test(text) || pattern.lastIndex > end) return undefined;
  return cellRange(text.slice(start, pattern.lastIndex)) === undefined ? undefined : pattern.lastIndex;
}

/** The reference without `$`, letters in upper case: the form that inputs are bound under. */
export function canonicalReference(written: string): string {
  return written.replaceAll("$", "").toUpperCase();
}

/**
 * The cells of a reference in any form, its corners put in order; `undefined` when it is none.
 *
 * @example
 * ```ts
 * cellRange("B2:A4"); // { fromRow: 2, fromColumn: 1, toRow: 4, toColumn: 2 }
 * ```
 */
export function cellRange(written: string): CellRange | undefined {
  const match = /^([A-Z]{1,3})?(\d{1,7})?(?::([A-Z]{1,3})?(\d{1,7})?)?$/.exec(canonicalReference(written));
  if (match === null) return undefined;
  const isRange = written.includes(":");
  const [, c1, r1, c2, r2] = match;
  if (!isRange && (c1 === undefined || r1 === undefined)) return undefined;
  if (isRange && ((c1 === undefined) !== (c2 === undefined) || (r1 === undefined) !== (r2 === undefined))) {
    return undefined;
  }
  if (c1 === undefined && r1 === undefined) return undefined;
  const columns = [columnNumber(c1, 1), columnNumber(isRange ? c2 : c1, columnsMax)] as const;
  const rows = [rowNumber(r1, 1), rowNumber(isRange ? r2 : r1, rowsMax)] as const;
  const isInside = (n: number, max: number): boolean => n >= 1 && n <= max;
  if (!columns.every((n) => isInside(n, columnsMax)) || !rows.every((n) => isInside(n, rowsMax)))
    return undefined;
  return {
    fromRow: Math.min(...rows),
    fromColumn: Math.min(...columns),
    toRow: Math.max(...rows),
    toColumn: Math.max(...columns),
  };
}

function columnNumber(letters: string | undefined, otherwise: number): number {
  if (letters === undefined) return otherwise;
  let n = 0;
  for (let i = 0; i < letters.length; i++) n = n * 26 + letters.charCodeAt(i) - 64;
  return n;
}

function rowNumber(digits: string | undefined, otherwise: number): number {
  return digits === undefined ? otherwise : Number(digits);
}
