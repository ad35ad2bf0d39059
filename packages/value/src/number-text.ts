/**
 * Numbers as text the way a spreadsheet joins them into texts (`=A1&""`): at most 15 significant digits, plain
 * decimals where they are readable, otherwise `1.5E+25`.
 */

/** Plain decimals are written while they fit in this many characters (the sign apart). */
const plainCharactersMax = 20;

/**
 * `value` as text with at most 15 significant digits, as the General format gives it to a text function.
 * A value that is not finite gives `#NUM!`, which never happens to a result of a formula.
 *
 * @example
 * ```ts
 * numberToText(0.1 + 0.2); // "0.3"
 * numberToText(1e21);      // "1E+21"
 * ```
 */
export function numberToText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value === 0 ? "0" : String(value);
  if (!Number.isFinite(value)) return "#NUM!";
  const [mantissa = "0", power = "0"] = value.toExponential(14).split("e");
  const exponent = Number(power);
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace("-", "").replace(".", "").replace(/0+$/, "") || "0";
  return sign + (isPlain(exponent, digits) ? plain(digits, exponent) : scientific(digits, exponent));
}

function isPlain(exponent: number, digits: string): boolean {
  const characters = exponent < 0 ? 1 - exponent + digits.length : exponent + 1;
  return characters <= plainCharactersMax;
}

function plain(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const rest = digits.slice(exponent + 1);
  return rest === "" ? whole : `${whole}.${rest}`;
}

function scientific(digits: string, exponent: number): string {
  const rest = digits.slice(1);
  const mantissa = rest === "" ? digits : `${digits.slice(0, 1)}.${rest}`;
  return `${mantissa}E${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
