/**
 * The dispatcher: which column formulas are sent, which are looked up, which are done by this thread.
 *
 *   taken off the queue ──► light, or known to be cheap ───────────────────────────────► computed in place
 *          │
 *          ▼ heavy, known to be dear, or unknown and large
 *   with all others of its level ──► begun in slices, where the cost is unknown (job-here.ts)
 *          │
 *          ▼
 *   looked up, where that is worth it (look-ups.ts) ──► found: settled     answered later: decided then
 *          │
 *          ▼ not found
 *   placed (placing.ts): sent in one batch, kept as this thread's share (backlog.ts), or computed here
 *
 *   1. What is light costs a look at how many of its cells are: a table by node, so no kernel is touched. The others of a
 *      level are looked at only when one of them is not, once a level, and the executor is asked what sending costs only
 *      when a millisecond of work is ready. A box that nobody knows is decided on only if its first cell is dear.
 *   2. Nodes of one level do not read each other, so all of them are ready at once. What does not depend on them goes on.
 *   3. Without an estimate everything runs here: nothing is sent because it might be dear.
 *
 * Decisions change no value: all ways give the same bits.
 */
import type { EngineOptions } from "../api.ts";
import type { FormulaNode } from "../formula-node.ts";
import { formulaOf } from "../recalculation/column-step.ts";
import type { Costs } from "../recalculation/costs.ts";
import { giveUpFlight, leaveResolved } from "../recalculation/departure.ts";
import type { Dispatching, Graph } from "../recalculation/graph.ts";
import { cellCount } from "../state/boxes.ts";
import {
  flagCheck,
  flagDirty,
  flagHasValue,
  flagInFlight,
  flagWhole,
  type StateTable,
} from "../state/state-table.ts";
import { grownInt32 } from "../structure/growth.ts";
import {
  kindColumnFormula,
  traitAsynchronous,
  traitCostly,
  traitHeavy,
  traitManual,
} from "../structure/structure.ts";
import { askMs, floorMs } from "./decision.ts";
import { Estimates } from "./estimates.ts";
import { beginInSlices, doneAsLight, finishHere, isSliceable } from "./job-here.ts";
import { LookUps } from "./look-ups.ts";
import { type Offer, Placing, tellWhereInFlight, type Untaken } from "./placing.ts";
import { type Job, jobOf, tellStarted } from "./sent-column.ts";

/** So many nodes of a level are looked at in one go. */
const peersMax = 16_384;
/** More than any column has. */
const cellsMax = 2 ** 31 - 1;

/** A node of the queue that may be sent. */
interface Candidate {
  readonly node: number;
  readonly isHeavy: boolean;
  /** `undefined`: unknown. */
  readonly ms: number | undefined;
  readonly cells: number;
}

export class Dispatcher implements Dispatching {
  private readonly graph: Graph;
  private readonly costs: Costs;
  private readonly estimates: Estimates;
  private readonly lookUps: LookUps;
  private readonly placing: Placing;
  /** Per node so many cells of it are known to be light: then nothing is asked. */
  private lightCells: Int32Array = new Int32Array(0);
  /** Of this level nothing more is to be decided in this run of the queue. */
  private decidedLevel = -1;
  /** … but for what stands before this place of it. */
  private decidedFrom = 0;
  /** … and for these, whose parts had to be looked at first. */
  private readonly undecided = new Set<number>();

  constructor(graph: Graph, costs: Costs, { knownCosts, sharing }: EngineOptions) {
    this.graph = graph;
    this.costs = costs;
    this.estimates = new Estimates(knownCosts);
    this.lookUps = new LookUps(graph, costs);
    this.placing = new Placing(graph, costs, sharing);
  }

  get hasHeld(): boolean {
    return this.placing.backlog?.hasHeld === true;
  }

  begin(): void {
    this.decidedLevel = -1;
    if (this.undecided.size > 0) this.undecided.clear();
  }

  learn(node: number, ms: number, cells: number): void {
    const { estimates, graph } = this;
    estimates.learn(node, formulaOf(graph, node).kernel, ms, cells);
    const { structure } = graph;
    const isHeavy = (structure.traitsOf(node) & traitHeavy) !== 0;
    const light = isHeavy ? 0 : estimates.cellsWithin(node, floorMs);
    const { outer, periods } = structure.shapeOf(node);
    this.setLight(node, light >= outer * periods ? cellsMax : light);
  }

