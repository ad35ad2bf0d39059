import type { Span } from "./diagnostic.ts";

/**
 * The kinds of tokens.
 * - `number`, `text` (double-quoted), `error` (`#N/A`): literals.
 * - `name`: an identifier, or several joined by dots without spaces (`revenue.mrr`, `STDEV.S`).
 * - `quoted`: a single-quoted sheet name, quotes included.
 * - `operator`: everything with a fixed spelling; `text` says which.
 * - `unknown`: a character that means nothing here.
 * - `end`: behind the last token; empty.
 */
export type TokenKind = "number" | "text" | "name" | "error" | "quoted" | "operator" | "unknown" | "end";

/** What is wrong with a token by itself. */
export type TokenProblem =
  | "unclosed-text"
  | "unclosed-quote"
  | "unknown-character"
  | "unknown-error"
  | "foreign-operator";

/** One token; its span are offsets into the whole text it was read from. */
export interface Token extends Span {
  readonly kind: TokenKind;
  /** The spelling: of an operator its canonical one, of a text literal still with its quotes. */
  readonly text: string;
  readonly problem?: TokenProblem;
}
