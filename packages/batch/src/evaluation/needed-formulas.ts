/** What the formulas that a program needs ask for beside values. */
import type { BoundExpression, BoundFormula } from "@reckon/formula";
import { type CheckedAttribute, type CheckedModel, LineFormula } from "@reckon/model";
import { moduleCallsOf } from "@reckon/plan";
import { expressionsIn, formulasOf } from "../expressions.ts";

/** The modules, by the names that the model gives them, of which functions are called. */
export function modulesCalled(
  model: CheckedModel,
  needed: ReadonlySet<string>,
  checks: ReadonlySet<string>,
): ReadonlySet<string> {
  const called = new Set<string>();
  const note = (formula: BoundFormula): void => {
    for (const { module } of formula.callsModule ? moduleCallsOf(formula) : []) called.add(module);
  };
  for (const attribute of attributesIn(model, needed))
    if (attribute.kind === "formula" && !(attribute instanceof LineFormula))
      formulasOf(attribute).forEach(note);
  for (const { name, formula } of model.checks) if (checks.has(name)) note(formula);
  for (const { attribute, start } of model.loops)
    if (start !== undefined && needed.has(attribute)) note(start);
  return called;
}

/** Whether something asks for the name of the axis's current member. */
export function asksForName(model: CheckedModel, needed: ReadonlySet<string>, axis: string): boolean {
  const isName = (one: BoundExpression): boolean =>
    one.kind === "current" && one.axis === axis && one.fact === "label";
  return [...attributesIn(model, needed)].some((attribute) => asksFor(attribute, isName));
}

function* attributesIn(model: CheckedModel, needed: ReadonlySet<string>): Generator<CheckedAttribute> {
  for (const id of needed) {
    const attribute = model.attributes.get(id);
    if (attribute !== undefined) yield attribute;
  }
}

function asksFor(attribute: CheckedAttribute, isAsked: (one: BoundExpression) => boolean): boolean {
  if (attribute.kind !== "formula") return false;
  return formulasOf(attribute).some((formula) => expressionsIn(formula).some(isAsked));
}
