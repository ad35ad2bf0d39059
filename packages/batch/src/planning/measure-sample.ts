/**
 * Computes the first entities in this process, one chunk after another, and tells what they took.
 *
 *   1. Sizes of chunks double: the first ones are single entities, so heavy ones are measured early; light ones are soon
 *      thousands, so 5 % of many take as long as they would anyway.
 *   2. None is begun after 5 seconds of that (opening the program before the first one is not counted), or once max(10, 5 %) are through, or
 *      ten, and it has taken 100 ms and 5 % of what the rest would take on all cores: those wait for it.
 *   3. With a timeout no chunk has more entities than take a quarter of it, by the chunk before: it would be lost with its thread.
 *   4. On threads, where this process has nothing else to do, several chunks are computed at once: nobody waits for the sample then.
 *   5. What opening takes and what an entity adds is fitted to the times (fit-times.ts).
 *
 * The outcomes are the caller's: they are recorded, and not computed again.
 */
import type { Table } from "@reckon/value";
import type { BatchClock } from "../batch-clock.ts";
import type { SampleMeasure } from "../batch-plan.ts";
import type { ChunkRunner, ChunkRunOptions } from "../chunk-runner.ts";
import type { ChunkOutcome, EntityChunk } from "../entity.ts";
import { timeoutShare } from "./chunk-size.ts";
import { type ChunkTime, fitTimes } from "./fit-times.ts";

export interface SampleRequest {
  readonly runner: ChunkRunner;
  /** As large as `sampleSizes` says, or as they may be, and no more of them. */
  readonly chunks: AsyncIterator<EntityChunk, unknown, SampleRoom>;
  readonly clock: BatchClock;
  /** How many entities there are, or an estimate. */
  readonly entities: number;
  /** Chunks at the same time; absent: one after another. */
  readonly atOnce?: number;
  /** How many could compute what is left; absent: one. */
  readonly cores?: number;
  readonly onOutcome: (chunk: EntityChunk, outcome: ChunkOutcome) => void | Promise<void>;
  /** Writes what is held of the outcomes, so that this is in what a row takes. */
  readonly settle?: () => Promise<void>;
  readonly options?: ChunkRunOptions;
  /** Told before each chunk: how long all that is left will take at least, as far as the chunks before it say. */
  readonly onChunk?: (chunk: EntityChunk, workMsLeast: number) => Promise<void>;
  /** How long has been waited so far before chunks came, since no more were allowed to begin; absent: not at all. */
  readonly waitedMs?: () => number;
  /** How many rows have been read so far; absent: as many as were computed. */
  readonly rowsRead?: () => number;
  /** Of the entities looked at, the share whose values an earlier run has. Absent: 0. */
  readonly unchangedShare?: () => number;
}

/** What is told to who gives the next chunk. */
export interface SampleRoom {
  /** It may begin until then: to wait for longer is in vain. */
  readonly untilMs: number;
  readonly entitiesMax: number;
}

const sampleMin = 10;
const sampleShare = 0.05;
const sampleMsMax = 5_000;
/** So long it may take whatever is left. */
const sampleMsFree = 100;
const sampleChunkMax = 4_096;
/** Work that computes for half of its time is measured by CPU time. */
const computingShare = 0.5;
/** With less CPU time than this it sleeps, though nothing else gets the thread meanwhile: CPU time says nothing of what it takes. */
const cpuShareMin = 0.1;
/** Rows of a block. Fewer than these are read and written as fast as so many. */
const settledTogether = 4_096;
/** The first three have an entity each; with two more there is a line to be fitted. */
const chunksForLine = 5;
/** So many standard errors hold 95 %. */
const errorFactor = 1.96;
const unlimited: ChunkRunOptions = { signal: new AbortController().signal };

/** How many entities a sample has, if they take less than 5 seconds. */
export function sampleEntities(entities: number): number {
  return Math.min(entities, Math.max(sampleMin, Math.ceil(entities * sampleShare)));
}

/**
 * The sizes of the chunks of a sample, in order: 1, 1, 1, 2, 5, 10, 20 … and what is left. Of several at the same time the first ones are
 * smaller: none is to be waited for long.
 */
export function sampleSizes(entities: number, atOnce: number = 1): readonly number[] {
  const sizes: number[] = [];
  let left = sampleEntities(entities);
  // The first chunks are ten entities, after which it may end.
  const first = atOnce > 1 ? [1, 1, 1, 1, 2, 2, 2] : [1, 1, 1, 2, 5];
  for (let size = 1; left > 0; left -= size) {
    size = first[sizes.length] ?? Math.min(2 * size, sampleChunkMax);
    sizes.push(Math.min(size, left));
  }
  return sizes;
}

