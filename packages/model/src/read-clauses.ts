/**
 * Reads the clauses behind a value or formula: `start 100`, `range 0..1`, `heavy`, `timeout 5s`, `format "0.0%"` and
 * the quoted label, in any order, each at most once. An unknown or misplaced clause is reported and read over, so that
 * the ones behind it still count.
 */
import {
  type Expression,
  foreignPairHint,
  functionByName,
  nearestName,
  percentOf,
  type Span,
} from "@reckon/formula";
import { errorCodes } from "@reckon/value";
import { clauseWords, type LineReader } from "./line-reader.ts";
import { presentFields } from "./present-fields.ts";

export interface Clauses {
  label?: string;
  format?: string;
  min?: Expression;
  max?: Expression;
  start?: Expression;
  end?: Expression;
  weight?: "heavy" | "light";
  isManual?: boolean;
  timeoutMs?: number;
  retries?: number;
  toleranceAbsolute?: number;
  toleranceRelative?: number;
  iterationsMax?: number;
  /** Checked against the methods of the place. */
  method?: string;
  damping?: number;
  begin?: "cold" | "warm";
  stepsPerPeriod?: number;
}

/** What clauses stand behind: which of them are allowed, and how to call it in a message. */
export interface ClausePlace {
  readonly where: string;
  readonly allowed: readonly string[];
  /** What may stand behind `method`. */
  readonly methods?: readonly string[];
  /** What other programs call its clauses: in lower case, with the word meant. */
  readonly wordsElsewhere?: Readonly<Record<string, string>>;
}

export const inputClauses: ClausePlace = { where: "an input", allowed: ["min", "max", "range", "format"] };
export const formulaClauses: ClausePlace = {
  where: "a formula",
  allowed: ["start", "end", "heavy", "light", "manual", "timeout", "retry", "format"],
};
export const loopClauses: ClausePlace = {
  where: "a loop",
  allowed: ["start", "tolerance", "relative", "limit", "method", "damping", "warm", "cold"],
  methods: ["auto", "plain", "damped", "aitken", "anderson", "newton"],
  wordsElsewhere: {
    accuracy: "tolerance",
    eps: "tolerance",
    epsilon: "tolerance",
    from: "start",
    guess: "start",
    init: "start",
    initial: "start",
    iterations: "limit",
    max: "limit",
    maxiter: "limit",
    mode: "method",
    precision: "tolerance",
    relaxation: "damping",
    seed: "start",
    solver: "method",
  },
};
export const timeClauses: ClausePlace = {
  where: "a time line",
  allowed: ["dt", "method"],
  methods: ["euler", "rk4"],
};
export const labelOnly = (where: string): ClausePlace => ({ where, allowed: [] });

const durationPattern = /\s*(\d[\d_]*(?:\.\d+)?)\s*(ms|s|min|h)(?![\p{L}\p{N}_])/uy;
const wholePattern = /\s*(\d[\d_]*)(?![\p{L}\p{N}_.])/uy;
const durationMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 };

/** Longest timeout, one day, and most retries: larger figures are typing errors. */
const timeoutMsMax = 86_400_000;
const retriesMax = 100;
const iterationsLimitMax = 1_000_000;

export function readClauses(reader: LineReader, place: ClausePlace): Clauses {
  const clauses: Clauses = {};
  const seen = new Set<string>();
  while (!reader.isAtEnd()) {
    if (reader.isNext('"')) {
      const label = reader.quoted();
      if (label === undefined) break;
      if (clauses.label !== undefined)
        reader.report("model/repeated-clause", label.span, { clause: "label" });
      clauses.label ??= label.text;
      continue;
    }
    const word = reader.name();
    if (word === undefined) {
      reportStray(reader, place);
      continue;
    }
    if (!clauseWords.includes(word.text)) {
      reportUnknown(reader, place, word.text, word.span);
      continue;
    }
    if (!place.allowed.includes(word.text)) {
      const facts = { clause: word.text, where: place.where, allowed: listOf(place) };
      const suggestion = place.wordsElsewhere?.[word.text];
      reader.report("model/misplaced-clause", word.span, presentFields({ ...facts, suggestion }));
      readClause(reader, word.text, word.span, { place, clauses: {} });
      continue;
    }
    if (seen.has(word.text)) reader.report("model/repeated-clause", word.span, { clause: word.text });
    seen.add(word.text);
    readClause(reader, word.text, word.span, { place, clauses });
  }
  return clauses;
}

interface Target {
  readonly place: ClausePlace;
  readonly clauses: Clauses;
}

