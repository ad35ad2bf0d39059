/**
 * Growing typed arrays. A table that is too short is copied into one of at least twice its length, so that filling
 * it one entry at a time stays linear. Fresh entries are 0; tables choose their encodings so that 0 means "none".
 */

const shortestTable = 64;

function grownLength(length: number, needed: number): number {
  return Math.max(shortestTable, needed, length * 2);
}

export function grownInt32(table: Int32Array, needed: number): Int32Array {
  if (table.length >= needed) return table;
  const grown = new Int32Array(grownLength(table.length, needed));
  grown.set(table);
  return grown;
}

export function grownUint8(table: Uint8Array, needed: number): Uint8Array {
  if (table.length >= needed) return table;
  const grown = new Uint8Array(grownLength(table.length, needed));
  grown.set(table);
  return grown;
}

export function grownFloat64(table: Float64Array, needed: number): Float64Array {
  if (table.length >= needed) return table;
  const grown = new Float64Array(grownLength(table.length, needed));
  grown.set(table);
  return grown;
}
