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
export { type ModuleCall, moduleCallsOf } from "./module-calls.ts";
export type { Rewrite } from "./optimise/rewrite.ts";
export { type OptimiseOptions, type RewriteName, rewriteNames } from "./optimise/switches.ts";
export { buildPlan, type LaidUnit, type Plan, type PlanOptions } from "./plan.ts";
export type { Unit } from "./unit.ts";
