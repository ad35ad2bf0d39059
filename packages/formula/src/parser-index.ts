/**
 * What stands between the brackets of a reference: `seats[t-1]`, `adds[*, 2027-01..]`, `points[player.opponent]`.
 *
 *   item    = "*"
 *           | "t" [ ("+" | "-") digits ]                            a lag
 *           | "t" [ ± digits ] ".." "t" [ ± digits ] [ "clip" ]     a window
 *           | ".." "t" [ ± digits ]  |  "t" [ ± digits ] ".."       a window from the first or to the last period
 *           | label | [ label ] ".." [ label ]                      a member or a range of members
 *           | expression                                            a computed key
 *   label   = name | text | period
 *   period  = 2026 | 2026-Q1 | 2026-03 | 2026-W05 | 2026-01-31 | digits
 *
 * A period is read by its spelling before anything else, so `2026-03` is March and not 2023. A single name is a
 * label here; whether it is a member or an attribute that serves as a key is decided when names are bound.
 */
import type { Cursor } from "./cursor.ts";
import { nestingMax } from "./cursor.ts";
import type { Span } from "./diagnostic.ts";
import { skipTrivia } from "./lexer.ts";
import type { Expression, IndexItem } from "./syntax.ts";

/** Reads from `[` to its `]`. `parseExpression` reads computed keys. */
export function parseIndex(
  cursor: Cursor,
  name: string,
  parseExpression: (cursor: Cursor) => Expression,
): readonly IndexItem[] {
  const open = cursor.advance();
  const items: IndexItem[] = [];
  if (cursor.depth >= nestingMax) {
    cursor.giveUp({ start: open.start, end: open.end });
    return items;
  }
  cursor.depth++;
  cursor.bracketsOpen++;
  for (;;) {
    const item = parseItem(cursor, name, parseExpression);
    if (item !== undefined) items.push(item);
    if (!cursor.isOperator(",") && !cursor.isOperator("]") && cursor.token.kind !== "end") {
      cursor.report("formula/bad-index", cursor.here(), { found: cursor.found() });
      cursor.skipToSeparator();
    }
    if (!cursor.isOperator(",") && !cursor.isOperator(";")) break;
    cursor.advance();
  }
  cursor.bracketsOpen--;
  cursor.depth--;
  if (cursor.isOperator("]")) cursor.advance();
  else cursor.report("formula/unclosed", { start: open.start, end: open.end }, { bracket: "[" });
  return items;
}

function parseItem(
  cursor: Cursor,
  name: string,
  parseExpression: (cursor: Cursor) => Expression,
): IndexItem | undefined {
  const token = cursor.token;
  const span = cursor.here();
  const window = isSpanWritten(cursor) ? (parseOpenSpan(cursor) ?? misreadSpan(cursor, name)) : undefined;
  if (window !== undefined) return window;
  if (cursor.isOperator("*")) {
    cursor.advance();
    return { kind: "all", span };
  }
  if (cursor.isOperator("-") || cursor.isOperator("+")) {
    const negative = parseNegative(cursor, name);
    if (negative !== undefined) return negative;
  }
  if (token.kind === "name" && token.text === "t") {
    const relative = parseRelative(cursor);
    if (relative !== undefined) return relative;
  }
  const range = parseLabels(cursor);
  if (range !== undefined) return range;
  if (token.kind === "end" || cursor.isOperator("]") || cursor.isOperator(",")) {
    cursor.report("formula/bad-index", span, { found: "" });
    return undefined;
  }
  const expression = parseExpression(cursor);
  // Nothing may have been read: `x[a, [2026-01]`.
  const end = Math.max(token.start, cursor.previousEnd);
  return { kind: "key", expression, span: { start: token.start, end } };
}

/** `x[-1]`: rejected with the hint to write `x[t-1]`, and read as that. */
function parseNegative(cursor: Cursor, name: string): IndexItem | undefined {
  const pattern = /([+-])\s*(\d{1,9})(?=\s*[\],])/y;
  pattern.lastIndex = cursor.token.start;
  const match = pattern.exec(cursor.text);
  if (match === null || pattern.lastIndex > cursor.end) return undefined;
  const offset = Number(`${match[1]}${match[2]}`);
  const span = { start: cursor.token.start, end: pattern.lastIndex };
  cursor.report("formula/negative-index", span, { name: name === "" ? "x" : name, offset });
  cursor.seek(pattern.lastIndex);
  return { kind: "lag", offset, span };
}

