/**
 * Lexer: characters to tokens, one at a time.
 *
 * `lexToken(text, position, end)` reads the token at or after `position` and looks at nothing else, so a parser may
 * start anywhere and go back by remembering an offset. Offsets are always into the whole text.
 *
 * 1. Skip white space and comments. A comment is `#` at the start of a line or between spaces and runs to the end of
 *    its line; an error literal (`#N/A`) is never a comment.
 * 2. Decide by the first character: digit or `.digit` number, letter or `_` name, quotes, `#` error, else operator.
 * 3. What fits nowhere becomes an `unknown` token with a problem. Every text lexes; nothing is dropped.
 *
 * A number stops before `..`, so `0..1` is a range of two numbers. A name takes dots into it when a letter, digit or
 * underscore follows. A double-quoted text ends at its line's end unless `isMultiline` is set.
 *
 * Cost: linear; one object a token.
 */
import { errorCodes } from "@reckon/value";
import type { Diagnostic } from "./diagnostic.ts";
import { formulaDiagnostic } from "./message.ts";
import type { Token, TokenKind, TokenProblem } from "./token.ts";

export interface LexOptions {
  /** Texts in double quotes may contain line ends. */
  readonly isMultiline?: boolean;
}

/** The token at or after `position`, before `end`; kind `end` when only white space and comments are left. */
export function lexToken(text: string, position: number, end: number, options?: LexOptions): Token {
  const start = skipTrivia(text, position, end);
  if (start >= end) return { kind: "end", start: end, end, text: "" };
  const c = text.charCodeAt(start);
  if (isDigit(c) || (c === 46 && isDigit(at(text, start + 1, end)))) return lexNumber(text, start, end);
  if (isNameStart(c, text, start)) return lexName(text, start, end);
  if (c === 34) return lexText(text, start, end, options?.isMultiline ?? false);
  if (c === 39) return lexQuoted(text, start, end);
  if (c === 35) return lexError(text, start, end);
  return lexOperator(text, start, end);
}

/**
 * All tokens of a text without the closing `end` token, and what is wrong with them.
 *
 * @example
 * ```ts
 * tokenize("a + 1_000").tokens.map((token) => token.text); // ["a", "+", "1_000"]
 * ```
 */
export function tokenize(
  text: string,
  options: { readonly start?: number; readonly end?: number; readonly source?: string } & LexOptions = {},
): { readonly tokens: readonly Token[]; readonly diagnostics: readonly Diagnostic[] } {
  const end = options.end ?? text.length;
  const tokens: Token[] = [];
  const diagnostics: Diagnostic[] = [];
  for (let position = options.start ?? 0; ; ) {
    const token = lexToken(text, position, end, options);
    if (token.kind === "end") return { tokens, diagnostics };
    tokens.push(token);
    const diagnostic = tokenDiagnostic(token, text, options.source ?? "formula");
    if (diagnostic !== undefined) diagnostics.push(diagnostic);
    position = token.end;
  }
}

/** What is wrong with a token by itself, as a diagnostic. */
export function tokenDiagnostic(token: Token, text: string, source: string): Diagnostic | undefined {
  const where = { source, span: { start: token.start, end: token.end } };
  const written = text.slice(token.start, token.end);
  switch (token.problem) {
    case undefined:
      return undefined;
    case "unclosed-text":
      return formulaDiagnostic("formula/unclosed-text", where, { quote: '"' });
    case "unclosed-quote":
      return formulaDiagnostic("formula/unclosed-text", where, { quote: "'" });
    case "unknown-character":
      return formulaDiagnostic("formula/unknown-character", where, { written });
    case "unknown-error":
      return formulaDiagnostic("formula/unknown-error-literal", where, { written });
    case "foreign-operator":
      return formulaDiagnostic("formula/foreign-operator", where, { written, ours: token.text });
  }
}

/** The offset of the next character that is neither white space nor in a comment. */
export function skipTrivia(text: string, position: number, end: number): number {
  let i = position;
  while (i < end) {
    const c = text.charCodeAt(i);
    if (c === 32 || (c >= 9 && c <= 13) || c === 0xa0 || c === 0xfeff || c === 0x3000) i++;
    else if (c === 35 && isCommentStart(text, i, end)) {
      while (i < end && !isLineEnd(text.charCodeAt(i))) i++;
    } else break;
  }
  return i;
}

/** Whether the `#` at `position` begins a comment (see the header). */
export function isCommentStart(text: string, position: number, end: number): boolean {
  if (errorLiteralAt(text, position, end) !== undefined) return false;
  let before = position - 1;
  // Behind a byte order mark begins the file.
  if (before === 0 && text.charCodeAt(0) === 0xfeff) before--;
  if (before >= 0 && !isSpace(text.charCodeAt(before))) return false;
  const next = position + 1 < end ? text.charCodeAt(position + 1) : 32;
  if (isSpace(next)) return true;
  while (before >= 0 && isSpace(text.charCodeAt(before)) && !isLineEnd(text.charCodeAt(before))) before--;
  return before < 0 || isLineEnd(text.charCodeAt(before));
}

function errorLiteralAt(text: string, position: number, end: number): string | undefined {
  for (const code of errorCodes) {
    const after = position + code.length;
    if (after > end || text.slice(position, after).toUpperCase() !== code) continue;
    if (!/[!?]$/.test(code) && after < end && isNamePart(text.charCodeAt(after), text, after)) continue;
    return code;
  }
  return undefined;
}

