/**
 * Kernels: the work of one formula as the engine runs it.
 *
 * The formula package compiles; here the kernel gets what only the plan knows: where errors begin (the attribute
 * and the labels of the cell), its weight, and its version. The version is made when somebody asks for it: most
 * kernels are never looked up anywhere.
 */
import type { Kernel, RemoteWork } from "@reckon/engine";
import {
  type BoundFormula,
  type CompiledKernel,
  compileKernel,
  isDiscrete,
  type KernelRewriting,
  loopPartOf,
  type ModuleLookup,
} from "@reckon/formula";
import type { ErrorOrigin } from "@reckon/value";
import { boundText } from "./bound-text.ts";
import { labelsAt, timeOf } from "./cells.ts";
import { formulaPayload } from "./remote/formula-payload.ts";

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
  /** The address of remote/formula-program.ts as threads import it; without it the formula is computed here alone. */
  readonly program?: string;
}

/** Compiles one formula. Cost: the formula. */
export function kernelOf(options: KernelOptions): Kernel {
  const { formula, modules, optimise } = options;
  const begin = originsOf(options);
  return kernelAround(
    options,
    compileKernel(formula, {
      ...(modules === undefined ? {} : { modules }),
      ...(optimise === undefined ? {} : { optimise }),
      ...(begin === undefined ? {} : { originOf: begin }),
    }),
  );
}

/**
 * The kernel with the code of `before`, where that computes the same but for the labels of the axes; `undefined` otherwise, and where
 * nobody can say. Policy and weight of the two must be equal. Cost: the text of the formula.
 */
export function relabelledKernel(options: KernelOptions, before: Kernel | undefined): Kernel | undefined {
  if (!(before instanceof FormulaKernel) && !(before instanceof ModuleKernel)) return undefined;
  const kernel = kernelAround(options, before.compiled.relabelled(originsOf(options)));
  return kernel.version !== undefined && kernel.version === before.version ? kernel : undefined;
}

function kernelAround(options: KernelOptions, compiled: CompiledKernel): Kernel {
  return options.formula.callsModule
    ? new ModuleKernel(options, compiled)
    : new FormulaKernel(options, compiled);
}

/** Where errors begin. */
function originsOf({ name, formula, isTransparent }: KernelOptions): Origins | undefined {
  if (isTransparent === true) return undefined;
  return (outer, period) => originOf(name, formula, outer, period);
}

type Origins = (outer: number, period: number) => ErrorOrigin;

/** Calls functions of modules, which may answer later. */
class ModuleKernel implements Kernel {
  readonly compute: Kernel["compute"];
  readonly isCellwise: boolean = false;
  readonly isDiscrete: boolean = true;
  readonly weight?: "heavy" | "light";
  readonly compiled: CompiledKernel;
  private readonly options: KernelOptions;
  private text: string | null | undefined;

  constructor(options: KernelOptions, compiled: CompiledKernel) {
    this.options = options;
    this.compiled = compiled;
    this.compute = compiled.compute;
    if (options.weight !== undefined) this.weight = options.weight;
  }

  /** None where nobody can say what a function computes. */
  get version(): string | undefined {
    const { formula, modules } = this.options;
    if (this.text === undefined)
      this.text = boundText(formula, (module, name) => modules?.(module, name)?.version) ?? null;
    return this.text ?? undefined;
  }
}

/** Formulas that are sent are numbered: two of one text may differ in where their errors begin. */
let remoteCount = 0;

/** What is asked of few kernels is worked out when somebody asks. */
class FormulaKernel implements Kernel {
  readonly compute: Kernel["compute"];
  readonly isCellwise: boolean = true;
  readonly weight?: "heavy" | "light";
  readonly compiled: CompiledKernel;
  private readonly options: KernelOptions;
  private readonly formula: BoundFormula;
  private text: string | null | undefined;
  private makesSteps: boolean | undefined;
  private sent: RemoteWork | null | undefined;

  constructor(options: KernelOptions, compiled: CompiledKernel) {
    this.options = options;
    this.formula = options.formula;
    this.compiled = compiled;
    this.compute = compiled.compute;
    if (options.weight !== undefined) this.weight = options.weight;
  }

  get isDiscrete(): boolean {
    this.makesSteps ??= isDiscrete(this.formula);
    return this.makesSteps;
  }

  get part(): unknown {
    return loopPartOf(this.formula);
  }

  /** None for a volatile formula, a stock and a delay: nothing may be kept under it, in this process or another. */
  get version(): string | undefined {
    if (this.text === undefined) this.text = boundText(this.formula) ?? null;
    return this.text ?? undefined;
  }

  /** None for a volatile formula, whose draws are this thread's. */
  get remote(): RemoteWork | undefined {
    if (this.sent === undefined) this.sent = this.remoteWork() ?? null;
    return this.sent ?? undefined;
  }

  private remoteWork(): RemoteWork | undefined {
    const { program, name, formula, isTransparent, optimise } = this.options;
    if (program === undefined || this.version === undefined) return undefined;
    const payload = formulaPayload(formula, {
      name,
      ...(isTransparent === undefined ? {} : { isTransparent }),
      ...(optimise === undefined ? {} : { optimise }),
    });
    return payload === undefined ? undefined : { program, key: `formula ${remoteCount++}`, payload };
  }
}

function originOf(attribute: string, formula: BoundFormula, outer: number, period: number): ErrorOrigin {
  const periods = timeOf(formula.axes)?.labels.length ?? 1;
  return { attribute, at: labelsAt(formula.axes, outer * periods + period) };
}
