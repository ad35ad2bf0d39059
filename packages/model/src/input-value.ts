/**
 * Whether one value is allowed in an input: its type and its bounds. The wording is the same for values written in the
 * model, read from a table, set in a scenario or typed into a cell.
 */
import type { Diagnostic, Span } from "@reckon/formula";
import { isErrorValue, numberToText, type Scalar } from "@reckon/value";
import type { AttributeType, CheckedInput } from "./declarations.ts";
import { diagnose, type Facts } from "./messages.ts";
import { presentFields } from "./present-fields.ts";

/** What a value must be. */
export interface ValueRule {
  readonly type?: AttributeType | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export type ValueProblem =
  | { readonly code: "model/wrong-type"; readonly facts: Facts["model/wrong-type"] }
  | { readonly code: "model/out-of-range"; readonly facts: Facts["model/out-of-range"] };

/** What is wrong with `value` in the cell that `cellOf` names; `rowOf` names the file and line it came from. */
export function valueProblem(
  value: Scalar,
  rule: ValueRule,
  cellOf: () => string,
  rowOf?: () => string,
): ValueProblem | undefined {
  const wanted = wantedType(rule);
  if (wanted !== undefined && typeof value !== wanted.kind) {
    const facts = { cell: cellOf(), value: valueInWords(value), wanted: wanted.words, row: rowOf?.() };
    return { code: "model/wrong-type", facts: presentFields<Facts["model/wrong-type"]>(facts) };
  }
  if (typeof value !== "number") return undefined;
  const isBelow = rule.min !== undefined && value < rule.min;
  const isAbove = rule.max !== undefined && value > rule.max;
  if (!isBelow && !isAbove) return undefined;
  const facts = { cell: cellOf(), value: numberToText(value), bounds: boundsInWords(rule), row: rowOf?.() };
  return { code: "model/out-of-range", facts: presentFields<Facts["model/out-of-range"]>(facts) };
}

/**
 * The diagnostics of one new value of an input cell; `at` are the cell's labels, outer axis first. Cost: constant, so
 * that typing into a cell need not check the model again.
 */
export function checkInputValue(
  input: CheckedInput,
  value: Scalar,
  at: readonly string[] = [],
  place: { readonly source: string; readonly span: Span } = { source: input.id, span: { start: 0, end: 0 } },
): readonly Diagnostic[] {
  const cellOf = () => (at.length === 0 ? input.id : `${input.id}[${at.join(", ")}]`);
  const problem = valueProblem(value, input, cellOf);
  return problem === undefined ? [] : [diagnose(problem.code, place, problem.facts as never)];
}

function wantedType(rule: ValueRule): { kind: string; words: string } | undefined {
  const { type } = rule;
  if (type === undefined) {
    return rule.min === undefined && rule.max === undefined
      ? undefined
      : { kind: "number", words: "a number" };
  }
  if (type.kind === "unit") return { kind: "number", words: "a number" };
  switch (type.word) {
    case "number":
      return { kind: "number", words: "a number" };
    case "text":
      return { kind: "string", words: "a text" };
    case "boolean":
      return { kind: "boolean", words: "TRUE or FALSE" };
    case "date":
      return { kind: "number", words: "a date, such as 2026-01-31" };
  }
}

function boundsInWords({ min, max }: ValueRule): string {
  if (min !== undefined && max !== undefined) return `between ${numberToText(min)} and ${numberToText(max)}`;
  return min === undefined ? `at most ${numberToText(max as number)}` : `at least ${numberToText(min)}`;
}

/** A value as it is shown in a message. */
export function valueInWords(value: Scalar): string {
  if (value === null) return "blank";
  if (typeof value === "number") return numberToText(value);
  if (typeof value === "string") return `the text "${value}"`;
  if (isErrorValue(value)) return value.code;
  return value ? "TRUE" : "FALSE";
}
