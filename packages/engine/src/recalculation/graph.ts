/**
 * The graph: everything that the parts of the engine share. It decides nothing; `recalculate.ts` does.
 */
import { batch, type Signal } from "@preact/signals-core";
import type { EngineFigures, EngineOptions } from "../api.ts";
import { ChangeLog } from "../bulk/change-log.ts";
import type { CellFamily } from "../cell-node.ts";
import type { ChangeListener } from "../change-list.ts";
import { EngineError } from "../engine-error.ts";
import type { EngineEvent, EventListener, ListenOptions } from "../events.ts";
import type { Box, LoopStart, NodeId } from "../formula-node.ts";
import { inlineExecutor } from "../inline-executor.ts";
import { JoinedStocks } from "../integration/joined-stocks.ts";
import type { LoopFuser } from "../loops/loop-fuser.ts";
import type { Clock, Executor, MemoStore } from "../ports.ts";
import { RangeBatch } from "../ranges/range-batch.ts";
import { Lending } from "../runs/lending.ts";
import type { BoxSet } from "../state/box-set.ts";
import type { Observation } from "../state/observation.ts";
import { flagObserved, StateTable } from "../state/state-table.ts";
import { DeclaredLoops } from "../structure/declared-loops.ts";
import { Structure, traitCostly } from "../structure/structure.ts";
import { SlicedQueue } from "../yielding/sliced-queue.ts";
import type { Arrival } from "./arrival.ts";
import { type CostLimit, Costs } from "./costs.ts";
import { LevelQueue } from "./level-queue.ts";

/** Ids are stored as 32-bit integers, and the words of a row are counted by such, too. */
const nodesMax = 2 ** 28;

/** So many recalculations may follow from one edit through effects that edit again. */
const followingRecalculationsMax = 64;

/** Recalculations in slices, as the rest of the engine sees them (yielding/slices.ts). */
export interface Yielding {
  readonly run: () => void;
  readonly isConsistent: (state: StateTable, node: number) => boolean;
  readonly settleNode: (state: StateTable, node: number) => void;
  readonly beforeStructureEdit: () => void;
  readonly finishAll: () => void;
  readonly close: () => void;
}

/** Decides what is sent, looked up and done here (dispatch/dispatcher.ts). */
export interface Dispatching {
  /** A queue begins to be emptied, or has got work behind what was decided. */
  readonly begin: () => void;
  /** Takes a column formula that is dirty, if there is something to decide. False: it is computed here and now. */
  readonly take: (state: StateTable, node: number, slot: number) => boolean;
  /** Of a node in flight that an edit has reached: keeps what the edit leaves alone. False: there is nothing to keep. */
  readonly goOn: (state: StateTable, node: number) => boolean;
  /** Starts what was looked up in vain. */
  readonly placeMissed: (state: StateTable) => void;
  readonly hasHeld: boolean;
  /** Does some of this thread's share; true: nodes were settled. */
  readonly runHeld: (state: StateTable) => boolean;
  readonly learn: (node: number, ms: number, cells: number) => void;
  /** What cells of a node would take in ms, if that is known. */
  readonly estimateOf: (node: number, cells: number) => number | undefined;
  readonly forget: (node: number) => void;
  readonly costsByVersion: () => ReadonlyMap<string, number>;
}

export class Graph {
  readonly structure: Structure = new Structure();
  readonly base: StateTable = new StateTable(0, "base", null);
  /** Every open state, parents before children. */
  readonly states: StateTable[] = [this.base];
  readonly queue: LevelQueue;
  /** `null` unless the engine yields. */
  yielding: Yielding | null = null;
  /** `null` unless something may be sent or looked up by what it costs. */
  dispatch: Dispatching | null = null;
  readonly loops: DeclaredLoops = new DeclaredLoops();
  readonly joined: JoinedStocks = new JoinedStocks();
  /** Arguments of kernels, used over and over. */
  readonly lending: Lending = new Lending();
  /** Range nodes that wait to be computed together. */
  readonly ranges: RangeBatch = new RangeBatch();
  /** Joins kernels of recurrences and loops; `null`: they are called one by one. */
  readonly fuse: LoopFuser | null;
  /** Whether loops of cells are solved on the table of numbers. */
  readonly joinsCells: boolean;
  /** How loops start that do not say. */
  readonly loopStart: LoopStart;
  readonly executor: Executor;
  readonly memoStore: MemoStore | null;
  /** Whether heavy kernels inside components become tasks. */
  readonly sendsHeavy: boolean;
  /** `null` without a clock. */
  readonly costs: Costs | null;
  readonly isChecked: boolean;
  /** `null` while nobody listens, so that the trace costs one comparison. */
  trace: EventListener | null = null;
  /** The clock of a listener that gave one: components measure their members by it. */
  traceClock: Clock | null = null;
  /** The number of the last accepted edit. */
  revision = 0;
  /** Units that may not be parked in this recalculation, or `null`. */
  forced: Set<number> | null = null;
  isRunning = false;
  /** Set when a node was left parked in this recalculation: watched nodes must be looked at. */
  hasParked = false;
  /** Misuse inside a formula, or what a listener threw; thrown to the caller once the recalculation is finished. */
  raised: { readonly error: unknown } | null = null;
  computedCount = 0;
  /** Since the engine was made; `computed` without the present recalculation. */
  readonly figures: { -readonly [K in keyof EngineFigures]: EngineFigures[K] } = {
    computed: 0,
    reused: 0,
    dispatched: 0,
    msHere: 0,
    msElsewhere: 0,
  };
  /** Answers of this turn that are not taken in yet. */
  arrivals: Arrival[] = [];
  changedCount = 0;
  inFlightCount = 0;
  tokens = 0;
  isClosed = false;
  /** Set while a transaction holds added nodes that are not linked yet: invariants hold again at its end. */
  hasUnlinked = false;