/**
 * Measures the sample. Rejects only as the chunks or `onOutcome` do.
 *
 * @example
 * ```ts
 * const clock = createSimulatedClock();
 * const source = createRecordSource(Array.from({ length: 300 }, (_, i) => ({ id: `p${i}` })));
 * async function* chunks() {
 *   for await (const block of source.blocks()) yield* formChunks(block, { chunkEntities: 1, firstNumber: 0 });
 * }
 * const runner = createScriptedRunner({ clock, entityMs: 20 });
 * const onOutcome = () => undefined;
 * const sample = await clock.runUntil(measureSample({ runner, chunks: chunks(), clock, entities: 300, onOutcome }));
 * sample.entities; // 15
 * Math.round(sample.entityMs); // 20
 * ```
 */
export async function measureSample(request: SampleRequest): Promise<SampleMeasure> {
  const { clock } = request;
  const beganMs = clock.now();
  const sums = emptySums();
  const lanes = Math.max(1, request.atOnce ?? 1);
  await Promise.all(Array.from({ length: lanes }, () => sampleLane(request, sums, beganMs)));
  const endedMs = clock.now();
  await request.settle?.();
  sums.settleMs = clock.now() - endedMs;
  return measureOf(sums, request, clock.now() - beganMs);
}

/** Takes chunk after chunk, beside other lanes if there are any. */
async function sampleLane(request: SampleRequest, sums: Sums, beganMs: number): Promise<void> {
  const { runner, chunks, clock, onOutcome, waitedMs, options = unlimited } = request;
  const target = sampleEntities(request.entities);
  let isOpen = false;
  while (sums.taken < target && mayGoOn(request, sums, beganMs) && !options.signal.aborted) {
    const askedMs = clock.now();
    const waited = waitedMs?.() ?? 0;
    // Ten say enough: nobody waits for more.
    const untilMs = sums.taken < sampleMin ? beganMs + sums.openingMs + sampleMsMax : askedMs;
    const next = await chunks.next({ untilMs, entitiesMax: entitiesWithin(sums, options) });
    const readMs = clock.now() - ((waitedMs?.() ?? 0) - waited);
    if (next.done === true) return;
    const chunk = next.value;
    const isFirst = sums.taken === 0;
    sums.taken += chunk.keys.length;
    await request.onChunk?.(chunk, (request.entities - sums.entities) * entityMsLeast(sums));
    const begunMs = clock.now();
    const outcome = await runner.run(chunk, options);
    const doneMs = clock.now();
    const openingMs = isOpen ? 0 : openingMsOf(outcome, doneMs - begunMs);
    isOpen = true;
    sums.perEntityMs = (doneMs - begunMs - openingMs) / Math.max(1, chunk.keys.length);
    if (isFirst) sums.openingMs = openingMs;
    await onOutcome(chunk, outcome);
    const rowMs = readMs - askedMs + (clock.now() - doneMs);
    sums.rowMs += rowMs;
    if (isFirst) {
      sums.firstRowMs = rowMs;
      sums.firstEntities = chunk.keys.length;
    }
    if (outcome.kind === "cancelled") return;
    sums.entities += chunk.keys.length;
    sums.chunks++;
    if (outcome.kind === "done") addDone(sums, chunk, outcome, doneMs - begunMs - openingMs);
  }
}

/** How many entities take a quarter of the timeout, if they take as long as those of the last chunk with all that it took. */
function entitiesWithin({ perEntityMs }: Sums, { timeoutMs }: ChunkRunOptions): number {
  if (timeoutMs === undefined || perEntityMs <= 0) return sampleChunkMax;
  return Math.max(1, Math.floor((timeoutMs * timeoutShare) / perEntityMs));
}

/** Whether another chunk may begin. Before the first one is through nothing is known. */
function mayGoOn(request: SampleRequest, { taken, entities, openingMs }: Sums, beganMs: number): boolean {
  const { clock, atOnce = 1, cores = 1 } = request;
  const ms = clock.now() - beganMs - openingMs;
  if (taken < sampleMin || entities === 0) return ms < sampleMsMax;
  const restMs = (((request.entities - entities) * ms) / entities) * (atOnce / cores);
  return ms < Math.min(sampleMsMax, Math.max(sampleMsFree, sampleShare * restMs));
}

/**
 * What an entity takes at least. Heavy calls are its own from the first one on; what else a small chunk takes may be opening, until there
 * are chunks of different sizes.
 */
function entityMsLeast({ heavyMs, doneEntities, times }: Sums): number {
  const inCallsMs = heavyMs / Math.max(1, doneEntities);
  if (times.length < chunksForLine) return inCallsMs;
  const { entityMs, entityMsError } = fitTimes(times);
  return Math.max(inCallsMs, entityMs - errorFactor * entityMsError);
}

/** What the runner did before it computed its first chunk: a thread is made, and opens the program. */
function openingMsOf(outcome: ChunkOutcome, ms: number): number {
  if (outcome.kind !== "done" || outcome.figures.durationMs <= 0) return 0;
  return Math.max(0, ms - outcome.figures.durationMs);
}

