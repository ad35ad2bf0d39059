/** The entities of a batch on many machines: the conducting side, the worker, and keys for both. */

export type { ClusterOptions, ClusterWorker, WorkerEvent, WorkerOptions } from "./api.ts";
export {
  type BundleManifest,
  type BundlePart,
  type BundleRefusal,
  protocolVersion,
} from "./bundle/manifest.ts";
export { makeSigningKeys, type SigningKeys } from "./bundle/signature.ts";
export { connectCluster } from "./cluster-port.ts";
export { createBullmqJobEngine, type JobEngineOptions } from "./queue/bullmq-job-engine.ts";
export { type DeadChunk, deadChunk } from "./wire/dead-chunk.ts";
export type { AnswerHead, ChunkAnswer, ChunkJob, PlainChunk, Runs } from "./wire/wire.ts";
export { startWorker } from "./worker/worker-host.ts";