const relativePattern =
  /t(?:\s*([+-]\s*\d{1,9}))?(?:\s*\.\.\s*t(?:\s*([+-]\s*\d{1,9}))?(\s+clip)?)?(?=\s*[\],])/y;

function parseRelative(cursor: Cursor): IndexItem | undefined {
  const start = cursor.token.start;
  relativePattern.lastIndex = start;
  const match = relativePattern.exec(cursor.text);
  if (match === null || relativePattern.lastIndex > cursor.end) {
    if (!/^t\s*(?:[+-]|\.\.)/.test(cursor.text.slice(start, start + 20))) return undefined;
    return badRelative(cursor);
  }
  const span: Span = { start, end: relativePattern.lastIndex };
  cursor.seek(span.end);
  const from = offsetOf(match[1]);
  if (!match[0].includes("..")) return { kind: "lag", offset: from, span };
  const to = offsetOf(match[2]);
  if (from > to) {
    cursor.report("formula/bad-window", span, { written: match[0] });
    return { kind: "window", from: to, to: from, clip: match[3] !== undefined, span };
  }
  return { kind: "window", from, to, clip: match[3] !== undefined, span };
}

const openPattern =
  /(?:\.\.\s*t(?:\s*([+-]\s*\d{1,9}))?|t(?:\s*([+-]\s*\d{1,9}))?\s*\.\.)(\s+clip)?(?=\s*[\],])/y;

/** Whether `..` or `:` stands before the end of the item, so that looking for spans is worth it. */
function isSpanWritten({ text, token, end }: Cursor): boolean {
  for (let i = token.start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 44 || code === 93) return false;
    if (code === 58 || (code === 46 && text.charCodeAt(i + 1) === 46)) return true;
  }
  return false;
}

/** `..t`, `t-1..`: clipped by what they say, so `clip` behind them adds nothing. */
function parseOpenSpan(cursor: Cursor): IndexItem | undefined {
  const match = matchHere(cursor, openPattern);
  if (match === undefined) return undefined;
  const span: Span = { start: cursor.token.start, end: cursor.token.start + match[0].length };
  cursor.seek(span.end);
  return match[0].startsWith(".")
    ? { kind: "window", from: Number.NEGATIVE_INFINITY, to: offsetOf(match[1]), clip: true, span }
    : { kind: "window", from: offsetOf(match[2]), to: Number.POSITIVE_INFINITY, clip: true, span };
}

const offset = "(?:\\s*[+-]\\s*\\d{1,9})?";
const end = `(?:"[^"\\r\\n]*"|\\*|[\\p{L}\\p{N}_][\\p{L}\\p{N}_-]*)`;
const itemEnd = "(?=\\s*[\\],])";
const nothingPattern = new RegExp(`(?:\\.\\.|:)${itemEnd}`, "y");
const upToPattern = new RegExp(`${end}?\\s*(?:\\.\\.|:)\\s*(t${offset})${itemEnd}`, "uy");
const onwardsPattern = new RegExp(`(t${offset})\\s*(?:\\.\\.|:)\\s*${end}?${itemEnd}`, "uy");
const colonPattern = new RegExp(`(t${offset})\\s*:\\s*(t${offset})${itemEnd}`, "uy");
const relativeSpan = new RegExp(`t${offset}\\s*\\.\\.\\s*t${offset}\\s*(?:clip)?${itemEnd}`, "uy");

/** Other ways of writing spans, told with the right one: `..`, `first..t`, `2026-01..t`, `t..last`, `:t`, `t-2:t`. */
function misreadSpan(cursor: Cursor, name: string): IndexItem | undefined {
  if (matchHere(cursor, relativeSpan) !== undefined) return undefined;
  const found = misreading(cursor);
  if (found === undefined) return undefined;
  const { written, meant } = found;
  const span: Span = { start: cursor.token.start, end: cursor.token.start + written.length };
  cursor.report("formula/bad-window", span, { written, name: name === "" ? "x" : name, meant });
  cursor.seek(span.end);
  return { kind: "all", span };
}

