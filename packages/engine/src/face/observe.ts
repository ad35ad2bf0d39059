/**
 * Signals over the graph. A node's signal is a `computed` over a counter that the engine bumps when the node changed
 * or became stale; its function pulls from the engine. So an untracked `.value` is right for a stale node as well, and
 * the engine alone decides what counts as a change.
 */
import { computed, type ReadonlySignal, untracked } from "@preact/signals-core";
import { Column, errorValue } from "@reckon/value";
import type { Status } from "../api.ts";
import { columnOf } from "../recalculation/column-step.ts";
import type { Graph } from "../recalculation/graph.ts";
import { resolveNodes } from "../recalculation/recalculate.ts";
import { createObservation, type Observation } from "../state/observation.ts";
import {
  busyColumn,
  flagCheck,
  flagDirty,
  flagHasValue,
  flagObserved,
  type StateTable,
} from "../state/state-table.ts";
import { statusOf } from "./status.ts";

/** The current value, computing what is stale; inside a recalculation the last one. */
export function pullValue(graph: Graph, state: StateTable, node: number): unknown {
  if (!graph.structure.isLive(node)) return errorValue("#REF!", "the node was removed");
  pull(graph, state, node);
  return state.valueOf(node);
}

export function pullColumn(graph: Graph, state: StateTable, node: number): Column {
  pull(graph, state, node);
  return peekColumn(graph, state, node);
}

export function peekColumn(graph: Graph, state: StateTable, node: number): Column {
  if (graph.structure.isColumn(node) && (state.flagsOf(node) & flagHasValue) === 0) {
    return busyColumn(graph.structure.shapeOf(node));
  }
  return columnOf(graph, state, node);
}

export function valueSignal(graph: Graph, state: StateTable, node: number): ReadonlySignal<unknown> {
  const observation = observe(graph, state, node);
  observation.value ??= demandingSignal(state, observation, () => pullValue(graph, state, node));
  return observation.value;
}

export function columnSignal(graph: Graph, state: StateTable, node: number): ReadonlySignal<Column> {
  const observation = observe(graph, state, node);
  observation.column ??= demandingSignal(state, observation, () =>
    graph.structure.isLive(node) ? pullColumn(graph, state, node) : removedColumn(),
  );
  return observation.column as ReadonlySignal<Column>;
}

export function statusSignal(graph: Graph, state: StateTable, node: number): ReadonlySignal<Status> {
  const observation = observe(graph, state, node);
  observation.status ??= computed(() => {
    observation.statusVersion.value;
    return statusOf(graph, state, node);
  });
  return observation.status;
}

function demandingSignal<T>(state: StateTable, observation: Observation, read: () => T): ReadonlySignal<T> {
  return computed(
    () => {
      observation.valueVersion.value;
      return untracked(read);
    },
    {
      watched() {
        observation.watchers++;
        state.watched.add(observation.node);
      },
      unwatched() {
        observation.watchers--;
        if (observation.watchers === 0) state.watched.delete(observation.node);
      },
    },
  );
}

function pull(graph: Graph, state: StateTable, node: number): void {
  if (graph.isRunning || (state.flagsOf(node) & (flagDirty | flagCheck)) === 0) return;
  resolveNodes(graph, state, [node]);
}

function observe(graph: Graph, state: StateTable, node: number): Observation {
  let observation = state.observations.get(node);
  if (observation === undefined) {
    observation = createObservation(node);
    state.observations.set(node, observation);
    const slot = state.slotOf(node);
    if (slot >= 0 && graph.structure.isLive(node)) {
      state.flags[slot] = (state.flags[slot] as number) | flagObserved;
    }
  }
  return observation;
}

function removedColumn(): Column {
  const column = new Column({ outer: 1, periods: 1 });
  column.set(0, errorValue("#REF!", "the node was removed"));
  return column;
}
