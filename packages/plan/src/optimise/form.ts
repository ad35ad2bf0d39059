/**
 * The form of a unit: what it computes, but for which attributes it reads.
 *
 * Two units of one form compute the same cells from the same columns, and run alike. A formula that calls a module or a
 * volatile function, and a manual attribute, have no form: their cells are not what their text says, or not now. Kept
 * with the formula. Cost: the formula, once.
 */
import type { BoundFormula } from "@reckon/formula";
import { boundText } from "../bound-text.ts";
import type { Unit } from "../unit.ts";

const forms = new WeakMap<BoundFormula, string | null>();

export function formOf({ formula, attribute }: Unit): string | undefined {
  if (formula === undefined || formula.callsModule) return undefined;
  // What flows may be alike, and what has flowed not.
  if (formula.integral !== undefined || formula.delay !== undefined) return undefined;
  const declared = attribute?.kind === "formula" ? attribute : undefined;
  if (declared?.isManual === true) return undefined;
  let form = forms.get(formula);
  if (form === undefined) {
    const text = boundText(formula);
    const axes = formula.axes.map(({ name }) => name);
    const read = formula.references.map((reference) => reference.axes.map(({ name }) => name));
    form = text === undefined ? null : JSON.stringify([axes, read, text]);
    forms.set(formula, form);
  }
  if (form === null) return undefined;
  return declared?.weight === undefined ? form : `${declared.weight} ${form}`;
}