function token(kind: TokenKind, start: number, end: number, text: string, problem?: TokenProblem): Token {
  return problem === undefined ? { kind, start, end, text } : { kind, start, end, text, problem };
}

function lexNumber(text: string, start: number, end: number): Token {
  let i = skipDigits(text, start, end);
  if (at(text, i, end) === 46 && at(text, i + 1, end) !== 46) {
    if (isDigit(at(text, i + 1, end))) i = skipDigits(text, i + 1, end);
    else if (!isNamePart(at(text, i + 1, end), text, i + 1)) i++;
  }
  const e = at(text, i, end);
  if (e === 101 || e === 69) {
    const sign = at(text, i + 1, end);
    const digits = sign === 43 || sign === 45 ? i + 2 : i + 1;
    if (isDigit(at(text, digits, end))) i = skipDigits(text, digits, end);
  }
  return token("number", start, i, text.slice(start, i));
}

/** Digits, with single underscores between them. */
function skipDigits(text: string, start: number, end: number): number {
  let i = start;
  while (i < end) {
    const c = text.charCodeAt(i);
    if (isDigit(c) || (c === 95 && i > start && isDigit(at(text, i + 1, end)))) i++;
    else break;
  }
  return i;
}

function lexName(text: string, start: number, end: number): Token {
  let i = start;
  while (i < end) {
    const c = text.charCodeAt(i);
    if (isNamePart(c, text, i)) i += c >= 0xd800 && c < 0xdc00 ? 2 : 1;
    else if (c === 46 && i + 1 < end && isNamePart(text.charCodeAt(i + 1), text, i + 1)) i++;
    else break;
  }
  i = Math.min(i, end);
  return token("name", start, i, text.slice(start, i));
}

function lexText(text: string, start: number, end: number, isMultiline: boolean): Token {
  let i = start + 1;
  for (; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) {
      if (at(text, i + 1, end) !== 34) return token("text", start, i + 1, text.slice(start, i + 1));
      i++;
    } else if (!isMultiline && isLineEnd(c)) break;
  }
  i = Math.min(i, end);
  return token("text", start, i, text.slice(start, i), "unclosed-text");
}

function lexQuoted(text: string, start: number, end: number): Token {
  let i = start + 1;
  for (; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 39) {
      if (at(text, i + 1, end) !== 39) return token("quoted", start, i + 1, text.slice(start, i + 1));
      i++;
    } else if (isLineEnd(c)) break;
  }
  // An unclosed quote is one character, so that a stray apostrophe does not hide the rest of the line.
  return token("quoted", start, start + 1, "'", "unclosed-quote");
}

function lexError(text: string, start: number, end: number): Token {
  const code = errorLiteralAt(text, start, end);
  if (code !== undefined) return token("error", start, start + code.length, code);
  let i = start + 1;
  while (i < end && /[A-Za-z0-9/!?_]/.test(text.charAt(i))) i++;
  if (i === start + 1) return token("operator", start, i, "#");
  return token("error", start, i, text.slice(start, i), "unknown-error");
}

const operators = ["<>", "<=", ">=", "..", ..."+-*/^&=<>%()[]{},;:!@$"];
const operatorsByFirst = new Map<string, string[]>();
for (const operator of operators) {
  const first = operator.charAt(0);
  operatorsByFirst.set(first, [...(operatorsByFirst.get(first) ?? []), operator]);
}
/** Spellings of other languages, and what they are here; an empty text has no counterpart as an operator. */
const foreign: readonly (readonly [string, string])[] = [
  ["==", "="],
  ["!=", "<>"],
  ["**", "^"],
  ["&&", ""],
  ["||", ""],
  ["≤", "<="],
  ["≥", ">="],
  ["≠", "<>"],
  ["−", "-"],
  ["–", "-"],
  ["×", "*"],
  ["÷", "/"],
];

function lexOperator(text: string, start: number, end: number): Token {
  const first = text.charAt(start);
  const next = start + 1 < end ? text.charAt(start + 1) : "";
  if (next === first || next === "=" || text.charCodeAt(start) > 127) {
    for (const [written, ours] of foreign) {
      if (start + written.length <= end && text.startsWith(written, start)) {
        const kind = ours === "" ? "unknown" : "operator";
        return token(kind, start, start + written.length, ours, "foreign-operator");
      }
    }
  }
  for (const operator of operatorsByFirst.get(first) ?? []) {
    if (operator.length === 1 || next === operator.charAt(1)) {
      return token("operator", start, start + operator.length, operator);
    }
  }
  const size = (text.codePointAt(start) ?? 0) > 0xffff && start + 2 <= end ? 2 : 1;
  return token("unknown", start, start + size, text.slice(start, start + size), "unknown-character");
}

function at(text: string, position: number, end: number): number {
  return position < end ? text.charCodeAt(position) : -1;
}
function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}
function isLineEnd(c: number): boolean {
  return c === 10 || c === 13;
}
function isSpace(c: number): boolean {
  return c === 32 || (c >= 9 && c <= 13);
}
function isNameStart(c: number, text: string, position: number): boolean {
  if (c < 128) return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95;
  return /^\p{L}/u.test(text.slice(position, position + 2));
}
function isNamePart(c: number, text: string, position: number): boolean {
  if (c < 128) return isDigit(c) || isNameStart(c, text, position);
  return /^[\p{L}\p{M}\p{N}]/u.test(text.slice(position, position + 2));
}
