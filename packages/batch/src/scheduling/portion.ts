/**
 * A portion: entities that are computed together, in the same attempt, with what the scheduler and the ledger need of them. As
 * long as it waits it is rows; it becomes a chunk when it is enqueued.
 *
 * Names: see `ChunkId`. Every entity is in one portion at a time.
 */
import type { ChunkId, EntityChunk } from "../entity.ts";
import type { AttemptsHad } from "../ledger.ts";
import type { EntityRows } from "./entity-rows.ts";

export interface Portion {
  readonly id: ChunkId;
  /** Of the chunk of the source that its entities are from. */
  readonly number: number;
  readonly attempt: number;
  /** Attempts that its entity had had when it was reopened; absent: none. */
  readonly attemptsBefore?: number;
  readonly rows: EntityRows;
  /** The least of its entities; lower first. 0 where all are alike. */
  readonly priority: number;
}

/** A whole chunk as it is formed from the source. */
export function wholePortion(number: number, rows: EntityRows): Portion {
  return portionOf(`c${number}-a1`, number, 1, rows);
}

/** What is left of a chunk of the source, or a part of one. */
export function partPortion(number: number, attempt: number, rows: EntityRows): Portion {
  const [first, last] = endsOf(rows);
  return rows.keys.length === 1
    ? portionOf(`e${first}-a${attempt}`, number, attempt, rows)
    : portionOf(`c${number}-${first}-${last}-a${attempt}`, number, attempt, rows);
}

/** The next attempt of an entity that has had some. */
export function nextPortion(number: number, { all, before }: AttemptsHad, rows: EntityRows): Portion {
  return { ...partPortion(number, all + 1, rows), attemptsBefore: before };
}

/** Entities of the sample. */
export function samplePortion(rows: EntityRows): Portion {
  const [first, last] = endsOf(rows);
  return portionOf(`s${first}-${last}-a1`, -1, 1, rows);
}

/** Whether its entities were taken for the sample. */
export function isSample({ number }: Portion): boolean {
  return number < 0;
}

/** What a runner is given. */
export function chunkOf(portion: Portion, sideTables: EntityChunk["sideTables"]): EntityChunk {
  const { id, attempt, rows } = portion;
  return { id, attempt, table: rows.table, keys: rows.keys, positions: rows.positions, sideTables };
}

/** In the order of priorities, then of the source. */
export function isBefore(a: Portion, b: Portion): boolean {
  if (a.priority !== b.priority) return a.priority < b.priority;
  if (a.number !== b.number) return a.number < b.number;
  return (a.rows.positions[0] as number) < (b.rows.positions[0] as number);
}

function portionOf(id: string, number: number, attempt: number, rows: EntityRows): Portion {
  let priority = Number.POSITIVE_INFINITY;
  for (const each of rows.priorities ?? [0]) if (each < priority) priority = each;
  return { id: id as ChunkId, number, attempt, rows, priority };
}

function endsOf({ positions }: EntityRows): readonly [number, number] {
  return [positions[0] ?? 0, positions.at(-1) ?? 0];
}
