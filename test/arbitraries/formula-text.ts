/**
 * Random formulas as text, right by construction: names exist, axes fit, no zero-lag cycle arises (a formula reads
 * earlier attributes only), lags and leads say what lies before and after. Values stay small enough that no sum
 * overflows; errors arise from division by zero, logarithms and literals.
 */
import type { Choices } from "./choices.ts";

export interface KnownAttribute {
  /** `block.attribute` */
  readonly id: string;
  readonly axes: readonly string[];
  readonly isText: boolean;
  /** Depends on a declared loop, so its value is known within a tolerance only: no formula may branch on it. */
  readonly isLoose: boolean;
}

export interface Surroundings {
  readonly block: string;
  /** The axes of the formula's attribute. */
  readonly axes: readonly string[];
  /** Labels by axis. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** The name of the time axis. */
  readonly time?: string;
  /** What may be read at the current cell. */
  readonly known: readonly KnownAttribute[];
}

/** A formula's text with the clauses behind it, and what is known of its value. */
export interface FormulaText {
  readonly text: string;
  readonly isText: boolean;
  readonly isLoose: boolean;
}

const numeric: readonly ((choices: Choices, at: Surroundings) => string | undefined)[] = [
  (choices, at) => `${term(choices, at)} + ${literal(choices)}`,
  (choices, at) => `${term(choices, at)} * ${factor(choices)} - ${term(choices, at)}`,
  (choices, at) => `MAX(${term(choices, at)}, ${term(choices, at)}, ${literal(choices)})`,
  (choices, at) =>
    `IF(${exactTerm(choices, at)} > ${literal(choices)}, ${term(choices, at)}, ${literal(choices)})`,
  (choices, at) => `${exactTerm(choices, at)} / ${exactTerm(choices, at)}`,
  (choices, at) => `IFERROR(LN(${exactTerm(choices, at)}), ${literal(choices)})`,
  (choices, at) => `ROUND(ABS(${exactTerm(choices, at)}), ${choices.below(3)})`,
  (choices, at) => `-(${term(choices, at)}) ^ 2 / 1_000`,
  (choices, at) => `SUM(${term(choices, at)}, ${term(choices, at)}) * ${factor(choices)}`,
  (choices, at) => lagged(choices, at),
  (choices, at) => window(choices, at),
  (choices, at) => led(choices, at),
  (choices, at) => length(choices, at),
  (choices, at) =>
    at.time !== undefined && at.axes.includes(at.time) ? `PERIOD_INDEX() * ${factor(choices)}` : undefined,
  (choices, at) => keyed(choices, at),
  (choices, at) => `LET(x, ${term(choices, at)}, x * ${factor(choices)} + x)`,
  () => "#N/A",
];

/** A random formula for an attribute in these surroundings. */
export function formulaText(choices: Choices, at: Surroundings): FormulaText {
  if (choices.once(9)) {
    const yes = `"${choices.pick(["high", "up", ""])}"`;
    return {
      text: `IF(${exactTerm(choices, at)} > ${literal(choices)}, ${yes}, "low")`,
      isText: true,
      isLoose: false,
    };
  }
  const form = choices.pick(numeric);
  const text = form(choices, at) ?? `${term(choices, at)} + 1`;
  return {
    text,
    isText: false,
    isLoose: at.known.some(({ id, isLoose }) => isLoose && names(text, at.block, id)),
  };
}

/** Whether the text reads the attribute, by its full name or by its short name inside its block. */
function names(text: string, block: string, id: string): boolean {
  const name = id.startsWith(`${block}.`)
    ? `(?:${block}\\.)?${id.slice(block.length + 1)}`
    : id.replace(".", "\\.");
  return new RegExp(`(?<![\\w.])${name}(?![\\w.])`).test(text);
}

export function literal(choices: Choices): string {
  const number = choices.number();
  return number < 0 ? `(${number})` : `${number}`;
}

function factor(choices: Choices): string {
  return choices.pick(["0.5", "1", "2", "25%", "0"]);
}

