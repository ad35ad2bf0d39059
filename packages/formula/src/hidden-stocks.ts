/**
 * The stocks and delays that a formula stands on without naming them; see check-stocks.ts.
 *
 *   b.x SMOOTH 1        what the first such call of `b.x` gives
 *   b.x DELAY3 2.1      the first of the stocks under the second call
 */
import type { BoundFormula } from "./bound.ts";
import type { CallExpression } from "./syntax.ts";

/** One formula of those that a call of SMOOTH, DELAY1 … is laid as. */
export interface HiddenStock {
  /** The scope's name for it. */
  readonly id: string;
  /** The call it comes from, for people. */
  readonly call: CallExpression;
  /** With `integral` or `delay`; without: what the call gives, where that is no stock itself. */
  readonly formula: BoundFormula;
  /** Of the one that gives the value of a call: over how many periods it smooths or delays. */
  readonly time?: BoundFormula;
}

/** The hidden stocks of one formula, shared by all bindings of its parts. */
export class HiddenStocks {
  readonly list: HiddenStock[] = [];
  /** What gives the value of a call that was laid. */
  readonly byCall: Map<CallExpression, string> = new Map();
}
