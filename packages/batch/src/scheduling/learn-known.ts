/** What a resumed run has computed in earlier sessions, for entities that are equal. */
import type { FinishedEntity, LedgerQueries } from "../ledger.ts";
import { rowsWithErrors } from "./block-rows.ts";
import type { KnownEntities } from "./known-entities.ts";

/** Blocks that are looked at together. */
const blocksMax = 64;

/** Puts entities that have ended in, by the values that the ledger has of them. Cost: their blocks are read. */
export async function learnKnown(
  known: KnownEntities,
  query: Pick<LedgerQueries, "blocks">,
  finished: readonly FinishedEntity[],
): Promise<void> {
  for (const { state, deepKey } of finished) if (state === "failed") known.put(deepKey, "own");
  const succeeded = finished.filter(({ state, deepKey }) => state === "succeeded" && !known.has(deepKey));
  const byChunk = [...Map.groupBy(succeeded, ({ chunk }) => chunk)];
  for (let from = 0; from < byChunk.length; from += blocksMax) {
    const some = byChunk.slice(from, from + blocksMax);
    const blocks = await query.blocks(some.map(([chunk]) => chunk));
    for (const [i, [, entities]] of some.entries()) {
      const block = blocks[i];
      const errors = block === undefined ? undefined : rowsWithErrors(block);
      for (const { deepKey, chunk, chunkRow, checksFailed = 0 } of entities)
        known.put(deepKey, errors?.has(chunkRow) === false ? { chunk, chunkRow, checksFailed } : "own");
    }
  }
}
