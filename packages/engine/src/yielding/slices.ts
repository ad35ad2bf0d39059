/**
 * A recalculation in slices: an edit returns after about `budgetMs`, and the rest is computed in later slices.
 *
 *   edit ──► slice ──► control goes back ──► slice ──► … ──► done
 *              │  cone of what is watched: first             │
 *              └─ published when it is finished              └─ everything published, `settled` resolves
 *
 *   1. What is queued is computed lowest level first, the cone of the watched signals before the rest. After
 *      `budgetMs` the slice ends between two units and `defer` is asked to call back.
 *   2. Nothing that is watched is published before its whole cone is finished, so no effect sees two watched nodes of
 *      different revisions. What is left then has no reader among the watched.
 *   3. An edit in between joins: what it reaches is queued with the rest. Its structure may change: then the queue is
 *      emptied into the seeds of the next slice first.
 *   4. Reading a node computes what is queued before it, at once.
 *
 * A node is consistent if no queued unit can reach it: its level is below the lowest queued one, or it lies in the
 * cone and that is finished. With overlays open states are run one after the other, and published together at the end.
 *
 * One unit is computed in one go, however large: a slice may take that much longer.
 */
import { batch } from "@preact/signals-core";
import { inheritChanges } from "../overlays/inheritance.ts";
import { releaseOwnership } from "../overlays/ownership.ts";
import type { Clock } from "../ports.ts";
import type { Graph, Yielding } from "../recalculation/graph.ts";
import { enqueue } from "../recalculation/push.ts";
import { finish, resolveWatched, runQueue } from "../recalculation/recalculate.ts";
import { flagDirty, flagQueued, type StateTable } from "../state/state-table.ts";
import { coneOf, unitsBefore } from "./cone.ts";
import type { SlicedQueue } from "./sliced-queue.ts";

export interface SliceOptions {
  readonly budgetMs: number;
  readonly defer: (resume: () => void) => void;
  readonly clock: Clock;
}

export class Slices implements Yielding {
  /** Whether units wait for another slice. */
  isSuspended = false;
  private readonly graph: Graph;
  private readonly queue: SlicedQueue;
  private readonly options: SliceOptions;
  private readonly levelOf: (node: number) => number;
  /** The states before it are finished. */
  private stateAt = 0;
  /** Whether that state has taken over what changed in its parent. */
  private hasInherited = false;
  private stateCount = 1;
  /** The watched nodes that the cone was made for. */
  private watched: ReadonlySet<number> = new Set();
  private hasNewStructure = false;
  private isDeferred = false;

  constructor(graph: Graph, queue: SlicedQueue, options: SliceOptions) {
    this.graph = graph;
    this.queue = queue;
    this.options = options;
    this.levelOf = (node) => graph.structure.levelOf(node);
  }

  /** Computes for about `budgetMs` what edits have marked. */
  run(): void {
    const { graph, queue, options } = this;
    this.refreshCone();
    this.goBack();
    const wasSuspended = this.isSuspended;
    if (wasSuspended) graph.inFlightCount--;
    this.isSuspended = false;
    queue.begin(() => options.clock.now(), options.budgetMs);
    const isDone = this.runStates();
    if (isDone) this.complete(wasSuspended);
    else this.suspend();
  }

  isConsistent(state: StateTable, node: number): boolean {
    if (!this.isSuspended) return true;
    const { graph, queue } = this;
    // With several states what is queued lies in their seeds; they are consistent together.
    if (graph.states.length > 1 || state.seeds.length > 0) return false;
    const unit = graph.structure.unitOf(node);
    const lowest = queue.lowest(queue.inCone[unit] === 1, this.levelOf);
    if (lowest < 0) return true;
    const distance = this.levelOf(unit) - this.levelOf(lowest);
    const flags = state.flags[state.slotOf(unit)] as number;
    return distance < 0 || (distance === 0 && (flags & (flagQueued | flagDirty)) === 0);
  }

  /** Computes what stands before a node that is read. */
  settleNode(state: StateTable, node: number): void {
    const { graph, queue } = this;
    if (graph.isRunning || this.isConsistent(state, node)) return;
    if (graph.states.length > 1) {
      this.finishAll();
      return;
    }
    const lowest = queue.lowest(false, this.levelOf);
    const units = unitsBefore(graph, node, this.levelOf(lowest));
    graph.isRunning = true;
    try {
      queue.focus(units, this.levelOf);
      runQueue(graph, graph.base);
    } finally {
      queue.unfocus(this.levelOf);
      graph.isRunning = false;
    }
  }

  /** Before nodes are rewired or removed: levels that units were queued at may change. */
  beforeStructureEdit(): void {
    this.hasNewStructure = true;
    if (this.isSuspended) this.emptyInto(this.graph.states[this.stateAt] ?? this.graph.base);
  }

  /** Computes all that is left, at once. */
  finishAll(): void {
    const { queue, graph } = this;
    // What the caller queues next is no slice either.
    queue.begin(() => 0, Number.POSITIVE_INFINITY);
    if (!this.isSuspended) return;
    graph.inFlightCount--;
    this.isSuspended = false;
    this.goBack();
    this.runStates();
    this.complete(true);
  }

