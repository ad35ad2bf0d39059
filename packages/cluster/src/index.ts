/** The entities of a batch on many machines: the conducting side, the worker, and keys for both. */

export type { ClusterOptions, ClusterWorker, WorkerEvent, WorkerOptions } from "./api.ts";
export { createBullmqJobEngine, type JobEngineOptions } from "./bullmq-job-engine.ts";
export { connectCluster } from "./cluster-port.ts";
export { type DeadChunk, deadChunk } from "./dead-chunk.ts";
export { type BundleManifest, type BundlePart, type BundleRefusal, protocolVersion } from "./manifest.ts";
export { makeSigningKeys, type SigningKeys } from "./signature.ts";
export type { AnswerHead, ChunkAnswer, ChunkJob, PlainChunk, Runs } from "./wire.ts";
export { startWorker } from "./worker-host.ts";
