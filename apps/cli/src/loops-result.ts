/** How the loops of a scenario were solved, as data: what `reckon loops --json` prints, and its table is made from. */
import {
  type LoopOutcome,
  type LoopSettings,
  type LoopSolve,
  type ScenarioName,
  type Sheet,
  solveAdvice,
} from "@reckon/sheet";
import type { Beginning, CellSolutions } from "./loop-solutions.ts";
import { byDistance, groupedLoops } from "./loop-warnings.ts";
import { type JsonLoop, type JsonScalar, jsonLoop, jsonScalar } from "./run-result.ts";

export interface LoopsResult {
  readonly model: string;
  readonly scenario: ScenarioName;
  readonly loops: readonly LoopResult[];
}

/** One loop over all its periods and members. */
export interface LoopResult {
  readonly loop: string;
  readonly attributes: readonly string[];
  readonly settings: LoopSettings;
  /** The worst first: what was not solved by how far off it is, then by the steps that it took. */
  readonly outcomes: readonly LoopOutcome[];
  readonly unsolved: number;
  readonly worst: LoopSolve;
}

/** Cost: the records, sorted. */
export function loopsResult(sheet: Sheet, scenario: ScenarioName): LoopsResult {
  const loops = groupedLoops(sheet.loops(scenario)).map(({ loop, attributes, outcomes }): LoopResult => {
    const sorted = outcomes.toSorted(worstFirst);
    const first = sorted[0] as LoopOutcome;
    return {
      loop,
      attributes,
      settings: first.settings,
      outcomes: sorted,
      unsolved: outcomes.filter(({ verdict }) => verdict !== "converged").length,
      worst: sheet.loopSolve(first, scenario),
    };
  });
  return { model: sheet.model.name, scenario, loops: loops.toSorted((a, b) => worstFirst(a.worst, b.worst)) };
}

/** Where a solve diverges the later periods have its error: what began it says more than they do. */
const ranks = { diverging: 0, error: 1, switching: 2, oscillating: 3, limit: 4, converged: 5 } as const;

function worstFirst(a: LoopOutcome, b: LoopOutcome): number {
  const isSolved = a.verdict === "converged" && b.verdict === "converged";
  if (isSolved) return b.iterations - a.iterations || byDistance(a, b);
  return ranks[a.verdict] - ranks[b.verdict] || byDistance(a, b);
}

/** One solve with what belongs to it. */
export function jsonSolve(solve: LoopSolve): JsonSolve {
  const { cuts, tolerance, unit } = solve;
  return {
    ...jsonLoop(solve),
    tolerance,
    ...(unit === undefined ? {} : { unit }),
    cuts: cuts.map(({ start, value, ...cut }) => ({
      ...cut,
      ...(start === undefined ? {} : { start: jsonScalar(start) }),
      value: jsonScalar(value),
    })),
    advice: solveAdvice(solve),
  };
}

export interface JsonSolve extends JsonLoop {
  readonly tolerance: number;
  readonly unit?: string;
  readonly cuts: readonly {
    readonly attribute: string;
    readonly at: readonly string[];
    readonly start?: JsonScalar;
    readonly value: JsonScalar;
  }[];
  readonly advice: readonly string[];
}

/** Everything, for a program; see docs/spec/loops.schema.json. */
export function jsonLoops(
  sheet: Sheet,
  { model, scenario, loops }: LoopsResult,
  tried: { readonly from: readonly Beginning[]; readonly cells: readonly CellSolutions[] } | undefined,
): object {
  return {
    model,
    scenario,
    loops: loops.map(({ loop, attributes, settings, outcomes, unsolved }) => ({
      loop,
      attributes,
      settings,
      unsolved,
      solves: outcomes.map((outcome) => jsonSolve(sheet.loopSolve(outcome, scenario))),
    })),
    ...(tried === undefined
      ? {}
      : {
          from: tried.from,
          solutions: tried.cells.map(({ solutions, ...cell }) => ({
            ...cell,
            solutions: solutions.map((solution) => ({ ...solution, value: jsonScalar(solution.value) })),
          })),
        }),
  };
}
