/**
 * The trace of the last recalculation, kept for questions: the columns that were replaced, the cells that changed, and
 * the nodes that were computed again to the same value. It listens from the first question on; before that the engine traces nothing.
 *
 * It remembers at most `nodesMax` nodes a recalculation, and no column of more than `cellsMax` cells, so a question never
 * costs more memory than that many old columns.
 */

import type { Box, Engine, EngineEvent, EventListener, NodeId, State, StateId } from "@reckon/engine";
import type { Column } from "@reckon/value";

const nodesMax = 20_000;
/** Longer columns are not remembered: the engine edits them in place, and keeping one would cost each edit a copy. */
const cellsMax = 4096;

/** What changed, and what was to be computed again because of that. */
interface Cause {
  /** The cells that changed, those of the inputs edited included. */
  readonly changed: Map<NodeId, Box[]>;
  readonly marked: Set<NodeId>;
}

interface Recalculation {
  readonly revision: number;
  isRunning: boolean;
  readonly cause: Cause;
  readonly before: Map<NodeId, Column>;
  readonly cutOff: Set<NodeId>;
}

export class Trace {
  readonly #engine: Engine;
  readonly #stateOf: (id: StateId) => State | undefined;
  readonly #last: Map<StateId, Recalculation> = new Map();
  /** Inputs change before the recalculation begins that they are the reason for. */
  readonly #next: Map<StateId, Cause> = new Map();
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
    this.#next.clear();
  }

  /** The column that the node had before it was last computed again; unknown when it was not in the last recalculation. */
  before(state: StateId, node: NodeId): Column | undefined {
    return this.#last.get(state)?.before.get(node);
  }

  /** Whether the last recalculation computed the node and found the same value. */
  wasCutOff(state: StateId, node: NodeId): boolean {
    return this.#last.get(state)?.cutOff.has(node) ?? false;
  }

  /** Whether the last recalculation computed the node because something it reads changed. */
  wasMarked(state: StateId, node: NodeId): boolean {
    return this.#last.get(state)?.cause.marked.has(node) ?? false;
  }

  /** Whether one of the cells changed in that revision; `undefined` where that is not known. */
  haveChanged(state: State, node: NodeId, cells: readonly number[]): boolean | undefined {
    const last = this.#last.get(state.id);
    const boxes = last?.revision === state.changedAt(node) ? last.cause.changed.get(node) : undefined;
    if (boxes === undefined) return undefined;
    const { periods } = state.peek(node).shape;
    return cells.some((cell) =>
      boxes.some((box) => {
        const outer = Math.floor(cell / periods);
        const t = cell % periods;
        return outer >= box.outerFrom && outer < box.outerTo && t >= box.from && t < box.to;
      }),
    );
  }

  /** Where changes are noted: in the recalculation that runs, or for the one to come. */
  #causeIn(state: StateId): Cause {
    const last = this.#last.get(state);
    if (last?.isRunning === true) return last.cause;
    let next = this.#next.get(state);
    if (next === undefined) {
      next = emptyCause();
      this.#next.set(state, next);
    }
    return next;
  }

  #noteCause(event: EngineEvent & { kind: "changed" | "marked" }): void {
    const { changed, marked } = this.#causeIn(event.state);
    if (event.kind === "marked") {
      if (marked.size < nodesMax) marked.add(event.node);
    } else if (changed.size < nodesMax)
      changed.set(event.node, [...(changed.get(event.node) ?? []), ...event.boxes]);
  }

  readonly #listen: EventListener = (event: EngineEvent) => {
    if (event.kind === "recalculation-started") {
      const cause = this.#next.get(event.state) ?? emptyCause();
      this.#next.delete(event.state);
      this.#last.set(event.state, {
        revision: event.revision,
        isRunning: true,
        cause,
        before: new Map(),
        cutOff: new Set(),
      });
      return;
    }
    if (event.kind === "changed" || event.kind === "marked") this.#noteCause(event);
    const recalculation = this.#last.get(event.state);
    if (event.kind === "recalculation-finished" && recalculation !== undefined)
      recalculation.isRunning = false;
    if (event.kind !== "started" && event.kind !== "cut-off") return;
    if (recalculation === undefined || recalculation.before.size >= nodesMax) return;
    if (event.kind === "cut-off") recalculation.cutOff.add(event.node);
    else if (!recalculation.before.has(event.node)) {
      const { outer, periods } = this.#engine.shapeOf(event.node);
      if (outer * periods > cellsMax) return;
      const column = this.#stateOf(event.state)?.peek(event.node);
      if (column !== undefined) recalculation.before.set(event.node, column);
    }
  };
}

function emptyCause(): Cause {
  return { changed: new Map(), marked: new Set() };
}