function misreading(cursor: Cursor): { readonly written: string; readonly meant: string } | undefined {
  const tight = (written: string | undefined): string => (written ?? "").replace(/\s+/g, "");
  const nothing = matchHere(cursor, nothingPattern);
  if (nothing !== undefined) return { written: nothing[0], meant: "*" };
  const colon = matchHere(cursor, colonPattern);
  if (colon !== undefined) return { written: colon[0], meant: `${tight(colon[1])}..${tight(colon[2])}` };
  const upTo = matchHere(cursor, upToPattern);
  if (upTo !== undefined) return { written: upTo[0], meant: `..${tight(upTo[1])}` };
  const onwards = matchHere(cursor, onwardsPattern);
  return onwards === undefined ? undefined : { written: onwards[0], meant: `${tight(onwards[1])}..` };
}

/** What a sticky pattern matches at the current token. */
function matchHere(cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined {
  if (cursor.token.kind === "end") return undefined;
  pattern.lastIndex = cursor.token.start;
  const match = pattern.exec(cursor.text);
  return match === null || pattern.lastIndex > cursor.end ? undefined : match;
}

/** `t-n`, `t-1..5`: starts like a lag and is none. */
function badRelative(cursor: Cursor): undefined {
  const start = cursor.token.start;
  cursor.skipToSeparator();
  const written = cursor.text.slice(start, cursor.token.start).trim();
  cursor.report("formula/bad-index", { start, end: start + written.length }, { found: written });
  return undefined;
}

function offsetOf(written: string | undefined): number {
  const offset = written === undefined ? 0 : Number(written.replace(/\s+/, ""));
  return offset === 0 ? 0 : offset;
}

/** A label or a range of labels, when what follows it ends the item; otherwise nothing is consumed. */
function parseLabels(cursor: Cursor): IndexItem | undefined {
  const { text, end } = cursor;
  const start = cursor.token.start;
  if (cursor.token.kind === "end") return undefined;
  const from = labelAt(text, start, end);
  let position = skipTrivia(text, from?.end ?? start, end);
  if (!text.startsWith("..", position)) {
    if (from === undefined || !isItemEnd(text, position, end)) return undefined;
    cursor.seek(from.end);
    return { kind: "label", label: from.label, span: { start, end: from.end } };
  }
  const dotsEnd = position + 2;
  position = skipTrivia(text, dotsEnd, end);
  const to = labelAt(text, position, end);
  const rangeEnd = to?.end ?? dotsEnd;
  if (!isItemEnd(text, skipTrivia(text, rangeEnd, end), end) || (from === undefined && to === undefined)) {
    return undefined;
  }
  cursor.seek(rangeEnd);
  return {
    kind: "range",
    ...(from === undefined ? {} : { from: from.label }),
    ...(to === undefined ? {} : { to: to.label }),
    span: { start, end: rangeEnd },
  };
}

function isItemEnd(text: string, position: number, end: number): boolean {
  return position >= end || text.charAt(position) === "," || text.charAt(position) === "]";
}

const labelPattern =
  /"((?:[^"\r\n]|"")*)"|(\d{4}-\d{2}-\d{2}|\d{4}-[Ww]\d{2}|\d{4}-[Qq]\d|\d{4}-\d{2}|\d+)(?![\p{L}\p{N}_])|([\p{L}_][\p{L}\p{M}\p{N}_]*)(?!\.[\p{L}\p{N}_])/uy;

/** The label written at `start`, if one is: a text, a period or a name. */
export function labelAt(
  text: string,
  start: number,
  end: number,
): { readonly label: string; readonly end: number } | undefined {
  labelPattern.lastIndex = start;
  const match = start < end ? labelPattern.exec(text) : null;
  if (match === null || labelPattern.lastIndex > end) return undefined;
  const [, quoted, period, name] = match;
  const label = quoted?.replaceAll('""', '"') ?? period?.toUpperCase() ?? (name as string);
  return { label, end: labelPattern.lastIndex };
}

/** The label as it is written in an index: bare where that reads back as the same label, otherwise quoted. */
export function printLabel(label: string): string {
  const bare = label === "t" ? undefined : labelAt(label, 0, label.length);
  if (bare?.label === label && bare.end === label.length) return label;
  return `"${label.replaceAll('"', '""')}"`;
}
