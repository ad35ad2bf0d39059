/** Formulas of texts as kernels, for layouts by hand: what the plan makes of a model's formulas. */
import type { Kernel } from "@reckon/engine";
import { checkFormula, compileKernel, loopPartOf, parseFormula } from "@reckon/formula";
import type { Axis } from "@reckon/value";

export interface BoundKernel {
  readonly kernel: Kernel;
  /** The names that it reads, in the order of its precedents. */
  readonly reads: readonly string[];
}

/** The kernel of a formula over `axes`; `read`: the axes of each name. */
export function boundKernel(
  text: string,
  axes: readonly Axis[],
  read: Readonly<Record<string, readonly Axis[]>>,
  start?: string,
): BoundKernel {
  const scope = {
    resolve: ([name = ""]: readonly string[]) => {
      const own = read[name];
      return own && { kind: "attribute" as const, id: name, axes: own, valueType: "number" as const };
    },
    suggest: () => undefined,
    currentAxes: axes,
    allowA1: false,
    isStrict: true,
  };
  const clause = start === undefined ? {} : { start: parseFormula(start).expression };
  const { formula, diagnostics } = checkFormula(parseFormula(text).expression, scope, clause);
  if (formula === undefined) throw new TypeError(`${text}: ${diagnostics[0]?.message}`);
  const { compute } = compileKernel(formula);
  const kernel = { compute, isCellwise: true, part: loopPartOf(formula) };
  return { kernel, reads: formula.references.map(({ attribute }) => attribute) };
}
