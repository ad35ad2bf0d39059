/**
 * What the scheduler asks of a node, side by side: five words a node, so that looking at a node costs one cache line.
 *
 *   word  0  tag               bits 0–3 kind, 4–15 traits, 16–31 how many precedents (65,535: see `longCounts`)
 *         1  first precedent   index into the pool of edges.ts
 *         2  first dependent   index into the packed rows of edges.ts
 *         3  dependent count   packed ones; chained ones are told by a trait
 *         4  work              index into `Works`: the function, family or definition
 *
 * Apart from these its rank, 2 × level + 1 if it is wide or in a component: all that is asked of a dependent before it is
 * queued, so that pushing to nodes far from each other touches few cache lines.
 *
 * Ids are dense and used again. `words` is replaced when it grows: hot loops take it anew after anything may be added.
 */
import { grownInt32 } from "./growth.ts";

export const rowWords = 5;
export const atFirstPrecedent = 1;
export const atFirstDependent = 2;
export const atDependentCount = 3;
export const atWork = 4;
/** `traitWide` and `traitComponent` of structure.ts. */
const traitsOfOther = 16 | 32;

const kindMask = 0xf;
export const traitShift = 4;
const traitMask = 0xfff;
const countShift = 16;
const longCount = 0xffff;

export class NodeRows {
  words: Int32Array = new Int32Array(0);
  ranks: Int32Array = new Int32Array(0);
  private readonly longCounts: Map<number, number> = new Map();

  /** Rows that there is room for. */
  get capacity(): number {
    return Math.floor(this.words.length / rowWords);
  }

  ensureRows(rows: number): void {
    this.words = grownInt32(this.words, rows * rowWords);
    this.ranks = grownInt32(this.ranks, rows);
  }

  /** Keeps the first rows only. */
  shrink(rows: number): void {
    this.words = this.words.slice(0, rows * rowWords);
    this.ranks = this.ranks.slice(0, rows);
  }

  kindOf(node: number): number {
    return (this.words[node * rowWords] as number) & kindMask;
  }

  setKind(node: number, kind: number): void {
    const at = node * rowWords;
    this.words[at] = ((this.words[at] as number) & ~kindMask) | kind;
  }

  traitsOf(node: number): number {
    return ((this.words[node * rowWords] as number) >>> traitShift) & traitMask;
  }

  setTraits(node: number, traits: number): void {
    const at = node * rowWords;
    this.words[at] = ((this.words[at] as number) & ~(traitMask << traitShift)) | (traits << traitShift);
    this.ranks[node] = ((this.ranks[node] as number) & ~1) | ((traits & traitsOfOther) === 0 ? 0 : 1);
  }

  levelOf(node: number): number {
    return (this.ranks[node] as number) >> 1;
  }

  setLevel(node: number, level: number): void {
    this.ranks[node] = (level << 1) | ((this.ranks[node] as number) & 1);
  }

  countOf(node: number): number {
    const count = (this.words[node * rowWords] as number) >>> countShift;
    return count === longCount ? (this.longCounts.get(node) as number) : count;
  }

  setCount(node: number, count: number): void {
    const at = node * rowWords;
    const stored = Math.min(count, longCount);
    if (stored === longCount) this.longCounts.set(node, count);
    else if (this.longCounts.size > 0) this.longCounts.delete(node);
    this.words[at] = ((this.words[at] as number) & 0xffff) | (stored << countShift);
  }

  get(node: number, word: number): number {
    return this.words[node * rowWords + word] as number;
  }

  set(node: number, word: number, value: number): void {
    this.words[node * rowWords + word] = value;
  }
}

/** The bits of a tag that say `kind` and `traits`; with `tagMask` cut out of a tag they compare at once. */
export function tagOf(kind: number, traits: number): number {
  return kind | (traits << traitShift);
}
