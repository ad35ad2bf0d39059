export type * from "./api.ts";
export { checkModel } from "./check-model.ts";
export { checkExtends, checkScenario } from "./check-scenario.ts";
export type * from "./declarations.ts";
export { diagnosticsOf, parseModel, parseScenario, printDocument, spanInFile, tablesOf } from "./document.ts";
export { checkInputValue } from "./input-value.ts";
export { modelScope } from "./model-scope.ts";
export { reservedWords } from "./read-model-line.ts";
