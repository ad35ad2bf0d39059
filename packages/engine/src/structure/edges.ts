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
import { grownInt32 } from "./growth.ts";

/** Below so many chained edges packing again is not worth it. */
const chainedEdgesMin = 1024;

export class Edges {
  firstPrecedent: Int32Array = new Int32Array(0);
  precedentCount: Int32Array = new Int32Array(0);
  poolNode: Int32Array = new Int32Array(0);
  poolReach: Int32Array = new Int32Array(0);
  poolLength = 0;

  firstDependent: Int32Array = new Int32Array(0);
  dependentCount: Int32Array = new Int32Array(0);
  packedNode: Int32Array = new Int32Array(0);
  packedReach: Int32Array = new Int32Array(0);

  /** Per node 1 + the index of the first chained entry; 0 ends a chain. */
  chainHead: Int32Array = new Int32Array(0);
  chainNode: Int32Array = new Int32Array(0);
  chainReach: Int32Array = new Int32Array(0);
  chainNext: Int32Array = new Int32Array(0);
  chainLength = 0;
  /** Linked edges in all; chained ones are `chainedCount` of them. */
  edgeCount = 0;
  chainedCount = 0;
  /** Pool entries no row uses any more. */
  private poolWasted = 0;

  ensureRows(rows: number): void {
    if (this.firstPrecedent.length >= rows) return;
    this.firstPrecedent = grownInt32(this.firstPrecedent, rows);
    this.precedentCount = grownInt32(this.precedentCount, rows);
    this.firstDependent = grownInt32(this.firstDependent, rows);
    this.dependentCount = grownInt32(this.dependentCount, rows);
    this.chainHead = grownInt32(this.chainHead, rows);
  }

  /** Writes the precedent row of a node whose edges are not linked. `reaches` absent: all of reach 0. */
  setPrecedents(node: number, precedents: ArrayLike<number>, reaches?: ArrayLike<number>): void {
    const count = precedents.length;
    let first = this.firstPrecedent[node] as number;
    const previous = this.precedentCount[node] as number;
    if (count > previous) {
      this.poolWasted += previous;
      first = this.poolLength;
      this.poolLength += count;
      if (this.poolNode.length < this.poolLength) {
        this.poolNode = grownInt32(this.poolNode, this.poolLength);
        this.poolReach = grownInt32(this.poolReach, this.poolLength);
      }
    } else this.poolWasted += previous - count;
    for (let i = 0; i < count; i++) {
      this.poolNode[first + i] = precedents[i] as number;
      this.poolReach[first + i] = reaches === undefined ? 0 : (reaches[i] as number);
    }
    this.firstPrecedent[node] = first;
    this.precedentCount[node] = count;
  }

  /** Enters all edges of a node's precedent row on the dependent side. */
  linkPrecedents(node: number): void {
    const first = this.firstPrecedent[node] as number;
    const end = first + (this.precedentCount[node] as number);
    for (let i = first; i < end; i++)
      this.link(this.poolNode[i] as number, node, this.poolReach[i] as number);
  }

  unlinkPrecedents(node: number): void {
    const first = this.firstPrecedent[node] as number;
    const end = first + (this.precedentCount[node] as number);
    for (let i = first; i < end; i++)
      this.unlink(this.poolNode[i] as number, node, this.poolReach[i] as number);
  }

  /** Packs when the chains have grown, and says whether; only between recalculations and when every row is linked. */
  tidy(rows: number): boolean {
    const packed = this.edgeCount - this.chainedCount;
    if (this.chainLength < chainedEdgesMin || this.chainLength * 2 < packed) return false;
    this.pack(rows);
    return true;
  }

  private link(precedent: number, dependent: number, reach: number): void {
    const entry = this.chainLength++;
    if (this.chainNode.length <= entry) {
      this.chainNode = grownInt32(this.chainNode, entry + 1);
      this.chainReach = grownInt32(this.chainReach, entry + 1);
      this.chainNext = grownInt32(this.chainNext, entry + 1);
    }
    this.chainNode[entry] = dependent;
    this.chainReach[entry] = reach;
    this.chainNext[entry] = this.chainHead[precedent] as number;
    this.chainHead[precedent] = entry + 1;
    this.edgeCount++;
    this.chainedCount++;
  }

  private unlink(precedent: number, dependent: number, reach: number): void {
    this.edgeCount--;
    let before = 0;
    for (let at = this.chainHead[precedent] as number; at !== 0; at = this.chainNext[at - 1] as number) {
      if (this.chainNode[at - 1] === dependent && this.chainReach[at - 1] === reach) {
        const next = this.chainNext[at - 1] as number;
        if (before === 0) this.chainHead[precedent] = next;
        else this.chainNext[before - 1] = next;
        this.chainedCount--;
        return;
      }
      before = at;
    }
    const first = this.firstDependent[precedent] as number;
    const last = first + (this.dependentCount[precedent] as number) - 1;
    for (let i = first; i <= last; i++) {
      if (this.packedNode[i] === dependent && this.packedReach[i] === reach) {
        this.packedNode[i] = this.packedNode[last] as number;
        this.packedReach[i] = this.packedReach[last] as number;
        this.dependentCount[precedent] = last - first;
        return;
      }
    }
  }

  private pack(rows: number): void {
    if (this.poolWasted > this.poolLength / 2) this.packPool(rows);
    const count = new Int32Array(this.dependentCount.length);
    const { poolNode, firstPrecedent, precedentCount } = this;
    for (let node = 0; node < rows; node++) {
      const first = firstPrecedent[node] as number;
      const end = first + (precedentCount[node] as number);
      for (let i = first; i < end; i++) {
        const precedent = poolNode[i] as number;
        count[precedent] = (count[precedent] as number) + 1;
      }
    }
    const firstDependent = new Int32Array(this.firstDependent.length);
    let total = 0;
    for (let node = 0; node < rows; node++) {
      firstDependent[node] = total;
      total += count[node] as number;
    }
    this.packedNode = new Int32Array(total);
    this.packedReach = new Int32Array(total);
    const cursor = firstDependent.slice();
    for (let node = 0; node < rows; node++) {
      const first = firstPrecedent[node] as number;
      const end = first + (precedentCount[node] as number);
      for (let i = first; i < end; i++) {
        const precedent = poolNode[i] as number;
        const at = cursor[precedent] as number;
        cursor[precedent] = at + 1;
        this.packedNode[at] = node;
        this.packedReach[at] = this.poolReach[i] as number;
      }
    }
    this.firstDependent = firstDependent;
    this.dependentCount = count;
    this.chainHead.fill(0);
    this.chainNode = new Int32Array(0);
    this.chainReach = new Int32Array(0);
    this.chainNext = new Int32Array(0);
    this.chainLength = 0;
    this.chainedCount = 0;
    this.edgeCount = total;
  }

  private packPool(rows: number): void {
    const node = new Int32Array(this.poolLength - this.poolWasted);
    const reach = new Int32Array(node.length);
    let length = 0;
    for (let row = 0; row < rows; row++) {
      const first = this.firstPrecedent[row] as number;
      const count = this.precedentCount[row] as number;
      this.firstPrecedent[row] = length;
      for (let i = first; i < first + count; i++) {
        node[length] = this.poolNode[i] as number;
        reach[length] = this.poolReach[i] as number;
        length++;
      }
    }
    this.poolNode = node;
    this.poolReach = reach;
    this.poolLength = length;
    this.poolWasted = 0;
  }
}
