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
import { grownInt32 } from "./growth.ts";

/** Row `node` is `targets[firstOf(node)]` and the entries behind it, `countOf(node)` in all. */
export interface Rows {
  readonly firstOf: (node: number) => number;
  readonly countOf: (node: number) => number;
  readonly targets: Int32Array;
  readonly scratch: SearchScratch;
}

/** Rows given as one table each for starts and counts. */
export function flatRows(first: Int32Array, count: Int32Array, targets: Int32Array): Rows {
  // There may be thousands of small ones: none is longer than it must be.
  const scratch = new SearchScratch(first.length);
  return {
    firstOf: (node) => first[node] as number,
    countOf: (node) => count[node] as number,
    targets,
    scratch,
  };
}

/** What a search notes about nodes; all zero between searches. */
export class SearchScratch {
  /** Per node the 1-based position at which it was first seen; 0: not yet. */
  order: Int32Array;
  low: Int32Array;

  constructor(nodes = 0) {
    this.order = new Int32Array(nodes);
    this.low = new Int32Array(nodes);
  }

  shrink(): void {
    this.order = new Int32Array(0);
    this.low = new Int32Array(0);
  }

  ensureNodes(nodes: number): void {
    this.order = grownInt32(this.order, nodes);
    this.low = grownInt32(this.low, nodes);
  }
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
  try {
    for (const node of nodes) if (search.order[node] === 0) search.visitFrom(node);
  } finally {
    search.clear();
  }
}

class Search {
  readonly order: Int32Array;
  private readonly low: Int32Array;
  private readonly rows: Rows;
  private readonly region: Region | null;
  private readonly emit: (members: number[], hasCycle: boolean) => void;
  private readonly open: number[] = [];
  private readonly frameNodes: number[] = [];
  private readonly frameEdges: number[] = [];
  private readonly visited: number[] = [];

  constructor(rows: Rows, region: Region | null, emit: (members: number[], hasCycle: boolean) => void) {
    this.rows = rows;
    this.region = region;
    this.emit = emit;
    this.order = rows.scratch.order;
    this.low = rows.scratch.low;
  }

  clear(): void {
    for (const node of this.visited) {
      this.order[node] = 0;
      this.low[node] = 0;
    }
  }

  visitFrom(root: number): void {
    const { order, low, frameNodes, frameEdges } = this;
    const { rows } = this;
    const { targets } = rows;
    this.enter(root);
    while (frameNodes.length > 0) {
      const top = frameNodes.length - 1;
      const node = frameNodes[top] as number;
      const edge = frameEdges[top] as number;
      if (edge < rows.firstOf(node) + rows.countOf(node)) {
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
    const position = this.visited.push(node);
    this.order[node] = position;
    this.low[node] = position;
    this.open.push(node);
    this.frameNodes.push(node);
    this.frameEdges.push(this.rows.firstOf(node));
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
    const { rows } = this;
    const { targets } = rows;
    const from = rows.firstOf(node);
    const end = from + rows.countOf(node);
    for (let edge = from; edge < end; edge++) if (targets[edge] === node) return true;
    return false;
  }
}