  /** `recalculate` of recalculate.ts; landing work calls it without importing it, which would be a circle. */
  recalculate: (graph: Graph) => void = unset;

  /** Whether lists of changes are kept: somebody wants them. */
  isNoting = false;

  /** One entry a subscription: a listener that is given twice is two. */
  private changeListeners: readonly { readonly listener: ChangeListener }[] = [];
  private readonly listeners = new Set<{ readonly listener: EventListener; readonly clock?: Clock }>();
  private waiters: (() => void)[] = [];
  private readonly published: Observation[] = [];
  private publishing = 0;
  private following = 0;

  constructor(options: EngineOptions) {
    this.queue = options.yielding === undefined ? new LevelQueue() : new SlicedQueue();
    this.fuse = options.loops?.fuse || null;
    this.joinsCells = options.loops?.fuse !== false;
    this.loopStart = options.loops?.start ?? "cold";
    this.executor = options.executor ?? inlineExecutor;
    this.memoStore = options.memoStore ?? null;
    this.sendsHeavy = options.executor !== undefined || this.memoStore !== null;
    this.costs = options.clock === undefined ? null : new Costs(options.clock, this.costLimit(options));
    this.isChecked = options.isChecked ?? false;
    // Names are asked for in the middle of a recalculation, too, which goes on.
    this.structure.names.onThrow = (error) => {
      if (!this.isRunning) throw error;
      this.raise(error);
    };
  }

  private costLimit({ lazyAboveMs }: EngineOptions): CostLimit | null {
    if (lazyAboveMs === undefined) return null;
    const { structure } = this;
    return {
      ms: lazyAboveMs,
      onCrossed: (node, isAbove) =>
        isAbove ? structure.addTrait(node, traitCostly) : structure.removeTrait(node, traitCostly),
    };
  }

  onChanges(listener: ChangeListener): () => void {
    const subscription = { listener };
    this.changeListeners = [...this.changeListeners, subscription];
    this.isNoting = true;
    return () => {
      this.changeListeners = this.changeListeners.filter((one) => one !== subscription);
      this.isNoting = this.changeListeners.length > 0;
      if (!this.isNoting) for (const state of this.states) state.log = null;
    };
  }

  /** Adds to the list of changes of a state; only while somebody listens (`isNoting`). */
  noteChanged(state: StateTable, node: number, box: Box | null): void {
    state.log ??= new ChangeLog(state.id);
    state.log.add(node, box);
  }

  /** Hands the lists over. Listeners may read, so what they read is computed already. */
  tellChanges(): void {
    if (!this.isNoting) return;
    const wasRunning = this.isRunning;
    this.isRunning = true;
    try {
      for (const state of this.states) {
        const { log } = state;
        if (log === null || log.count === 0) continue;
        log.revision = state.revision;
        for (const { listener } of this.changeListeners) this.tellLog(listener, log);
        log.clear();
      }
    } finally {
      this.isRunning = wasRunning;
    }
  }

  private tellLog(listener: ChangeListener, log: ChangeLog): void {
    try {
      listener(log);
    } catch (error) {
      this.raise(error);
    }
  }

  allocate(kind: number, work: unknown): NodeId {
    this.guardRoom(1);
    const node = this.structure.allocate(kind, work);
    this.ensureRows();
    return node;
  }

  /** The first of `count` rows with consecutive ids; `mayReuse`: those of removed nodes will do. */
  allocateRange(
    kind: number,
    count: number,
    { family, mayReuse }: { readonly family?: CellFamily; readonly mayReuse: boolean },
  ): NodeId {
    this.guardRoom(count);
    const first = this.structure.allocateRange(kind, count, family, mayReuse);
    this.ensureRows();
    return first;
  }

  private ensureRows(): void {
    this.base.ensureRows(this.structure.rows);
  }

