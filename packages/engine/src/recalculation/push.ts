/** Putting nodes into the queue: one, or the dependents of a node that changed, the fast way. */
import { flagDirty, flagQueued, flagWhole, type StateTable } from "../state/state-table.ts";
import { atDependentCount, atFirstDependent, atLevel, rowWords, tagOf } from "../structure/node-rows.ts";
import { traitChained, traitComponent } from "../structure/structure.ts";
import type { Graph } from "./graph.ts";

const chainedTag = tagOf(0, traitChained);
const componentTag = tagOf(0, traitComponent);
const marked = flagDirty | flagWhole | flagQueued;

/** Queues the unit of a node, if it is not queued yet. */
export function enqueue(graph: Graph, state: StateTable, node: number): void {
  const { structure } = graph;
  const unit = structure.unitOf(node);
  const slot = state.slotOf(unit);
  const flags = state.flags[slot] as number;
  if ((flags & flagQueued) !== 0) return;
  state.flags[slot] = flags | flagQueued;
  graph.queue.push(unit, structure.levelOf(unit));
}

/**
 * Marks all cells of the dependents of a node dirty and queues them: in the base, where slot = node, for a node outside
 * components that all of changed, while nobody traces.
 */
export function pushDependents(graph: Graph, state: StateTable, node: number): void {
  const { structure, queue } = graph;
  const { words } = structure.rowTable;
  const { packedNode } = structure.edges;
  const { flags } = state;
  const first = words[node * rowWords + atFirstDependent] as number;
  const end = first + (words[node * rowWords + atDependentCount] as number);
  for (let i = first; i < end; i++) {
    const dependent = packedNode[i] as number;
    const before = flags[dependent] as number;
    if ((before & flagQueued) !== 0) {
      flags[dependent] = before | marked;
      continue;
    }
    const row = dependent * rowWords;
    if (((words[row] as number) & componentTag) === 0) {
      flags[dependent] = before | marked;
      queue.push(dependent, words[row + atLevel] as number);
    } else pushMember(graph, state, dependent);
  }
  if (((words[node * rowWords] as number) & chainedTag) !== 0) pushChained(graph, state, node);
}

function pushChained(graph: Graph, state: StateTable, node: number): void {
  const { structure, queue } = graph;
  const { chainHead, chainNode, chainNext } = structure.edges;
  const { flags } = state;
  for (let at = chainHead[node] as number; at !== 0; at = chainNext[at - 1] as number) {
    const dependent = chainNode[at - 1] as number;
    const before = flags[dependent] as number;
    if (structure.componentIdOf(dependent) !== 0) pushMember(graph, state, dependent);
    else {
      flags[dependent] = before | marked;
      if ((before & flagQueued) === 0) queue.push(dependent, structure.levelOf(dependent));
    }
  }
}

/** A component is queued by its first member, which alone carries the queued flag. */
function pushMember(graph: Graph, state: StateTable, node: number): void {
  state.flags[node] = (state.flags[node] as number) | flagDirty | flagWhole;
  enqueue(graph, state, node);
}
