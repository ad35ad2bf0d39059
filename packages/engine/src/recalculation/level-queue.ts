/**
 * The queue of nodes to look at, lowest level first.
 *
 *   current  the rest of the level that is being emptied     a stack of nodes, side by side
 *   ahead    all of the level behind it                      another
 *   heads    level 5: –    level 6: 7 → 3    level 9: 4 …    the levels behind these: lists of entries
 *   words    one bit a level whose list is not empty         summary   one bit a word that is not zero
 *
 * Invariants: a node is at most once in the queue (the caller's `queued` flag); the bit of a level is set exactly
 * when its list is not empty; while `current` or `ahead` hold something, every list stands for a higher level. Entries
 * are used again at once, so few of them are touched, whatever the ids of the nodes.
 *
 * Pushing is O(1), mostly one word behind the last of `ahead`. Popping takes a whole level at a time: the one ahead,
 * or else the lowest set bit: O(1) when levels lie close, levels / 1,024 at worst (1,000 steps for a graph of 1,000,000
 * levels). Within a level the order is last in, first out; nothing may depend on it.
 */
import { grownInt32 } from "../structure/growth.ts";

const entryWords = 2;
const stackMin = 64;
const levelsKept = 1024;
/** After so many recalculations that needed less than a quarter of a table, the rest is given back. */
const quietMax = 64;

export class LevelQueue {
  // Read, and written with care, by the loops that put and take many nodes at once: push.ts, plain-batch.ts.
  current: Int32Array = new Int32Array(stackMin);
  currentCount = 0;
  currentLevel = -1;
  ahead: Int32Array = new Int32Array(stackMin);
  aheadCount = 0;
  /** Once `current`, or to become it: see `useSpare`. */
  private spare: Int32Array = new Int32Array(0);
  /** Pairs of a node and the next entry; 0 ends a list, so entry 0 stands for nothing. */
  private entries: Int32Array = new Int32Array(stackMin * entryWords);
  private free = 0;
  private used = 1;
  private quiet = 0;
  /** The most that `current` and `ahead` held since the queue was last empty between recalculations. */
  private most = 0;
  private heads: Int32Array = new Int32Array(0);
  private words: Int32Array = new Int32Array(0);
  private summary: Int32Array = new Int32Array(0);
  /** No word of the summary before this one is set. */
  private summaryFrom = 0;
  size = 0;
  /** The queue that the last node was popped from: its `current` holds those of the same level. */
  get source(): LevelQueue {
    return this;
  }

  /** 1 for nodes that a fan must not be pushed with, if there are any. */
  get apart(): Uint8Array | null {
    return null;
  }

  /** Where the dependents of one node may be written at once, `null`: nowhere; told of by `noteFan` afterwards. */
  fanTarget(): LevelQueue | null {
    return this;
  }

  noteFan(): void {
    // What was written here is counted already.
  }

  push(node: number, level: number): void {
    // Nothing is held, so any level may be the one ahead: one edit of an input with many dependents goes this way.
    if (this.size === 0) this.currentLevel = level - 1;
    if (level === this.currentLevel + 1 && level !== 0) {
      const at = this.aheadCount++;
      if (at >= this.ahead.length) this.ahead = grownInt32(this.ahead, at + 1);
      this.ahead[at] = node;
    } else this.pushApart(node, level);
    this.size++;
  }

  /** The next node, or −1. */
  pop(): number {
    return this.enterNext() ? this.take() : -1;
  }

  /** The next node of `current`, which holds one. */
  take(): number {
    this.size--;
    return this.current[--this.currentCount] as number;
  }

  /** Makes sure that `current` holds something; false: the queue is empty. */
  enterNext(): boolean {
    if (this.currentCount > 0) return true;
    if (this.size === 0) return false;
    if (this.aheadCount > 0) this.enterAhead();
    else this.enterLowest();
    return true;
  }

  /** Takes `count` nodes off the top of `current`. */
  drop(count: number): void {
    this.currentCount -= count;
    this.size -= count;
  }

  /** A table of at least `count` words, to be written with the nodes of `current` in another order. */
  spareFor(count: number): Int32Array {
    if (this.spare.length < count) this.spare = new Int32Array(this.current.length);
    return this.spare;
  }

  /** From now on `current` is what was written. */
  useSpare(): void {
    const { spare } = this;
    this.spare = this.current;
    this.current = spare;
  }

  /** Room for `count` more nodes in `ahead`, to be written from `aheadCount` on; `level`: that of the first of them. */
  reserveAhead(count: number, level: number): void {
    if (this.size === 0) this.currentLevel = level - 1;
    if (this.aheadCount + count > this.ahead.length)
      this.ahead = grownInt32(this.ahead, this.aheadCount + count);
  }

  /** So many are in `ahead` now. */
  takeAhead(count: number): void {
    this.size += count - this.aheadCount;
    this.aheadCount = count;
  }

