/**
 * Formulas that are text and TypeScript at once, so that what a random loop should give never goes through our parser
 * or our functions. Names stand for unknowns and inputs.
 */
import type { Values } from "../spec/circular-models.ts";

export interface Term {
  readonly text: string;
  readonly of: (values: Values) => number;
}

export function constant(value: number): Term {
  return { text: value < 0 || Object.is(value, -0) ? `(${value})` : String(value), of: () => value };
}

export function named(name: string): Term {
  return { text: name, of: (values) => values[name] ?? Number.NaN };
}

export function plus(...terms: readonly Term[]): Term {
  return {
    text: terms.map(({ text }) => text).join(" + "),
    of: (values) => terms.reduce((sum, term) => sum + term.of(values), 0),
  };
}

export function times(left: Term, right: Term): Term {
  return { text: `${inner(left)} * ${inner(right)}`, of: (v) => left.of(v) * right.of(v) };
}

export function over(left: Term, right: Term): Term {
  return { text: `${inner(left)} / ${inner(right)}`, of: (v) => left.of(v) / right.of(v) };
}

/** A sum as a factor needs brackets; calls and single names do not. */
function inner({ text }: Term): string {
  return / [+*/] /.test(text) ? `(${text})` : text;
}

/** A call of one of Excel's functions. */
export function call(name: string, compute: (...args: number[]) => number, ...terms: readonly Term[]): Term {
  return {
    text: `${name}(${terms.map(({ text }) => text).join(", ")})`,
    of: (values) => compute(...terms.map((term) => term.of(values))),
  };
}

export const larger = (a: Term, b: Term): Term => call("MAX", Math.max, a, b);
export const smaller = (a: Term, b: Term): Term => call("MIN", Math.min, a, b);

export function ifAbove(left: Term, bound: Term, above: Term, below: Term): Term {
  return {
    text: `IF(${left.text} > ${bound.text}, ${above.text}, ${below.text})`,
    of: (v) => (left.of(v) > bound.of(v) ? above.of(v) : below.of(v)),
  };
}

/** Half away from zero, as spreadsheets round. */
export const rounded = (term: Term): Term =>
  call("ROUND", (x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5), term, constant(0));
