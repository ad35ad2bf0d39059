/** The stocks and delays that a formula stands on without naming them; see check-stocks.ts. */
import type { BoundFormula } from "./bound.ts";
import type { CallExpression } from "./syntax.ts";

/** A stock or delay that a formula stands on without naming it. */
export interface HiddenStock {
  /** The scope's name for it. */
  readonly id: string;
  /** The call it comes from, for people. */
  readonly call: CallExpression;
  /** Which of several in a row, and of how many. */
  readonly stage: number;
  readonly stages: number;
  /** With `integral` or `delay`. */
  readonly formula: BoundFormula;
}

/** The hidden stocks of one formula, shared by all bindings of its parts. */
export class HiddenStocks {
  readonly list: HiddenStock[] = [];
  /** The last stock of a call that was laid. */
  readonly byCall: Map<CallExpression, string> = new Map();
}
