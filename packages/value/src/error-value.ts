/**
 * Error values: results that say what went wrong and where it began.
 *
 * They travel through formulas like any other value and are never thrown. Two error values are equal when code
 * and origin are equal; `detail` is for people and takes no part in equality.
 */

/** The error codes, in Excel's spelling; `#BUSY!` stands for a result that is not there yet. */
export const errorCodes = [
  "#NULL!",
  "#DIV/0!",
  "#VALUE!",
  "#REF!",
  "#NAME?",
  "#NUM!",
  "#N/A",
  "#CALC!",
  "#SPILL!",
  "#CYCLE!",
  "#BUSY!",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** The cell an error began in: `block.attribute` and the labels of its members and period, outer axis first. */
export interface ErrorOrigin {
  readonly attribute: string;
  readonly at: readonly string[];
}

export interface ErrorValue {
  readonly kind: "error";
  readonly code: ErrorCode;
  /** Absent while the error is inside the formula that made it; the engine's writer of the cell fills it in. */
  readonly origin?: ErrorOrigin;
  /** A sentence for people: which argument, what was expected. */
  readonly detail?: string;
}

const plain = new Map<ErrorCode, ErrorValue>(
  errorCodes.map((code) => [code, Object.freeze({ kind: "error", code }) as ErrorValue]),
);

/**
 * An error value; the same object each time for the same code without detail.
 *
 * @example
 * ```ts
 * errorValue("#DIV/0!").code; // "#DIV/0!"
 * ```
 */
export function errorValue(code: ErrorCode, detail?: string): ErrorValue {
  if (detail === undefined) return plain.get(code) as ErrorValue;
  return { kind: "error", code, detail };
}

/** The error with `origin` filled in, unless it already has one. */
export function withOrigin(error: ErrorValue, origin: ErrorOrigin): ErrorValue {
  return error.origin === undefined ? { ...error, origin } : error;
}

/** Whether `value` is an error value: a `kind` of "error" and one of the codes, so other people's records are none. */
export function isErrorValue(value: unknown): value is ErrorValue {
  if (typeof value !== "object" || value === null || (value as ErrorValue).kind !== "error") return false;
  return plain.has((value as ErrorValue).code);
}

/** Whether two error values have the same code and the same origin. */
export function sameError(a: ErrorValue, b: ErrorValue): boolean {
  if (a === b) return true;
  if (a.code !== b.code) return false;
  const left = a.origin;
  const right = b.origin;
  if (left === undefined || right === undefined) return left === right;
  return (
    left.attribute === right.attribute &&
    left.at.length === right.at.length &&
    left.at.every((label, i) => label === right.at[i])
  );
}
