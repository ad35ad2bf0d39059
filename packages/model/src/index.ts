export type * from "./api.ts";
export { AttributeTable } from "./attribute-table.ts";
export { type BlockBuilder, type BuiltValue, buildModel, type ModelBuilder } from "./build-model.ts";
export { labelOf } from "./check-axes.ts";
export { checkModel } from "./check-model.ts";
export { checkExtends, checkScenario } from "./check-scenario.ts";
export { inputWith, LineFormula, LineInput, readsOf } from "./checked-line.ts";
export type * from "./declarations.ts";
export {
  diagnosticsOf,
  parseModel,
  parseScenario,
  printDocument,
  printsAlike,
  spanInFile,
  structureOf,
  tablesOf,
} from "./document.ts";
export { editModel } from "./edit-model.ts";
export { editScenario } from "./edit-scenario.ts";
export { formatDocument } from "./format-document.ts";
export { type Documents, EditHistory } from "./history.ts";
export { checkInputValue } from "./input-value.ts";
export { modelFromJson } from "./model-from-json.ts";
export {
  type LineJson,
  type ModelJson,
  modelToJson,
  type ScenarioJson,
  scenarioToJson,
  type ValueJson,
} from "./model-json.ts";
export { replaceInput } from "./model-memory.ts";
export { modelScope } from "./model-scope.ts";
export { reservedWords } from "./reserved-name.ts";
export { checkScenarioNames } from "./scenario-names.ts";
