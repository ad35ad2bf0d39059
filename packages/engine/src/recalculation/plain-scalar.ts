/**
 * The commonest step, written for speed: a scalar formula without traits in a base state that nobody listens to and
 * that has no overlays, whose arguments and result are numbers. It does what `runScalar` does, and hands over to it
 * as soon as anything is not so.
 *
 * The differential test in plain-scalar.test.ts runs the same edits with and without a listener.
 */
import {
  flagDirty,
  flagHasValue,
  flagOther,
  flagQueued,
  flagWhole,
  type StateTable,
} from "../state/state-table.ts";
import type { Graph } from "./graph.ts";
import { enqueue } from "./marking.ts";
import { thrownValue } from "./scalar-step.ts";

type Compute = (...values: unknown[]) => unknown;

const flagsOfValue = flagHasValue | flagOther;

/** Given back where an argument is not a number, or there are too many: nothing was called. */
export const notPlain: unique symbol = Symbol("not plain");

/** Settles a number where a number was; false: nothing was done. */
export function settlePlainly(graph: Graph, state: StateTable, node: number, value: unknown): boolean {
  const { flags, numbers } = state;
  const before = flags[node] as number;
  if (typeof value !== "number" || !Number.isFinite(value) || (before & flagsOfValue) !== flagHasValue)
    return false;
  flags[node] = before & ~(flagDirty | flagWhole);
  state.verifiedAt[node] = graph.revision;
  const old = numbers[node] as number;
  if (old === value && (value !== 0 || Object.is(old, value))) return true;
  numbers[node] = value;
  state.changedAt[node] = graph.revision;
  spreadPlainly(graph, state, node);
  return true;
}

/** As `spread` for a scalar node, if nobody but its dependents and its signals must hear of the change. */
function spreadPlainly(graph: Graph, state: StateTable, node: number): void {
  graph.changedCount++;
  graph.announce(state, node, node);
  if (graph.isNoting) graph.noteChanged(state, node, null);
  const { structure, queue } = graph;
  const { flags } = state;
  structure.edges.eachDependent(node, (dependent) => {
    const before = flags[dependent] as number;
    flags[dependent] = before | flagDirty | flagWhole | flagQueued;
    if ((before & flagQueued) !== 0) return;
    if (structure.componentIdOf(dependent) === 0) queue.push(dependent, structure.levelOf(dependent));
    else enqueueMember(graph, state, dependent, before);
  });
}

/** A component is queued by its first member, which alone carries the queued flag. */
function enqueueMember(graph: Graph, state: StateTable, node: number, before: number): void {
  state.flags[node] = before | flagDirty | flagWhole;
  enqueue(graph, state, node);
}

/** The result of the node's function over its precedents' numbers, or `notPlain`. */
export function callWithNumbers(graph: Graph, state: StateTable, node: number): unknown {
  const { structure } = graph;
  const { edges } = structure;
  const { flags, numbers } = state;
  const pool = edges.poolNode;
  const first = edges.firstPrecedentOf(node);
  const count = edges.precedentCountOf(node);
  if (count === 0 || count > 4) return notPlain;
  for (let i = first; i < first + count; i++) {
    if (((flags[pool[i] as number] as number) & flagsOfValue) !== flagHasValue) return notPlain;
  }
  const compute = structure.workOf(node) as Compute;
  const a = numbers[pool[first] as number];
  try {
    if (count === 1) return compute(a);
    const b = numbers[pool[first + 1] as number];
    if (count === 2) return compute(a, b);
    const c = numbers[pool[first + 2] as number];
    if (count === 3) return compute(a, b, c);
    return compute(a, b, c, numbers[pool[first + 3] as number]);
  } catch (error) {
    return thrownValue(graph, node, error);
  }
}
