/**
 * What an unquoted cell of a text file means. The rule is the same whatever the file's origin or the machine's
 * language: nothing is guessed from neighbouring rows.
 */
import { type ErrorCode, errorCodes, errorValue, type Scalar } from "@reckon/value";

const plainNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const percentage = /^([+-]?(?:\d+\.?\d*|\.\d+))%$/;
/** `007` is a code, not seven; `0`, `-0` and `0.5` are numbers. */
const leadingZero = /^[+-]?0\d/;
/** Whole numbers with more digits than a double holds exactly are identifiers. */
const wholeDigitsMax = 15;
const powersOfTen = Array.from({ length: wholeDigitsMax + 1 }, (_, i) => Number(`1e${i}`));
const errors = new Set<string>(errorCodes);

/**
 * The scalar of an unquoted cell: a number, a share (`5%` is 0.05), TRUE or FALSE, an error code, a text, or blank.
 * Dates and periods (`2026-01-31`, `2026-01`) stay texts, because they are matched with labels as written.
 *
 * @example
 * ```ts
 * scalarOfCell("5%"); // 0.05
 * scalarOfCell("007"); // "007"
 * ```
 */
export function scalarOfCell(text: string): Scalar {
  if (text === "") return null;
  const first = text.charCodeAt(0);
  // Digits, signs and the point begin every number; most texts are decided by this one look.
  if ((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46) return numberOr(text);
  if (text.length <= 5) {
    const upper = text.toUpperCase();
    if (upper === "TRUE") return true;
    if (upper === "FALSE") return false;
  }
  return errors.has(text) ? errorValue(text as ErrorCode) : text;
}

/**
 * As `scalarOfCell`, of the cell from `from` to `to` of a longer text, spaces around it left away. Plain decimal numbers, the
 * most of what is read, are read without cutting them out: 40 ns a cell in place of 250.
 */
export function scalarIn(text: string, from: number, to: number): Scalar {
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (start < end && isSpace(text.charCodeAt(end - 1))) end -= 1;
  if (start === end) return null;
  const number = decimalIn(text, start, end);
  if (!Number.isNaN(number)) return number;
  const cell = textIn(text, start, end);
  const isPlain = text.charCodeAt(start) < 128 && text.charCodeAt(end - 1) < 128;
  return scalarOfCell(isPlain ? cell : cell.trim());
}

/** A part of a text that does not keep the whole text in memory. */
export function textIn(text: string, from: number, to: number): string {
  // V8 makes parts of 13 characters and more by pointing into the whole; a text that is put together and cut again is its own.
  const part = text.slice(from, to);
  return part.length < 13 ? part : ` ${part}`.slice(1);
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/**
 * The number of plain decimal digits; NaN for anything else, and for what has more than 15 digits. Both the digits as a whole
 * number and the power of ten are exact doubles, so one division rounds once, as reading the text does.
 */
function decimalIn(text: string, from: number, to: number): number {
  const isNegative = text.charCodeAt(from) === 45;
  const start = isNegative ? from + 1 : from;
  if (to === start || to - start > wholeDigitsMax) return Number.NaN;
  if (text.charCodeAt(start) === 48 && to - start > 1 && text.charCodeAt(start + 1) !== 46) return Number.NaN;
  let digits = 0;
  let point = -1;
  for (let at = start; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) digits = digits * 10 + (code - 48);
    else if (code === 46 && point === -1 && at > start) point = at;
    else return Number.NaN;
  }
  const value = point === -1 ? digits : digits / (powersOfTen[to - point - 1] as number);
  return isNegative ? -value : value;
}

function numberOr(text: string): Scalar {
  if (leadingZero.test(text)) return text;
  if (plainNumber.test(text)) {
    const digits = text.replace(/^[+-]/, "");
    if (digits.length > wholeDigitsMax && /^\d+$/.test(digits)) return text;
    const value = Number(text);
    return Number.isFinite(value) ? value : text;
  }
  const share = percentage.exec(text);
  if (share === null) return text;
  // Shifting the point in the text rounds once: 5.4% is 0.054, while 5.4 / 100 is 0.054000000000000006.
  const value = Number(`${share[1]}e-2`);
  return Number.isFinite(value) ? value : text;
}
