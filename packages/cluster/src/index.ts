export type {
  ClusterOptions,
  ClusterWorker,
  ConnectCluster,
  WorkerEvent,
  WorkerOptions,
} from "./api.ts";
export { createBullmqJobEngine, type JobEngineOptions } from "./bullmq-job-engine.ts";
export { type BundleManifest, type BundlePart, type BundleRefusal, protocolVersion } from "./manifest.ts";
export type { ChunkAnswer, ChunkJob, ChunkRows } from "./wire.ts";
