/** Rows of a result block, as another block. */
import { Column, isErrorValue } from "@reckon/value";
import { decodeBlock, encodeBlock } from "../evaluation/result-block.ts";

/** A block with these rows of another, a row as often as it is named; `undefined` where the bytes are no block or lack a row. */
export function pickedBlock(bytes: Uint8Array, rows: readonly number[]): Uint8Array | undefined {
  const block = decodeBlock(bytes);
  if (block === undefined || rows.some((row) => row >= block.entities)) return undefined;
  const columns = block.attributes.map((_, attribute) => {
    const cells = block.cells(attribute);
    const column = new Column({ outer: rows.length, periods: cells });
    for (const [i, row] of rows.entries())
      for (let cell = 0; cell < cells; cell++) column.set(i * cells + cell, block.get(attribute, row, cell));
    return column;
  });
  return encodeBlock(rows.length, block.attributes, columns);
}

/** Whether an entity of a block has an error among its values. */
export function hasErrorValue(bytes: Uint8Array, row: number): boolean {
  const block = decodeBlock(bytes);
  if (block === undefined) return true;
  return block.attributes.some((_, attribute) => {
    for (let cell = 0; cell < block.cells(attribute); cell++)
      if (isErrorValue(block.get(attribute, row, cell))) return true;
    return false;
  });
}
