/** The nodes that a transaction has added: some alone, others as ranges of consecutive ids. */

export interface AddedRange {
  readonly first: number;
  readonly count: number;
}

export interface AddedNodes {
  readonly alone: readonly number[];
  /** By ascending ids. */
  readonly ranges: readonly AddedRange[];
}

/** All of them by ascending ids. */
export function addedIds({ alone, ranges }: AddedNodes): Int32Array {
  const count = ranges.reduce((sum, range) => sum + range.count, alone.length);
  const ids = new Int32Array(count);
  const sorted = alone.toSorted((a, b) => a - b);
  let length = 0;
  let next = 0;
  for (const { first, count } of ranges) {
    while (next < sorted.length && (sorted[next] as number) < first) ids[length++] = sorted[next++] as number;
    for (let node = first; node < first + count; node++) ids[length++] = node;
  }
  while (next < sorted.length) ids[length++] = sorted[next++] as number;
  return ids;
}
