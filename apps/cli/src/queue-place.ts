/**
 * Where the queue is: `--queue`, else RECKON_QUEUE_URL; and the connection of the conducting side. The address may hold a
 * password, so it is never repeated; the key that signs is in a file that RECKON_SIGNING_KEY names, and in no option.
 */
import { readFile } from "node:fs/promises";
import { type BatchClock, BatchError, type ClusterPort } from "@reckon/batch";
import type { Refusal } from "./model-request.ts";

const schemes = new Set(["redis", "rediss", "postgres", "postgresql"]);

export function queueRequest(
  typed: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): { readonly url?: string } | Refusal {
  const name = typed === undefined ? "RECKON_QUEUE_URL" : "--queue";
  const url = typed ?? environment.RECKON_QUEUE_URL;
  if (url === undefined || (typed === undefined && url === "") || url === "off") return {};
  const scheme = /^([a-z][a-z+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined)
    return {
      refused: `${name} needs the address of a server: redis://host:6379 or postgres://host/database`,
    };
  if (!schemes.has(scheme))
    return { refused: `${name} takes redis://, rediss:// and postgres:// addresses, not ${scheme}://` };
  if (!URL.canParse(url)) return { refused: `${name}: the address cannot be read; write redis://host:6379` };
  return { url };
}

export interface QueueRequest {
  readonly url: string;
  readonly clock: BatchClock;
  readonly onNotice: (text: string) => void;
}

/** Connects the conducting side. Rejects with `BatchError` where the server or the key cannot be used. */
export async function connectQueue({ url, clock, onNotice }: QueueRequest): Promise<ClusterPort> {
  const signingKey = await readSigningKey(process.env.RECKON_SIGNING_KEY);
  if (signingKey === undefined)
    onNotice(
      "the bundle is not signed (RECKON_SIGNING_KEY names no key): only workers with --allow-unsigned take it",
    );
  // Only who has a queue pays for loading what speaks to it.
  const { connectCluster } = await import("@reckon/cluster");
  return connectCluster({ url, clock, onNotice, ...(signingKey === undefined ? {} : { signingKey }) });
}

async function readSigningKey(path: string | undefined): Promise<string | undefined> {
  if (path === undefined || path === "") return undefined;
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : "it cannot be read";
    throw new BatchError("misuse", `RECKON_SIGNING_KEY names ${path}: ${why}`, cause);
  }
}
