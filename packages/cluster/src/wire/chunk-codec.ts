/**
 * Chunks and outcomes as jobs and answers. What is small travels in them; rows and values beside them, as blobs that are named
 * with their hash. A blob that is gone, or that is another, makes the chunk lost: it is computed again.
 *
 * Cost: JSON of a chunk's rows; an answer's values are copied once.
 */
import type { BlobStore, ChunkOutcome, EntityChunk, EntityOutcome, JobLimits } from "@reckon/batch";
import { sha256 } from "../bundle/bundle.ts";
import { protocolVersion } from "../bundle/manifest.ts";
import { mapTables, plainTable, tableOf } from "../bundle/plain-json.ts";
import { numbersOf, runsOf } from "./number-runs.ts";
import type { AnswerHead, ChunkAnswer, ChunkJob, PlainChunk } from "./wire.ts";

const inlineBytesMax = 32_768;
const runsMax = 1_000;
const messageMax = 4_000;
const unreadable = "the worker's answer cannot be read";
export const blobMs: number = 24 * 3_600_000;

type Blobs = Pick<BlobStore, "get" | "put">;

export interface ChunkRequest {
  readonly run: string;
  readonly bundle: string;
  readonly limits?: JobLimits | undefined;
}

export interface EncodedJob {
  readonly body: Uint8Array;
  /** What has to lie beside the job. */
  readonly blob?: { readonly name: string; readonly bytes: Uint8Array };
}

export function encodeChunk(chunk: EntityChunk, { run, bundle, limits }: ChunkRequest): EncodedJob {
  const plain: PlainChunk = {
    ...chunk,
    table: plainTable(chunk.table),
    sideTables: mapTables(chunk.sideTables, plainTable),
  };
  const text = Buffer.from(JSON.stringify(plain));
  const job = { protocol: protocolVersion, run, bundle, ...limits };
  if (text.byteLength <= inlineBytesMax) return { body: bytesOfJson({ ...job, chunk: { inline: plain } }) };
  const name = `rows-${run}-${chunk.id}`;
  return {
    body: bytesOfJson({ ...job, chunk: { blob: name, sha256: sha256(text) } } satisfies ChunkJob),
    blob: { name, bytes: text },
  };
}

/** `undefined`: it is no job of this protocol. */
export function decodeJob(body: Uint8Array): ChunkJob | undefined {
  try {
    const job = JSON.parse(textOf(body)) as Partial<ChunkJob> | null;
    return job?.protocol === protocolVersion ? (job as ChunkJob) : undefined;
  } catch {
    return undefined;
  }
}

/** The chunk of a job; `undefined` where its rows are gone, or are others. */
export async function chunkOf({ chunk }: ChunkJob, blobs: Blobs): Promise<EntityChunk | undefined> {
  if ("inline" in chunk) return chunkOfPlain(chunk.inline);
  const bytes = await wholeBlob(chunk, blobs);
  return bytes === undefined ? undefined : chunkOfPlain(JSON.parse(textOf(bytes)) as PlainChunk);
}

export interface AnswerNotes extends Pick<EntityChunk, "positions"> {
  /** See `ChunkAnswer`. */
  readonly lostBundle?: string | undefined;
}

/** The answer of a job. Values are put beside it first, under `blob`. */
export async function encodeOutcome(
  outcome: ChunkOutcome,
  { positions, lostBundle }: AnswerNotes,
  blob: string,
  blobs: Blobs,
): Promise<Uint8Array> {
  const runs = runsOf(positions);
  if (outcome.kind !== "done") {
    const told = runs.length <= runsMax ? { positions: runs } : {};
    const message = outcome.message.slice(0, messageMax);
    return bytesOfJson({
      protocol: protocolVersion,
      ...(lostBundle === undefined ? {} : { lostBundle }),
      outcome: { ...outcome, ...told, message },
    } satisfies ChunkAnswer);
  }
  const { block, entities, ...rest } = outcome;
  const head: AnswerHead = { positions: runs, ...(entities.every(isPlainSuccess) ? {} : { entities }) };
  const bytes = joined(head, block);
  await blobs.put(blob, bytes, blobMs);
  return bytesOfJson({
    protocol: protocolVersion,
    outcome: { ...rest, blob, sha256: sha256(bytes) },
  } satisfies ChunkAnswer);
}

export interface DecodedAnswer {
  /** Empty where the answer does not tell: then those of the chunk. */
  readonly positions: readonly number[];
  readonly outcome: ChunkOutcome;
  /** What lies beside the answer. */
  readonly blob?: string;
  /** See `ChunkAnswer`. */
  readonly lostBundle?: string;
}

export async function decodeAnswer(answer: Uint8Array, blobs: Blobs): Promise<DecodedAnswer> {
  const read = readAnswer(answer);
  if (read === undefined) return lost(unreadable);
  const { outcome } = read;
  if (outcome.kind !== "done") {
    const { positions: runs = [], ...rest } = outcome;
    const positions = numbersOf(runs);
    if (positions === undefined) return lost(unreadable);
    const { lostBundle } = read;
    return { positions, outcome: rest, ...(lostBundle === undefined ? {} : { lostBundle }) };
  }
  const { blob, sha256: hash, ...rest } = outcome;
  const bytes = await wholeBlob({ blob, sha256: hash }, blobs);
  if (bytes === undefined)
    return lost("the values are gone from the queue's server, or were changed there", blob);
  const parts = taken(bytes);
  const positions = parts === undefined ? undefined : numbersOf(parts.head.positions);
  if (parts === undefined || positions === undefined) return lost(unreadable, blob);
  const { head, block } = parts;
  const entities =
    head.entities ?? positions.map((): EntityOutcome => ({ kind: "succeeded", checksFailed: 0 }));
  return { positions, outcome: { ...rest, entities, block }, blob };
}

function readAnswer(answer: Uint8Array): ChunkAnswer | undefined {
  try {
    const read = JSON.parse(textOf(answer)) as Partial<ChunkAnswer> | null;
    return read?.protocol === protocolVersion ? (read as ChunkAnswer) : undefined;
  } catch {
    return undefined;
  }
}

function lost(message: string, blob?: string): DecodedAnswer {
  return { positions: [], outcome: { kind: "lost", message }, ...(blob === undefined ? {} : { blob }) };
}

async function wholeBlob(
  { blob, sha256: hash }: { readonly blob: string; readonly sha256: string },
  blobs: Blobs,
): Promise<Uint8Array | undefined> {
  const bytes = await blobs.get(blob);
  return bytes !== undefined && sha256(bytes) === hash ? bytes : undefined;
}

function joined(head: AnswerHead, block: Uint8Array): Uint8Array {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.byteLength);
  return Buffer.concat([length, text, block]);
}

/** `undefined`: it is no answer. */
function taken(bytes: Uint8Array): { readonly head: AnswerHead; readonly block: Uint8Array } | undefined {
  try {
    const end = 4 + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readUInt32LE();
    const head = JSON.parse(textOf(bytes.subarray(4, end))) as AnswerHead | null;
    // A copy of its own, as a block's columns are read in place and have to lie at multiples of their size.
    return head === null ? undefined : { head, block: Uint8Array.from(bytes.subarray(end)) };
  } catch {
    return undefined;
  }
}

function chunkOfPlain(plain: PlainChunk): EntityChunk {
  return { ...plain, table: tableOf(plain.table), sideTables: mapTables(plain.sideTables, tableOf) };
}

function isPlainSuccess(entity: EntityOutcome): boolean {
  return entity.kind === "succeeded" && entity.checksFailed === 0;
}

function bytesOfJson(value: ChunkJob | ChunkAnswer): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
