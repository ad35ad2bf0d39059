/**
 * Strongly connected parts of a graph in flat tables: what node `n` reads are `targets[starts[n]]` … `targets[starts[n + 1] − 1]`.
 *
 * Parts are numbered in the order in which they are complete: what a part reads outside itself has a lower number. Nodes
 * that are left out are in no part (−1), and so are edges to them. With a stack of its own; cost: nodes and edges.
 *
 * R. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1 (1972).
 */
export interface Graph {
  readonly starts: Int32Array;
  readonly targets: Int32Array;
}

export interface StrongParts {
  readonly partOf: Int32Array;
  readonly count: number;
  /** The nodes of each part with a cycle (several nodes, or one that reads itself), ascending. */
  readonly cycles: readonly (readonly number[])[];
}

export function strongParts(
  { starts, targets }: Graph,
  isIn: (node: number) => boolean = everyNode,
  isEdge: (edge: number) => boolean = everyNode,
): StrongParts {
  const size = starts.length - 1;
  const order = new Int32Array(size);
  const low = new Int32Array(size);
  const at = starts.slice(0, size);
  const partOf = new Int32Array(size).fill(-1);
  const stack: number[] = [];
  const frames: number[] = [];
  const cycles: number[][] = [];
  let seen = 0;
  let count = 0;
  const enter = (node: number): void => {
    order[node] = ++seen;
    low[node] = seen;
    stack.push(node);
    frames.push(node);
  };
  const close = (node: number): void => {
    const members: number[] = [];
    for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
      partOf[member] = count;
      members.push(member);
      if (member === node) break;
    }
    count++;
    if (members.length > 1 || readsItself(node)) cycles.push(members.sort((a, b) => a - b));
  };
  const readsItself = (node: number): boolean => {
    for (let e = starts[node] as number; e < (starts[node + 1] as number); e++)
      if (targets[e] === node && isEdge(e)) return true;
    return false;
  };
  for (let root = 0; root < size; root++) {
    if (order[root] !== 0 || !isIn(root)) continue;
    enter(root);
    for (let node = frames.at(-1); node !== undefined; node = frames.at(-1)) {
      const edge = at[node] as number;
      if (edge < (starts[node + 1] as number)) {
        at[node] = edge + 1;
        const target = targets[edge] as number;
        if (!isEdge(edge) || !isIn(target)) continue;
        if (order[target] === 0) enter(target);
        else if (partOf[target] === -1) low[node] = Math.min(low[node] as number, order[target] as number);
        continue;
      }
      frames.pop();
      const reader = frames.at(-1);
      if (reader !== undefined) low[reader] = Math.min(low[reader] as number, low[node] as number);
      if (low[node] === order[node]) close(node);
    }
  }
  return { partOf, count, cycles };
}

function everyNode(): boolean {
  return true;
}

/** A shortest way from `start` back to it, by edges whose targets are accepted; the first is repeated at the end. */
export function shortestCycle(
  { starts, targets }: Graph,
  start: number,
  isIn: (node: number) => boolean,
): number[] {
  const from = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (let e = starts[node] as number; e < (starts[node + 1] as number); e++) {
      const target = targets[e] as number;
      if (!isIn(target)) continue;
      if (target === start) {
        const path = [start];
        for (let step = node; step !== start; step = from.get(step) as number) path.push(step);
        path.push(start);
        return path.reverse();
      }
      if (from.has(target)) continue;
      from.set(target, node);
      queue.push(target);
    }
  }
  return [start, start];
}
