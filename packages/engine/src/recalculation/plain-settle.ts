/** Settling a finite number the plain way: written, or cut off, in a base state that nobody traces. */
import type {
  flagDirty,
  flagHasValue,
  flagObserved,
  flagOther,
  flagWhole,
  StateTable,
} from "../state/state-table.ts";
import type { Graph } from "./graph.ts";
import { pushDependents } from "./push.ts";
import { noteChange, settleScalar } from "./settle.ts";

/** The long way: for a node as a whole, and for a result that is no finite number. */
export interface LongWay {
  readonly run: (graph: Graph, state: StateTable, node: number) => void;
  readonly settle: (graph: Graph, state: StateTable, node: number, value: unknown) => void;
}

// Literals, for the same reason as in plain-batch.ts.
const dirty = 1 satisfies typeof flagDirty;
const hasValue = 16 satisfies typeof flagHasValue;
const hasNumber = hasValue | (32 satisfies typeof flagOther);
const whole = 64 satisfies typeof flagWhole;
const observed = 128 satisfies typeof flagObserved;

/** Settles a finite number of a node with these flags. Of an input, too: it is written, and its dependents are queued. */
export function settle(graph: Graph, state: StateTable, node: number, before: number, value: number): void {
  if (write(graph, state, node, before, value)) pushDependents(graph, state, node);
}

/** Writes it; whether its dependents are still to be queued. */
export function write(graph: Graph, state: StateTable, node: number, before: number, value: number): boolean {
  graph.computedCount++;
  if ((before & hasNumber) !== hasValue) {
    settleScalar(graph, state, node, node, value);
    return false;
  }
  const { numbers } = state;
  state.flags[node] = before & ~(dirty | whole);
  const old = numbers[node] as number;
  if (old === value && (value !== 0 || Object.is(old, value))) return false;
  numbers[node] = value;
  state.changedAt[node] = graph.revision;
  graph.changedCount++;
  if ((before & observed) !== 0) graph.announce(state, node, node);
  if (graph.isNoting) graph.noteChanged(state, node, null);
  if (state.children.length > 0) noteChange(state, node, null);
  return true;
}
