/**
 * Chunks out of rows. Chunk `n` of a source has the entities with ordinals from n × size to before (n + 1) × size, whatever is
 * left of them: so a resumed run forms the same chunks, only without what has ended (BA60).
 */
import type { EntityBlock, EntityChunk } from "../entity.ts";
import type { AttemptsHad } from "../ledger.ts";
import { type EntityRows, pickedRows, slicedRows } from "./entity-rows.ts";
import { chunkOf, nextPortion, type Portion, partPortion, wholePortion } from "./portion.ts";

export interface FormingOptions {
  /** Entities of a full chunk; the last of a block may be shorter. */
  readonly chunkEntities: number;
  /** The number of the first chunk. */
  readonly firstNumber: number;
}

/**
 * The chunks of a block, in its order, of their first attempt and without side tables. Same block and options, same chunks.
 * Cost: the cells.
 */
export function formChunks(
  block: EntityBlock,
  { chunkEntities, firstNumber }: FormingOptions,
): EntityChunk[] {
  const chunks: EntityChunk[] = [];
  const rows = { ...block, ordinals: [] };
  for (let from = 0; from < block.keys.length; from += chunkEntities) {
    const part = slicedRows(rows, from, Math.min(from + chunkEntities, block.keys.length));
    chunks.push(chunkOf(wholePortion(firstNumber + chunks.length, part), {}));
  }
  return chunks;
}

/** Attempts that an entity has had, by key; absent: none. */
export type PastAttempts = ReadonlyMap<string, AttemptsHad>;

/**
 * The portions of rows that are left, in the order of their ordinals: an entity that was tried before is alone. Cost: the cells.
 */
export function formPortions(rows: EntityRows, chunkEntities: number, past: PastAttempts): Portion[] {
  const portions: Portion[] = [];
  const { ordinals } = rows;
  for (let from = 0; from < ordinals.length; ) {
    const number = Math.floor((ordinals[from] as number) / chunkEntities);
    let to = from + 1;
    while (to < ordinals.length && (ordinals[to] as number) < (number + 1) * chunkEntities) to++;
    const group = slicedRows(rows, from, to);
    if (past.size === 0)
      portions.push(
        to - from === chunkEntities ? wholePortion(number, group) : partPortion(number, 1, group),
      );
    else portions.push(...partsOf(number, group, past));
    from = to;
  }
  return portions;
}

/** What is left of a chunk some of whose entities were tried before. */
function partsOf(number: number, group: EntityRows, past: PastAttempts): Portion[] {
  const fresh: number[] = [];
  const again: Portion[] = [];
  for (const [i, key] of group.keys.entries()) {
    const attempts = past.get(key);
    if (attempts === undefined) fresh.push(i);
    else again.push(nextPortion(number, attempts, slicedRows(group, i, i + 1)));
  }
  return fresh.length === 0 ? again : [partPortion(number, 1, pickedRows(group, fresh)), ...again];
}
