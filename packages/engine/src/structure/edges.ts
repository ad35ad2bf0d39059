/**
 * Edges: who reads whom, as flat tables.
 *
 * Precedents lie in rows of a pool, written when a node is wired:
 *
 *   node      first   count          pool (node, reach)
 *   3         0       2       ──►    [ 1,r ][ 2,r ] …
 *
 * Dependents are the same edges seen from the other end. They lie in two places: the packed rows, made in one
 * counting pass over all precedents, and chains of the edges linked since:
 *
 *   node 1:  packed  [ 3,r ][ 4,r ]      chain  → (9,r) → (7,r)
 *
 * Invariants
 * - Every entry of a precedent row of a linked node has exactly one entry on the dependent side, packed or chained.
 * - A packed row is contiguous: unlinking moves its last entry into the gap.
 * - An edge that occurs twice in a row (`a + a` of one precedent) occurs twice on both sides.
 *
 * When the chains hold more than half as many edges as the packed rows, everything is packed again, so building
 * n edges one at a time costs O(n) in all. Linking is O(1), unlinking O(dependents of the precedent).
 * A reach is an id of `ReachTable`.
 */
import type { IntervalIndex } from "../ranges/interval-index.ts";
import { grownInt32 } from "./growth.ts";
import {
  atDependentCount,
  atFirstDependent,
  atFirstPrecedent,
  type NodeRows,
  type rowWords,
} from "./node-rows.ts";

// Literals for the loops over all rows: imported constants are loaded and checked at each use.
const rowSize = 5 satisfies typeof rowWords;
const firstPrecedentWord = 1 satisfies typeof atFirstPrecedent;
const firstDependentWord = 2 satisfies typeof atFirstDependent;
const dependentCountWord = 3 satisfies typeof atDependentCount;

/** As `traitChained` of structure.ts, which imports this file. */
const traitChained = 64;

/** Below so many chained edges packing again is not worth it. */
const chainedEdgesMin = 1024;
/** Less waste than this is let be. */
const wastedMin = 1024;

/** Readers of one row of a node by fixed ranges. */
export interface RowReaders {
  readonly row: number;
  readonly index: IntervalIndex;
}

/** The dependents of a node, those by fixed ranges indexed: ranges/range-readers.ts. */
export interface RangeReaders {
  readonly own: ReadonlyMap<number, RowReaders>;
  readonly fixed: ReadonlyMap<number, RowReaders>;
  readonly others: Int32Array;
  readonly otherReaches: Int32Array;
}

export class Edges {
  poolNode: Int32Array = new Int32Array(0);
  /** Reaches beside the pool, the packed rows and the chains: empty while all are 0. */
  poolReach: Int32Array = new Int32Array(0);
  poolLength = 0;

  packedNode: Int32Array = new Int32Array(0);
  packedReach: Int32Array = new Int32Array(0);

  /** Per node 1 + the index of the first chained entry; 0 ends a chain. Read only where the row's trait says so. */
  chainHead: Int32Array = new Int32Array(0);
  chainNode: Int32Array = new Int32Array(0);
  chainReach: Int32Array = new Int32Array(0);
  chainNext: Int32Array = new Int32Array(0);
  chainLength = 0;
  /** Linked edges in all; chained ones are `chainedCount` of them. */
  edgeCount = 0;
  chainedCount = 0;
  /** Whether any edge was ever given a reach but 0. */
  hasReaches = false;
  /** Indexes over dependents, as far as they were wanted since an edge from the node was linked or unlinked last. */
  readonly readers: Map<number, RangeReaders | null> = new Map();
  /** Pool entries no row uses any more. */
  private poolWasted = 0;
  private readonly rows: NodeRows;

  constructor(rows: NodeRows) {
    this.rows = rows;
  }

  firstPrecedentOf(node: number): number {
    return this.rows.get(node, atFirstPrecedent);
  }

  precedentCountOf(node: number): number {
    return this.rows.countOf(node);
  }

  /** The reach of a pool entry. */
  reachAt(entry: number): number {
    return this.hasReaches ? (this.poolReach[entry] as number) : 0;
  }

  /** Visits every edge that starts at `node`, in no particular order. Links nothing meanwhile. */
  eachDependent(node: number, visit: (dependent: number, reach: number) => void): void {
    const { packedNode, hasReaches } = this;
    const first = this.rows.get(node, atFirstDependent);
    const end = first + this.rows.get(node, atDependentCount);
    for (let i = first; i < end; i++) {
      visit(packedNode[i] as number, hasReaches ? (this.packedReach[i] as number) : 0);
    }
    if ((this.rows.traitsOf(node) & traitChained) === 0) return;
    for (let at = this.chainHead[node] as number; at !== 0; at = this.chainNext[at - 1] as number) {
      visit(this.chainNode[at - 1] as number, hasReaches ? (this.chainReach[at - 1] as number) : 0);
    }
  }

