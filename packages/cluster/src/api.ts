/** What is asked of a cluster, from both of its sides. */
import type { BatchClock, ChunkThreads, ThreadRunnerOptions } from "@reckon/batch";
import type { BundleRefusal } from "./bundle/manifest.ts";

export interface ClusterOptions {
  /** `redis://`, `rediss://`, `postgres://`. */
  readonly url: string;
  /** PEM of an Ed25519 private key; absent: bundles are unsigned, which only workers take that are told to. */
  readonly signingKey?: string;
  /** Queues of different names share a server and nothing else; absent: `reckon`. */
  readonly name?: string;
  readonly clock: BatchClock;
  /** What people should know and nothing fails for: that nobody is there to compute, and who else waits. */
  readonly onNotice?: (message: string) => void;
}

export interface WorkerOptions {
  readonly url: string;
  readonly name?: string;
  /** PEMs of Ed25519 public keys; bundles of others are refused. */
  readonly trustedKeys: readonly string[];
  /** Takes unsigned bundles as well: whoever reaches the queue can run code here. */
  readonly allowUnsigned?: boolean;
  /** As many as the machine runs at the same time when absent; at least one. */
  readonly threads?: number;
  readonly memoryMb?: number;
  /** Without a sign of life for so long a chunk is given to another worker; absent: 30,000. */
  readonly leaseMs?: number;
  /** Where bundles are unpacked; absent: the user's cache folder. */
  readonly folder?: string;
  /** Kept results of heavy calls, as `--cache` takes it. */
  readonly cache?: string;
  readonly clock: BatchClock;
  /** Who computes chunks, for tests; absent: threads. It must leave the event loop free, or leases are lost. */
  readonly createThreads?: (options: ThreadRunnerOptions) => ChunkThreads;
  readonly onEvent?: (event: WorkerEvent) => void;
}

export type WorkerEvent =
  | { readonly kind: "ready"; readonly worker: string; readonly queue: string; readonly threads: number }
  | { readonly kind: "chunk"; readonly run: string; readonly entities: number; readonly durationMs: number }
  | { readonly kind: "bundle"; readonly address: string; readonly model: string }
  | { readonly kind: "refused"; readonly address: string; readonly refusal: BundleRefusal }
  | { readonly kind: "disconnected" | "connected"; readonly message: string }
  /** What a function of a module threw when its chunk had ended. */
  | { readonly kind: "late"; readonly message: string }
  | { readonly kind: "stopping"; readonly active: number };

export interface ClusterWorker {
  readonly worker: string;
  /** `givenUp`: chunks that were cancelled, given back or lost to others, so that others compute them. */
  readonly counts: () => Readonly<Record<"chunks" | "entities" | "givenUp" | "active", number>>;
  /** Takes nothing more, finishes what is active or gives it back after `graceMs`, ends the threads. */
  readonly stop: (graceMs: number) => Promise<void>;
}