/** A number: a literal, or a read of some attribute brought to the axes of the formula. */
function term(choices: Choices, at: Surroundings): string {
  return (
    readOf(
      choices,
      at,
      at.known.filter(({ isText }) => !isText),
    ) ?? literal(choices)
  );
}

/** As `term`, but only of what is known exactly. */
export function exactTerm(choices: Choices, at: Surroundings): string {
  return (
    readOf(
      choices,
      at,
      at.known.filter(({ isText, isLoose }) => !isText && !isLoose),
    ) ?? literal(choices)
  );
}

function readOf(choices: Choices, at: Surroundings, known: readonly KnownAttribute[]): string | undefined {
  if (known.length === 0) return undefined;
  // Counted from the end: the latest attribute first, so that chains arise.
  const attribute = known[known.length - 1 - choices.below(known.length)] as KnownAttribute;
  const name = nameOf(attribute, at.block);
  const foreign = attribute.axes.filter((axis) => !at.axes.includes(axis));
  if (foreign.length === 0) {
    const [axis] = attribute.axes;
    return axis !== undefined && choices.once(6) ? `${name}[${label(choices, at, axis)}]` : name;
  }
  if (foreign.length === 1 && choices.once(3)) return `${name}[${label(choices, at, foreign[0] as string)}]`;
  return `${choices.pick(["sum", "max", "average"])}(${name} over ${foreign.join(", ")})`;
}

function nameOf({ id }: KnownAttribute, block: string): string {
  return id.startsWith(`${block}.`) ? id.slice(block.length + 1) : id;
}

function label(choices: Choices, at: Surroundings, axis: string): string {
  return choices.pick(at.labels.get(axis) as readonly string[]);
}

/** Attributes that have time, when the formula has it too and no axis beyond the formula's. */
function timed(at: Surroundings): readonly KnownAttribute[] {
  const { time } = at;
  if (time === undefined || !at.axes.includes(time)) return [];
  return at.known.filter(
    ({ axes, isText }) => !isText && axes.includes(time) && axes.every((axis) => at.axes.includes(axis)),
  );
}

function lagged(choices: Choices, at: Surroundings): string | undefined {
  const known = timed(at);
  if (known.length === 0) return undefined;
  const name = nameOf(choices.pick(known), at.block);
  return `${name}[t-${1 + choices.below(3)}] + ${literal(choices)}   start ${literal(choices)}`;
}

function led(choices: Choices, at: Surroundings): string | undefined {
  const known = timed(at);
  if (known.length === 0) return undefined;
  const name = nameOf(choices.pick(known), at.block);
  return `${name}[t+${1 + choices.below(2)}] * ${factor(choices)}   end ${literal(choices)}`;
}

function window(choices: Choices, at: Surroundings): string | undefined {
  const known = timed(at);
  if (known.length === 0) return undefined;
  const name = nameOf(choices.pick(known), at.block);
  const reduction = choices.pick(["SUM", "AVERAGE", "MIN"]);
  const offset = choices.pick(["", "-1", "+1"]);
  if (choices.once(4)) return `${reduction}(${name}[${choices.once(2) ? `..t${offset}` : `t${offset}..`}])`;
  return `${reduction}(${name}[t-${choices.below(3) + 1}..t${offset} clip])`;
}

function length(choices: Choices, at: Surroundings): string | undefined {
  const texts = at.known.filter(({ isText, axes }) => isText && axes.every((axis) => at.axes.includes(axis)));
  return texts.length === 0 ? undefined : `LEN(${nameOf(choices.pick(texts), at.block)} & "x")`;
}

/** A read whose member is computed from the period: the dependency is on every member. */
function keyed(choices: Choices, at: Surroundings): string | undefined {
  const known = at.known.filter(
    ({ axes, isText }) =>
      !isText && axes.length === 1 && axes[0] !== at.time && !at.axes.includes(axes[0] as string),
  );
  if (known.length === 0) return undefined;
  const attribute = choices.pick(known);
  const axis = attribute.axes[0] as string;
  const [left, right] = [label(choices, at, axis), label(choices, at, axis)];
  const condition = `${exactTerm(choices, at)} > 0`;
  return `${nameOf(attribute, at.block)}[IF(${condition}, "${left}", "${right}")]`;
}
