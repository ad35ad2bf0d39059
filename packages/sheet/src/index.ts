export type {
  CellIndex,
  Change,
  ChangedBoxes,
  CheckOutcome,
  CheckState,
  EvaluateOptions,
  Explanation,
  LayingOptions,
  LoopOutcome,
  ModuleFunction,
  ScenarioName,
  Sheet,
  SheetCounts,
  SheetHost,
  SheetResult,
  SourceText,
} from "./api.ts";
export { type OpenOptions, openSheet } from "./open-sheet.ts";
export { SheetError } from "./sheet-error.ts";
export { typedValue } from "./typed-value.ts";
