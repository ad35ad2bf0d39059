/**
 * What the scheduler asks of a node, side by side: six words a node, so that looking at a node costs one cache line.
 *
 *   word  0  tag               bits 0–3 kind, 4–15 traits, 16–31 how many precedents (65,535: see `longCounts`)
 *         1  level             see levels.ts
 *         2  first precedent   index into the pool of edges.ts
 *         3  first dependent   index into the packed rows of edges.ts
 *         4  dependent count   packed ones; chained ones are told by a trait
 *         5  work              index into `Works`: the function, family or definition
 *
 * Ids are dense and used again. `words` is replaced when it grows: hot loops take it anew after anything may be added.
 */
import { grownInt32 } from "./growth.ts";

export const rowWords = 6;
export const atLevel = 1;
export const atFirstPrecedent = 2;
export const atFirstDependent = 3;
export const atDependentCount = 4;
export const atWork = 5;

const kindMask = 0xf;
const traitShift = 4;
const traitMask = 0xfff;
const countShift = 16;
const longCount = 0xffff;

export class NodeRows {
  words: Int32Array = new Int32Array(0);
  private readonly longCounts: Map<number, number> = new Map();

  /** Rows that there is room for. */
  get capacity(): number {
    return Math.floor(this.words.length / rowWords);
  }

  ensureRows(rows: number): void {
    this.words = grownInt32(this.words, rows * rowWords);
  }

  /** Keeps the first rows only. */
  shrink(rows: number): void {
    this.words = this.words.slice(0, rows * rowWords);
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
