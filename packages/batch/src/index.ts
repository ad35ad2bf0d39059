/** What a batch offers: the kinds of attributes, the shapes of a run, and its ports. */

export { adviceText, advise } from "./advice/advise.ts";
export { adviceDefaults, readThresholds } from "./advice/thresholds.ts";
export type {
  BatchEvent,
  BatchProgress,
  BatchRequest,
  BatchRun,
  BlobStore,
  ClusterPort,
  JobLimits,
  ResumeMode,
} from "./api.ts";
export {
  type AttributeKind,
  type AttributeKinds,
  attributeKinds,
  keptAttributes,
} from "./attribute-kinds.ts";
export type { BatchClock, RandomSource } from "./batch-clock.ts";
export { BatchError, type BatchErrorCode } from "./batch-error.ts";
export type {
  Advice,
  AdviceFinding,
  AdviceThresholds,
  BatchMeasures,
  BatchPlan,
  ChoiceReason,
  ClusterMeasure,
  MachineMeasure,
  Prediction,
  SampleMeasure,
  StrategyName,
} from "./batch-plan.ts";
export type { ChunkRunner, ChunkRunOptions } from "./chunk-runner.ts";
export { createMemoryLedger } from "./doubles/memory-ledger.ts";
export {
  createRecordSource,
  type EntityRecord,
  type RecordSourceOptions,
} from "./doubles/record-source.ts";
export { scriptedProgram } from "./doubles/scripted-program.ts";
export {
  type BegunChunk,
  createScriptedRunner,
  type ScriptedRunner,
  type ScriptedRunnerOptions,
  type ScriptedTry,
  scriptedAttributes,
} from "./doubles/scripted-runner.ts";
export { seededRandom } from "./doubles/seeded-random.ts";
export { createSimulatedClock, type SimulatedClock } from "./doubles/simulated-clock.ts";
export type {
  ChunkFigures,
  ChunkId,
  ChunkOutcome,
  EntityBlock,
  EntityChunk,
  EntityOutcome,
  RowProblem,
  RunId,
} from "./entity.ts";
export type { BlockOptions, EntitySource } from "./entity-source.ts";
export { type EntitySheet, openEntitySheet } from "./evaluation/entity-sheet.ts";
export { createInlineRunner, type InlineRunnerOptions } from "./evaluation/inline-runner.ts";
export { createInsideRunner } from "./evaluation/inside-runner.ts";
export {
  type Prepared,
  type PrepareRequest,
  prepareProgram,
} from "./evaluation/prepare-program.ts";
export { readProgramFolder, writeProgramFolder } from "./evaluation/program-folder.ts";
export {
  type BlockColumn,
  decodeBlock,
  type EncodableCells,
  encodeBlock,
  type ResultBlock,
} from "./evaluation/result-block.ts";
export type { SheetParts } from "./evaluation/sheet-parts.ts";
export {
  type ChunkBeginning,
  type ChunkThreads,
  createChunkThreads,
  createThreadRunner,
  type ProgramPlace,
  type ThreadRunnerOptions,
} from "./evaluation/thread-runner.ts";
export type {
  ActiveJob,
  ConsumeOptions,
  Consumption,
  DeadLetter,
  EnqueueOutcome,
  JobCapabilities,
  JobCounts,
  JobEngine,
  JobEvent,
  JobId,
  JobRequest,
  JobState,
  JobWork,
  PassedOn,
  RateLimit,
} from "./job-engine.ts";
export { type LedgerOptions, openLedger } from "./ledger/open-ledger.ts";
export type { PatienceOptions } from "./ledger/patience.ts";
export { newRunId } from "./ledger/run-id.ts";
export { statements } from "./ledger/statements.ts";
export type {
  AttemptRow,
  ChunkRecord,
  EntityRow,
  EntityState,
  FailureRow,
  FinishedEntity,
  ForgetFilter,
  ForgetOutcome,
  Ledger,
  LedgerQueries,
  Measure,
  Quantiles,
  RecordOutcome,
  ResultRow,
  RunCounts,
  RunDetails,
  RunFilter,
  RunRow,
  RunStart,
  RunState,
  StrategyRow,
  WorkerRow,
} from "./ledger.ts";
export { isTooShortToChoose, type PlanOptions, planBatch, unmeasuredMachine } from "./planning/choose.ts";
export { type MachineLedger, measureMachine } from "./planning/measure-machine.ts";
export { measureSample, type SampleRequest, sampleSizes } from "./planning/measure-sample.ts";
export { type PlanRequest, planRun } from "./planning/plan-run.ts";
export { goingOnText, planText } from "./planning/plan-text.ts";
export { predictAll } from "./planning/predict.ts";
export type { BatchPolicy, HaltPolicy, RetryPolicy } from "./policy.ts";
export type {
  BatchProgram,
  ProgramModule,
  ProgramSet,
  ScenarioLines,
  SideTable,
  WantedAttribute,
} from "./program.ts";
export { createResultFile, type ResultFile } from "./results/result-file.ts";
export { startBatch } from "./run-batch.ts";
export { type FormingOptions, formChunks } from "./scheduling/chunk-forming.ts";
export { createLocalJobEngine, type LocalJobEngineOptions } from "./scheduling/local-job-engine.ts";
export { createDeepKeys, type DeepKeys } from "./sources/deep-keys.ts";
export { SideRows } from "./sources/side-rows.ts";
export { type EntitiesOptions, openEntities } from "./sources/table-entities.ts";
export type { BatchSummary, VerifyMismatch, VerifyReport, VerifyStratum } from "./summary.ts";
export { systemClock } from "./system-clock.ts";
export { type VerifyRequest, verifyRun } from "./verification/verify-run.ts";
