/**
 * A formula with the values put in for its names: `seats[t-1] * (1 - churn) + adds` as `100 * (1 - 0.025) + 12`.
 *
 * Names are found by parsing the text again, since a bound formula no longer says where it was written in it. A name
 * belongs to the reference whose span stands at the same distance from it as all the others do (spans count from the
 * start of a file, names from the start of the formula); a reference written twice has one span and is found by its
 * text.
 */
import type { Reference } from "@reckon/formula";
import { namesIn, parseFormula } from "@reckon/formula";
import { isErrorValue, isoDateText, type Scalar } from "@reckon/value";
import type { ReadAt } from "./read-at.ts";

/** How many cells of a range are shown; behind them stands how many there are. */
const rangeCellsMax = 6;

/** From here on numbers are told to hundredths. */
const hundredthsMin = 1e4;
const significantMax = 15;

export interface WrittenRead extends ReadAt {
  /** As it stands in the formula. */
  readonly written: string;
}

export interface Substitution {
  readonly text: string;
  readonly reads: readonly WrittenRead[];
}

interface Mention {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly written: string;
}

export interface FormulaText {
  readonly text: string;
  /** The block whose short names the text uses. */
  readonly block: string;
  /** What the formula gives: it decides how many digits of what it reads are worth showing. */
  readonly value: Scalar;
  /** Whether an attribute's numbers are dates. */
  readonly isDate: (attribute: string) => boolean;
  /** Calls that are read as one value, by what is read in their place. */
  readonly calls?: ReadonlyMap<string, string>;
}

/** Puts the values of `reads` into the text. */
export function substituted(formula: FormulaText, reads: readonly ReadAt[]): Substitution {
  const { text, block } = formula;
  const calls = callsIn(text, reads, formula.calls);
  const isInCall = ({ start }: Mention): boolean =>
    calls.some((call) => start >= call.start && start < call.end);
  const mentions = [...calls, ...mentionsIn(text).filter((mention) => !isInCall(mention))].toSorted(
    (a, b) => a.start - b.start,
  );
  const candidates = mentions.map(({ path }) =>
    reads.filter(({ reference: { attribute } }) => attribute === path || attribute === `${block}.${path}`),
  );
  const shift = commonShift(mentions, candidates);
  const writtenOf = new Map<Reference, string>();
  const found = new Map<string, ReadAt>();
  mentions.forEach((mention, i) => {
    const read = candidates[i]?.find(({ reference }) => reference.span.start - mention.start === shift);
    if (read === undefined) return;
    writtenOf.set(read.reference, mention.written);
    found.set(mention.written, read);
  });
  let result = "";
  let end = 0;
  mentions.forEach((mention, i) => {
    const read = found.get(mention.written) ?? soleOf(candidates[i] ?? []);
    if (read === undefined) return;
    result += text.slice(end, mention.start) + readText(read, formula);
    end = mention.end;
  });
  return {
    text: result + text.slice(end),
    reads: reads.map((read) => ({
      ...read,
      written:
        writtenOf.get(read.reference) ??
        formula.calls?.get(read.reference.attribute) ??
        read.reference.attribute,
    })),
  };
}

/** Where the calls stand that are read as one value. */
function callsIn(text: string, reads: readonly ReadAt[], calls?: FormulaText["calls"]): readonly Mention[] {
  const mentions: Mention[] = [];
  for (const { attribute: path } of reads.map(({ reference }) => reference)) {
    const written = calls?.get(path);
    if (written === undefined) continue;
    for (let start = text.indexOf(written); start >= 0; start = text.indexOf(written, start + 1)) {
      const end = start + written.length;
      if (mentions.every((other) => end <= other.start || start >= other.end))
        mentions.push({ path, start, end, written });
    }
  }
  return mentions;
}

/** The names of values in a formula, each with the index behind it; what stands inside an index belongs to it. */
function mentionsIn(text: string): readonly Mention[] {
  const mentions: Mention[] = [];
  for (const { kind, path, span } of namesIn(parseFormula(text).expression)) {
    if (kind !== "name" || span.start < (mentions.at(-1)?.end ?? 0)) continue;
    const end = endOfIndex(text, span.end);
    mentions.push({ path: path.join("."), start: span.start, end, written: text.slice(span.start, end) });
  }
  return mentions;
}

/** The end of the bracket that opens at `start`, or `start` where none does. */
function endOfIndex(text: string, start: number): number {
  if (text[start] !== "[") return start;
  let depth = 0;
  let isQuoted = false;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '"') isQuoted = !isQuoted;
    else if (!isQuoted && text[i] === "[") depth++;
    else if (!isQuoted && text[i] === "]" && --depth === 0) return i + 1;
  }
  return start;
}

function soleOf(reads: readonly ReadAt[]): ReadAt | undefined {
  return reads.length === 1 ? reads[0] : undefined;
}

/** The distance between spans and mentions that most pairs agree on. */
function commonShift(mentions: readonly Mention[], candidates: readonly (readonly ReadAt[])[]): number {
  const votes = new Map<number, number>();
  mentions.forEach((mention, i) => {
    for (const { reference } of candidates[i] ?? []) {
      const shift = reference.span.start - mention.start;
      votes.set(shift, (votes.get(shift) ?? 0) + 1);
    }
  });
  let best = 0;
  let bestVotes = 0;
  for (const [shift, count] of votes) {
    if (count <= bestVotes) continue;
    best = shift;
    bestVotes = count;
  }
  return best;
}

/** One value in the digits that it is worth showing. */
export function valueText(value: Scalar, formula: FormulaText): string {
  return typeof value === "number" ? numberText(value, formula.value) : scalarText(value);
}

function readText({ value, reference }: ReadAt, formula: FormulaText): string {
  const isDate = formula.isDate(reference.attribute);
  const textOf = (one: Scalar): string => {
    if (typeof one !== "number") return scalarText(one);
    return isDate ? isoDateText(one) : numberText(one, formula.value);
  };
  if (!isRange(value)) return textOf(value);
  const shown = value.slice(0, rangeCellsMax).map(textOf);
  const rest = value.length - shown.length;
  return `{${shown.join(", ")}${rest > 0 ? `, … ${value.length} values` : ""}}`;
}

function isRange(value: Scalar | readonly Scalar[]): value is readonly Scalar[] {
  return Array.isArray(value);
}

/**
 * A number in as few digits as agree with the result's when it is shown to hundredths: whole numbers in full, else six
 * significant digits or one more than the result shows; from 10,000 up hundredths do, unless the result is a multiple.
 */
function numberText(value: number, result: Scalar): string {
  const short = shortened(value, typeof result === "number" ? Math.abs(result) : 0);
  return short < 0 ? `(${short})` : String(short);
}

function shortened(value: number, result: number): number {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return value;
  if (size >= hundredthsMin && result < 2 * size) return Number(value.toFixed(2));
  const shown = Math.floor(Math.log10(Math.max(1, result))) + 3;
  return Number(value.toPrecision(Math.min(Math.max(6, shown + 1), significantMax)));
}

/** A scalar that is no number: texts in quotes. */
function scalarText(value: Exclude<Scalar, number>): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (isErrorValue(value)) return value.code;
  return "blank";
}
