/**
 * Reads one declaration from left to right: words, names, texts, symbols. The reader is a position in the item's text
 * and the list of problems found so far; expressions are read by the formula parser from where the reader stands.
 *
 * Invariant: `position` never decreases, so whatever the input, reading a line ends.
 */
import {
  type Diagnostic,
  type Expression,
  isCommentStart,
  parseExpressionAt,
  parseReferenceAt,
  type Span,
} from "@reckon/formula";
import type { Name } from "./declarations.ts";
import { endOfText } from "./logical-line.ts";
import { type Code, diagnose, type Facts } from "./messages.ts";

const namePattern = /[\p{L}_][\p{L}\p{N}_]*/uy;
const labelPattern = /[^\s:=,;()[\]{}"]+/uy;

/** Words that begin a clause behind a value, so none of them is read as the unit of the number before it. */
export const clauseWords: readonly string[] = [
  "start",
  "end",
  "min",
  "max",
  "range",
  "format",
  "heavy",
  "light",
  "manual",
  "timeout",
  "retry",
  "tolerance",
  "relative",
  "limit",
  "method",
  "damping",
  "warm",
  "cold",
  "dt",
];
const stopWords: ReadonlySet<string> = new Set(clauseWords);

export class LineReader {
  readonly source: string;
  readonly text: string;
  readonly end: number;
  readonly diagnostics: Diagnostic[] = [];
  position: number;

  constructor(source: string, text: string, start: number, end: number) {
    this.source = source;
    this.text = text;
    this.position = start;
    this.end = end;
  }

  report<C extends Code>(code: C, span: Span, facts: Facts[C]): void {
    this.diagnostics.push(diagnose(code, { source: this.source, span }, facts));
  }

  /** Moves over spaces, line ends and comments (a declaration may go over several lines). */
  skipSpace(): void {
    while (this.position < this.end) {
      const character = this.text[this.position] as string;
      if (character === "#" && isCommentStart(this.text, this.position, this.end)) {
        while (this.position < this.end && !"\r\n".includes(this.text[this.position] as string)) {
          this.position += 1;
        }
      } else if (/\s/.test(character)) this.position += 1;
      else return;
    }
  }

  isAtEnd(): boolean {
    this.skipSpace();
    return this.position >= this.end;
  }

  /** The word at the position, if one begins there; the position stays. */
  peekWord(): string | undefined {
    this.skipSpace();
    return this.match(namePattern);
  }

  /** Reads `word` if it stands next. */
  acceptWord(word: string): boolean {
    if (this.peekWord() !== word) return false;
    this.position += word.length;
    return true;
  }

  /** Reads `symbol` if it stands next. */
  accept(symbol: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(symbol, this.position) || this.position + symbol.length > this.end)
      return false;
    this.position += symbol.length;
    return true;
  }

  isNext(symbol: string): boolean {
    this.skipSpace();
    return this.position < this.end && this.text.startsWith(symbol, this.position);
  }

  name(): Name | undefined {
    this.skipSpace();
    return this.take(this.match(namePattern));
  }

  /** A name, or a diagnostic that says what was expected. */
  expectName(expected: string, hint?: string): Name | undefined {
    const name = this.name();
    if (name === undefined) this.reportExpected(expected, hint);
    return name;
  }

  /** A member's or period's label: a word, `2026-01`, `12`, or a quoted text. */
  label(): Name | undefined {
    this.skipSpace();
    if (this.isNext('"')) return this.quoted();
    return this.take(this.match(labelPattern));
  }

  /** A text in quotes; its span has the quotes too. */
  quoted(): Name | undefined {
    this.skipSpace();
    if (this.position >= this.end || this.text[this.position] !== '"') return undefined;
    const start = this.position;
    const end = Math.min(endOfText(this.text, start), this.end);
    this.position = end;
    const span = { start, end };
    const isClosed = end > start + 1 && this.text[end - 1] === '"';
    if (!isClosed) this.report("model/unclosed-text", span, { text: this.text.slice(start, end) });
    const inner = this.text.slice(start + 1, isClosed ? end - 1 : end);
    return { text: inner.replaceAll('""', '"'), span };
  }

  /** An expression from the position up to where it cannot go on, at most up to `end`. */
  expression(end: number = this.end): Expression {
    this.skipSpace();
    const parsed = parseExpressionAt(this.text, this.position, end, { source: this.source, stopWords });
    this.diagnostics.push(...parsed.diagnostics);
    this.position = Math.max(this.position, parsed.end);
    return parsed.expression;
  }

  /** A name with an optional index, and nothing behind it. */
  reference(end: number = this.end): Expression {
    this.skipSpace();
    const parsed = parseReferenceAt(this.text, this.position, end, { source: this.source });
    this.diagnostics.push(...parsed.diagnostics);
    this.position = Math.max(this.position, parsed.end);
    return parsed.expression;
  }

  /** Reports what stands at the position where something else was expected. */
  reportExpected(expected: string, hint?: string): void {
    const found = this.foundHere();
    this.report("model/expected", found.span, {
      expected,
      ...(found.text === undefined ? {} : { found: found.text }),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  /** Reports the rest of the line, if there is any, and moves to the end. */
  expectEnd(hint?: string): void {
    if (this.isAtEnd()) return;
    const found = this.foundHere();
    this.report("model/unexpected", found.span, {
      found: found.text as string,
      ...(hint === undefined ? {} : { hint }),
    });
    this.position = this.end;
  }

  /** The next word, text or symbol, for messages. */
  foundHere(): { readonly span: Span; readonly text?: string } {
    this.skipSpace();
    const start = this.position;
    if (start >= this.end) {
      return { span: { start: this.end, end: this.end }, text: "the end of the line" };
    }
    if (this.text[start] === '"') {
      const end = Math.min(endOfText(this.text, start), this.end);
      return { span: { start, end }, text: `the text ${this.text.slice(start, end)}` };
    }
    const word = this.match(namePattern) ?? this.match(labelPattern);
    const end = start + (word?.length ?? String.fromCodePoint(this.text.codePointAt(start) as number).length);
    return { span: { start, end }, text: `\`${this.text.slice(start, end)}\`` };
  }

  /** The rest of the line for a message, when it is short enough to show. */
  shownRest(): string | undefined {
    const rest = this.text.slice(this.position, this.end).trim();
    return rest === "" || rest.length > 30 || /[\r\n]/.test(rest) ? undefined : rest;
  }

  spanFrom(start: number): Span {
    let end = this.position;
    while (end > start && /\s/.test(this.text[end - 1] as string)) end -= 1;
    return { start, end };
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    return found === undefined ? undefined : found.slice(0, this.end - this.position) || undefined;
  }

  private take(text: string | undefined): Name | undefined {
    if (text === undefined) return undefined;
    const start = this.position;
    this.position += text.length;
    return { text, span: { start, end: this.position } };
  }
}
