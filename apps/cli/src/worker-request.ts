/** What `reckon worker` was asked for: see request.ts. */
import type { RateLimit } from "@reckon/batch";
import type { HeavyRequest, Refusal } from "./model-request.ts";
import { rateOf, waitMsOf } from "./quantities.ts";
import { queueRequest } from "./queue-place.ts";
import type { RawOptions } from "./raw-options.ts";

export type WorkerRequest = { readonly command: "worker"; readonly isJson: boolean } & (
  | {
      readonly action: "work";
      readonly queue: string;
      /** Folder with public keys. */
      readonly keys?: string;
      readonly allowUnsigned: boolean;
      readonly graceMs: number;
      readonly heavy: HeavyRequest;
    }
  | { readonly action: "dead" | "requeue"; readonly queue: string }
  /** Without a rate: as many as can be. */
  | { readonly action: "limit"; readonly queue: string; readonly rate?: RateLimit; readonly typed: string }
  | { readonly action: "new-key"; readonly path: string }
);

const graceMsDefault = 30_000;

export function workerRequest(options: RawOptions, heavy: HeavyRequest): WorkerRequest | Refusal {
  const { queue, keys, allowUnsigned, grace, dead, requeue, newKey, limit } = options;
  const isJson = options.json === true;
  if ([dead === true, requeue === true, newKey !== undefined, limit !== undefined].filter(Boolean).length > 1)
    return { refused: "--dead, --requeue, --limit and --new-key exclude each other" };
  if (newKey !== undefined) {
    if (newKey.trim() === "") return { refused: "--new-key needs a file" };
    return { command: "worker", isJson, action: "new-key", path: newKey };
  }
  const queued = queueRequest(queue);
  if ("refused" in queued) return queued;
  if (queued.url === undefined)
    return { refused: "worker needs the address of a queue: --queue redis://…, or RECKON_QUEUE_URL" };
  if (dead === true || requeue === true)
    return { command: "worker", isJson, action: dead === true ? "dead" : "requeue", queue: queued.url };
  if (limit !== undefined) {
    const rate = limit === "off" ? undefined : rateOf(limit);
    if (limit !== "off" && rate === undefined)
      return { refused: `--limit ${limit}: write a rate, as in 100/s or 6000/min, or off` };
    return {
      command: "worker",
      isJson,
      action: "limit",
      queue: queued.url,
      ...(rate && { rate }),
      typed: limit,
    };
  }
  if (heavy.threads === 0)
    return { refused: "a worker computes on threads: --threads takes a number from 1 on" };
  const graceMs = grace === undefined ? graceMsDefault : waitMsOf(grace);
  if (graceMs === undefined) return { refused: `--grace ${grace}: write a time up to 24d, as in 30s` };
  if (keys === undefined && allowUnsigned !== true)
    return {
      refused:
        "a worker takes bundles that are signed: name a folder of public keys with --keys, or --allow-unsigned where you trust whoever reaches the queue",
    };
  return {
    command: "worker",
    isJson,
    action: "work",
    queue: queued.url,
    ...(keys === undefined ? {} : { keys }),
    allowUnsigned: allowUnsigned === true,
    graceMs,
    heavy,
  };
}
