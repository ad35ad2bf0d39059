/**
 * The kernels of a plan: compiled anew, or taken over where a formula differs from the one before in labels only.
 *
 * A table that is read again has other rows, so every formula over its axis is another object, though most compute the same: the
 * text of a formula (its version) says which, since it holds labels where these count. So reading a table again compiles what
 * looks at labels, and nothing else.
 *
 * Invariant: a kernel is taken over only by the unit it was made for, and only under the same weight and policy of calls. Cost:
 * an entry for each formula over axes; the text of a formula that is laid again.
 */
import type { Kernel } from "@reckon/engine";
import type { BoundFormula } from "@reckon/formula";
import type { CheckedFormula } from "@reckon/model";
import { type KernelOptions, kernelOf, relabelledKernel } from "./kernel.ts";
import type { Unit } from "./unit.ts";

/** What the plan has for all kernels. */
export interface KernelPlace {
  readonly modulesFor: (attribute: CheckedFormula | undefined) => KernelOptions["modules"];
  readonly optimise: KernelOptions["optimise"];
  readonly program: string | undefined;
}

export class UnitKernels {
  /** How many were compiled. */
  compileCount = 0;
  readonly #place: KernelPlace;
  /** Of formulas over axes, by key: without axes there are no labels. */
  readonly #kernels: Map<string, Kernel> = new Map();

  constructor(place: KernelPlace) {
    this.#place = place;
  }

  /** The kernel of a unit's formula. `before`: the unit that stands there; nothing is taken over without it. */
  of(unit: Unit, formula: BoundFormula, before: Unit | undefined): Kernel {
    const { modulesFor, optimise, program } = this.#place;
    const attribute = formulaOf(unit);
    const modules = modulesFor(attribute);
    const options: KernelOptions = {
      name: unit.partOf ?? unit.key,
      formula,
      ...(attribute?.weight === undefined ? {} : { weight: attribute.weight }),
      ...(modules === undefined ? {} : { modules }),
      ...(unit.isTransparent === true ? { isTransparent: true } : {}),
      ...(optimise === undefined ? {} : { optimise }),
      ...(program === undefined ? {} : { program }),
    };
    const known = isUnderOnePolicy(attribute, before) ? this.#kernels.get(unit.key) : undefined;
    const kernel = relabelledKernel(options, known) ?? this.#compiled(options);
    if (unit.axes.length > 0) this.#kernels.set(unit.key, kernel);
    return kernel;
  }

  forget(key: string): void {
    this.#kernels.delete(key);
  }

  #compiled(options: KernelOptions): Kernel {
    this.compileCount++;
    return kernelOf(options);
  }
}

export function formulaOf({ attribute }: Unit): CheckedFormula | undefined {
  return attribute?.kind === "formula" ? attribute : undefined;
}

function isUnderOnePolicy(attribute: CheckedFormula | undefined, before: Unit | undefined): boolean {
  if (before === undefined) return false;
  const old = formulaOf(before);
  return (
    attribute?.weight === old?.weight &&
    attribute?.retries === old?.retries &&
    attribute?.timeoutMs === old?.timeoutMs
  );
}
