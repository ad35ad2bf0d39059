/**
 * What this thread takes part in: errands that are in flight, and wait for whoever is free first.
 *
 *   held ──► threads get what they finish in the time that the rest takes here   (`balance`, whenever this thread looks)
 *     └────► the rest is done here, slice by slice, so that answers are taken in between
 *
 *   1. A first slice is computed at the end of the recalculation that brought the errands, when all light work is done.
 *      An errand that is alone is therefore done here at once: nobody would wait for it any shorter elsewhere.
 *   2. When errands are left, the host calls back (`SharingOptions.defer`), and a recalculation does another slice.
 *   3. Threads that have run dry get their share of what is left.
 */
import type { SharingOptions } from "../api.ts";
import { inlineExecutor } from "../inline-executor.ts";
import type { Costs } from "../recalculation/costs.ts";
import { endFlight, giveUpFlight, leaveResolved } from "../recalculation/departure.ts";
import type { Graph } from "../recalculation/graph.ts";
import { isPromise } from "../recalculation/scalar-step.ts";
import { flagDirty, type StateTable } from "../state/state-table.ts";
import { bytesOfErrands } from "./bytes.ts";
import { costsBeside, isWorthSharing, laneHere, shareOfThreads } from "./decision.ts";
import { awaitOutcome, type Errand, isWanted, settleSent, takeOutcome } from "./sent-column.ts";

/** Threads have about two milliseconds of short tasks in hand, and get more when this thread lets answers in. */
const sliceMsDefault = 1;
/** What is held is divided again when the threads have less than this share of it to do. */
const lookShare = 0.5;

/** Errands of the executor, and what it has to do. */
export interface Threads {
  /** The estimates of what is submitted and not answered. */
  readonly openMs: number;
  readonly ownMs: number;
  /** Submits errands in one go, and settles what is answered at once. `isShared`: this thread does others meanwhile. */
  readonly send: (errands: readonly Errand[], isShared: boolean) => void;
}

export class Backlog {
  private readonly graph: Graph;
  private readonly costs: Costs;
  private readonly sharing: SharingOptions;
  private readonly threads: Threads;
  private held: Errand[] = [];
  /** The estimates of what is held, given-up errands included until they are looked at. */
  private heldMs = 0;
  /** Whether something declared heavy may be held: that goes whenever it may. */
  private hasHeavy = false;
  private sliceEnd = Number.NEGATIVE_INFINITY;
  /** Whether the slice has not begun: its first errand is done whatever it takes. */
  private isOpen = false;
  private isDeferred = false;

  constructor(graph: Graph, costs: Costs, sharing: SharingOptions, threads: Threads) {
    this.graph = graph;
    this.costs = costs;
    this.sharing = sharing;
    this.threads = threads;
  }

  get hasHeld(): boolean {
    return this.held.length > 0;
  }

  hold(errands: readonly Errand[]): void {
    if (this.held.length === 0) this.open();
    for (const errand of errands) {
      this.held.push(errand);
      this.heldMs += errand.part.ms;
      if (isHeavy(this.graph, errand)) this.hasHeavy = true;
    }
  }

  /** Gives the threads their share of what is held, if that is worth it. */
  balance(): void {
    const { graph, threads } = this;
    // With so much before them the threads would get little: not worth a look at each errand after each slice.
    if (!this.hasHeavy && this.heldMs > 0 && threads.openMs > this.heldMs * lookShare) return;
    this.held = this.held.filter(isWanted);
    const { held } = this;
    this.heldMs = held.reduce((sum, { part }) => sum + part.ms, 0);
    const [first] = held;
    if (first === undefined || (held.length === 1 && threads.openMs === 0 && !isHeavy(graph, first))) return;
    const costs = costsBeside(graph.executor.costs?.(), this.sharing.cores);
    if (costs === undefined) return;
    const hereMs = this.heldMs;
    const wanted = shareOfThreads(costs, hereMs, threads.openMs, laneHere(costs, this.sharing.cores));
    const sent: Errand[] = [];
    let sentMs = 0;
    for (const errand of held) {
      const { ms } = errand.part;
      if (sentMs + ms / 2 > wanted) continue;
      sent.push(errand);
      sentMs += ms;
    }
    const longestMs = sent.reduce((most, { part }) => Math.max(most, part.ms), 0);
    const amount = { ms: sentMs, tasks: sent.length, bytes: bytesOfErrands(sent) };
    const isWorth = isWorthSharing(
      costs,
      { ...amount, hereMs, longestMs, openMs: threads.openMs },
      threads.ownMs,
    );
    // What is declared heavy goes, worth it or not.
    const going = new Set(isWorth ? sent : held.filter((errand) => isHeavy(graph, errand)));
    if (going.size === 0) return;
    this.held = held.filter((errand) => !going.has(errand));
    this.heldMs = this.held.reduce((sum, { part }) => sum + part.ms, 0);
    this.hasHeavy = this.held.some((errand) => isHeavy(graph, errand));
    threads.send([...going], this.held.length > 0);
  }

  /** Does errands of the state until the slice is over; true: nodes were settled. */
  run(state: StateTable): boolean {
    if (this.held.length === 0) return false;
    this.balance();
    let isSettled = false;
    while (this.isOpen || this.costs.now() < this.sliceEnd) {
      const at = this.held.findIndex((errand) => errand.state === state);
      if (at < 0) break;
      this.isOpen = false;
      const [errand] = this.held.splice(at, 1) as [Errand];
      this.heldMs = this.held.length === 0 ? 0 : this.heldMs - errand.part.ms;
      if (this.compute(errand)) isSettled = true;
    }
    if (this.held.length > 0) this.defer();
    return isSettled;
  }

  private open(): void {
    this.isOpen = true;
    this.sliceEnd = this.costs.now() + (this.sharing.sliceMs ?? sliceMsDefault);
  }

  /** True: the node is settled. */
  private compute(errand: Errand): boolean {
    const { graph, costs } = this;
    const { state, node, flight, task, part } = errand;
    if (!isWanted(errand)) return false;
    if (((state.flags[state.slotOf(node)] as number) & flagDirty) !== 0) {
      giveUpFlight(graph, state, node, "a value that it reads changed");
      return false;
    }
    const began = costs.now();
    const outcome = inlineExecutor.submit(task, part.controller.signal);
    if (isPromise(outcome)) {
      awaitOutcome(graph, errand, outcome);
      return false;
    }
    const costMs = costs.since(began);
    graph.figures.msHere += costMs;
    if (!takeOutcome(graph, errand, outcome.kind === "done" ? { ...outcome, costMs } : outcome)) return false;
    endFlight(graph, state, node);
    settleSent(graph, state, node, flight);
    leaveResolved(graph, state, node);
    return true;
  }

  private defer(): void {
    if (this.isDeferred) return;
    this.isDeferred = true;
    this.sharing.defer(() => this.resume());
  }

  private resume(): void {
    const { graph } = this;
    this.isDeferred = false;
    if (graph.isClosed || this.held.length === 0) return;
    this.open();
    try {
      graph.recalculate(graph);
    } catch (error) {
      // Nobody called: the next edit's caller hears of it.
      graph.raise(error);
    }
  }
}

function isHeavy(graph: Graph, { task }: Errand): boolean {
  return graph.executor.costs !== undefined && task.kernel.weight === "heavy";
}
