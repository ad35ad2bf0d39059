/** What a dead letter was about: the entities of its chunk, for people who want to know what ends their workers. */
import type { BlobStore, DeadLetter } from "@reckon/batch";
import { chunkOf, decodeJob } from "./chunk-codec.ts";

export interface DeadChunk {
  readonly keys: readonly string[];
  readonly attempt: number;
}

/** `undefined`: it is of another protocol, or its rows are gone. */
export async function deadChunk(
  { body }: Pick<DeadLetter, "body">,
  blobs: Pick<BlobStore, "get" | "put">,
): Promise<DeadChunk | undefined> {
  const job = decodeJob(body);
  const chunk = job === undefined ? undefined : await chunkOf(job, blobs);
  return chunk === undefined ? undefined : { keys: chunk.keys, attempt: chunk.attempt };
}
