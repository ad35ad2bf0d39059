/** Chunks out of rows: neighbours of one block, in its order. */
import type { Table } from "@reckon/value";
import type { ChunkId, EntityBlock, EntityChunk } from "../entity.ts";

export interface FormingOptions {
  /** Entities of a full chunk; the last of a block may be shorter. */
  readonly chunkEntities: number;
  /** The number of the first chunk. */
  readonly firstNumber: number;
}

/**
 * The chunks of a block, of their first attempt and without side tables. Same block and options, same chunks. Cost: the cells.
 */
export function formChunks(
  block: EntityBlock,
  { chunkEntities, firstNumber }: FormingOptions,
): EntityChunk[] {
  const chunks: EntityChunk[] = [];
  for (let from = 0; from < block.keys.length; from += chunkEntities) {
    const to = Math.min(from + chunkEntities, block.keys.length);
    chunks.push({
      id: `c${firstNumber + chunks.length}-a1` as ChunkId,
      attempt: 1,
      table: slicedTable(block.table, from, to),
      keys: block.keys.slice(from, to),
      positions: block.positions.slice(from, to),
      sideTables: {},
    });
  }
  return chunks;
}

function slicedTable(table: Table, from: number, to: number): Table {
  if (from === 0 && to === table.rows) return table;
  return {
    source: table.source,
    rows: to - from,
    columns: table.columns.map(({ name, values }) => ({ name, values: values.slice(from, to) })),
    lines: table.lines.slice(from, to),
  };
}
