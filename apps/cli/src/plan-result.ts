/** A plan's analysis as plain data: what `reckon plan --json` prints. Its schema is `docs/spec/plan.schema.json`. */
import type { PlanAnalysis, PlannedUnit, Recommendation, Rewrite, ThreadsTime } from "@reckon/plan";
import type { Comparison } from "./plan-comparison.ts";
import type { ScenarioPlan } from "./plan-scenarios.ts";

export interface PlanResult {
  readonly model: string;
  readonly scenario: string;
  readonly strategy: string;
  readonly attributes: number;
  readonly nodes: number;
  /** Runs behind the costs, besides the first; 0: they are those of the first run, with the making of code in them. */
  readonly runs: number;
  readonly cells: number;
  readonly references: number;
  readonly rewrites: readonly (Omit<Rewrite, "savedNs"> & { readonly savedMs: number })[];
  readonly levels: PlanAnalysis["levels"];
  readonly criticalPath: { readonly units: readonly string[]; readonly ms: number };
  readonly workMs: number;
  /** 0 … 1. */
  readonly measuredShare: number;
  readonly speedUpMax: number;
  readonly threads: readonly ThreadsTime[];
  readonly memory: PlanAnalysis["memory"];
  readonly prediction: PlanAnalysis["prediction"];
  readonly units: readonly PlannedUnit[];
  readonly scenarios: readonly ScenarioPlan[];
  readonly recommendations: readonly Recommendation[];
  readonly comparison?: Comparison;
}

export interface PlanFindings {
  readonly model: string;
  readonly scenario: string;
  readonly strategy: string;
  readonly attributes: number;
  readonly nodes: number;
  readonly runs: number;
  readonly analysis: PlanAnalysis;
  readonly scenarios: readonly ScenarioPlan[];
  readonly comparison?: Comparison;
}

export function planResult({ analysis, scenarios, comparison, ...facts }: PlanFindings): PlanResult {
  const { rewrites, criticalPath, ...figures } = analysis;
  return {
    ...facts,
    ...figures,
    rewrites: rewrites.map(({ savedNs, ...rewrite }) => ({ ...rewrite, savedMs: savedNs / 1e6 })),
    criticalPath: { units: criticalPath.steps.map(({ name }) => name), ms: criticalPath.ms },
    scenarios,
    ...(comparison === undefined ? {} : { comparison }),
  };
}
