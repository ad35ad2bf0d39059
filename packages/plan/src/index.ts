export type { CalledFunction, CallRunner } from "./call-runner.ts";
export {
  allPositions,
  boxesOf,
  cellAt,
  cellsOf,
  labelsAt,
  outerOf,
  type Positions,
  positionsAt,
  shapeOf,
  timeOf,
  wholeBox,
} from "./cells.ts";
export { buildFormulas, type FormulaTable, type LiveFormulas } from "./formulas/build-formulas.ts";
export type { FormulaDiagnostic, Typed } from "./formulas/reading.ts";
export type { GivenColumns } from "./given.ts";
export { type KernelOptions, kernelOf } from "./kernel.ts";
export { type ModuleCall, moduleCallsOf } from "./module-calls.ts";
export { underPolicy } from "./module-policy.ts";
export { type AnalyseOptions, analysePlan } from "./optimise/analyse-plan.ts";
export { calibrate, quarterOf } from "./optimise/calibration.ts";
export type { Calibration } from "./optimise/machine.ts";
export type {
  PlanAnalysis,
  PlanLevel,
  PlannedUnit,
  Recommendation,
  ThreadsTime,
} from "./optimise/plan-analysis.ts";
export { bytesText, msText } from "./optimise/recommendations.ts";
export type { Rewrite } from "./optimise/rewrite.ts";
export { type OptimiseOptions, type RewriteName, rewriteNames } from "./optimise/switches.ts";
export type { LaidUnit } from "./placement.ts";
export { buildPlan, type Plan, type PlanOptions } from "./plan.ts";
export { guessKey, type Unit } from "./unit.ts";
