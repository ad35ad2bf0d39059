/**
 * The trace of the last recalculation, kept for questions: the columns that were replaced, and the nodes that were
 * computed again to the same value. It listens from the first question on; before that the engine traces nothing.
 *
 * It remembers at most `nodesMax` nodes a recalculation, so a question never costs more memory than that many old
 * columns.
 */

import type { Engine, EngineEvent, EventListener, NodeId, State, StateId } from "@reckon/engine";
import type { Column } from "@reckon/value";

const nodesMax = 20_000;

interface Recalculation {
  readonly before: Map<NodeId, Column>;
  readonly cutOff: Set<NodeId>;
}

export class Trace {
  readonly #engine: Engine;
  readonly #stateOf: (id: StateId) => State | undefined;
  readonly #last: Map<StateId, Recalculation> = new Map();
  #stop: (() => void) | undefined;

  constructor(engine: Engine, stateOf: (id: StateId) => State | undefined) {
    this.#engine = engine;
    this.#stateOf = stateOf;
  }

  start(): void {
    this.#stop ??= this.#engine.subscribe(this.#listen);
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#last.clear();
  }

  /** The column that the node had before it was last computed again; unknown when it was not in the last recalculation. */
  before(state: StateId, node: NodeId): Column | undefined {
    return this.#last.get(state)?.before.get(node);
  }

  /** Whether the last recalculation computed the node and found the same value. */
  wasCutOff(state: StateId, node: NodeId): boolean {
    return this.#last.get(state)?.cutOff.has(node) ?? false;
  }

  readonly #listen: EventListener = (event: EngineEvent) => {
    if (event.kind === "recalculation-started") {
      this.#last.set(event.state, { before: new Map(), cutOff: new Set() });
      return;
    }
    if (event.kind !== "started" && event.kind !== "cut-off") return;
    const recalculation = this.#last.get(event.state);
    if (recalculation === undefined || recalculation.before.size >= nodesMax) return;
    if (event.kind === "cut-off") recalculation.cutOff.add(event.node);
    else if (!recalculation.before.has(event.node)) {
      const column = this.#stateOf(event.state)?.peek(event.node);
      if (column !== undefined) recalculation.before.set(event.node, column);
    }
  };
}
