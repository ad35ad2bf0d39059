/**
 * The queue of nodes to look at, lowest level first.
 *
 *   heads   level 0: –    level 1: 7 → 3    level 2: –    level 3: 9 …      lists of entries
 *   words   one bit a level that is not empty      summary   one bit a word that is not zero
 *   current the rest of the level that is being emptied      ahead   all of the level behind it
 *
 * Invariants: a node is at most once in the queue (the caller's `queued` flag); the bit of a level is set exactly
 * when its list is not empty; while `current` or `ahead` hold something, every list stands for a higher level. Entries
 * are used again at once, so few of them are touched, whatever the ids of the nodes.
 *
 * Pushing is O(1). Popping takes a whole level at a time: the one ahead, into which most pushes go, or else the lowest
 * set bit: O(1) when levels lie close, levels / 1,024 at worst (1,000 steps for a graph of 1,000,000 levels). Within a
 * level the order is last in, first out; nothing may depend on it.
 */
import { grownInt32 } from "../structure/growth.ts";

const entryWords = 2;
const entriesMin = 64;
const levelsKept = 1024;
/** After so many recalculations that needed less than a quarter of the entries, the rest is given back. */
const quietMax = 64;

export class LevelQueue {
  /** Pairs of a node and the next entry; 0 ends a list, so entry 0 stands for nothing. */
  private entries: Int32Array = new Int32Array(entriesMin * entryWords);
  private free = 0;
  private used = 1;
  private current = 0;
  private currentLevel = -1;
  private ahead = 0;
  private quiet = 0;
  private heads: Int32Array = new Int32Array(0);
  private words: Int32Array = new Int32Array(0);
  private summary: Int32Array = new Int32Array(0);
  /** No word of the summary before this one is set. */
  private summaryFrom = 0;
  size = 0;

  push(node: number, level: number): void {
    if (level <= this.currentLevel) this.putBack();
    let entry = this.free;
    if (entry !== 0) this.free = this.entries[entry * entryWords + 1] as number;
    else {
      entry = this.used++;
      if (this.used * entryWords > this.entries.length) this.growEntries();
    }
    this.entries[entry * entryWords] = node;
    this.size++;
    if (level === this.currentLevel + 1 && level !== 0) {
      this.entries[entry * entryWords + 1] = this.ahead;
      this.ahead = entry;
      return;
    }
    if (level >= this.heads.length) this.ensureLevels(level + 1);
    const head = this.heads[level] as number;
    this.entries[entry * entryWords + 1] = head;
    this.heads[level] = entry;
    if (head === 0) this.setBit(level);
  }

  /** The next node, or −1. */
  pop(): number {
    let entry = this.current;
    if (entry === 0) {
      if (this.size === 0) return -1;
      entry = this.ahead;
      if (entry !== 0) this.enter(this.currentLevel + 1);
      else entry = this.takeLowest();
    }
    const node = this.entries[entry * entryWords] as number;
    this.current = this.entries[entry * entryWords + 1] as number;
    this.entries[entry * entryWords + 1] = this.free;
    this.free = entry;
    this.size--;
    return node;
  }

  /** Between recalculations: entries begin anew, and what only uncommonly long queues needed is given back. */
  shrink(): void {
    if (this.size > 0) return;
    if (this.used * entryWords * 4 >= this.entries.length || this.entries.length <= entriesMin * entryWords) {
      this.quiet = 0;
    } else if (++this.quiet > quietMax) {
      this.quiet = 0;
      this.entries = new Int32Array(Math.max(entriesMin, this.used * 2) * entryWords);
    }
    this.free = 0;
    this.used = 1;
    this.currentLevel = -1;
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

  /** The list of the lowest level that is not empty, which is empty afterwards. */
  private takeLowest(): number {
    let block = this.summaryFrom;
    let blockBits = this.summary[block] as number;
    while (blockBits === 0) blockBits = this.summary[++block] as number;
    this.summaryFrom = block;
    const word = (block << 5) | lowestBit(blockBits);
    const level = (word << 5) | lowestBit(this.words[word] as number);
    const head = this.detach(level);
    this.enter(level);
    return head;
  }

  /** From now on `level` is being emptied, and the one behind it is ahead. */
  private enter(level: number): void {
    this.currentLevel = level;
    this.ahead = level + 1 < this.heads.length && this.heads[level + 1] !== 0 ? this.detach(level + 1) : 0;
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

  /** Something no higher is pushed than what is being emptied: both lists that are held wait with the others again. */
  private putBack(): void {
    const { current, ahead, currentLevel } = this;
    this.current = 0;
    this.ahead = 0;
    this.currentLevel = -1;
    if (current !== 0) this.prepend(current, currentLevel);
    if (ahead !== 0) this.prepend(ahead, currentLevel + 1);
  }

  private prepend(list: number, level: number): void {
    if (level >= this.heads.length) this.ensureLevels(level + 1);
    let last = list;
    for (let next = last; next !== 0; next = this.entries[next * entryWords + 1] as number) last = next;
    const head = this.heads[level] as number;
    this.entries[last * entryWords + 1] = head;
    this.heads[level] = list;
    if (head === 0) this.setBit(level);
  }

  private growEntries(): void {
    this.entries = grownInt32(this.entries, this.used * entryWords);
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