function readClause(reader: LineReader, word: string, span: Span, { place, clauses }: Target): void {
  skipSign(reader, word);
  switch (word) {
    case "start":
      if (skipList(reader, span)) return;
      clauses.start = operand(reader, word, span);
      return;
    case "min":
    case "max":
    case "end":
      clauses[word] = operand(reader, word, span);
      return;
    case "range":
      readRange(reader, span, clauses);
      return;
    case "format": {
      const format = reader.quoted();
      if (format === undefined) reportBad(reader, word, span, 'a text, for example `format "0.0%"`');
      else clauses.format = format.text;
      return;
    }
    case "heavy":
    case "light":
      if (clauses.weight !== undefined && clauses.weight !== word) {
        reader.report("model/exclusive-clauses", span, { clauses: "`heavy` and `light`" });
      }
      clauses.weight = word;
      return;
    case "manual":
      clauses.isManual = true;
      return;
    case "timeout":
      readTimeout(reader, span, clauses);
      return;
    case "retry": {
      const retries = wholeNumber(reader, retriesMax);
      if (retries === undefined) reportBad(reader, word, span, `a whole number up to ${retriesMax}`);
      else clauses.retries = retries;
      return;
    }
    case "limit": {
      const limit = wholeNumber(reader, iterationsLimitMax);
      if (limit === undefined || limit === 0)
        reportBad(reader, word, span, "a whole number of iterations from 1 to 1,000,000, in digits");
      else clauses.iterationsMax = limit;
      return;
    }
    case "method":
    case "damping":
    case "warm":
    case "cold":
    case "dt":
      readSolverClause(reader, word, span, { place, clauses });
      return;
    default:
      readTolerance(reader, word, span, clauses);
  }
}