  /** Whether a node has at least `count` dependents. Cost: at most `count` steps. */
  dependentCountFor(node: number, count: number): boolean {
    let found = this.rows.get(node, atDependentCount);
    if ((this.rows.traitsOf(node) & traitChained) === 0) return found >= count;
    for (let at = this.chainHead[node] as number; at !== 0 && found < count; found++) {
      at = this.chainNext[at - 1] as number;
    }
    return found >= count;
  }

  /** Writes the precedent row of a node whose edges are not linked. `reaches` absent: all of reach 0. */
  setPrecedents(node: number, precedents: ArrayLike<number>, reaches?: ArrayLike<number>): void {
    const count = precedents.length;
    let first = this.firstPrecedentOf(node);
    const previous = this.rows.countOf(node);
    if (count > previous) {
      this.poolWasted += previous;
      first = this.poolLength;
      this.growPool(count);
    } else this.poolWasted += previous - count;
    for (let i = 0; i < count; i++) this.poolNode[first + i] = precedents[i] as number;
    this.rows.set(node, atFirstPrecedent, first);
    this.rows.setCount(node, count);
    this.setReaches(first, count, reaches);
  }

  /** Writes the rows of consecutive fresh nodes, `arity` precedents each. `reaches` absent: all of reach 0. */
  setRange(
    first: number,
    count: number,
    arity: number,
    precedents: ArrayLike<number>,
    reaches?: ArrayLike<number>,
  ): void {
    const start = this.poolLength;
    this.growPool(count * arity);
    this.poolNode.set(precedents, start);
    this.setReaches(start, count * arity, reaches);
    const { words } = this.rows;
    for (let i = 0; i < count; i++) {
      const row = (first + i) * rowSize;
      words[row] = ((words[row] as number) & 0xffff) | (arity << 16);
      words[row + firstPrecedentWord] = start + i * arity;
    }
  }

  /** Enters all edges of a node's precedent row on the dependent side. */
  linkPrecedents(node: number): void {
    const first = this.firstPrecedentOf(node);
    const end = first + this.rows.countOf(node);
    for (let i = first; i < end; i++) this.link(this.poolNode[i] as number, node, this.reachAt(i));
  }

  unlinkPrecedents(node: number): void {
    const first = this.firstPrecedentOf(node);
    const end = first + this.rows.countOf(node);
    for (let i = first; i < end; i++) this.unlink(this.poolNode[i] as number, node, this.reachAt(i));
  }

  /** Packs when the chains have grown, and says whether; only between recalculations and when every row is linked. */
  tidy(rows: number): boolean {
    const packed = this.edgeCount - this.chainedCount;
    if (this.chainLength < chainedEdgesMin || this.chainLength * 2 < packed) return false;
    this.pack(rows);
    return true;
  }

  /** Packs when most of a table is waste: rows were removed or written again. */
  compact(rows: number): boolean {
    const packed = this.edgeCount - this.chainedCount;
    const isPoolWaste = this.poolWasted >= wastedMin && this.poolWasted * 2 > this.poolLength;
    const isPackedWaste = this.packedNode.length - packed >= wastedMin && packed * 2 < this.packedNode.length;
    if (!isPoolWaste && !isPackedWaste) return false;
    this.pack(rows);
    return true;
  }

  /** The entries that rows could use, for tests: of the pool, the packed rows and the chains. */
  get tableLengths(): { readonly pool: number; readonly packed: number; readonly chained: number } {
    return { pool: this.poolNode.length, packed: this.packedNode.length, chained: this.chainNode.length };
  }

  private growPool(entries: number): void {
    this.poolLength += entries;
    this.poolNode = grownInt32(this.poolNode, this.poolLength);
    if (this.hasReaches) this.poolReach = grownInt32(this.poolReach, this.poolLength);
  }

  private setReaches(first: number, count: number, reaches: ArrayLike<number> | undefined): void {
    if (!this.hasReaches) {
      if (reaches === undefined || !hasNonZero(reaches)) return;
      this.hasReaches = true;
      this.poolReach = new Int32Array(this.poolNode.length);
      this.packedReach = new Int32Array(this.packedNode.length);
      this.chainReach = new Int32Array(this.chainNode.length);
    }
    for (let i = 0; i < count; i++)
      this.poolReach[first + i] = reaches === undefined ? 0 : (reaches[i] as number);
  }

  private link(precedent: number, dependent: number, reach: number): void {
    if (this.readers.size > 0) this.readers.delete(precedent);
    const entry = this.chainLength++;
    if (this.chainNode.length <= entry) {
      this.chainNode = grownInt32(this.chainNode, entry + 1);
      this.chainNext = grownInt32(this.chainNext, entry + 1);
      if (this.hasReaches) this.chainReach = grownInt32(this.chainReach, entry + 1);
    }
    if (precedent >= this.chainHead.length) this.chainHead = grownInt32(this.chainHead, this.rows.capacity);
    this.chainNode[entry] = dependent;
    if (this.hasReaches) this.chainReach[entry] = reach;
    this.chainNext[entry] = this.chainHead[precedent] as number;
    if (this.chainNext[entry] === 0) this.setChained(precedent, true);
    this.chainHead[precedent] = entry + 1;
    this.edgeCount++;
    this.chainedCount++;
  }