  estimateOf(node: number, cells: number): number | undefined {
    return this.estimates.of(node, formulaOf(this.graph, node).kernel, cells);
  }

  forget(node: number): void {
    this.estimates.forget(node);
    this.setLight(node, 0);
  }

  costsByVersion(): ReadonlyMap<string, number> {
    return this.estimates.costsByVersion();
  }

  runHeld(state: StateTable): boolean {
    return this.placing.backlog?.run(state) === true;
  }

  goOn(state: StateTable, node: number): boolean {
    return this.placing.goOn(state, node);
  }

  take(state: StateTable, node: number, slot: number): boolean {
    if (this.isLight(state, node, slot)) return false;
    const found = this.candidateOf(state, node, slot);
    if (found === null) return false;
    if (found.ms === undefined && !found.isHeavy) {
      const job = jobOf(this.graph, state, node);
      tellStarted(this.graph, job);
      if (this.isDoneAsLight(job)) return true;
      this.decideLevel(state, found, job);
      return true;
    }
    const isOpen = found.isHeavy || this.isOwnWork(state, found);
    if (!isOpen && this.isDecided(node)) return false;
    this.decideLevel(state, found);
    return ((state.flags[slot] as number) & flagDirty) === 0;
  }

  private isDecided(node: number): boolean {
    const { structure, queue } = this.graph;
    if (this.undecided.delete(node)) return false;
    return this.decidedLevel === structure.levelOf(node) && queue.source.currentCount >= this.decidedFrom;
  }

  /** Whether there is something to do for a node before it is decided on: slices of it, or a look-up. */
  private isOwnWork(state: StateTable, { node, ms, isHeavy }: Candidate): boolean {
    return isHeavy || ms === undefined || this.lookUps.isWorth(state, node, ms);
  }

  placeMissed(state: StateTable): void {
    const offers = this.lookUps.takeMissed(state);
    if (offers.length === 0) return;
    this.placing.place(state, offers, []);
    for (const { job } of offers) leaveResolved(this.graph, state, job.node);
  }

  private isLight(state: StateTable, node: number, slot: number): boolean {
    const light = this.lightCells[node];
    if (light === undefined || light === 0) return false;
    return light === cellsMax || this.dirtyCells(state, node, slot) <= light;
  }

  private setLight(node: number, cells: number): void {
    if (node >= this.lightCells.length) {
      if (cells === 0) return;
      this.lightCells = grownInt32(this.lightCells, node + 1);
    }
    this.lightCells[node] = cells;
  }

  /** What of a node may be sent, looked up, or must be begun in slices; `null`: it is computed in place. */
  private candidateOf(state: StateTable, node: number, slot: number): Candidate | null {
    const { graph } = this;
    const { structure } = graph;
    const traits = structure.traitsOf(node);
    const isHeavy = (traits & traitHeavy) !== 0;
    if (!isHeavy && (traits & traitAsynchronous) !== 0) return null;
    const cells = this.dirtyCells(state, node, slot);
    // Of an axis without members nothing is sent: no box says where its answer belongs.
    if (cells === 0) return null;
    if (!isHeavy && cells < this.estimates.sliceableCells && this.estimates.isUnknown(node)) return null;
    const { kernel } = structure.workOf(node) as FormulaNode;
    if (kernel.weight === "light") {
      this.setLight(node, cellsMax);
      return null;
    }
    const ms = this.estimates.of(node, kernel, cells);
    if (!isHeavy) {
      if (ms !== undefined && ms < floorMs) return null;
      if (ms === undefined && !isSliceable(kernel, cells, this.estimates)) return null;
    }
    return state.pinOf(node) === undefined ? { node, isHeavy, ms, cells } : null;
  }

  private dirtyCells(state: StateTable, node: number, slot: number): number {
    const { structure } = this.graph;
    if (!structure.isWide(node)) return 1;
    const flags = state.flags[slot] as number;
    const { dirty } = state.columnSlot(slot);
    if ((flags & flagWhole) !== 0 || (flags & flagHasValue) === 0 || dirty === null) {
      const { outer, periods } = structure.shapeOf(node);
      return outer * periods;
    }
    let cells = 0;
    for (let i = 0; i < dirty.count; i++) cells += cellCount(dirty.at(i));
    return cells;
  }