  close(): void {
    if (!this.isSuspended) return;
    this.isSuspended = false;
    this.graph.inFlightCount--;
  }

  /** To the first state, if something was edited or opened before the one that waits. */
  private goBack(): void {
    const { graph, queue } = this;
    // Between slices nothing is queued but by the short ways, which write the base.
    if (graph.states.length > 1 && queue.held > 0) this.emptyInto(graph.base);
    if (this.mustStartOver()) {
      this.stateAt = 0;
      this.hasInherited = false;
    }
    this.stateCount = graph.states.length;
  }

  /** Whether a state before the one that waits has something to do again, or states came and went. */
  private mustStartOver(): boolean {
    const { states } = this.graph;
    if (states.length !== this.stateCount) return true;
    return states.slice(0, this.stateAt).some((state) => state.edits.length + state.seeds.length > 0);
  }

  /** False where the slice ended before everything was computed. */
  private runStates(): boolean {
    const { graph, queue } = this;
    graph.isRunning = true;
    try {
      for (; this.stateAt < graph.states.length; this.stateAt++) {
        const state = graph.states[this.stateAt] as StateTable;
        this.prepare(state);
        if (queue.size > 0 || graph.dispatch?.hasHeld === true) runQueue(graph, state);
        if (queue.isStopped) return false;
        if (state.isShrinking) {
          state.isShrinking = false;
          releaseOwnership(graph, state);
          if (queue.size > 0) runQueue(graph, state);
          if (queue.isStopped) return false;
        }
        this.hasInherited = false;
      }
      return true;
    } finally {
      graph.isRunning = false;
      graph.forced = null;
    }
  }

  private prepare(state: StateTable): void {
    const { graph } = this;
    if (state.parent !== null && !this.hasInherited) inheritChanges(graph, state, state.parent);
    this.hasInherited = true;
    for (const edit of state.edits.splice(0)) edit();
    for (const seed of state.seeds.splice(0)) if (state.slotOf(seed) >= 0) enqueue(graph, state, seed);
  }

  private suspend(): void {
    const { graph, queue } = this;
    this.isSuspended = true;
    // Counts as something that is awaited, so that `settled` waits.
    graph.inFlightCount++;
    if (graph.states.length > 1) this.emptyInto(graph.states[this.stateAt] as StateTable);
    else if (queue.heldInCone === 0) graph.publish();
    this.tellStatus();
    this.callBackLater();
    const { raised } = graph;
    graph.raised = null;
    if (raised !== null) throw raised.error;
  }

  private callBackLater(): void {
    if (this.isDeferred) return;
    this.isDeferred = true;
    try {
      this.options.defer(() => this.resume());
    } catch (error) {
      // The next edit asks again.
      this.isDeferred = false;
      throw error;
    }
  }

  private resume(): void {
    this.isDeferred = false;
    if (!this.isSuspended || this.graph.isClosed) return;
    try {
      this.run();
    } catch (error) {
      // Nobody called: the next edit's caller hears of it.
      this.graph.raise(error);
    }
  }

  private complete(wasSuspended: boolean): void {
    const { graph } = this;
    this.stateAt = 0;
    this.hasInherited = false;
    if (graph.states.length > 1) {
      for (const state of graph.states) {
        state.changes.clear();
        state.touched.clear();
      }
    }
    if (graph.hasParked) {
      graph.hasParked = false;
      this.queue.begin(() => 0, Number.POSITIVE_INFINITY);
      resolveWatched(graph);
    }
    if (wasSuspended) this.tellStatus();
    finish(graph);
  }

  private emptyInto(state: StateTable): void {
    for (const unit of this.queue.drain()) {
      const slot = state.slotOf(unit);
      if (slot < 0) continue;
      state.flags[slot] = (state.flags[slot] as number) & ~flagQueued;
      state.seeds.push(unit);
    }
  }

  /** The status of what waits is pending, and fresh again afterwards. */
  private tellStatus(): void {
    batch(() => {
      for (const state of this.graph.states) {
        for (const { status, statusVersion } of state.observations.values()) {
          if (status !== null) statusVersion.value = statusVersion.peek() + 1;
        }
      }
    });
  }

  /** Makes the cone anew when other nodes are watched or the structure changed. */
  private refreshCone(): void {
    const { graph, queue } = this;
    const watched = graph.states.length === 1 ? graph.base.watched : allWatched(graph);
    if (!this.hasNewStructure && isSameSet(watched, this.watched)) return;
    this.hasNewStructure = false;
    this.watched = new Set(watched);
    // What is queued lies where the old cone put it.
    const units = queue.drain();
    queue.inCone = coneOf(graph, watched);
    for (const unit of units) queue.push(unit, this.levelOf(unit));
  }
}

function allWatched(graph: Graph): Set<number> {
  const nodes = new Set<number>();
  for (const state of graph.states) for (const node of state.watched) nodes.add(node);
  return nodes;
}

function isSameSet(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  if (a.size !== b.size) return false;
  for (const item of a) if (!b.has(item)) return false;
  return true;
}
