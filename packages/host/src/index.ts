export type {
  FileChange,
  FileWatch,
  HostFile,
  HostFileKind,
  LoadedSheet,
  LoadFailure,
  LoadRequest,
  ModelSources,
  ModuleClosure,
  SaveOutcome,
} from "./api.ts";
export { checkSources, type SourceCheck } from "./check-sources.ts";
export { watchFiles } from "./file-watch.ts";
export { isWorthSending } from "./function-costs.ts";
export { hostedFunctions } from "./hosted-function.ts";
export { loadSheet, loadSources } from "./load-sheet.ts";
export { ModuleCalls } from "./module-calls.ts";
export { moduleVersion } from "./module-closure.ts";
export { loadModule } from "./module-loader.ts";
export { createRuntime, type Runtime, type RuntimeOptions, type RuntimeStats } from "./runtime.ts";
export { hashText, readSource, saveSource } from "./source-file.ts";
export { isScenarioText } from "./source-kind.ts";
export { stateFolder } from "./state-folder.ts";
export { threadMemoryMb } from "./thread-memory.ts";
export { askAtTerminal } from "./trust-prompt.ts";
export { durationText, type WorkNow, WorkProgress, workText } from "./work-progress.ts";
