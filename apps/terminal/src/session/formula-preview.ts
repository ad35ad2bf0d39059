/**
 * What a formula would give in a cell, before it is accepted: read and checked with the names of the attribute's block,
 * evaluated once with the values of now. Nothing changes and nothing is compiled.
 */
import { checkFormula, type Diagnostic, evaluateCell, parseFormula } from "@reckon/formula";
import { type CheckedAttribute, modelScope } from "@reckon/model";
import type { Sheet } from "@reckon/sheet";
import type { Scalar } from "@reckon/value";

export type FormulaPreview =
  | { readonly kind: "value"; readonly value: Scalar }
  /** It calls functions of a module, which are not run for a preview. */
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
  const checked = checkFormula(expression, modelScope(sheet.model, { block, axes }), { source: "formula" });
  if (checked.formula === undefined) return { kind: "problem", diagnostics: checked.diagnostics };
  const columns = checked.formula.references.map((reference) => sheet.column(reference.attribute, scenario));
  let isModuleCalled = false;
  const modules = (): undefined => {
    isModuleCalled = true;
    return undefined;
  };
  const last = axes.at(-1);
  const periods = last?.time === undefined ? 1 : last.labels.length;
  const place = { outer: Math.floor(cell / periods), period: cell % periods };
  const value = evaluateCell(checked.formula, columns, place, modules);
  return isModuleCalled ? { kind: "later" } : { kind: "value", value };
}
