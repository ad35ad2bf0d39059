/**
 * Signals over the graph. A node's signal is a `computed` over a counter that the engine bumps when the node changed
 * or became stale; its function pulls from the engine. So an untracked `.value` is right for a stale node as well, and
 * the engine alone decides what counts as a change.
 *
 * A signal outlives its node: from the removal on it shows `#REF!`, also when another node takes the row. What tells is
 * the observation: the state's table holds the present node's, and a signal knows its own.
 */
import { computed, type ReadonlySignal, untracked } from "@preact/signals-core";
import { Column, type ErrorValue, errorValue, type Shape } from "@reckon/value";
import type { Status } from "../api.ts";
import { sharedColumn } from "../recalculation/column-step.ts";
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

export const removedError: ErrorValue = errorValue("#REF!", "the node was removed");

/** The current value, computing what is stale; inside a recalculation the last one. */
export function pullValue(graph: Graph, state: StateTable, node: number): unknown {
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
  return sharedColumn(graph, state, node);
}

export function valueSignal(graph: Graph, state: StateTable, node: number): ReadonlySignal<unknown> {
  const observation = observe(state, node);
  observation.value ??= demandingSignal(state, observation, () =>
    isObserving(state, observation) ? pullValue(graph, state, node) : removedError,
  );
  return observation.value;
}

export function columnSignal(graph: Graph, state: StateTable, node: number): ReadonlySignal<Column> {
  const observation = observe(state, node);
  const shape = graph.structure.shapeOf(node);
  observation.column ??= demandingSignal(state, observation, () =>
    isObserving(state, observation) ? pullColumn(graph, state, node) : removedColumn(shape),
  );
  return observation.column as ReadonlySignal<Column>;
}

export function statusSignal(graph: Graph, state: StateTable, node: number): ReadonlySignal<Status> {
  const observation = observe(state, node);
  observation.status ??= computed(() => {
    observation.statusVersion.value;
    return isObserving(state, observation) ? statusOf(graph, state, node) : "fresh";
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
        if (isObserving(state, observation)) state.watched.add(observation.node);
      },
      unwatched() {
        observation.watchers--;
        if (observation.watchers === 0 && isObserving(state, observation)) {
          state.watched.delete(observation.node);
        }
      },
    },
  );
}

function pull(graph: Graph, state: StateTable, node: number): void {
  if (graph.yielding !== null) graph.yielding.settleNode(state, node);
  if (graph.isRunning || (state.flagsOf(node) & (flagDirty | flagCheck)) === 0) return;
  resolveNodes(graph, state, [node]);
}

function observe(state: StateTable, node: number): Observation {
  let observation = state.observations.get(node);
  if (observation === undefined) {
    observation = createObservation(node);
    state.observations.set(node, observation);
    const slot = state.slotOf(node);
    if (slot >= 0) {
      state.flags[slot] = (state.flags[slot] as number) | flagObserved;
    }
  }
  return observation;
}

/** Whether the node that the signals were made for still is. */
function isObserving(state: StateTable, observation: Observation): boolean {
  return state.observations.get(observation.node) === observation;
}

/** In the shape that the node had last time its signal was asked for, so that whoever indexes it finds cells. */
function removedColumn(shape: Shape): Column {
  const column = new Column(shape);
  for (let i = 0; i < column.length; i++) column.set(i, removedError);
  return column;
}
