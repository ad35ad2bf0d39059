/**
 * Cursor: where a parser stands in a text, the token it looks at, and what it found wrong so far.
 *
 * Invariants: `token` is the first token at or after `previousEnd`; no diagnostic starts where the one before it
 * started (so one mistake is told once); at most `diagnosticsMax` diagnostics are kept.
 */
import type { Diagnostic, Span } from "./diagnostic.ts";
import { type LexOptions, lexToken, tokenDiagnostic } from "./lexer.ts";
import { type FactsByCode, formulaDiagnostic } from "./message.ts";
import type { Token } from "./token.ts";

/** How deep brackets, prefixes and calls may nest before `formula/too-deep`. */
export const nestingMax = 256;
const diagnosticsMax = 50;

export interface CursorOptions extends LexOptions {
  /** Name of the text in diagnostics; `formula` when absent. */
  readonly source?: string;
  /** Words that end an expression outside brackets: clause words that may stand behind it. */
  readonly stopWords?: ReadonlySet<string>;
}

export class Cursor {
  readonly text: string;
  readonly end: number;
  readonly source: string;
  readonly stopWords: ReadonlySet<string>;
  readonly diagnostics: Diagnostic[] = [];
  token: Token;
  /** Where the last consumed token ended. */
  previousEnd: number;
  /** How many levels of the tree stand above the place being parsed. */
  depth = 0;
  /** How many brackets are open; stop words count only outside them. */
  bracketsOpen = 0;
  private hasGivenUp = false;
  private readonly lexOptions: LexOptions;

  constructor(text: string, start: number, end: number, options: CursorOptions = {}) {
    this.text = text;
    this.end = end;
    this.source = options.source ?? "formula";
    this.stopWords = options.stopWords ?? noWords;
    this.lexOptions = { isMultiline: options.isMultiline ?? false };
    this.previousEnd = start;
    this.token = lexToken(text, start, end, this.lexOptions);
  }

  /** Consumes the current token. */
  advance(): Token {
    const consumed = this.token;
    if (consumed.problem !== undefined) {
      const diagnostic = tokenDiagnostic(consumed, this.text, this.source);
      if (diagnostic !== undefined) this.push(diagnostic);
    }
    this.previousEnd = consumed.end;
    this.token = lexToken(this.text, consumed.end, this.end, this.lexOptions);
    return consumed;
  }

  /** Goes on behind `position`, which the caller has read by itself. */
  seek(position: number): void {
    this.previousEnd = position;
    this.token = lexToken(this.text, position, this.end, this.lexOptions);
  }

  /** The token behind the current one. */
  peek(): Token {
    return lexToken(this.text, this.token.end, this.end, this.lexOptions);
  }

  isAtEnd(): boolean {
    return this.token.kind === "end";
  }

  isOperator(text: string): boolean {
    return this.token.kind === "operator" && this.token.text === text;
  }

  isName(text: string): boolean {
    return this.token.kind === "name" && this.token.text.toLowerCase() === text;
  }

  report<C extends keyof FactsByCode>(code: C, span: Span, facts: FactsByCode[C]): void {
    this.push(formulaDiagnostic(code, { source: this.source, span }, facts));
  }

  /** Gives up on the rest of the text: it nests too deep to be read. Open brackets are then not complained about. */
  giveUp(span: Span): void {
    this.report("formula/too-deep", span, { limit: nestingMax });
    this.hasGivenUp = true;
    this.seek(this.end);
  }

  /** What stands at the current token, for messages. */
  found(): string {
    return this.token.kind === "end" ? "" : this.text.slice(this.token.start, this.token.end);
  }

  /** The current token's span; at the end of the text one empty span behind what was read. */
  here(): Span {
    return this.token.kind === "end"
      ? { start: this.previousEnd, end: this.previousEnd }
      : { start: this.token.start, end: this.token.end };
  }

  /** Skips to the next separator or closing bracket that belongs to the bracket we are in. */
  skipToSeparator(): void {
    let open = 0;
    while (this.token.kind !== "end") {
      const text = this.token.kind === "operator" ? this.token.text : "";
      if (text === "(" || text === "[" || text === "{") open++;
      else if (text === ")" || text === "]" || text === "}") {
        if (open === 0) return;
        open--;
      } else if ((text === "," || text === ";") && open === 0) return;
      this.seek(this.token.end);
    }
  }

  private push(diagnostic: Diagnostic): void {
    if (this.hasGivenUp) return;
    const last = this.diagnostics.at(-1);
    if (last !== undefined && last.span.start === diagnostic.span.start) return;
    if (this.diagnostics.length < diagnosticsMax) this.diagnostics.push(diagnostic);
  }
}

const noWords: ReadonlySet<string> = new Set();

/** The span of a token alone. */
export function spanOf(token: Token): Span {
  return { start: token.start, end: token.end };
}
