/**
 * The queue of nodes to look at, lowest level first.
 *
 *   heads   level 0: –    level 1: 7 → 3    level 2: –    level 3: 9 …
 *   words   one bit a level that is not empty      summary   one bit a word that is not zero
 *
 * Invariants: a node is at most once in the queue (the caller's `queued` flag); the bit of a level is set exactly
 * when its bucket is not empty. Pushing is O(1). Popping looks for the lowest set bit: O(1) when levels lie close,
 * levels / 1,024 at worst (1,000 steps for a graph of 1,000,000 levels). Within a level the order is last in,
 * first out; nothing may depend on it.
 */
import { grownInt32 } from "../structure/growth.ts";

export class LevelQueue {
  private heads: Int32Array = new Int32Array(0);
  private next: Int32Array = new Int32Array(0);
  private words: Int32Array = new Int32Array(0);
  private summary: Int32Array = new Int32Array(0);
  /** No word of the summary before this one is set. */
  private summaryFrom = 0;
  size = 0;

  ensureRows(rows: number): void {
    this.next = grownInt32(this.next, rows);
  }

  push(node: number, level: number): void {
    if (level >= this.heads.length) this.ensureLevels(level + 1);
    const head = this.heads[level] as number;
    this.next[node] = head;
    this.heads[level] = node + 1;
    this.size++;
    if (head !== 0) return;
    const word = level >> 5;
    const block = level >> 10;
    this.words[word] = (this.words[word] as number) | (1 << (level & 31));
    this.summary[block] = (this.summary[block] as number) | (1 << (word & 31));
    if (block < this.summaryFrom) this.summaryFrom = block;
  }

  /** The next node, or −1. */
  pop(): number {
    if (this.size === 0) return -1;
    let block = this.summaryFrom;
    let blockBits = this.summary[block] as number;
    while (blockBits === 0) blockBits = this.summary[++block] as number;
    this.summaryFrom = block;
    const word = (block << 5) | lowestBit(blockBits);
    const wordBits = this.words[word] as number;
    const level = (word << 5) | lowestBit(wordBits);
    const node = (this.heads[level] as number) - 1;
    const rest = this.next[node] as number;
    this.heads[level] = rest;
    this.size--;
    if (rest === 0) {
      const left = wordBits & (wordBits - 1);
      this.words[word] = left;
      if (left === 0) this.summary[block] = blockBits & (blockBits - 1);
    }
    return node;
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