  private guardRoom(count: number): void {
    if (this.structure.rows + count <= nodesMax) return;
    throw new EngineError("engine/too-large", {
      expected: `at most ${nodesMax} nodes`,
      found: `${count} more`,
      remedy: "use columns over axes instead of one node a cell",
    });
  }

  subscribe(listener: EventListener, options: ListenOptions = {}): () => void {
    const subscription = { listener, ...options };
    this.listeners.add(subscription);
    this.retrace();
    return () => {
      this.listeners.delete(subscription);
      this.retrace();
    };
  }

  /** Queues the node's signals for the batch at the end, if it has any. */
  announce(state: StateTable, node: number, slot: number): void {
    if (((state.flags[slot] as number) & flagObserved) === 0) return;
    this.announceObservation(state.observations.get(node), true);
  }

  /** As `announce`, for the status only. */
  announceStatus(state: StateTable, node: number, slot: number): void {
    if (((state.flags[slot] as number) & flagObserved) === 0) return;
    this.announceObservation(state.observations.get(node), false);
  }

  announceObservation(observation: Observation | undefined, isValue: boolean): void {
    if (observation === undefined) return;
    if (!observation.isValueQueued && !observation.isStatusQueued) this.published.push(observation);
    if (isValue) observation.isValueQueued = true;
    else observation.isStatusQueued = true;
  }

  /** Parts a node that goes from its signals: they turn to `#REF!`, and whatever takes the row gets its own. */
  forgetObservation(state: StateTable, node: number): void {
    const observation = state.observations.get(node);
    if (observation === undefined) return;
    this.announceObservation(observation, true);
    this.announceObservation(observation, false);
    state.observations.delete(node);
    state.watched.delete(node);
  }

  /** Counts one more accepted edit; refuses one too many from effects that run because of an earlier edit. */
  beginEdit(): void {
    if (this.publishing > 0 && ++this.following > followingRecalculationsMax) {
      throw new EngineError("engine/endless-effects", {
        expected: `effects that settle within ${followingRecalculationsMax} recalculations`,
        found: "an effect that edits the engine each time it runs",
        remedy: "edit only when the value differs from what the effect wants",
      });
    }
    this.revision++;
  }

  /** Bumps the queued signals in one batch, so effects run once and see everything. */
  publish(): void {
    if (this.published.length === 0) return;
    this.publishing++;
    try {
      batch(() => {
        for (let observation = this.published.at(-1); observation; observation = this.published.at(-1)) {
          // Taken off the list last: a host's batch that runs round may refuse the bump, which is then still owed.
          if (observation.isValueQueued) bump(observation.valueVersion);
          if (observation.isStatusQueued) bump(observation.statusVersion);
          observation.isValueQueued = false;
          observation.isStatusQueued = false;
          this.published.pop();
        }
      });
    } finally {
      this.publishing--;
      if (this.publishing === 0) this.following = 0;
    }
  }

  /** Resolves when nothing is in flight any more. */
  settled(): Promise<void> {
    if (this.inFlightCount === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  wakeWaiters(): void {
    if (this.inFlightCount > 0 || this.waiters.length === 0) return;
    const { waiters } = this;
    this.waiters = [];
    for (const resolve of waiters) resolve();
  }

  raise(error: unknown): void {
    this.raised ??= { error };
  }

  emit(event: EngineEvent): void {
    this.trace?.(event);
  }

  emitBoxes(
    kind: "started" | "changed",
    state: StateTable,
    node: number,
    boxes: readonly Box[] | BoxSet | null,
  ): void {
    const list = boxes === null ? [oneCell] : "list" in boxes ? boxes.list() : boxes;
    this.emit({ kind, state: state.id, node: node as NodeId, boxes: list });
  }

  emitNode(kind: "cut-off" | "reused" | "pending", state: StateTable, node: number): void {
    this.emit({ kind, state: state.id, node: node as NodeId });
  }

  /** A listener that throws must not leave the recalculation half done. */
  private tell(listener: EventListener, event: EngineEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.raise(error);
    }
  }

  private retrace(): void {
    const listeners = [...this.listeners].map(({ listener }) => listener);
    this.traceClock = [...this.listeners].find(({ clock }) => clock !== undefined)?.clock ?? null;
    if (listeners.length === 0) this.trace = null;
    else {
      this.trace = (event) => {
        for (const listener of listeners) this.tell(listener, event);
      };
    }
  }
}

/** Peeks, since an effect that edits must not come to depend on what its edit changes. */
function bump(version: Signal<number>): void {
  version.value = version.peek() + 1;
}

function unset(): void {
  throw new EngineError("engine/broken-invariant", {
    expected: "a graph that createEngine has completed",
    found: "a graph without its scheduler",
    remedy: "report this as a defect",
  });
}

const oneCell: Box = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
