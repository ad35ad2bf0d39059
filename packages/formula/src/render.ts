/**
 * Rendering: a diagnostic as a person reads it, the same in the terminal, in logs and in the app.
 *
 *   error[scenario/unknown-attribute]  downside.reckon:2:3
 *     2 |   revenue.chrun = 4%
 *       |   ^^^^^^^^^^^^^ no attribute `revenue.chrun`; did you mean `revenue.churn`?
 *
 * The hint stands behind the message while the line stays short, otherwise on a line of its own. With
 * `showsSource: false`, or when the text is unknown, message and hint stand alone under the first line. Carets are
 * placed by display columns: a tab is copied, a wide character counts two, a combining mark none. Control characters
 * are shown as `·`, in messages as `U+200B`, so a file cannot move the cursor. A long line is cut to a window around the caret, a line of a
 * message that quotes something huge to its beginning.
 *
 * Cost: the first diagnostic of a text reads it once, to find its lines; every other one costs the logarithm of the
 * number of lines and what is shown, so 100,000 diagnostics of a file, or of a line, take as long as printing them.
 */
import type { Diagnostic, DiagnosticNote, Span } from "./diagnostic.ts";

const messageColumnsMax = 110;
const sourceColumnsMax = 110;
const saidLengthMax = 400;
/** How far around a place a line is looked at. */
const seenMax = 1_000;
const tabColumns = 4;

/** Where an offset lies: line and column counted from 1, the column in UTF-16 units as editors count it. */
export interface LineAndColumn {
  readonly line: number;
  readonly column: number;
}

/**
 * Line and column of an offset; `\n`, `\r\n` and a lone `\r` end lines. Cost: linear in the text once, then
 * logarithmic in its lines as long as no other text is asked about.
 *
 * @example
 * ```ts
 * lineAndColumn("a\nbc", 3); // { line: 2, column: 2 }
 * ```
 */
export function lineAndColumn(text: string, offset: number): LineAndColumn {
  const bounded = Math.max(0, Math.min(offset, text.length));
  const starts = lineStartsOf(text);
  const line = lineAt(starts, bounded);
  return { line: line + 1, column: bounded - (starts[line] as number) + 1 };
}

let lastText = "";
let lastStarts: readonly number[] = [0];

/** Where the lines of a text begin. The last text is remembered, because diagnostics come many to a file. */
function lineStartsOf(text: string): readonly number[] {
  if (text === lastText) return lastStarts;
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 10 || (c === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
  }
  lastText = text;
  lastStarts = starts;
  return starts;
}

/** The last line that begins at or before the offset. */
function lineAt(starts: readonly number[], offset: number): number {
  let from = 0;
  let to = starts.length;
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if ((starts[middle] as number) <= offset) from = middle;
    else to = middle;
  }
  return from;
}

/**
 * The diagnostic as text without a final line end. `textOf` gives the text of a source by its name, `undefined` when
 * it is not at hand.
 */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  textOf: (source: string) => string | undefined,
): string {
  const text = textOf(diagnostic.source);
  const lines = [head(diagnostic, text)];
  const said = diagnostic.message.split("\n").map((line) => legible(cutLine(line)));
  const hint = diagnostic.hint === undefined ? undefined : legible(diagnostic.hint);
  if (text === undefined || diagnostic.showsSource === false) {
    lines.push(...said.map((line) => `  ${line}`));
    if (hint !== undefined) lines.push(...hint.split("\n").map((line) => `  ${line}`));
  } else lines.push(...excerpt(text, diagnostic.span, said, hint));
  for (const note of diagnostic.notes ?? []) lines.push(...noteLines(note, diagnostic, textOf));
  return lines.join("\n");
}

/** A name of a million letters is quoted by its beginning: nobody reads the rest. */
function cutLine(line: string): string {
  return line.length > saidLengthMax ? `${line.slice(0, saidLengthMax)}…` : line;
}

function head(diagnostic: Diagnostic, text: string | undefined): string {
  const title = `${diagnostic.severity}[${diagnostic.code}]  ${diagnostic.source}`;
  return text === undefined ? title : `${title}:${place(text, diagnostic.span.start)}`;
}

function place(text: string, offset: number): string {
  const { line, column } = lineAndColumn(text, offset);
  return `${line}:${column}`;
}

function excerpt(
  text: string,
  span: Span,
  said: readonly string[],
  hint: string | undefined,
): readonly string[] {
  const { line } = lineAndColumn(text, span.start);
  const { source, caret, padding } = underlined(text, span);
  const number = String(line);
  const gutter = " ".repeat(number.length + 2);
  const lines = [source === "" ? `  ${number} |` : `  ${number} | ${source}`];
  const first = said[0] ?? "";
  const prefix = `${gutter} | ${padding}`;
  const rest = said.slice(1);
  const joined = hint === undefined ? first : `${first}; ${hint}`;
  const isShort = displayColumns(prefix) + caret.length + 1 + displayColumns(joined) <= messageColumnsMax;
  if (rest.length === 0 && !joined.includes("\n") && (isShort || hint === undefined)) {
    return [...lines, `${prefix}${caret} ${joined}`];
  }
  lines.push(`${prefix}${caret} ${first}`);
  const more = [...rest, ...(hint?.split("\n") ?? [])];
  return [...lines, ...more.map((one) => `${gutter} | ${one}`)];
}

