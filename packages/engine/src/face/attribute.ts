/**
 * The handles of embedders: three words each; everything else is in the graph's tables.
 *
 * Rows are used again after a removal. A handle remembers the generation of its row, so that one whose node was removed
 * shows `#REF!` (and refuses edits) instead of the node that has taken the row.
 */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { ErrorValue } from "@reckon/value";
import type { Attribute, Input, Status } from "../api.ts";
import { EngineError } from "../engine-error.ts";
import type { NodeId } from "../formula-node.ts";
import type { Graph } from "../recalculation/graph.ts";
import { flagCheck, flagDirty, flagHasValue, flagOther } from "../state/state-table.ts";
import { guardNode } from "./guards.ts";
import { pullValue, removedError, statusSignal, valueSignal } from "./observe.ts";

const flagsOfFreshNumber = flagHasValue | flagOther | flagDirty | flagCheck;

export class GraphAttribute<T> implements Attribute<T> {
  readonly id: NodeId;
  protected readonly face: ScalarFace;
  private readonly generation: number;

  constructor(face: ScalarFace, id: NodeId) {
    this.face = face;
    this.id = id;
    this.generation = face.graph.structure.generationOf(id);
  }

  get value(): T | ErrorValue {
    const { graph } = this.face;
    const { id } = this;
    if (this.isGone) return removedError;
    if (graph.yielding !== null) return pullValue(graph, graph.base, id) as T | ErrorValue;
    const { flags, numbers } = graph.base;
    // The base has slot = node. A fresh number needs no more than two loads: benchmark W3 reads 1,000,000 of them.
    if (((flags[id] as number) & flagsOfFreshNumber) === flagHasValue) return numbers[id] as T;
    return pullValue(graph, graph.base, id) as T | ErrorValue;
  }

  get signal(): ReadonlySignal<T | ErrorValue> {
    const { graph } = this.face;
    if (this.isGone) return goneValue;
    return valueSignal(graph, graph.base, this.id) as ReadonlySignal<T | ErrorValue>;
  }

  get status(): ReadonlySignal<Status> {
    const { graph } = this.face;
    return this.isGone ? goneStatus : statusSignal(graph, graph.base, this.id);
  }

  /** Whether the node was removed, or never came to be because its transaction threw. */
  get isGone(): boolean {
    return this.face.graph.structure.generationOf(this.id) !== this.generation;
  }

  isOf(graph: Graph): boolean {
    return this.face.graph === graph;
  }
}

export class GraphInput<T> extends GraphAttribute<T> implements Input<T> {
  set(value: T): void {
    if (this.isGone) throw goneHandle(this.id);
    this.face.setScalar(this.id, value);
  }
}

/** What a handle needs of its engine. */
export interface ScalarFace {
  readonly graph: Graph;
  readonly setScalar: (node: number, value: unknown) => void;
}

/** The id of a precedent given as a handle: one of this engine, and not of a removed node. */
export function guardedId(graph: Graph, attribute: Attribute<unknown>): NodeId {
  if (attribute instanceof GraphAttribute) {
    if (!attribute.isOf(graph)) {
      throw new EngineError("engine/foreign-attribute", {
        expected: "attributes of this engine",
        found: `node ${attribute.id} of another engine`,
        remedy: "read the other engine's value in an effect, and set an input of this one",
      });
    }
    if (attribute.isGone) throw goneHandle(attribute.id);
  }
  guardNode(graph, attribute.id);
  return attribute.id;
}

function goneHandle(id: NodeId): EngineError {
  return new EngineError("engine/unknown-node", {
    expected: "the handle of a node of this engine",
    found: `one of node ${id}, which was removed`,
    remedy: "drop the handle together with the node",
  });
}

const goneValue: ReadonlySignal<ErrorValue> = signal(removedError);
const goneStatus: ReadonlySignal<Status> = signal<Status>("fresh");
