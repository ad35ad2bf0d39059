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
export { buildPlan, type Plan, type PlanOptions } from "./plan.ts";
