/**
 * What a formula would give in a cell, before it is accepted: read and checked with the names of the attribute's block,
 * evaluated once with the values of now. Nothing changes and nothing is compiled. In a loop the values of now are the
 * old solution, so that the value is one step towards the next, and is called that.
 */
import {
  type BoundExpression,
  type BoundFormula,
  checkFormula,
  type Diagnostic,
  type Expression,
  evaluateCell,
  parseFormula,
  type Reference,
} from "@reckon/formula";
import { type CheckedAttribute, type CheckedFormula, modelScope } from "@reckon/model";
import type { Sheet } from "@reckon/sheet";
import type { Scalar } from "@reckon/value";

export type FormulaPreview =
  /** `isStep`: the formula leads back to itself within the period, so this is one step of a loop, not its solution. */
  | { readonly kind: "value"; readonly value: Scalar; readonly isStep: boolean }
  /** It calls functions of a module, or has stocks: neither runs for a preview. */
  | { readonly kind: "later" }
  | { readonly kind: "problem"; readonly diagnostics: readonly Diagnostic[] };

/** The cell that is edited, and which attributes are in loops now. */
export interface EditedCell {
  readonly attribute: CheckedAttribute;
  readonly cell: number;
  readonly looped: ReadonlySet<string>;
}

/** Cost: parsing, checking, one cell, and of a formula that reads a loop the references in its loops. */
export function previewFormula(
  sheet: Sheet,
  { attribute, cell, looped }: EditedCell,
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
  if (isModuleCalled) return { kind: "later" };
  return { kind: "value", value, isStep: leadsBack(sheet, checked.formula, attribute.id, looped) };
}

/** Whether a formula of attribute `id` would read it within the period, itself or by way of members of loops. */
function leadsBack(sheet: Sheet, formula: BoundFormula, id: string, looped: ReadonlySet<string>): boolean {
  const seen = new Set<string>();
  const open: BoundFormula[] = [formula];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const reference of next.references) {
      if (!readsSamePeriod(reference)) continue;
      if (reference.attribute === id) return true;
      if (seen.has(reference.attribute) || !looped.has(reference.attribute)) continue;
      seen.add(reference.attribute);
      const read = sheet.model.attributes.get(reference.attribute);
      if (read?.kind === "formula" && read.formula.integral === undefined) open.push(read.formula);
    }
  }
  return false;
}

function readsSamePeriod({ axes, access }: Reference): boolean {
  const time = access[axes.findIndex((axis) => axis.time !== undefined)];
  return time?.kind !== "current" || time.offset === 0;
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
