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
