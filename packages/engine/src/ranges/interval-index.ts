/**
 * An index of intervals: which of them meet from ≤ p < to, without looking at the others.
 *
 *   entries  sorted by their start                    [0,4) [0,9) [2,3) | [5,6) [5,8) [7,9) | …     blocks of 16
 *   tree     the greatest end of each block, and       9                  9
 *            of both halves above, as a heap                    9 …
 *
 * Intervals that meet the run are those of the entries that start before its end (a prefix, by bisection) whose end lies
 * behind its start: the tree is descended where an end is great enough.
 *
 * Cost: made in O(n log n), or O(n) from a list in order; a search O(log n + hits), each hit within a block of 16.
 */

const blockShift = 4;
const blockEntries = 1 << blockShift;

export class IntervalIndex {
  /** What each entry stands for. */
  readonly nodes: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** The heap: the root is 1, the blocks begin at `leaves`. */
  private readonly ends: Int32Array;
  private readonly leaves: number;
  /** Whether all entries start where the first does. */
  private readonly isOneStart: boolean;

  constructor(nodes: Int32Array, from: Int32Array, to: Int32Array) {
    const order = sortedOrder(from, to);
    this.nodes = order === null ? nodes : picked(nodes, order);
    this.from = order === null ? from : picked(from, order);
    this.to = order === null ? to : picked(to, order);
    const count = nodes.length;
    const blocks = Math.max(1, Math.ceil(count / blockEntries));
    this.leaves = 1;
    while (this.leaves < blocks) this.leaves *= 2;
    this.ends = new Int32Array(2 * this.leaves).fill(-(2 ** 31));
    this.fillEnds(count);
    this.isOneStart = count > 0 && this.from[0] === this.from[count - 1];
  }

  get length(): number {
    return this.nodes.length;
  }

  /**
   * Writes the entries that meet from ≤ p < to to `found` from `at` on, ascending, and gives the end of what was written.
   * There is room for all of them.
   */
  search(from: number, to: number, found: Int32Array, at: number): number {
    if (from >= to) return at;
    const prefix = this.startingBefore(to);
    if (prefix === 0) return at;
    // Of a common start the ends ascend: the entries that meet the run are the last ones.
    if (this.isOneStart) return this.takeFrom(from, found, at);
    return this.descend(from, prefix, found, at);
  }

  private takeFrom(from: number, found: Int32Array, at: number): number {
    const { to } = this;
    let low = 0;
    let high = to.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((to[middle] as number) > from) high = middle;
      else low = middle + 1;
    }
    let end = at;
    // An empty interval meets nothing.
    const start = this.from[0] as number;
    for (let entry = low; entry < to.length; entry++) if ((to[entry] as number) > start) found[end++] = entry;
    return end;
  }

  private descend(from: number, prefix: number, found: Int32Array, at: number): number {
    const { ends, leaves } = this;
    const lastBlock = (prefix - 1) >> blockShift;
    let end = at;
    let place = 1;
    // Depth first, left before right: up from a left place means going on to the right one.
    for (;;) {
      const isGreat = (ends[place] as number) > from && firstBlockUnder(place, leaves) <= lastBlock;
      if (isGreat && place < leaves) {
        place *= 2;
        continue;
      }
      if (isGreat) end = this.scan(place - leaves, from, prefix, found, end);
      while ((place & 1) === 1) place >>= 1;
      if (place === 0) return end;
      place++;
    }
  }

  private scan(block: number, from: number, prefix: number, found: Int32Array, at: number): number {
    let end = at;
    const last = Math.min(prefix, (block + 1) << blockShift);
    for (let entry = block << blockShift; entry < last; entry++) {
      const to = this.to[entry] as number;
      if (to > from && to > (this.from[entry] as number)) found[end++] = entry;
    }
    return end;
  }

  /** How many entries start before `to`. */
  private startingBefore(to: number): number {
    const { from } = this;
    let low = 0;
    let high = from.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((from[middle] as number) < to) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private fillEnds(count: number): void {
    const { ends, leaves, to } = this;
    for (let entry = 0; entry < count; entry++) {
      const place = leaves + (entry >> blockShift);
      ends[place] = Math.max(ends[place] as number, to[entry] as number);
    }
    for (let place = leaves - 1; place > 0; place--) {
      ends[place] = Math.max(ends[2 * place] as number, ends[2 * place + 1] as number);
    }
  }
}

function firstBlockUnder(place: number, leaves: number): number {
  const depth = 31 - Math.clz32(place);
  const height = 31 - Math.clz32(leaves) - depth;
  return (place << height) - leaves;
}

/** Indexes in the order of start, then end; `null` if they stand in that order. */
function sortedOrder(from: Int32Array, to: Int32Array): Int32Array | null {
  const compare = (a: number, b: number): number =>
    (from[a] as number) - (from[b] as number) || (to[a] as number) - (to[b] as number);
  let isAscending = true;
  let isDescending = true;
  for (let i = 1; i < from.length; i++) {
    const step = compare(i - 1, i);
    if (step > 0) isAscending = false;
    if (step < 0) isDescending = false;
  }
  if (isAscending) return null;
  const order = Int32Array.from({ length: from.length }, (_, i) => i);
  return isDescending ? order.reverse() : order.sort(compare);
}

function picked(values: Int32Array, order: Int32Array): Int32Array {
  const found = new Int32Array(values.length);
  for (let i = 0; i < order.length; i++) found[i] = values[order[i] as number] as number;
  return found;
}
