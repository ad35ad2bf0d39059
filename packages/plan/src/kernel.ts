/**
 * Kernels: the work of one formula as the engine runs it.
 *
 * The formula package compiles; here the kernel gets what only the plan knows: where errors begin (the attribute
 * and the labels of the cell), its weight, and its version. The version is made when somebody asks for it: most
 * kernels are never looked up anywhere.
 */
import type { Kernel } from "@reckon/engine";
import { type BoundFormula, compileKernel, type KernelRewriting, type ModuleLookup } from "@reckon/formula";
import type { ErrorOrigin } from "@reckon/value";
import { boundText } from "./bound-text.ts";
import { labelsAt, timeOf } from "./cells.ts";

export interface KernelOptions {
  /** What errors are said to begin in. */
  readonly name: string;
  readonly formula: BoundFormula;
  readonly weight?: "heavy" | "light";
  readonly modules?: ModuleLookup;
  /** Errors that begin in it stay without an origin. */
  readonly isTransparent?: boolean;
  /** What may be done to the work inside the kernel; all, when absent. */
  readonly optimise?: KernelRewriting;
}

/** Compiles one formula. Cost: the formula. */
export function kernelOf({ name, formula, weight, modules, isTransparent, optimise }: KernelOptions): Kernel {
  const { compute } = compileKernel(formula, {
    ...(modules === undefined ? {} : { modules }),
    ...(optimise === undefined ? {} : { optimise }),
    ...(isTransparent === true
      ? {}
      : { originOf: (outer, period) => originOf(name, formula, outer, period) }),
  });
  const kernel: Kernel = {
    compute,
    isCellwise: !formula.callsModule,
    ...(weight === undefined ? {} : { weight }),
  };
  return formula.callsModule ? kernel : withVersion(kernel, formula);
}

let volatileCount = 0;

/** Adds the version as a getter; a volatile formula gets one that no other kernel has. */
function withVersion(kernel: Kernel, formula: BoundFormula): Kernel {
  let version: string | undefined;
  return {
    ...kernel,
    get version(): string {
      version ??= boundText(formula) ?? `volatile ${volatileCount++}`;
      return version;
    },
  };
}

function originOf(attribute: string, formula: BoundFormula, outer: number, period: number): ErrorOrigin {
  const periods = timeOf(formula.axes)?.labels.length ?? 1;
  return { attribute, at: labelsAt(formula.axes, outer * periods + period) };
}
