/**
 * Results in memory, bounded by bytes; those go first that were not used for longest.
 *
 * An entry is found by the xxh64 of its key's bytes. It keeps these bytes and compares them, so two keys that collide
 * never answer for each other: the later one takes the place. What keys hold counts as well, since a key holds all the
 * values that were read.
 *
 * The order of use is the order of the map: a used entry is put at its end. Cost: the bytes of the key.
 */
import { type Column, markText } from "@reckon/value";

interface Kept {
  readonly content: Uint8Array;
  readonly column: Column;
  readonly costMs: number;
  readonly bytes: number;
  /** When the slower tiers last heard that it is used, in ms. */
  notedAt: number;
}

/** Of an entry besides its key and cells: objects, the map's slot. */
const entryBytes = 300;

export class MemoryTier {
  private readonly kept = new Map<bigint, Kept>();
  private readonly bytesMax: number;
  private readonly onEvicted: () => void;
  private held = 0;

  constructor(bytesMax: number, onEvicted: () => void) {
    this.bytesMax = bytesMax;
    this.onEvicted = onEvicted;
  }

  get sizes(): { entries: number; bytes: number } {
    return { entries: this.kept.size, bytes: this.held };
  }

  get(hash: bigint, content: Uint8Array): Kept | undefined {
    const kept = this.kept.get(hash);
    if (kept === undefined || !isSame(kept.content, content)) return undefined;
    this.kept.delete(hash);
    this.kept.set(hash, kept);
    return kept;
  }

  /** Whether it is kept: what alone is larger than the bound is not. */
  put(hash: bigint, content: Uint8Array, column: Column, costMs: number, notedAt = 0): boolean {
    this.remove(hash);
    const bytes = entryBytes + content.length + cellBytes(column);
    if (bytes > this.bytesMax) return false;
    this.kept.set(hash, { content, column, costMs, bytes, notedAt });
    this.held += bytes;
    for (const [oldest] of this.kept) {
      if (this.held <= this.bytesMax) break;
      this.remove(oldest);
      this.onEvicted();
    }
    return true;
  }

  remove(hash: bigint): void {
    const kept = this.kept.get(hash);
    if (kept === undefined) return;
    this.kept.delete(hash);
    this.held -= kept.bytes;
  }

  clear(): number {
    const count = this.kept.size;
    this.kept.clear();
    this.held = 0;
    return count;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

function cellBytes({ numbers, marks, texts }: Column): number {
  let bytes = numbers.byteLength + (marks?.byteLength ?? 0);
  marks?.forEach((mark, i) => {
    if (mark === markText) bytes += 24 + (texts?.[i]?.length ?? 0) * 2;
  });
  return bytes;
}
