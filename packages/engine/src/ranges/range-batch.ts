/**
 * Range nodes that an edit has reached, kept back for a moment and computed together: they read one settled node each, so
 * they need no turn in the queue.
 *
 *   1. Marking finds them in the index of the node that changed, and notes its entries here: `take`. That is done only in
 *      the base, while nobody traces and the engine does not yield; nodes that wait for something else are queued as usual.
 *   2. Before the next node is taken off the queue all of them are computed, entry by entry, from the row's partial sums
 *      (range-step.ts).
 *
 * A node that is kept back is dirty and not queued. What a mishap leaves behind is computed when it is read.
 */
import { grownInt32 } from "../structure/growth.ts";
import type { IntervalIndex } from "./interval-index.ts";

/** Some entries of one index: `entries[first]` … `entries[end − 1]` of the batch. */
export interface RangeGroup {
  readonly of: number;
  readonly row: number;
  readonly index: IntervalIndex;
  readonly first: number;
  readonly end: number;
}

/** Longer lists are given back after use. */
const keptEntriesMax = 1 << 20;

export class RangeBatch {
  readonly groups: RangeGroup[] = [];
  entries: Int32Array = new Int32Array(16);
  length = 0;
  /** Sums beside the entries. */
  values: Float64Array = new Float64Array(16);

  /** Writes the entries of the index that meet from ≤ p < to behind the present ones; the end of what was written. */
  search(index: IntervalIndex, from: number, to: number): number {
    this.entries = grownInt32(this.entries, this.length + index.length);
    return index.search(from, to, this.entries, this.length);
  }

  clear(): void {
    // Asked first: setting the length of an array leaves compiled code, which costs more than a whole small edit.
    if (this.groups.length > 0) this.groups.length = 0;
    this.length = 0;
    if (this.entries.length > keptEntriesMax) this.entries = new Int32Array(16);
    if (this.values.length > keptEntriesMax) this.values = new Float64Array(16);
  }
}