  /** Between recalculations: entries begin anew, and what only uncommonly long queues needed is given back. */
  shrink(): void {
    if (this.size > 0) return;
    this.free = 0;
    this.currentLevel = -1;
    const needed = Math.max(this.most, this.used, stackMin / 4);
    const held = Math.max(
      this.current.length,
      this.ahead.length,
      this.spare.length,
      this.entries.length / entryWords,
    );
    if (needed * 4 >= held) this.quiet = 0;
    else if (++this.quiet > quietMax) {
      this.quiet = 0;
      const kept = Math.max(stackMin, needed * 2);
      if (this.current.length > kept) this.current = new Int32Array(kept);
      if (this.spare.length > kept) this.spare = new Int32Array(0);
      if (this.ahead.length > kept) this.ahead = new Int32Array(kept);
      if (this.entries.length > kept * entryWords) this.entries = new Int32Array(kept * entryWords);
    }
    this.used = 1;
    this.most = 0;
  }

  /** Gives tables back that are for more levels than there are nodes; when the queue is empty. */
  forgetLevels(nodes: number): void {
    if (this.size > 0 || this.heads.length <= Math.max(levelsKept, nodes * 2)) return;
    this.heads = new Int32Array(0);
    this.words = new Int32Array(0);
    this.summary = new Int32Array(0);
    this.summaryFrom = 0;
    this.currentLevel = -1;
  }

  private pushApart(node: number, level: number): void {
    if (level <= this.currentLevel) this.putBack();
    let entry = this.free;
    if (entry !== 0) this.free = this.entries[entry * entryWords + 1] as number;
    else {
      entry = this.used++;
      if (this.used * entryWords > this.entries.length)
        this.entries = grownInt32(this.entries, this.used * entryWords);
    }
    if (level >= this.heads.length) this.ensureLevels(level + 1);
    const head = this.heads[level] as number;
    this.entries[entry * entryWords] = node;
    this.entries[entry * entryWords + 1] = head;
    this.heads[level] = entry;
    if (head === 0) this.setBit(level);
  }

  /** The level ahead is the one to empty now. */
  private enterAhead(): void {
    const { current } = this;
    this.current = this.ahead;
    this.currentCount = this.aheadCount;
    this.ahead = current;
    this.enter(this.currentLevel + 1);
  }

  /** So is the lowest level that has a list. */
  private enterLowest(): void {
    let block = this.summaryFrom;
    let blockBits = this.summary[block] as number;
    while (blockBits === 0) blockBits = this.summary[++block] as number;
    this.summaryFrom = block;
    const word = (block << 5) | lowestBit(blockBits);
    const level = (word << 5) | lowestBit(this.words[word] as number);
    this.currentLevel = level - 1;
    this.aheadCount = 0;
    this.unlist(level);
    this.enterAhead();
  }

  /** From now on `level` is being emptied, and the one behind it is ahead. */
  private enter(level: number): void {
    if (this.currentCount > this.most) this.most = this.currentCount;
    this.currentLevel = level;
    this.aheadCount = 0;
    if (level + 1 < this.heads.length && this.heads[level + 1] !== 0) this.unlist(level + 1);
  }

  /** Moves the list of a level to `ahead`. */
  private unlist(level: number): void {
    for (let entry = this.detach(level); entry !== 0; ) {
      const at = this.aheadCount++;
      if (at >= this.ahead.length) this.ahead = grownInt32(this.ahead, at + 1);
      this.ahead[at] = this.entries[entry * entryWords] as number;
      const next = this.entries[entry * entryWords + 1] as number;
      this.entries[entry * entryWords + 1] = this.free;
      this.free = entry;
      entry = next;
    }
  }

  private detach(level: number): number {
    const head = this.heads[level] as number;
    this.heads[level] = 0;
    const word = level >> 5;
    const left = (this.words[word] as number) & ~(1 << (level & 31));
    this.words[word] = left;
    if (left === 0) {
      const block = level >> 10;
      this.summary[block] = (this.summary[block] as number) & ~(1 << (word & 31));
    }
    return head;
  }

  private setBit(level: number): void {
    const word = level >> 5;
    const block = level >> 10;
    this.words[word] = (this.words[word] as number) | (1 << (level & 31));
    this.summary[block] = (this.summary[block] as number) | (1 << (word & 31));
    if (block < this.summaryFrom) this.summaryFrom = block;
  }

  /** Something no higher is pushed than what is being emptied: both levels that are held wait with the others again. */
  private putBack(): void {
    const { current, currentCount, ahead, aheadCount, currentLevel } = this;
    this.currentCount = 0;
    this.aheadCount = 0;
    this.currentLevel = -1;
    for (let i = 0; i < currentCount; i++) this.pushApart(current[i] as number, currentLevel);
    for (let i = 0; i < aheadCount; i++) this.pushApart(ahead[i] as number, currentLevel + 1);
  }

  private ensureLevels(levels: number): void {
    this.heads = grownInt32(this.heads, levels);
    this.words = grownInt32(this.words, (this.heads.length >> 5) + 1);
    this.summary = grownInt32(this.summary, (this.words.length >> 5) + 1);
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
