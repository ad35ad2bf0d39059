/**
 * Rows that removed nodes have left, to be used again: one at a time, or many side by side.
 *
 *   stack   [ 9, 4, 7 ]       taken one at a time, the one freed last first
 *   hole    from … to         consecutive rows, taken from its start by tables of nodes
 *
 * A hole is looked for only where most rows are free, and as many were freed since the last search as a quarter of all:
 * so the sorting costs a constant share for each freed row.
 */

/** Fewer free rows than this are let be. */
const freeRowsMin = 1024;

export class FreeRows {
  private stack: number[] = [];
  private from = 0;
  private to = 0;
  private freedSince = 0;

  get count(): number {
    return this.stack.length + this.to - this.from;
  }

  /** Whether most of `rows` rows are free, and they are worth the trouble. */
  areMost(rows: number): boolean {
    return this.count >= freeRowsMin && this.count * 2 >= rows;
  }

  push(row: number): void {
    this.stack.push(row);
    this.freedSince++;
  }

  pop(): number | undefined {
    return this.stack.pop() ?? (this.from < this.to ? this.from++ : undefined);
  }

  /** The first of `count` consecutive free rows, or −1: none are known. */
  take(count: number, rows: number): number {
    if (count === 0) return -1;
    if (this.to - this.from < count && !(this.isWorthASearch(rows) && this.search(count))) return -1;
    const first = this.from;
    this.from += count;
    return first;
  }

  /** Takes the rows freed last off, as far as they are the last of `rows`; how many rows are left. */
  giveBackLast(rows: number): number {
    const { stack } = this;
    let left = rows;
    while (stack.length > 0 && stack.at(-1) === left - 1) {
      stack.pop();
      left--;
    }
    return left;
  }

  /** Forgets all but those below `rows`. */
  keepBelow(rows: number): void {
    this.fillHole();
    this.stack = this.stack.filter((row) => row < rows);
  }

  private isWorthASearch(rows: number): boolean {
    return this.areMost(rows) && this.freedSince * 4 >= rows;
  }

  private fillHole(): void {
    for (let row = this.to - 1; row >= this.from; row--) this.stack.push(row);
    this.to = this.from;
  }

  /** Makes the longest run of free rows the hole; false where it is too short. */
  private search(count: number): boolean {
    this.freedSince = 0;
    this.fillHole();
    const sorted = Int32Array.from(this.stack).sort();
    let start = 0;
    let from = 0;
    let to = 0;
    for (let i = 1; i <= sorted.length; i++) {
      if (i < sorted.length && sorted[i] === (sorted[i - 1] as number) + 1) continue;
      if (i - start > to - from) {
        from = sorted[start] as number;
        to = from + i - start;
      }
      start = i;
    }
    if (to - from < count) return false;
    this.stack = this.stack.filter((row) => row < from || row >= to);
    this.from = from;
    this.to = to;
    return true;
  }
}
