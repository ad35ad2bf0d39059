/**
 * Units: products and quotients of names with whole exponents, `USD/seat`, `kg*m/s^2`, `1/month`.
 *
 * In a type (`price: USD/seat`) spaces are allowed around the signs. Behind a number they are not, because there a
 * space makes the sign an operator: `20 USD/seat` has a unit, `20 USD / seats` divides. The word `ratio` is the unit
 * without factors. Units are read and printed; they are not checked against each other yet.
 *
 * Cost: linear in the text read.
 */
import type { Span } from "./diagnostic.ts";
import type { UnitExpression } from "./syntax.ts";

interface Factor {
  readonly name: string;
  readonly exponent: number;
}

/**
 * Reads the unit at `start` (leading spaces allowed); `undefined` when none stands there.
 *
 * @example
 * ```ts
 * parseUnitAt("USD / seat = 3", 0, 14)?.end; // 10
 * ```
 */
export function parseUnitAt(
  text: string,
  start: number,
  end: number = text.length,
): { readonly unit: UnitExpression; readonly end: number } | undefined {
  return readUnit(text, skipSpaces(text, start, end), end, true);
}

/** Reads the unit whose first name begins at `start`, without spaces inside: the form behind a number. */
export function parseTightUnitAt(
  text: string,
  start: number,
  end: number,
): { readonly unit: UnitExpression; readonly end: number } | undefined {
  return readUnit(text, start, end, false);
}

function readUnit(
  text: string,
  start: number,
  end: number,
  isSpacedAllowed: boolean,
): { readonly unit: UnitExpression; readonly end: number } | undefined {
  const factors: Factor[] = [];
  let position: number;
  const one = /1\s*(?=\/)/y;
  one.lastIndex = start;
  const hasOne = isSpacedAllowed && one.test(text);
  if (hasOne) position = start + 1;
  else {
    const first = readFactor(text, start, end, 1);
    if (first === undefined) return undefined;
    factors.push(first.factor);
    position = first.end;
  }
  for (;;) {
    const sign = isSpacedAllowed ? skipSpaces(text, position, end) : position;
    const c = sign < end ? text.charAt(sign) : "";
    if (c !== "/" && c !== "*") break;
    const name = isSpacedAllowed ? skipSpaces(text, sign + 1, end) : sign + 1;
    const next = readFactor(text, name, end, c === "/" ? -1 : 1);
    if (next === undefined) break;
    factors.push(next.factor);
    position = next.end;
  }
  if (factors.length === 0) return undefined;
  const only = factors.length === 1 && !hasOne ? factors[0] : undefined;
  const span: Span = { start, end: position };
  if (only?.name === "ratio" && only.exponent === 1) return { unit: { factors: [], span }, end: position };
  return { unit: { factors, span }, end: position };
}

function readFactor(
  text: string,
  start: number,
  end: number,
  sign: 1 | -1,
): { readonly factor: Factor; readonly end: number } | undefined {
  const pattern = /([\p{L}_][\p{L}\p{M}\p{N}_]*)(?:\^(-?[1-9]\d?)(?![\p{L}\p{N}_.]))?/uy;
  pattern.lastIndex = start;
  const match = start < end ? pattern.exec(text) : null;
  if (match === null || pattern.lastIndex > end) return undefined;
  const exponent = match[2] === undefined ? 1 : Number(match[2]);
  return { factor: { name: match[1] as string, exponent: sign * exponent }, end: pattern.lastIndex };
}

/**
 * The unit as text; parsing it gives the same factors.
 *
 * @example
 * ```ts
 * printUnit({ factors: [{ name: "kg", exponent: 1 }, { name: "s", exponent: -2 }], span: { start: 0, end: 0 } }); // "kg/s^2"
 * ```
 */
export function printUnit(unit: UnitExpression): string {
  let text = "";
  unit.factors.forEach(({ name, exponent }, i) => {
    const size = Math.abs(exponent);
    const power = size === 1 ? name : `${name}^${size}`;
    if (i === 0) text = exponent < 0 ? `1/${power}` : power;
    else text += (exponent < 0 ? "/" : "*") + power;
  });
  return text === "" ? "ratio" : text;
}

/** The unit as it stands behind a number: the first factor is a name, whatever its exponent. */
export function printTightUnit(unit: UnitExpression): string {
  const [first, ...rest] = unit.factors;
  if (first === undefined) return "ratio";
  if (first.exponent > 0) return printUnit(unit);
  const tail = rest.map(({ name, exponent }) => {
    const size = Math.abs(exponent);
    return `${exponent < 0 ? "/" : "*"}${size === 1 ? name : `${name}^${size}`}`;
  });
  return `${first.name}^${first.exponent}${tail.join("")}`;
}

function skipSpaces(text: string, start: number, end: number): number {
  let i = start;
  while (i < end && (text.charAt(i) === " " || text.charAt(i) === "\t")) i++;
  return i;
}
