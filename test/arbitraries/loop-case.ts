/** A random loop whose solutions, and whose right verdict, are known from how it was built. */
import type { LoopMethod, LoopVerdict } from "@reckon/engine";
import type { CircularModel, Values } from "../spec/circular-models.ts";
import type { Term } from "./loop-term.ts";

export interface LoopCase extends Omit<CircularModel, "solution"> {
  /** First guess of each cut; 0 where there is none. */
  readonly starts: Values;
  readonly method: LoopMethod;
  readonly damping?: number;
  readonly tolerance: { readonly absolute: number; readonly relative: number };
  readonly limit: number;
  readonly truth: Truth;
}

interface Truth {
  /** What the unknowns may be where the loop says that it has converged. */
  readonly solutions: readonly Values[];
  /** Every verdict that is right. */
  readonly verdicts: readonly LoopVerdict[];
  /** By how much rounding moves the solutions: its relative share of the largest value. */
  readonly noise: number;
  /** The slope of the loop at every point, where it has the same everywhere. */
  readonly gain?: number;
  /** Made of steps alone: whatever its formulas give back is a solution, listed or not. */
  readonly isStepwise?: boolean;
}

export const toleranceDefault = { absolute: 1e-9, relative: 1e-9 };

/** How a family describes a loop: its unknowns as terms, in order. */
export interface LoopDraft {
  readonly name: string;
  readonly inputs?: Values;
  readonly unknowns: readonly (readonly [name: string, term: Term])[];
  /** At which unknowns it is cut, with their starts. */
  readonly cuts: Values;
  readonly method?: LoopMethod;
  readonly damping?: number;
  readonly tolerance?: LoopCase["tolerance"];
  readonly limit?: number;
  /** Solutions by the values of the cuts alone. */
  readonly solutions: readonly Values[];
  readonly verdicts: readonly LoopVerdict[];
  readonly noise?: number;
  readonly gain?: number;
  readonly isStepwise?: boolean;
}

export function loopCase(draft: LoopDraft): LoopCase {
  const { unknowns, cuts, inputs = {} } = draft;
  const sweep = (values: Values): Values =>
    Object.fromEntries(unknowns.map(([name, term]) => [name, term.of(values)]));
  /** With the cuts known, as many sweeps as there are unknowns fill in all others. */
  const completed = (known: Values): Values => {
    let values: Values = { ...known };
    for (let i = 0; i < unknowns.length; i++) values = { ...sweep({ ...inputs, ...values }), ...known };
    return values;
  };
  return {
    name: draft.name,
    inputs,
    formulas: Object.fromEntries(unknowns.map(([name, { text }]) => [name, text])),
    cuts: Object.keys(cuts),
    starts: cuts,
    sweep,
    method: draft.method ?? "auto",
    ...(draft.damping === undefined ? {} : { damping: draft.damping }),
    tolerance: draft.tolerance ?? toleranceDefault,
    limit: draft.limit ?? 100,
    truth: {
      solutions: draft.solutions.map(completed),
      verdicts: draft.verdicts,
      noise: draft.noise ?? 1e-13,
      ...(draft.gain === undefined ? {} : { gain: draft.gain }),
      ...(draft.isStepwise === undefined ? {} : { isStepwise: draft.isStepwise }),
    },
  };
}

/** The case in our language; `order`: in which the unknowns are written. */
export function loopText(of: LoopCase, order: readonly string[] = Object.keys(of.formulas)): string {
  return `model random\n\n${loopBlock(of, "ring", order)}`;
}

export function loopBlock(
  of: LoopCase,
  block: string,
  order: readonly string[] = Object.keys(of.formulas),
): string {
  const clauses = [
    of.tolerance === toleranceDefault
      ? ""
      : `  tolerance ${plainNumber(of.tolerance.absolute)}  relative ${plainNumber(of.tolerance.relative)}`,
    of.limit === 100 ? "" : `  limit ${of.limit}`,
    of.method === "auto" ? "" : `  method ${of.method}`,
    of.damping === undefined ? "" : `  damping ${of.damping}`,
  ].join("");
  return [
    `block ${block}`,
    ...Object.entries(of.inputs).map(([name, value]) => `  input ${name} = ${value}`),
    ...order.map((name) => `  ${name} = ${of.formulas[name]}`),
    ...of.cuts.map((name) => `  loop ${name}  start ${of.starts[name]}${clauses}`),
    "",
  ].join("\n");
}

function plainNumber(value: number): string {
  return value === 0 ? "0" : value.toFixed(20).replace(/0+$/, "");
}