  private setChained(node: number, isChained: boolean): void {
    const traits = this.rows.traitsOf(node) & ~traitChained;
    this.rows.setTraits(node, isChained ? traits | traitChained : traits);
  }

  private unlink(precedent: number, dependent: number, reach: number): void {
    if (this.readers.size > 0) this.readers.delete(precedent);
    this.edgeCount--;
    let before = 0;
    let at = precedent < this.chainHead.length ? (this.chainHead[precedent] as number) : 0;
    for (; at !== 0; at = this.chainNext[at - 1] as number) {
      if (this.chainNode[at - 1] === dependent && (!this.hasReaches || this.chainReach[at - 1] === reach)) {
        const next = this.chainNext[at - 1] as number;
        if (before !== 0) this.chainNext[before - 1] = next;
        else {
          this.chainHead[precedent] = next;
          if (next === 0) this.setChained(precedent, false);
        }
        this.chainedCount--;
        return;
      }
      before = at;
    }
    const first = this.rows.get(precedent, atFirstDependent);
    const last = first + this.rows.get(precedent, atDependentCount) - 1;
    for (let i = first; i <= last; i++) {
      if (this.packedNode[i] === dependent && (!this.hasReaches || this.packedReach[i] === reach)) {
        this.packedNode[i] = this.packedNode[last] as number;
        if (this.hasReaches) this.packedReach[i] = this.packedReach[last] as number;
        this.rows.set(precedent, atDependentCount, last - first);
        return;
      }
    }
  }

  /** Lays all dependents of all rows out anew; afterwards every row is linked. */
  pack(rows: number): void {
    this.readers.clear();
    if (this.poolWasted > this.poolLength / 2) this.packPool(rows);
    const cursor = this.countReaders(rows);
    const { words } = this.rows;
    let total = 0;
    for (let node = 0; node < rows; node++) {
      const own = cursor[node] as number;
      words[node * rowSize + firstDependentWord] = total;
      words[node * rowSize + dependentCountWord] = own;
      cursor[node] = total;
      total += own;
    }
    const { poolNode, poolReach, hasReaches } = this;
    const packedNode = new Int32Array(total);
    const packedReach = new Int32Array(hasReaches ? total : 0);
    for (let node = 0; node < rows; node++) {
      const first = words[node * rowSize + firstPrecedentWord] as number;
      const end = first + this.rows.countOf(node);
      for (let i = first; i < end; i++) {
        const precedent = poolNode[i] as number;
        const at = cursor[precedent] as number;
        cursor[precedent] = at + 1;
        packedNode[at] = node;
        if (hasReaches) packedReach[at] = poolReach[i] as number;
      }
    }
    this.packedNode = packedNode;
    this.packedReach = packedReach;
    this.dropChains(rows);
    this.edgeCount = total;
  }

  private countReaders(rows: number): Int32Array {
    const { poolNode } = this;
    const { words } = this.rows;
    const count = new Int32Array(rows);
    if (this.poolWasted === 0) {
      // Every entry is in some row, so the rows need not be asked.
      const { poolLength } = this;
      for (let i = 0; i < poolLength; i++) {
        const precedent = poolNode[i] as number;
        count[precedent] = (count[precedent] as number) + 1;
      }
      return count;
    }
    for (let node = 0; node < rows; node++) {
      const first = words[node * rowSize + firstPrecedentWord] as number;
      const end = first + this.rows.countOf(node);
      for (let i = first; i < end; i++) {
        const precedent = poolNode[i] as number;
        count[precedent] = (count[precedent] as number) + 1;
      }
    }
    return count;
  }

  private dropChains(rows: number): void {
    if (this.chainHead.length > 0) {
      for (let node = 0; node < rows; node++) this.setChained(node, false);
    }
    this.chainHead = new Int32Array(0);
    this.chainNode = new Int32Array(0);
    this.chainReach = new Int32Array(0);
    this.chainNext = new Int32Array(0);
    this.chainLength = 0;
    this.chainedCount = 0;
  }

  private packPool(rows: number): void {
    const node = new Int32Array(this.poolLength - this.poolWasted);
    const reach = new Int32Array(this.hasReaches ? node.length : 0);
    let length = 0;
    for (let row = 0; row < rows; row++) {
      const first = this.firstPrecedentOf(row);
      const count = this.rows.countOf(row);
      this.rows.set(row, atFirstPrecedent, length);
      for (let i = first; i < first + count; i++) {
        node[length] = this.poolNode[i] as number;
        if (this.hasReaches) reach[length] = this.poolReach[i] as number;
        length++;
      }
    }
    this.poolNode = node;
    this.poolReach = reach;
    this.poolLength = length;
    this.poolWasted = 0;
  }
}

function hasNonZero(reaches: ArrayLike<number>): boolean {
  for (let i = 0; i < reaches.length; i++) if (reaches[i] !== 0) return true;
  return false;
}
