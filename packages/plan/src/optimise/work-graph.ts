/**
 * The work of a plan as a graph of tasks: what must be done before what, and what it costs.
 *
 * A task is a unit, or all units of a circle together: they are computed as one. The tasks are numbered so that each comes after what it reads. Found with Tarjan's
 * algorithm on a stack of its own (components come out precedents first). Cost: units and references.
 */
import type { LaidUnit } from "../placement.ts";
import { readsOf } from "../unit.ts";

export interface Task {
  /** The places in the list of units that are computed together; one, but in circles. */
  readonly members: readonly number[];
  /** Tasks that must be done before, each with a lower number. */
  readonly before: readonly number[];
}

export function tasksOf(laid: readonly LaidUnit[]): readonly Task[] {
  const numbers = new Map(laid.map(({ unit }, number) => [unit.key, number]));
  const reads = laid.map(({ unit }) => {
    const known: number[] = [];
    for (const key of readsOf(unit)) {
      const number = numbers.get(key);
      if (number !== undefined) known.push(number);
    }
    return known;
  });
  const components = componentsOf(reads);
  const taskOf = new Int32Array(laid.length);
  components.forEach((members, task) => {
    for (const member of members) taskOf[member] = task;
  });
  return components.map((members, task) => {
    const before: number[] = [];
    for (const member of members)
      for (const read of reads[member] as number[])
        if (taskOf[read] !== task) before.push(taskOf[read] as number);
    return { members, before: before.length > 1 ? [...new Set(before)] : before };
  });
}

/** Strongly connected components of a graph given by what each vertex reads; what is read comes first. */
function componentsOf(reads: readonly (readonly number[])[]): number[][] {
  const count = reads.length;
  const index = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const next = new Int32Array(count);
  const isOpen = new Uint8Array(count);
  const path: number[] = [];
  const open: number[] = [];
  const components: number[][] = [];
  let visited = 0;
  const enter = (vertex: number): void => {
    index[vertex] = visited;
    low[vertex] = visited++;
    isOpen[vertex] = 1;
    path.push(vertex);
    open.push(vertex);
  };
  for (let first = 0; first < count; first++) {
    if (index[first] !== -1) continue;
    enter(first);
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const read = reads[at]?.[next[at] as number];
      if (read !== undefined) {
        next[at] = (next[at] as number) + 1;
        if (index[read] === -1) enter(read);
        else if (isOpen[read] === 1) low[at] = Math.min(low[at] as number, index[read] as number);
        continue;
      }
      path.pop();
      const reader = path.at(-1);
      if (reader !== undefined) low[reader] = Math.min(low[reader] as number, low[at] as number);
      if (low[at] !== index[at]) continue;
      const members = open.splice(open.lastIndexOf(at));
      for (const member of members) isOpen[member] = 0;
      components.push(members);
    }
  }
  return components;
}
