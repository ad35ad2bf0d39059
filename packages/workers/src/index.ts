export type {
  CallOutcome,
  CallRequest,
  Percentiles,
  ThreadCounts,
  ThreadEnd,
  WorkerCounts,
  WorkerEvent,
  WorkerExecutor,
  WorkerExecutorOptions,
  WorkerHistograms,
} from "./api.ts";
export { createWorkerExecutor } from "./worker-executor.ts";
