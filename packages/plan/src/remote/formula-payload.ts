import type { BoundFormula, KernelRewriting } from "@reckon/formula";
import { type PortableFormula, portableFormula } from "./portable-formula.ts";

/** What is sent of a formula. */
export interface FormulaPayload {
  readonly name: string;
  readonly formula: PortableFormula;
  readonly isTransparent?: boolean;
  readonly optimise?: KernelRewriting;
}

/** What is sent of a formula; `undefined` where it is computed here alone. Cost: the expression and the labels. */
export function formulaPayload(
  formula: BoundFormula,
  rest: Omit<FormulaPayload, "formula">,
): FormulaPayload | undefined {
  const portable = portableFormula(formula);
  return portable === undefined ? undefined : { ...rest, formula: portable };
}
