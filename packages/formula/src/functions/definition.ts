/**
 * What a function of the library is: its signature and documentation as data, and its implementation.
 *
 * Completion, help pages, arity errors and argument coercion all come from the definition, so a new function is
 * one entry in its family's file and nothing else moves.
 */
import type { ArrayValue, ErrorValue, Scalar } from "@reckon/value";

/** A function value made by LAMBDA. It takes and gives values; it never throws. */
export interface LambdaValue {
  readonly kind: "lambda";
  readonly parameterCount: number;
  readonly call: (args: readonly Value[]) => Value;
}

/** What an expression inside a formula can give. */
export type Value = Scalar | ArrayValue | LambdaValue;

/** Whether `value` is a function value. */
export function isLambda(value: unknown): value is LambdaValue {
  return typeof value === "object" && value !== null && (value as LambdaValue).kind === "lambda";
}

/**
 * How an argument reaches the implementation.
 * - `number`, `text`, `logical`: coerced as Excel coerces; an error value short-cuts the call; an array is lifted over.
 * - `scalar`: any scalar, uncoerced; errors short-cut; arrays are lifted over.
 * - `value`: anything, as it is (arrays, ranges, blanks, error values, lambdas): the implementation decides.
 * - `lambda`: a lambda, or `#VALUE!`.
 * - `lazy`: a thunk `() => Value`, evaluated only when called (IF, IFERROR, CHOOSE …).
 */
export type ParameterKind = "number" | "text" | "logical" | "scalar" | "value" | "lambda" | "lazy";

export interface ParameterDefinition {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly optional?: boolean;
  /** Value of an omitted or empty argument; without it the implementation sees `undefined`. */
  readonly fallback?: Scalar;
  /** TRUE and FALSE are refused with `#VALUE!` instead of counting as 1 and 0, as in the functions Excel took over from its add-ins. */
  readonly refusesBooleans?: boolean;
  /** An empty argument counts as a blank cell and not as omitted: `VLOOKUP(a,b,2,)` means FALSE, the default TRUE. */
  readonly emptyIsBlank?: boolean;
  /** What it means, with unit and range: `periods, ≥ 1`. */
  readonly doc: string;
}

export interface FunctionDefinition {
  /** Upper case, as Excel spells it. */
  readonly name: string;
  /** Older or other spellings that mean the same function: `STDEV` for `STDEV.S`. */
  readonly aliases?: readonly string[];
  readonly family: string;
  readonly parameters: readonly ParameterDefinition[];
  /** How many of the last parameters repeat as a group, for `SUM(a, b, …)` 1, for `SUMIFS` 2; 0 or absent: none. */
  readonly repeat?: number;
  /** One sentence. */
  readonly doc: string;
  /** A formula and its result as text, run by the tests: `["=SUM(1,2)", "3"]`. */
  readonly example: readonly [formula: string, result: string];
  /** Depends on more than its arguments (RAND, NOW). */
  readonly isVolatile?: boolean;
  /** Handled by the checker and the evaluator (LET, LAMBDA): here for help and arity; `implement` gives `#NAME?`. */
  readonly isSpecialForm?: boolean;
  /** Reduces its arguments to a scalar, so `over` is allowed behind them. */
  readonly reduces?: boolean;
  /** Arguments in order, coerced by kind; `undefined` for an omitted optional one without fallback. Never throws. */
  // biome-ignore lint/suspicious/noExplicitAny: each definition fixes its own argument types through its parameters
  readonly implement: (...args: any[]) => Value | ErrorValue;
}
