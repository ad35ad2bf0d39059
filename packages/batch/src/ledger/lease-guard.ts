/**
 * Keeps the lease of a run from a small thread of its own, so that it holds while this thread computes and hears no timer: an entity may
 * take minutes in one call. Who is stopped as a whole, or gone, keeps nothing.
 *
 * Cost: a thread, some 15 ms and 5 MB; a statement each time.
 */
import { Worker } from "node:worker_threads";
import type { RunId } from "../entity.ts";

/** Where a ledger is that other processes see as well. */
export type LedgerPlace =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string };

export interface GuardedLease {
  readonly place: LedgerPlace;
  readonly run: RunId;
  readonly owner: string;
  readonly forMs: number;
  readonly everyMs: number;
  /** What the ledger's time is ahead of the date. */
  readonly aheadMs: number;
}

const memoryMb = 32;

/** Until what it returns is called. A thread that cannot be made leaves the lease to who has it. */
export function guardLease(lease: GuardedLease): () => void {
  const end = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const thread = new Worker(new URL(`./lease-thread.${end}`, import.meta.url), {
    workerData: lease,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  // Nobody waits for it, and the run goes on without it.
  thread.on("error", () => undefined);
  thread.unref();
  return () => thread.postMessage("stop");
}