/** The line of the span's start as shown, the carets below it and the white space before them. */
function underlined(text: string, span: Span): { source: string; caret: string; padding: string } {
  const start = Math.max(0, Math.min(span.start, text.length));
  const starts = lineStartsOf(text);
  const line = lineAt(starts, start);
  const lineStart = starts[line] as number;
  const lineEnd = Math.max(start, endOf(text, lineStart, starts[line + 1] ?? text.length));
  const spanEnd = Math.min(Math.max(span.end, start), lineEnd, start + seenMax);
  const columns = displayColumns(visible(text.slice(start, spanEnd)));
  const caret = "^".repeat(Math.max(1, Math.min(columns, sourceColumnsMax)));
  const isSeenWhole = start - lineStart <= seenMax && lineEnd - start <= seenMax;
  const before = visible(text.slice(Math.max(lineStart, start - seenMax), start));
  const after = visible(text.slice(start, Math.min(lineEnd, start + seenMax))).trimEnd();
  if (isSeenWhole && displayColumns(before + after) <= sourceColumnsMax) {
    return { source: (before + after).trimEnd(), caret, padding: padding(before) };
  }
  const left = lastColumns(before, 30);
  const cut = left.length < before.length ? `…${left}` : left;
  const right = firstColumns(after, sourceColumnsMax - displayColumns(cut));
  return { source: `${cut}${right}${right.length < after.length ? "…" : ""}`, caret, padding: padding(cut) };
}

/** The end of the line from `start` to `next`, without what ends it. */
function endOf(text: string, start: number, next: number): number {
  let end = next;
  while (end > start && (text.charCodeAt(end - 1) === 10 || text.charCodeAt(end - 1) === 13)) end--;
  return end;
}

function noteLines(
  note: DiagnosticNote,
  diagnostic: Diagnostic,
  textOf: (source: string) => string | undefined,
): readonly string[] {
  const source = note.source ?? diagnostic.source;
  const text = note.span === undefined ? undefined : textOf(source);
  if (note.span === undefined || text === undefined) return [`  note: ${note.text}`];
  const { line } = lineAndColumn(text, note.span.start);
  const { source: shown } = underlined(text, note.span);
  return [`  note: ${note.text}  ${source}:${place(text, note.span.start)}`, `  ${line} | ${shown}`];
}

/** The text with control characters made visible, tabs kept. */
function visible(text: string): string {
  let result = "";
  for (const character of text) result += isControl(character.codePointAt(0) as number) ? "·" : character;
  return result;
}

/** A message with what nobody can see in it told by its number: `U+200B`. */
function legible(text: string): string {
  let result = "";
  for (const character of text) {
    const c = character.codePointAt(0) as number;
    const isUnseen = (isControl(c) && c !== 10) || c === 0x200b || c === 0x2060 || c === 0xfeff || c === 0xad;
    result += isUnseen ? `U+${c.toString(16).toUpperCase().padStart(4, "0")}` : character;
  }
  return result;
}

/** Control characters but the tab, and those that change the direction of writing. */
function isControl(c: number): boolean {
  return (
    (c < 32 && c !== 9) ||
    (c >= 0x7f && c <= 0x9f) ||
    c === 0x200e ||
    c === 0x200f ||
    (c >= 0x202a && c <= 0x202e) ||
    (c >= 0x2066 && c <= 0x2069)
  );
}

/** White space as wide as `text`, with its tabs. */
function padding(text: string): string {
  let result = "";
  for (const character of text) {
    result += character === "\t" ? "\t" : " ".repeat(characterColumns(character.codePointAt(0) as number));
  }
  return result;
}

function displayColumns(text: string): number {
  let columns = 0;
  for (const character of text) {
    columns += character === "\t" ? tabColumns : characterColumns(character.codePointAt(0) as number);
  }
  return columns;
}

function firstColumns(text: string, columnsMax: number): string {
  let columns = 0;
  let end = 0;
  for (const character of text) {
    columns += displayColumns(character);
    if (columns > columnsMax) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function lastColumns(text: string, columnsMax: number): string {
  const characters = [...text.slice(-columnsMax * 2)];
  let columns = 0;
  let from = characters.length;
  while (from > 0) {
    columns += displayColumns(characters[from - 1] as string);
    if (columns > columnsMax) break;
    from--;
  }
  return characters.slice(from).join("");
}

/** Columns a terminal gives a character: 0 for marks, 2 for East Asian wide characters and emoji, else 1. */
function characterColumns(codePoint: number): number {
  if (codePoint < 0x300) return 1;
  if (isJoined(codePoint) || /^[\p{Mn}\p{Me}]$/u.test(String.fromCodePoint(codePoint))) return 0;
  return isWide(codePoint) ? 2 : 1;
}

/** Zero-width spaces and joiners, and variation selectors. */
function isJoined(c: number): boolean {
  return (c >= 0x200b && c <= 0x200d) || c === 0xfe0e || c === 0xfe0f;
}

function isWide(c: number): boolean {
  return (
    (c >= 0x1100 && c <= 0x115f) ||
    (c >= 0x2e80 && c <= 0x303e) ||
    (c >= 0x3041 && c <= 0xa4cf) ||
    (c >= 0xac00 && c <= 0xd7a3) ||
    (c >= 0xf900 && c <= 0xfaff) ||
    (c >= 0xfe30 && c <= 0xfe6f) ||
    (c >= 0xff00 && c <= 0xff60) ||
    (c >= 0xffe0 && c <= 0xffe6) ||
    (c >= 0x1f300 && c <= 0x1f64f) ||
    (c >= 0x1f680 && c <= 0x1f6ff) ||
    (c >= 0x1f900 && c <= 0x1f9ff) ||
    (c >= 0x20000 && c <= 0x3fffd)
  );
}
