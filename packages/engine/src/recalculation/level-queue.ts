/**
 * The queue of nodes to look at, lowest level first.
 *
 *   heads   level 0: –    level 1: 7 → 3    level 2: –    level 3: 9 …      lists of entries
 *   words   one bit a level that is not empty      summary   one bit a word that is not zero
 *   current the rest of the level that is being emptied
 *
 * Invariants: a node is at most once in the queue (the caller's `queued` flag); the bit of a level is set exactly
 * when its list is not empty. Entries are used again at once, so few of them are touched, whatever the ids of the nodes.
 *
 * Pushing is O(1). Popping takes a whole level at a time, for which it looks for the lowest set bit: O(1) when levels
 * lie close, levels / 1,024 at worst (1,000 steps for a graph of 1,000,000 levels). Within a level the order is last
 * in, first out; nothing may depend on it.
 */
import { grownInt32 } from "../structure/growth.ts";

const entryWords = 2;
/** After a recalculation that queued more, the entries are given back. */
const entriesKept = 1 << 16;

export class LevelQueue {
  /** Pairs of a node and the next entry; 0 ends a list, so entry 0 stands for nothing. */
  private entries: Int32Array = new Int32Array(64 * entryWords);
  private free = 0;
  private used = 1;
  private current = 0;
  private currentLevel = 0;
  private heads: Int32Array = new Int32Array(0);
  private words: Int32Array = new Int32Array(0);
  private summary: Int32Array = new Int32Array(0);
  /** No word of the summary before this one is set. */
  private summaryFrom = 0;
  size = 0;

  push(node: number, level: number): void {
    if (level >= this.heads.length) this.ensureLevels(level + 1);
    if (this.current !== 0 && level < this.currentLevel) this.putBack();
    let entry = this.free;
    if (entry !== 0) this.free = this.entries[entry * entryWords + 1] as number;
    else {
      entry = this.used++;
      if (this.used * entryWords > this.entries.length) this.growEntries();
    }
    const head = this.heads[level] as number;
    this.entries[entry * entryWords] = node;
    this.entries[entry * entryWords + 1] = head;
    this.heads[level] = entry;
    this.size++;
    if (head === 0) this.setBit(level);
  }

  /** The next node, or −1. */
  pop(): number {
    let entry = this.current;
    if (entry === 0) {
      if (this.size === 0) return -1;
      entry = this.takeLowest();
    }
    const node = this.entries[entry * entryWords] as number;
    this.current = this.entries[entry * entryWords + 1] as number;
    this.entries[entry * entryWords + 1] = this.free;
    this.free = entry;
    this.size--;
    return node;
  }

  /** Gives back what only an uncommonly long queue needed; when the queue is empty. */
  shrink(): void {
    if (this.size > 0 || this.entries.length <= entriesKept * entryWords) return;
    this.entries = new Int32Array(64 * entryWords);
    this.free = 0;
    this.used = 1;
  }

  /** The list of the lowest level that is not empty, which is empty afterwards. */
  private takeLowest(): number {
    let block = this.summaryFrom;
    let blockBits = this.summary[block] as number;
    while (blockBits === 0) blockBits = this.summary[++block] as number;
    this.summaryFrom = block;
    const word = (block << 5) | lowestBit(blockBits);
    const wordBits = this.words[word] as number;
    const level = (word << 5) | lowestBit(wordBits);
    const left = wordBits & (wordBits - 1);
    this.words[word] = left;
    if (left === 0) this.summary[block] = blockBits & (blockBits - 1);
    const head = this.heads[level] as number;
    this.heads[level] = 0;
    this.currentLevel = level;
    return head;
  }

  private setBit(level: number): void {
    const word = level >> 5;
    const block = level >> 10;
    this.words[word] = (this.words[word] as number) | (1 << (level & 31));
    this.summary[block] = (this.summary[block] as number) | (1 << (word & 31));
    if (block < this.summaryFrom) this.summaryFrom = block;
  }

  /** Something lower was pushed while a level was being emptied: the rest of the level waits again. */
  private putBack(): void {
    const level = this.currentLevel;
    const head = this.heads[level] as number;
    let last = this.current;
    for (let next = last; next !== 0; next = this.entries[next * entryWords + 1] as number) last = next;
    this.entries[last * entryWords + 1] = head;
    this.heads[level] = this.current;
    this.current = 0;
    this.setBit(level);
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
