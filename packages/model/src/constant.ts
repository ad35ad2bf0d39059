/**
 * The value of a constant: a literal, or arithmetic and functions on literals. The common forms (a number, a percentage,
 * a text) are read straight off the tree; everything else is checked and evaluated as a formula without names.
 */
import {
  checkFormula,
  type Diagnostic,
  type Expression,
  evaluateConstant,
  namesIn,
  percentOf,
} from "@reckon/formula";
import { isArrayValue, isErrorValue, parseIsoDate, type Scalar } from "@reckon/value";
import type { AttributeType } from "./declarations.ts";

export type Constant =
  | { readonly kind: "value"; readonly value: Scalar }
  /** It reads a name, so it is no constant. */
  | { readonly kind: "not-constant" }
  | { readonly kind: "problem"; readonly diagnostics: readonly Diagnostic[] };

const nothingInScope = {
  resolve: () => undefined,
  suggest: () => undefined,
  currentAxes: [],
  allowA1: false,
  isStrict: true,
} as const;

/** Evaluates `expression`; `written` is its text, `source` the file's name for diagnostics. */
export function constantOf(
  expression: Expression,
  options: { readonly source: string; readonly written: string; readonly type?: AttributeType | undefined },
): Constant {
  const plain = plainConstant(expression);
  if (options.type?.kind === "word" && options.type.word === "date") {
    const date = parseIsoDate(typeof plain === "string" ? plain : options.written.trim());
    if (date !== undefined) return { kind: "value", value: date };
    // `2026-02-30` would otherwise be a subtraction.
    if (/^\d+-\d+-\d+$/.test(options.written.trim())) return { kind: "value", value: options.written.trim() };
  }
  if (plain !== undefined) return { kind: "value", value: plain };
  if (expression.kind === "broken") return { kind: "problem", diagnostics: [] };
  if (namesIn(expression).some((use) => use.kind === "name" || use.kind === "label" || use.path.length > 1)) {
    return { kind: "not-constant" };
  }
  const checked = checkFormula(expression, nothingInScope, { source: options.source });
  if (checked.formula === undefined) return { kind: "problem", diagnostics: checked.diagnostics };
  const value = evaluateConstant(checked.formula);
  if (isArrayValue(value)) return { kind: "value", value: value.cells[0] as Scalar };
  if (typeof value === "object" && value !== null && !isErrorValue(value)) return { kind: "not-constant" };
  return { kind: "value", value };
}

function plainConstant(expression: Expression): Exclude<Scalar, null> | undefined {
  switch (expression.kind) {
    case "number":
    case "text":
    case "boolean":
      return expression.value;
    case "percent": {
      if (expression.operand.kind === "number") return percentOf(expression.operand.value);
      const operand = plainConstant(expression.operand);
      return typeof operand === "number" ? operand / 100 : undefined;
    }
    case "unary": {
      const operand = plainConstant(expression.operand);
      if (typeof operand !== "number" || expression.operator === "@") return undefined;
      return expression.operator === "-" ? -operand : operand;
    }
    case "parenthesised":
      return expression.inner.kind === "parenthesised" ? undefined : plainConstant(expression.inner);
    default:
      return undefined;
  }
}
