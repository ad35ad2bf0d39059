/** The handles of embedders: two words each; everything else is in the graph's tables. */
import type { ReadonlySignal } from "@preact/signals-core";
import type { ErrorValue } from "@reckon/value";
import type { Attribute, Input, Status } from "../api.ts";
import type { NodeId } from "../formula-node.ts";
import type { Graph } from "../recalculation/graph.ts";
import { pullValue, statusSignal, valueSignal } from "./observe.ts";

export class GraphAttribute<T> implements Attribute<T> {
  readonly id: NodeId;
  protected readonly face: ScalarFace;

  constructor(face: ScalarFace, id: NodeId) {
    this.face = face;
    this.id = id;
  }

  get value(): T | ErrorValue {
    const { graph } = this.face;
    return pullValue(graph, graph.base, this.id) as T | ErrorValue;
  }

  get signal(): ReadonlySignal<T | ErrorValue> {
    const { graph } = this.face;
    return valueSignal(graph, graph.base, this.id) as ReadonlySignal<T | ErrorValue>;
  }

  get status(): ReadonlySignal<Status> {
    const { graph } = this.face;
    return statusSignal(graph, graph.base, this.id);
  }
}

export class GraphInput<T> extends GraphAttribute<T> implements Input<T> {
  set(value: T): void {
    this.face.setScalar(this.id, value);
  }
}

/** What a handle needs of its engine. */
export interface ScalarFace {
  readonly graph: Graph;
  readonly setScalar: (node: number, value: unknown) => void;
}
