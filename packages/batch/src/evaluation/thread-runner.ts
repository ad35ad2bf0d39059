/** Chunks on worker threads. */
import type { WorkerExecutorOptions } from "@reckon/workers";

export interface ThreadRunnerOptions extends Pick<WorkerExecutorOptions, "memoryMb"> {
  /** From 1. */
  readonly threads: number;
  /** Where results of heavy calls are kept, as `createRuntime` takes it; absent: `off`. */
  readonly cache?: string | "off";
}
