/**
 * What an outcome means for a portion: which of its entities it tells of. An answer may hold more entities than the portion,
 * or fewer: a conductor that was killed had formed the chunk with some that have ended since, or the other way round.
 */
import type { ChunkFigures, ChunkOutcome, EntityOutcome } from "../entity.ts";
import type { ChunkRecord, EntityState } from "../ledger.ts";
import { pickedBlock } from "./block-rows.ts";
import { pickedRows } from "./entity-rows.ts";
import type { Portion } from "./portion.ts";

export type DoneOutcome = Extract<ChunkOutcome, { readonly kind: "done" }>;

export interface ToldPortion {
  /** Of the entities that the outcome tells of, in the order of its block; absent: of none. */
  readonly told?: { readonly portion: Portion; readonly outcome: DoneOutcome };
  /** Rows of the portion that it does not tell of. */
  readonly untold: readonly number[];
}

/** Brings an outcome and a portion together by the positions that the outcome is for; absent: those of the portion. */
export function toldPortion(
  portion: Portion,
  outcome: DoneOutcome,
  positions: readonly number[] = portion.rows.positions,
): ToldPortion {
  const own = portion.rows.positions;
  const isWhole = outcome.entities.length === positions.length;
  if (isWhole && own.length === positions.length && own.every((position, i) => position === positions[i]))
    return { told: { portion, outcome }, untold: [] };
  const places = new Map(isWhole ? positions.map((position, i) => [position, i]) : []);
  const told: number[] = [];
  const untold: number[] = [];
  for (const [i, position] of own.entries()) (places.has(position) ? told : untold).push(i);
  const rows = told.map((i) => places.get(own[i] as number) as number);
  const block = pickedBlock(outcome.block, rows);
  if (told.length === 0 || block === undefined) return { untold: own.map((_, i) => i) };
  const entities = rows.map((row) => outcome.entities[row] as EntityOutcome);
  return {
    told: {
      portion: { ...portion, rows: pickedRows(portion.rows, told) },
      outcome: { ...outcome, entities, block },
    },
    untold,
  };
}

/** A record of entities that have ended, or whose attempt has. */
export function recordOf(
  { id, attempt, rows }: Portion,
  outcomes: readonly EntityOutcome[],
  ended: readonly (EntityState | undefined)[],
  how: { readonly figures: ChunkFigures; readonly waitMs: number; readonly block?: Uint8Array },
): ChunkRecord {
  const { figures, waitMs, block } = how;
  return {
    chunk: id,
    attempt,
    keys: rows.keys,
    positions: rows.positions,
    lines: rows.table.lines,
    deepKeys: rows.deepKeys,
    ended,
    outcomes,
    ...(block !== undefined && ended.includes("succeeded") ? { block } : {}),
    figures,
    waitMs,
  };
}

/** A record of no entity: what was spent on a chunk that came to nothing, whose entities are computed again. */
export function spentRecord({ id, attempt }: Portion, figures: ChunkFigures): ChunkRecord {
  return {
    chunk: id,
    attempt,
    keys: [],
    positions: [],
    deepKeys: [],
    ended: [],
    outcomes: [],
    figures,
    waitMs: 0,
  };
}
