/**
 * How many entities a chunk holds.
 *
 *   1. So many that opening takes at most 5 % of a chunk's time, and that it takes 10 ms (a queue may want more): opening is
 *      measured, and may be thought too small.
 *   2. Where several chunks are computed at once: so many that sending and recording chunks takes as long in all as the last ones make
 *      others wait, which is least together, where that leaves 16 chunks for each of them; and four or more in any case, so that
 *      the end of a run is even. But they keep the least time.
 *   3. No more than 64 MB of columns or 16,384 entities, nor, with a timeout, than take a quarter of that: a chunk that takes longer is lost
 *      with its thread, and all of it computed again.
 *
 * Cost: some divisions.
 */

export interface ChunkWork {
  readonly chunkMs: number;
  readonly entityMs: number;
  readonly bytesPerEntity: number;
}

export interface ChunkSizing {
  readonly entities: number;
  /** Chunks at the same time. */
  readonly lanes: number;
  /** How long a chunk should at least take; absent: 10. */
  readonly chunkMsMin?: number;
  /** No chunk may take longer than this; absent: none is ended. */
  readonly timeoutMs?: number;
}

/** So much of a timeout may a chunk be planned for, or one of the sample be expected to take. */
export const timeoutShare = 0.25;

const openingShareMax = 0.05;
const chunkBytesMax = 64 * 1024 * 1024;
const chunkEntitiesMax = 16_384;
const chunksPerLaneMin = 4;
const evenChunksPerLane = 16;
const chunkMsMinDefault = 10;
/** What a chunk takes of the cores beside its work, there and back. */
const sentMs = 0.5;

/** The size of a full chunk, from 1 on. */
export function chunkSize(work: ChunkWork, sizing: ChunkSizing): number {
  const { chunkMs, entityMs, bytesPerEntity } = work;
  const { entities, lanes, chunkMsMin = chunkMsMinDefault, timeoutMs } = sizing;
  const max = Math.min(
    chunkEntitiesMax,
    Math.floor(chunkBytesMax / Math.max(1, bytesPerEntity)),
    timeoutMs === undefined ? chunkEntitiesMax : atMost(timeoutMs * timeoutShare - chunkMs, entityMs),
  );
  const forOpening = atLeast((chunkMs * (1 - openingShareMax)) / openingShareMax, entityMs);
  const forTime = atLeast(chunkMsMin - chunkMs, entityMs);
  if (lanes <= 1) return within(Math.max(forOpening, forTime), max);
  // n/s chunks of s entities cost sentMs each on the lanes; at the end a lane waits for half a chunk.
  const forSending = Math.min(
    atLeast(Math.sqrt((2 * sentMs * entities * entityMs) / lanes), entityMs),
    Math.floor(entities / (evenChunksPerLane * lanes)),
  );
  const forEnd = Math.floor(entities / (chunksPerLaneMin * lanes));
  return within(Math.max(forTime, Math.min(Math.max(forOpening, forSending), forEnd)), max);
}

/** How many entities take `ms` together. */
function atLeast(ms: number, entityMs: number): number {
  if (ms <= 0) return 1;
  // The sum of a few thousandths must not make one more entity of 10 ms / 10 ms.
  return entityMs > 0 ? Math.ceil(ms / entityMs - 1e-9) : chunkEntitiesMax;
}

/** How many entities take no more than `ms` together; one may. */
function atMost(ms: number, entityMs: number): number {
  return entityMs > 0 ? Math.max(1, Math.floor(ms / entityMs + 1e-9)) : chunkEntitiesMax;
}

function within(size: number, max: number): number {
  return Math.max(1, Math.min(size, max));
}