  /** `begun`: the first, if it was. */
  private decideLevel(state: StateTable, first: Candidate, begun: Job | null = null): void {
    const { graph } = this;
    const offers: Offer[] = [];
    const untaken: Untaken[] = [];
    const taken: number[] = [];
    for (const { node, isHeavy, ms, cells } of [first, ...this.peersOf(state, first)]) {
      const isKeyed = isHeavy || (ms !== undefined && this.lookUps.isWorth(state, node, ms));
      if (!isKeyed && ms !== undefined) {
        untaken.push({ node, ms, cells });
        continue;
      }
      taken.push(node);
      if (begun !== null && node === first.node) {
        this.startUnknown(begun, offers);
        continue;
      }
      const job = jobOf(graph, state, node, ms ?? 0);
      tellStarted(graph, job);
      if (isKeyed) this.lookUp(job, isHeavy, offers);
      else if (!this.isDoneAsLight(job)) this.startUnknown(job, offers);
    }
    this.placing.place(state, offers, untaken);
    // The first is told of by who took it off the queue.
    const told = [...taken, ...untaken.map(({ node }) => node)].filter((node) => node !== first.node);
    for (const node of told) tellWhereInFlight(graph, state, node);
  }

  /**
   * The other nodes of the level that may be sent and are ready. In an engine that yields, a slice may end after each
   * node: what has to be computed or looked up here first waits for its turn.
   */
  private peersOf(state: StateTable, of: Candidate): Candidate[] {
    const { structure, queue, yielding } = this.graph;
    if (yielding !== null && !of.isHeavy && this.isOwnWork(state, of)) return [];
    const first = of.node;
    const { current, currentCount } = queue.source;
    const end = Math.max(0, currentCount - peersMax);
    this.decidedLevel = structure.levelOf(first);
    this.decidedFrom = end;
    const peers: Candidate[] = [];
    for (let i = currentCount - 1; i >= end; i--) {
      const node = current[i] as number;
      if (structure.kindOf(node) !== kindColumnFormula || structure.componentIdOf(node) !== 0) continue;
      if (node === first || this.isParked(state, node)) continue;
      const slot = state.slotOf(node);
      if (slot < 0) continue;
      if (!this.isReady(state, node, slot)) continue;
      const peer = this.isLight(state, node, slot) ? null : this.candidateOf(state, node, slot);
      if (peer === null) continue;
      if (yielding === null || peer.isHeavy || !this.isOwnWork(state, peer)) peers.push(peer);
    }
    return peers;
  }

  /**
   * Whether a peer is to be computed now. What an edit has reached in flight is given up for that, with the others that it
   * reached; but of parts some may stay, which is found out in the node's own turn.
   */
  private isReady(state: StateTable, node: number, slot: number): boolean {
    const flags = (state.flags[slot] as number) & (flagDirty | flagCheck | flagInFlight);
    if (flags === flagDirty) return true;
    if (flags !== (flagDirty | flagInFlight)) return false;
    if (state.flights.get(node)?.sent?.isInParts === true) {
      this.undecided.add(node);
      return false;
    }
    giveUpFlight(this.graph, state, node, "a value that it reads changed");
    return true;
  }

  /** Manual and costly nodes are left alone unless somebody asks for them; then they are work like any other. */
  private isParked(state: StateTable, node: number): boolean {
    const { structure, forced } = this.graph;
    if ((structure.traitsOf(node) & (traitManual | traitCostly)) === 0) return false;
    return forced?.has(node) !== true && !state.watched.has(node);
  }

  /** Computes the first cell of a job of which nobody knows the cost, and all of it if that was light. */
  private isDoneAsLight(job: Job): boolean {
    if (!doneAsLight(this.graph, this.costs, job)) return false;
    this.lookUps.storeLate(job, job.spentMs);
    return true;
  }

  /** A job whose first cell was dear is begun here, as far as it takes to know what the others are. */
  private startUnknown(job: Job, offers: Offer[]): void {
    const { graph, costs, lookUps } = this;
    const { state, node } = job;
    const began = costs.now() - job.spentMs;
    beginInSlices(graph, costs, job);
    if (job.rest.length > 0 && job.ms >= askMs) {
      if (lookUps.isWorth(state, node, job.ms)) this.lookUp(job, false, offers);
      else offers.push({ job, isHeavy: false });
      return;
    }
    finishHere(graph, costs, job);
    lookUps.storeLate(job, costs.since(began));
  }

  private lookUp(job: Job, isHeavy: boolean, offers: Offer[]): void {
    if (this.lookUps.start(job, isHeavy) === "miss") offers.push({ job, isHeavy });
  }
}
