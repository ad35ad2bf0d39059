/** Rows of a result block, as another block. */
import { isErrorValue } from "@reckon/value";
import { decodeBlock, encodeBlock } from "../evaluation/result-block.ts";

/** A block with these rows of another, a row as often as it is named; `undefined` where the bytes are no block or lack a row. */
export function pickedBlock(bytes: Uint8Array, rows: readonly number[]): Uint8Array | undefined {
  const block = decodeBlock(bytes);
  if (block === undefined || rows.some((row) => row >= block.entities)) return undefined;
  const columns = block.attributes.map((_, attribute) => {
    const cells = block.cells(attribute);
    const { numbers, marks, get } = block.column(attribute);
    // Cell by cell where in the other block it stands.
    const from = Int32Array.from({ length: rows.length * cells }, (_, to) => {
      const row = rows[Math.floor(to / cells)] as number;
      return row * cells + (to % cells);
    });
    return {
      length: from.length,
      numbers: Float64Array.from(from, (cell) => numbers[cell] as number),
      marks: marks === null ? null : Uint32Array.from(from, (cell) => marks[cell] as number),
      get: (to: number) => get(from[to] as number),
    };
  });
  return encodeBlock(rows.length, block.attributes, columns);
}

/** Entities of a block that have an error among their values; `undefined` where the bytes are no block. Cost: its cells. */
export function rowsWithErrors(bytes: Uint8Array): ReadonlySet<number> | undefined {
  const block = decodeBlock(bytes);
  if (block === undefined) return undefined;
  const rows = new Set<number>();
  for (const attribute of block.attributes.keys()) {
    const { length, marks, get } = block.column(attribute);
    const cells = block.cells(attribute);
    for (let cell = 0; marks !== null && cell < length; cell++)
      if (marks[cell] !== 0 && isErrorValue(get(cell))) rows.add(Math.floor(cell / cells));
  }
  return rows;
}
