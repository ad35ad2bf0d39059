/**
 * Names of nodes that have no definition to hold theirs: by pages of 1,024, and by functions for ranges of nodes that were
 * added at once. A name given later wins.
 */
interface NameRange {
  readonly first: number;
  readonly end: number;
  /** The node of index 0. */
  readonly base: number;
  readonly nameAt: (index: number) => string;
}

export class Names {
  private readonly pages: ((string | undefined)[] | undefined)[] = [];
  /** By ascending first node; ranges do not overlap. */
  private readonly ranges: NameRange[] = [];
  /** What to do with what a function for names throws: the node is called by its number then, if this returns. */
  onThrow: (error: unknown) => void = rethrow;

  set(node: number, name: string): void {
    const page = node >> 10;
    while (this.pages.length <= page) this.pages.push(undefined);
    let names = this.pages[page];
    if (names === undefined) {
      names = new Array<string | undefined>(1024).fill(undefined);
      this.pages[page] = names;
    }
    names[node & 1023] = name;
  }

  setRange(first: number, count: number, nameAt: (index: number) => string): void {
    if (count === 0) return;
    const end = first + count;
    const { ranges } = this;
    const range = { first, end, base: first, nameAt };
    const last = ranges.at(-1);
    if (last === undefined || last.end <= first) ranges.push(range);
    else this.insert(range);
  }

  get(node: number): string | undefined {
    const own = this.pages[node >> 10]?.[node & 1023];
    if (own !== undefined) return own === removed ? undefined : own;
    const range = this.rangeOf(node);
    if (range === undefined) return undefined;
    try {
      return range.nameAt(node - range.base);
    } catch (error) {
      this.onThrow(error);
      return undefined;
    }
  }

  delete(node: number): void {
    if (this.rangeOf(node) !== undefined) this.set(node, removed);
    else if (this.pages[node >> 10] !== undefined) this.set(node, undefined as unknown as string);
  }

  /** Forgets what was kept for rows from `rows` on, which are given up. */
  compact(rows: number): void {
    const kept = this.ranges.filter(({ first }) => first < rows);
    this.ranges.length = 0;
    for (const range of kept) this.ranges.push({ ...range, end: Math.min(range.end, rows) });
    const page = rows >> 10;
    this.pages[page]?.fill(undefined, rows & 1023);
    if (this.pages.length > page + 1) this.pages.length = page + 1;
  }

  /** Puts a range in the place of all that lies under it: rows that removed nodes have left. */
  private insert(range: NameRange): void {
    const { ranges } = this;
    const found = ranges.splice(0);
    for (const under of found) {
      if (under.end <= range.first || under.first >= range.end) ranges.push(under);
      else {
        if (under.first < range.first) ranges.push({ ...under, end: range.first });
        if (under.end > range.end) ranges.push({ ...under, first: range.end });
      }
    }
    ranges.push(range);
    ranges.sort((a, b) => a.first - b.first);
    for (let node = range.first; node < range.end; node++) {
      const names = this.pages[node >> 10];
      if (names !== undefined) names[node & 1023] = undefined;
    }
  }

  private rangeOf(node: number): NameRange | undefined {
    const { ranges } = this;
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle] as NameRange).end <= node) low = middle + 1;
      else high = middle;
    }
    const range = ranges[low];
    return range !== undefined && range.first <= node ? range : undefined;
  }
}

/** Stands for the name of a node of a range that was removed; no name of a caller's equals it. */
const removed = "\u0000removed";

function rethrow(error: unknown): never {
  throw error;
}
