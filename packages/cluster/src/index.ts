export type {
  ClusterOptions,
  ClusterWorker,
  ConnectCluster,
  CreateBullmqJobEngine,
  WorkerEvent,
  WorkerOptions,
} from "./api.ts";
export { type BundleManifest, type BundlePart, type BundleRefusal, protocolVersion } from "./manifest.ts";
export type { ChunkAnswer, ChunkJob, ChunkRows } from "./wire.ts";
