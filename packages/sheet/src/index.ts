export type {
  CellIndex,
  CellRange,
  Change,
  ChangedBoxes,
  CheckOutcome,
  CheckState,
  EvaluateOptions,
  Explanation,
  LayingOptions,
  LoopOutcome,
  LoopSettings,
  LoopSolve,
  ModuleFunction,
  ScenarioName,
  Sheet,
  SheetCounts,
  SheetHost,
  SheetResult,
  SourceText,
} from "./api.ts";
export {
  ratioText,
  residualLogs,
  roundText,
  solveAdvice,
  solveText,
  startText,
  verdictText,
} from "./loop-words.ts";
export { type OpenOptions, openSheet } from "./open-sheet.ts";
export { SheetError } from "./sheet-error.ts";
export { typedValue } from "./typed-value.ts";
