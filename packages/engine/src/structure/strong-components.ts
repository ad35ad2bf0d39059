/**
 * Strongly connected components by Tarjan's algorithm, with an explicit stack: a chain of a million nodes must not
 * overflow.
 *
 * Rows say whom each node reads. Components are reported precedents first: when one is emitted, everything that it
 * reads outside itself has been emitted before. So the order of emission is also an order of evaluation.
 *
 * Cost: O(nodes + edges) of the region.
 *
 * R. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1 (1972).
 */

/** Row `node` is `targets[first[node]]` … `targets[first[node] + count[node] - 1]`. */
export interface Rows {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly targets: Int32Array;
}

/** Nodes outside the region are ignored: those whose stamp differs from `epoch`. Absent: every node is in. */
export interface Region {
  readonly stamps: Int32Array;
  readonly epoch: number;
}

/** Set in `low` once a node's component is emitted; larger than every order number. */
const emitted = 0x7fffffff;

export function eachStrongComponent(
  rows: Rows,
  nodes: Iterable<number>,
  region: Region | null,
  emit: (members: number[], hasCycle: boolean) => void,
): void {
  const search = new Search(rows, region, emit);
  for (const node of nodes) if (search.order[node] === 0) search.visitFrom(node);
}

class Search {
  /** Per node the 1-based position at which it was first seen; 0: not yet. */
  readonly order: Int32Array;
  private readonly low: Int32Array;
  private readonly rows: Rows;
  private readonly region: Region | null;
  private readonly emit: (members: number[], hasCycle: boolean) => void;
  private readonly open: number[] = [];
  private readonly frameNodes: number[] = [];
  private readonly frameEdges: number[] = [];
  private seen = 0;

  constructor(rows: Rows, region: Region | null, emit: (members: number[], hasCycle: boolean) => void) {
    this.rows = rows;
    this.region = region;
    this.emit = emit;
    this.order = new Int32Array(rows.first.length);
    this.low = new Int32Array(rows.first.length);
  }

  visitFrom(root: number): void {
    const { order, low, frameNodes, frameEdges } = this;
    const { first, count, targets } = this.rows;
    this.enter(root);
    while (frameNodes.length > 0) {
      const top = frameNodes.length - 1;
      const node = frameNodes[top] as number;
      const edge = frameEdges[top] as number;
      if (edge < (first[node] as number) + (count[node] as number)) {
        frameEdges[top] = edge + 1;
        const target = targets[edge] as number;
        if (this.region !== null && this.region.stamps[target] !== this.region.epoch) continue;
        if (order[target] === 0) this.enter(target);
        else if (low[target] !== emitted) {
          low[node] = Math.min(low[node] as number, order[target] as number);
        }
        continue;
      }
      frameNodes.pop();
      frameEdges.pop();
      const lowest = low[node] as number;
      if (top > 0 && lowest < (order[node] as number)) {
        const reader = frameNodes[top - 1] as number;
        low[reader] = Math.min(low[reader] as number, lowest);
      }
      if (lowest === order[node]) this.close(node);
    }
  }

  private enter(node: number): void {
    this.seen++;
    this.order[node] = this.seen;
    this.low[node] = this.seen;
    this.open.push(node);
    this.frameNodes.push(node);
    this.frameEdges.push(this.rows.first[node] as number);
  }

  private close(node: number): void {
    const members: number[] = [];
    let member: number;
    do {
      member = this.open.pop() as number;
      this.low[member] = emitted;
      members.push(member);
    } while (member !== node);
    this.emit(members, members.length > 1 || this.readsItself(node));
  }

  private readsItself(node: number): boolean {
    const { first, count, targets } = this.rows;
    const from = first[node] as number;
    const end = from + (count[node] as number);
    for (let edge = from; edge < end; edge++) if (targets[edge] === node) return true;
    return false;
  }
}