interface Sums {
  openingMs: number;
  /** Of the last chunk, whatever came of it. */
  perEntityMs: number;
  /** Begun, through or not. */
  taken: number;
  entities: number;
  chunks: number;
  rowMs: number;
  firstRowMs: number;
  firstEntities: number;
  settleMs: number;
  doneEntities: number;
  columnBytes: number;
  sentBytes: number;
  durationMs: number;
  busyMs: number;
  cpuMs: number;
  heavyMs: number;
  heavyCalls: number;
  undeclaredMs: number;
  memoryPeakBytes: number;
  cacheHits: number;
  cacheLookUps: number;
  readonly times: ChunkTime[];
}

function emptySums(): Sums {
  return {
    openingMs: 0,
    perEntityMs: 0,
    taken: 0,
    entities: 0,
    chunks: 0,
    rowMs: 0,
    firstRowMs: 0,
    firstEntities: 0,
    settleMs: 0,
    doneEntities: 0,
    columnBytes: 0,
    sentBytes: 0,
    durationMs: 0,
    busyMs: 0,
    cpuMs: 0,
    heavyMs: 0,
    heavyCalls: 0,
    undeclaredMs: 0,
    memoryPeakBytes: 0,
    cacheHits: 0,
    cacheLookUps: 0,
    times: [],
  };
}

function addDone(
  sums: Sums,
  chunk: EntityChunk,
  { block, figures }: Extract<ChunkOutcome, { readonly kind: "done" }>,
  ms: number,
): void {
  const entities = chunk.keys.length;
  sums.doneEntities += entities;
  const tables = [chunk.table, ...Object.values(chunk.sideTables)];
  const sentBytes = tables.reduce((sum, table) => sum + tableBytes(table), block.byteLength);
  sums.sentBytes += sentBytes;
  sums.columnBytes += figures.columnBytes ?? sentBytes;
  sums.durationMs += figures.durationMs;
  // Less CPU time than was wanted is no waiting: others had the core.
  sums.cpuMs += figures.cpuMs;
  sums.busyMs += Math.max(figures.cpuMs, figures.activeMs ?? 0);
  sums.heavyMs += figures.heavyMs ?? 0;
  sums.heavyCalls += figures.heavyCalls ?? 0;
  sums.undeclaredMs += figures.undeclaredMs ?? 0;
  sums.memoryPeakBytes = Math.max(sums.memoryPeakBytes, figures.memoryPeakBytes);
  sums.cacheHits += figures.cacheHits;
  sums.cacheLookUps += figures.cacheLookUps;
  if (entities > 0) sums.times.push({ entities, ms, cpuMs: figures.cpuMs });
}

/**
 * Reading and telling, for each row. Rows are read in blocks of thousands: where several were read, that is what reading takes;
 * where it was one, most of its time was opening the file, which is over.
 */
function rowMsOf({ rowMs, firstRowMs, entities, firstEntities }: Sums, rowsRead: number): number {
  if (rowsRead > settledTogether || entities <= firstEntities) return rowMs / Math.max(1, rowsRead, entities);
  return (rowMs - firstRowMs) / (entities - firstEntities);
}

/** A cell is a number, or a reference with what it points at. */
const cellBytes = 16;

function tableBytes({ rows, columns }: Table): number {
  return rows * columns.length * cellBytes;
}

function measureOf(sums: Sums, request: SampleRequest, wallMs: number): SampleMeasure {
  const { entities, chunks } = sums;
  const share = (part: number, of: number): number => (of > 0 ? Math.min(1, Math.max(0, part / of)) : 0);
  // Nothing measured is taken for work that computes.
  const saturation = sums.durationMs > 0 && sums.busyMs > 0 ? sums.busyMs / sums.durationMs : 1;
  const isComputing = saturation >= computingShare && sums.times.every(({ cpuMs = 0 }) => cpuMs > 0);
  const isOnCores = isComputing && sums.cpuMs >= cpuShareMin * sums.durationMs;
  return {
    entities,
    chunks,
    wallMs,
    ...(sums.openingMs > 0 ? { openingMs: sums.openingMs } : {}),
    ...fitTimes(
      isOnCores ? sums.times : sums.times.map(({ entities: size, ms }) => ({ entities: size, ms })),
    ),
    saturation,
    ...(isComputing && sums.cpuMs > 0 ? { cpuShare: sums.cpuMs / sums.durationMs } : {}),
    heavyShare: share(sums.heavyMs, sums.durationMs),
    ...(sums.undeclaredMs > 0 ? { undeclaredShare: share(sums.undeclaredMs, sums.heavyMs) } : {}),
    callsAtOnce: sums.heavyCalls / Math.max(1, sums.doneEntities),
    rowMs: rowMsOf(sums, request.rowsRead?.() ?? 0) + sums.settleMs / Math.max(settledTogether, entities),
    bytesPerEntity: sums.columnBytes / Math.max(1, sums.doneEntities),
    sentBytesPerEntity: sums.sentBytes / Math.max(1, sums.doneEntities),
    memoryPeakBytes: sums.memoryPeakBytes,
    cacheHitShare: share(sums.cacheHits, sums.cacheLookUps),
    unchangedShare: share(request.unchangedShare?.() ?? 0, 1),
  };
}
