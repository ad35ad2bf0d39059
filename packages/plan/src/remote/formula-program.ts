/**
 * The program that a thread imports to compute formulas of a plan: what a kernel says of itself (`remote`) is made a
 * kernel again. It gives the same bits, and errors that begin in the same place.
 */
import type { Kernel } from "@reckon/engine";
import { kernelOf as kernelOfFormula } from "../kernel.ts";
import type { FormulaPayload } from "./formula-payload.ts";
import { boundFormula } from "./portable-formula.ts";

/** The kernel of a formula that was sent. Throws for anything else; the thread reports that. */
export function kernelOf(payload: unknown): Kernel {
  const { formula, ...rest } = payload as FormulaPayload;
  return kernelOfFormula({ ...rest, formula: boundFormula(formula) });
}