/** How a loop is solved, or stocks are integrated. */
function readSolverClause(reader: LineReader, word: string, span: Span, { place, clauses }: Target): void {
  switch (word) {
    case "method": {
      const methods = place.methods ?? (loopClauses.methods as readonly string[]);
      const name = startsClause(reader) ? undefined : reader.name();
      if (name !== undefined && methods.includes(name.text)) clauses.method = name.text;
      else {
        const wanted = `one of ${methods.map((method) => `\`${method}\``).join(", ")}`;
        const suggestion = name === undefined ? undefined : methodNear(name.text, methods);
        reportBad(reader, word, name?.span ?? span, wanted, suggestion);
        if (name === undefined) skipToClause(reader);
      }
      return;
    }
    case "damping": {
      const damping = plainNumber(operand(reader, word, span))?.value;
      if (damping !== undefined && damping > 0 && damping <= 1) clauses.damping = damping;
      else if (!wasReported(reader, span))
        reportBad(
          reader,
          word,
          span,
          "the part of a move that is taken: above 0 and at most 1, such as `0.5`",
        );
      return;
    }
    case "dt": {
      const step = constantRatio(operand(reader, word, span));
      const steps = step === undefined ? 0 : Math.round(1 / step);
      const isWhole = steps >= 1 && steps <= stepsMax && Math.abs(steps * (step as number) - 1) <= 1e-9;
      if (isWhole) clauses.stepsPerPeriod = steps;
      else if (!wasReported(reader, span))
        reportBad(reader, word, span, "a whole part of a period, such as `0.5`, `0.125` or `1/3`");
      return;
    }
    default:
      if (clauses.begin !== undefined && clauses.begin !== word)
        reader.report("model/exclusive-clauses", span, { clauses: "`warm` and `cold`" });
      clauses.begin = word as "warm" | "cold";
  }
}

/** Steps a period: more are a typing error. */
const stepsMax = 100_000;

/** What other programs call the methods, of loops and of integration. */
const methodsElsewhere: Readonly<Record<string, string>> = {
  broyden: "anderson",
  fixed: "plain",
  gauss: "plain",
  gmres: "newton",
  jacobi: "plain",
  krylov: "newton",
  picard: "plain",
  raphson: "newton",
  relaxation: "damped",
  secant: "aitken",
  sor: "damped",
  steffensen: "aitken",
  wegstein: "aitken",
  rk: "rk4",
  runge: "rk4",
  diff: "euler",
  rk2: "rk4",
};

function methodNear(word: string, methods: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const known = methodsElsewhere[lower.replace(/_.*$|auto$/, "")];
  return known !== undefined && methods.includes(known) ? known : nearestName(lower, methods);
}

/** `0.5` or `1/3`. */
function constantRatio(expression: Expression): number | undefined {
  if (expression.kind !== "binary" || expression.operator !== "/") {
    const written = plainNumber(expression);
    return written?.isPercent === false && written.value > 0 ? written.value : undefined;
  }
  const [above, below] = [plainNumber(expression.left), plainNumber(expression.right)];
  if (above === undefined || below === undefined || above.isPercent || below.isPercent) return undefined;
  const ratio = above.value / below.value;
  return ratio > 0 ? ratio : undefined;
}

/** Whether a problem was told already from `span` on. */
function wasReported(reader: LineReader, span: Span): boolean {
  return reader.diagnostics.some((problem) => problem.span.start >= span.start);
}

function readTolerance(reader: LineReader, word: string, span: Span, clauses: Clauses): void {
  const tolerance = plainNumber(operand(reader, word, span));
  if (tolerance === undefined || !(tolerance.value >= 0)) {
    if (!wasReported(reader, span)) {
      reportBad(reader, word, span, "a number that is not negative, such as `0.01 USD` or `0.1%`");
    }
  } else if (word === "relative" || tolerance.isPercent) clauses.toleranceRelative = tolerance.value;
  else clauses.toleranceAbsolute = tolerance.value;
}

/** A number literal with or without unit or percent sign. */
function plainNumber(expression: Expression): { value: number; isPercent: boolean } | undefined {
  if (expression.kind === "number") return { value: expression.value, isPercent: false };
  if (expression.kind === "percent" && expression.operand.kind === "number") {
    return { value: percentOf(expression.operand.value), isPercent: true };
  }
  return undefined;
}

function readRange(reader: LineReader, span: Span, clauses: Clauses): void {
  const dots = reader.text.indexOf("..", reader.position);
  if (dots < 0 || dots >= reader.end) {
    reportBad(reader, "range", span, "two bounds, for example `range 0..1`");
    skipToClause(reader);
    return;
  }
  reader.skipSpace();
  if (reader.position < dots) clauses.min = reader.expression(dots);
  reader.position = Math.max(reader.position, dots + 2);
  if (startsClause(reader)) return;
  clauses.max = reader.expression();
}

function readTimeout(reader: LineReader, span: Span, clauses: Clauses): void {
  durationPattern.lastIndex = reader.position;
  const found = durationPattern.exec(reader.text);
  const ms =
    found === null
      ? undefined
      : Number((found[1] as string).replaceAll("_", "")) * (durationMs[found[2] as string] as number);
  if (found === null || ms === undefined || ms <= 0 || ms > timeoutMsMax) {
    reportBad(reader, "timeout", span, "a duration up to a day, such as `5s`, `200ms` or `2min`");
    skipToClause(reader);
    return;
  }
  reader.position += found[0].length;
  clauses.timeoutMs = ms;
}

function wholeNumber(reader: LineReader, max: number): number | undefined {
  wholePattern.lastIndex = reader.position;
  const found = wholePattern.exec(reader.text);
  if (found === null) {
    skipToClause(reader);
    return undefined;
  }
  reader.position += found[0].length;
  const value = Number((found[1] as string).replaceAll("_", ""));
  return value <= max ? value : undefined;
}

/** `start = 3`, `limit: 50`: the sign is reported and read over, so that what stands behind it counts. */
function skipSign(reader: LineReader, word: string): void {
  const sign = ["=", ":"].find((each) => reader.isNext(each));
  if (sign === undefined || reader.isNext("==")) return;
  const span = { start: reader.position, end: reader.position + 1 };
  reader.position += 1;
  const rest = reader.shownRest();
  const shown = rest === undefined ? "…" : (rest.split(/\s{2,}|[,;]/)[0] as string);
  const hint = `a clause has no sign behind its word: \`${word} ${shown}\``;
  reader.report("model/unexpected", span, { found: `\`${sign}\``, hint });
}

const listPattern = /\s*(?:\[[^\]]*,[^\]]*\]|\{\s*(?:"[^"]*"|[^\s:{}"]+)\s*:[^}]*\})/uy;

/** `start { A: 1, B: 2 }`: a list of values, which only an input can have. */
function skipList(reader: LineReader, span: Span): boolean {
  listPattern.lastIndex = reader.position;
  const found = listPattern.exec(reader.text.slice(0, reader.end))?.[0];
  if (found === undefined) return false;
  const shown = found.trim().length > 40 ? `${found.trim()[0]} … ${found.trim().at(-1)}` : found.trim();
  reader.report("model/bad-clause", span, {
    clause: "start",
    wanted: "one formula for all cells",
    hint: `a list of values is an input's: \`input first = ${shown}\`, and \`start first\``,
  });
  reader.position += found.length;
  return true;
}

