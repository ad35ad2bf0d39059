/**
 * The syntax tree of formulas. Every node has the span it was written at. The tree says what was written and
 * nothing about what names mean; `check` turns it into a bound formula.
 */
import type { ErrorCode } from "@reckon/value";
import type { Span } from "./diagnostic.ts";

export type Expression =
  | NumberLiteral
  | TextLiteral
  | BooleanLiteral
  | ErrorLiteral
  | MissingArgument
  | NameExpression
  | A1Expression
  | UnaryExpression
  | PercentExpression
  | BinaryExpression
  | CallExpression
  | ArrayLiteral
  | ParenthesisedExpression
  | BrokenExpression;

export interface NumberLiteral {
  readonly kind: "number";
  readonly value: number;
  /** A unit or duration written behind the number: `0 USD`, `5 s`. */
  readonly unit?: UnitExpression;
  readonly span: Span;
}
export interface TextLiteral {
  readonly kind: "text";
  readonly value: string;
  readonly span: Span;
}
export interface BooleanLiteral {
  readonly kind: "boolean";
  readonly value: boolean;
  readonly span: Span;
}
export interface ErrorLiteral {
  readonly kind: "error";
  readonly code: ErrorCode;
  readonly span: Span;
}
/** An argument left empty, as the second of `IF(a,,b)`. */
export interface MissingArgument {
  readonly kind: "missing";
  readonly span: Span;
}
/** `price`, `revenue.mrr`, `seats[t-1]`, `adds[*, 2027-01..]`, `matchup.defence` (as a call's callee too). */
export interface NameExpression {
  readonly kind: "name";
  readonly path: readonly string[];
  readonly index?: readonly IndexItem[];
  readonly span: Span;
}
/** `B2`, `$A$1:B9`, `Sheet1!C3`, `A:A`: bound by `eval` and imported workbooks only. */
export interface A1Expression {
  readonly kind: "a1";
  /** As written, without `$`, letters upper-cased: the key under which inputs bind it. */
  readonly reference: string;
  readonly sheet?: string;
  readonly span: Span;
}
export interface UnaryExpression {
  readonly kind: "unary";
  readonly operator: "+" | "-" | "@";
  readonly operand: Expression;
  readonly span: Span;
}
export interface PercentExpression {
  readonly kind: "percent";
  readonly operand: Expression;
  readonly span: Span;
}
export type BinaryOperator = "+" | "-" | "*" | "/" | "^" | "&" | "=" | "<>" | "<" | "<=" | ">" | ">=";
export interface BinaryExpression {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
}
/** `MIN(a, b)`, `sum(x over segment, month)`, `LAMBDA(x, x*2)(3)`, `matchup.defence(p)`. */
export interface CallExpression {
  readonly kind: "call";
  readonly callee: Expression;
  readonly arguments: readonly Expression[];
  /** Axis names behind `over`. */
  readonly over?: readonly { readonly name: string; readonly span: Span }[];
  readonly span: Span;
}
/** `{1,2;3,4}`: rows of equal length. */
export interface ArrayLiteral {
  readonly kind: "array";
  readonly rows: readonly (readonly Expression[])[];
  readonly span: Span;
}
export interface ParenthesisedExpression {
  readonly kind: "parenthesised";
  readonly inner: Expression;
  /** `(A1:B2, C3)`: the areas behind the first of a union of worksheet ranges. */
  readonly more?: readonly Expression[];
  readonly span: Span;
}
/** What the parser could not read; its diagnostic is in the list beside the tree. */
export interface BrokenExpression {
  readonly kind: "broken";
  readonly span: Span;
}

/** One item between the brackets of a reference or of a scenario override. */
export type IndexItem =
  | { readonly kind: "all"; readonly span: Span } // *
  | { readonly kind: "lag"; readonly offset: number; readonly span: Span } // t, t-1, t+2
  | {
      readonly kind: "window";
      /** −∞: from the first period; `to` ∞: to the last. Such a window is clipped. */
      readonly from: number;
      readonly to: number;
      readonly clip: boolean;
      readonly span: Span;
    } // t-11..t, `clip` behind it, ..t, t-1..
  | { readonly kind: "label"; readonly label: string; readonly span: Span } // Ent, 2026-03, "New York", 12
  | { readonly kind: "range"; readonly from?: string; readonly to?: string; readonly span: Span } // 2027-01.., ..2027-06
  | { readonly kind: "key"; readonly expression: Expression; readonly span: Span }; // player.opponent, a computed key

/** Products and quotients of unit names with whole exponents: `USD/seat`, `kg*m/s^2`. Empty: a plain ratio. */
export interface UnitExpression {
  readonly factors: readonly { readonly name: string; readonly exponent: number }[];
  readonly span: Span;
}
