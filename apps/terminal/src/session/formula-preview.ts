/**
 * What a formula would give in a cell, before it is accepted: read and checked with the names of the attribute's block,
 * evaluated once with the values of now. Nothing changes and nothing is compiled.
 */
import {
  type BoundExpression,
  type BoundFormula,
  checkFormula,
  type Diagnostic,
  type Expression,
  evaluateCell,
  parseFormula,
} from "@reckon/formula";
import { type CheckedAttribute, type CheckedFormula, modelScope } from "@reckon/model";
import type { Sheet } from "@reckon/sheet";
import type { Scalar } from "@reckon/value";

export type FormulaPreview =
  | { readonly kind: "value"; readonly value: Scalar }
  /** It calls functions of a module, or has stocks: neither runs for a preview. */
  | { readonly kind: "later" }
  | { readonly kind: "problem"; readonly diagnostics: readonly Diagnostic[] };

/** Cost: parsing, checking and one cell. */
export function previewFormula(
  sheet: Sheet,
  attribute: CheckedAttribute,
  cell: number,
  text: string,
  scenario: string,
): FormulaPreview {
  const { expression, diagnostics } = parseFormula(text, { source: "formula" });
  if (diagnostics.length > 0) return { kind: "problem", diagnostics };
  const { axes, block } = attribute;
  const clauses = attribute.kind === "formula" ? clausesOf(attribute.formula) : [];
  // What stands in a clause is checked already; here it only counts that it is there.
  const placeholder: Expression = { kind: "missing", span: expression.span };
  const checked = checkFormula(
    expression,
    modelScope(sheet.model, { block, axes, attribute: `${block}.preview` }),
    {
      source: "formula",
      ...Object.fromEntries(clauses.map((clause) => [clause, placeholder])),
    },
  );
  if (checked.formula === undefined) return { kind: "problem", diagnostics: checked.diagnostics };
  // What is under way in a stock shows when the formula stands in the model.
  if (checked.formula.integral !== undefined || checked.hidden !== undefined) return { kind: "later" };
  let isModuleCalled = false;
  const last = axes.at(-1);
  const periods = last?.time === undefined ? 1 : last.labels.length;
  const place = { outer: Math.floor(cell / periods), period: cell % periods };
  const evaluated = (formula: BoundFormula): Scalar =>
    evaluateCell(
      formula,
      formula.references.map((reference) => sheet.column(reference.attribute, scenario)),
      place,
      () => {
        isModuleCalled = true;
        return undefined;
      },
    );
  const values = clauses.map((clause) => [clause, literal(evaluated(clauseOf(attribute, clause)))]);
  const value = evaluated({ ...checked.formula, ...Object.fromEntries(values) });
  return isModuleCalled ? { kind: "later" } : { kind: "value", value };
}

type Clause = "start" | "end";

/** The clauses behind a formula, which stay as they are when it is edited. */
function clausesOf(formula: BoundFormula): Clause[] {
  return (["start", "end"] as const).filter(
    (clause) => formula[clause] !== undefined || (clause === "start" && formula.integral !== undefined),
  );
}

/** A clause as a formula of its own. */
function clauseOf(attribute: CheckedAttribute, clause: Clause): BoundFormula {
  const { formula } = attribute as CheckedFormula;
  if (formula.integral !== undefined) return formula.integral.initial;
  return { ...formula, root: formula[clause] as BoundExpression };
}

function literal(value: Scalar): BoundExpression {
  return { kind: "literal", value };
}