function operand(reader: LineReader, word: string, span: Span): Expression {
  if (startsClause(reader) && !reader.isNext('"')) {
    reportBad(reader, word, span, "a value behind it");
    return { kind: "broken", span };
  }
  return reader.expression();
}

function reportBad(
  reader: LineReader,
  clause: string,
  span: Span,
  wanted: string,
  suggestion?: string | undefined,
): void {
  reader.report("model/bad-clause", span, presentFields({ clause, wanted, suggestion }));
}

/** Something that begins no clause: reported once, unless the expression before it was broken already. */
function reportStray(reader: LineReader, place: ClausePlace): void {
  const found = reader.foundHere();
  // `3 minimum 0`: the misspelt clause was read as the unit of the number before it.
  const unit = /\d[ \t]+([\p{L}_][\p{L}\p{N}_]*)\s*$/u.exec(reader.text.slice(0, found.span.start))?.[1];
  if (unit !== undefined && reader.diagnostics.length === 0) {
    const start = reader.text.lastIndexOf(unit, found.span.start);
    reportUnknown(reader, place, unit, { start, end: start + unit.length });
    return;
  }
  if (reader.diagnostics.length === 0) {
    reader.report("model/unexpected", found.span, {
      found: found.text as string,
      hint: strayHint(found.text as string, place, reader, found.span),
    });
  }
  reader.position = Math.max(found.span.end, reader.position + 1);
  skipToClause(reader);
}

function strayHint(found: string, place: ClausePlace, reader: LineReader, span: Span): string {
  const next = /^[\s,;]*([\p{L}_]+)/u.exec(reader.text.slice(span.start, reader.end))?.[1] ?? "";
  if (/^`[,;]`$/.test(found) && place.allowed.includes(next))
    return `nothing separates clauses but a space: \`… ${next} …\``;
  if (found === "`,`" && /\d,\d/.test(reader.text.slice(span.start - 1, span.end + 1)))
    return "a number is written `5.5` or `1_000`, without commas";
  if (/[$€£¥]/.test(found)) return "a unit is a name: `20 USD`";
  if (/^`[)\]}]`$/.test(found)) return "it closes nothing";
  if (errorCodes.some((code) => found === `\`${code}\``)) return "an error value begins no comment";
  if (found.startsWith("`#")) return "a comment needs a space on both sides of its `#`";
  if (place.allowed.length === 0) return "only a label in quotes may stand here";
  return `here one may write ${listOf(place)}`;
}

function reportUnknown(reader: LineReader, place: ClausePlace, word: string, span: Span): void {
  const before = /([A-Za-z]+)\s+$/.exec(reader.text.slice(0, span.start));
  const pair = before?.[1] === undefined ? undefined : foreignPairHint(before[1], word);
  if (reader.diagnostics.length === 0 && pair !== undefined) {
    const start = before?.index ?? span.start;
    const found = `\`${reader.text.slice(start, span.end).replace(/\s+/g, " ")}\``;
    reader.report("model/unexpected", { start, end: span.end }, { found, hint: pair });
  } else if (reader.diagnostics.length === 0 && place.allowed.length === 0) {
    const rest = reader.text.slice(span.start, reader.end).trim();
    const label = rest.length > 40 || /[\r\n"]/.test(rest) ? "…" : rest;
    reader.report("model/unexpected", span, {
      found: `\`${word}\``,
      hint: `a label stands in quotes: \`"${label}"\``,
    });
  } else if (reader.diagnostics.length === 0) {
    const suggestion =
      place.wordsElsewhere?.[word.toLowerCase().replaceAll("_", "")] ??
      nearestName(word, place.allowed) ??
      place.allowed.find((allowed) => word.startsWith(allowed));
    const called = word.length > 1 ? functionByName(word)?.name : undefined;
    reader.report(
      "model/unknown-clause",
      span,
      presentFields({ word, allowed: listOf(place), suggestion, called }),
    );
  }
  skipToClause(reader);
}

/** Whether a clause word, a label or the end of the line stands next. */
function startsClause(reader: LineReader): boolean {
  if (reader.isAtEnd() || reader.isNext('"')) return true;
  const word = reader.peekWord();
  return word !== undefined && clauseWords.includes(word);
}

function skipToClause(reader: LineReader): void {
  while (!startsClause(reader)) {
    const word = reader.peekWord();
    reader.position += word?.length ?? 1;
  }
}

function listOf(place: ClausePlace): string {
  const words = place.allowed.map((word) => `\`${word}\``);
  return (place === timeClauses ? words : [...words, "a label in quotes"]).join(", ");
}
