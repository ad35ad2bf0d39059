/**
 * Placing: jobs that are ready together go to the executor, to this thread's share, or are done here and now.
 *
 *   1. Less than a millisecond of work, or an executor that does not say what sending costs: heavy ones are sent, others
 *      are done here. It is not asked before 10 ms of work were found ready in all.
 *   2. Together worth it: all are cut into parts and submitted in one turn; if this thread may take part, it keeps its share.
 *   3. Not worth it together: heavy ones are sent, and each that is worth it alone. If this thread may take part, such a
 *      one waits until all light work is done: perhaps something else is ready by then.
 */
import type { SharingOptions } from "../api.ts";
import type { Box } from "../formula-node.ts";
import type { DispatchCosts } from "../ports.ts";
import { formulaOf } from "../recalculation/column-step.ts";
import type { Costs } from "../recalculation/costs.ts";
import { endFlight, leaveInFlight, leaveResolved } from "../recalculation/departure.ts";
import type { Graph } from "../recalculation/graph.ts";
import { flagInFlight, type StateTable } from "../state/state-table.ts";
import { Backlog, type Threads } from "./backlog.ts";
import { bytesOfInputs, cellBytes } from "./bytes.ts";
import { cutBoxes } from "./cut-boxes.ts";
import {
  askMs,
  costsBeside,
  isWorthAlone,
  isWorthTogether,
  laneHere,
  partCount,
  threadsBeside,
} from "./decision.ts";
import { countCells, finishHere } from "./job-here.ts";
import {
  type Errand,
  errandsOf,
  type Job,
  jobOf,
  keepParts,
  sendWhole,
  settleSent,
  submitErrand,
  tellStarted,
} from "./sent-column.ts";

const movedShare = 0.25;
/** What one task costs this thread until that was measured, and little by little again while none is sent. */
const ownMsAtFirst = 0.003;
const lapsedShare = 0.05;
/** Sent ahead is twice what the others take to be begun, and an eighth of all at most. */
const aheadTimes = 2;
const aheadShare = 0.125;
/** A measurement counts as this many times the estimate at most. */
const ownJumpMax = 4;
/** Less than this may be light work that was interrupted: nobody is asked to measure anything for it. */
const seriousMs = 10;

/** A job that may be sent. */
export interface Offer {
  readonly job: Job;
  readonly isHeavy: boolean;
}

/** A node that may be sent; left alone, it is computed in place when its turn comes. */
export interface Untaken {
  readonly node: number;
  readonly ms: number;
  readonly cells: number;
}

/** One of both. */
interface Item {
  readonly node: number;
  readonly ms: number;
  readonly cells: number;
  readonly isHeavy: boolean;
  readonly job: Job | null;
}

export class Placing {
  private readonly graph: Graph;
  private readonly costs: Costs;
  private readonly sharing: SharingOptions | undefined;
  readonly backlog: Backlog | null;
  private openMs = 0;
  /** What one task costs this thread. */
  private ownMs = ownMsAtFirst;
  /** Work that was found ready so far, where it was much. */
  private readyMs = 0;

  constructor(graph: Graph, costs: Costs, sharing: SharingOptions | undefined) {
    this.graph = graph;
    this.costs = costs;
    this.sharing = sharing;
    this.backlog = sharing === undefined ? null : new Backlog(graph, costs, sharing, this.threads());
  }

  /** Afterwards each offered job is settled or in flight. */
  place(state: StateTable, offers: readonly Offer[], untaken: readonly Untaken[]): void {
    const { graph } = this;
    let allMs = 0;
    for (const { job } of offers) allMs += job.ms;
    for (const { ms } of untaken) allMs += ms;
    const costs = this.costsOf(allMs);
    if (costs === undefined) {
      for (const offer of offers) this.placeAlone(offer);
      return;
    }
    const items: Item[] = [];
    for (const offer of offers) {
      const { job, isHeavy } = offer;
      const { node, ms, rest } = job;
      if (isRemote(graph, node)) items.push({ node, ms, cells: countCells(rest), isHeavy, job });
      else this.placeAlone(offer);
    }
    for (const candidate of untaken)
      if (isRemote(graph, candidate.node)) items.push({ ...candidate, isHeavy: false, job: null });
    if (items.length > 0) this.placeItems(state, items, costs);
  }

  private placeItems(state: StateTable, items: readonly Item[], costs: DispatchCosts): void {
    const { graph, ownMs } = this;
    const here: Job[] = [];
    const began = this.costs.now();
    const lane = this.lane(costs);
    const ms = items.reduce((sum, item) => sum + item.ms, 0);
    const counts = items.map((item) => this.partsOf(item, costs, ms));
    const tasks = counts.reduce((sum, count) => sum + count, 0);
    const cells = items.reduce((sum, item) => sum + item.cells, 0);
    const bytes =
      bytesOfInputs(
        graph,
        state,
        items.map(({ node }) => node),
      ) +
      cells * cellBytes;
    const isTogether = isWorthTogether(costs, { ms, tasks, bytes }, lane, ownMs);
    const errands: Errand[] = [];
    const kept: Errand[] = [];
    const ahead = isTogether && this.backlog !== null ? this.sendAhead(state, items, counts, costs) : 0;
    items.forEach((item, i) => {
      if (i < ahead) return;
      if (isTogether) {
        (this.backlog === null ? errands : kept).push(...this.begin(state, item, counts[i] as number));
        return;
      }
      const own = bytesOfInputs(graph, state, [item.node]) + item.cells * cellBytes;
      if (item.isHeavy) errands.push(...this.begin(state, item, 1));
      else if (isWorthAlone(costs, { ms: item.ms, bytes: own }))
        (this.backlog === null ? errands : kept).push(...this.begin(state, item, 1));
      else if (item.job !== null) here.push(item.job);
    });
    if (kept.length > 0) {
      this.backlog?.hold(kept);
      if (isTogether) this.backlog?.balance();
    }
    const count = errands.length + kept.length + ahead;
    if (errands.length > 0) this.send(errands);
    // Where few of many went, most of the time went into looking at the others.
    if (count > 0 && isTogether) this.learnOwn(this.costs.since(began) / count);
    else this.ownMs += (ownMsAtFirst - this.ownMs) * lapsedShare;
    for (const job of here) finishHere(graph, this.costs, job);
  }

  /**
   * Where this thread takes part the first of many items are sent before the others are begun, so that threads do not wait
   * for that; so many that they are busy meanwhile. Gives how many there were.
   */
  private sendAhead(
    state: StateTable,
    items: readonly Item[],
    counts: readonly number[],
    costs: DispatchCosts,
  ): number {
    const wantedMs = items.length * this.ownMs * aheadTimes * costs.threads;
    const mostMs = items.reduce((sum, { ms }) => sum + ms, 0) * aheadShare;
    const errands: Errand[] = [];
    let sentMs = 0;
    let count = 0;
    while (sentMs < wantedMs) {
      const item = items[count] as Item;
      if (sentMs + item.ms > mostMs) break;
      errands.push(...this.begin(state, item, counts[count] as number));
      sentMs += item.ms;
      count++;
    }
    if (count > 0) this.send(errands, true);
    return count;
  }

  /**
   * One measurement may be anything: this thread was interrupted, or what was sent ran here after all. An estimate that is
   * far too high would forbid sending, and nothing would ever correct it.
   */
  private learnOwn(ms: number): void {
    this.ownMs += (Math.min(ms, ownJumpMax * this.ownMs) - this.ownMs) * movedShare;
  }

  /** Of a node in flight that an edit has reached: keeps the parts that it leaves alone, and starts the others anew. */
  goOn(state: StateTable, node: number): boolean {
    const { graph } = this;
    const kept = keepParts(graph, state, node);
    if (kept === null) return false;
    tellStarted(graph, { state, node, boxes: kept.dirty });
    const cells = countCells(kept.dirty);
    const ms = graph.dispatch?.estimateOf(node, cells) ?? 0;
    const costs = this.costsOf(ms);
    const item: Item = { node, ms, cells, isHeavy: false, job: null };
    const count = costs === undefined ? 1 : this.partsOf(item, costs, ms);
    const errands = kept.errands(cutBoxes(kept.dirty, count), ms);
    if (this.backlog !== null) this.backlog.hold(errands);
    else this.send(errands);
    if (state.flights.has(node)) leaveInFlight(graph, state, node);
    return true;
  }

  /** What sending costs, where so much work is ready that it matters. */
  private costsOf(readyMs: number): DispatchCosts | undefined {
    if (readyMs < askMs) return undefined;
    this.readyMs += readyMs;
    return this.readyMs < seriousMs ? undefined : this.askedCosts();
  }

  /** What sending costs, to the threads that there is room for. */
  private askedCosts(): DispatchCosts | undefined {
    return costsBeside(this.graph.executor.costs?.(), this.sharing?.cores);
  }

  private lane(costs: DispatchCosts): number {
    return this.backlog === null ? 0 : laneHere(costs, this.sharing?.cores);
  }

  private partsOf({ node, ms }: Pick<Item, "node" | "ms">, costs: DispatchCosts, allMs: number): number {
    const { graph, ownMs } = this;
    if (!graph.structure.isWide(node) || formulaOf(graph, node).kernel.isCellwise !== true) return 1;
    return partCount(costs, ms, allMs, { lane: this.lane(costs), ownMs });
  }

  private begin(state: StateTable, { node, ms, job }: Item, count: number): Errand[] {
    const { graph } = this;
    if (job !== null) return errandsOf(graph, job, cuts(job, count));
    const taken = jobOf(graph, state, node, ms);
    tellStarted(graph, taken);
    return errandsOf(graph, taken, cuts(taken, count));
  }

  private placeAlone({ job, isHeavy }: Offer): void {
    if (isHeavy) sendWhole(this.graph, job);
    else finishHere(this.graph, this.costs, job);
  }

  private threads(): Threads {
    const openMs = (): number => this.openMs;
    const ownMs = (): number => this.ownMs;
    return {
      get openMs() {
        return openMs();
      },
      get ownMs() {
        return ownMs();
      },
      send: (errands, isShared) => this.send(errands, isShared),
    };
  }

  private send(errands: readonly Errand[], isShared = false): void {
    const { graph, sharing } = this;
    const threadsMax = isShared ? threadsBeside(sharing?.cores) : undefined;
    for (const errand of errands) {
      const { state, node, flight, part, task } = errand;
      if (threadsMax !== undefined) task.threadsMax = threadsMax;
      this.openMs += part.ms;
      const onAnswer = (): void => {
        this.openMs = Math.max(0, this.openMs - part.ms);
      };
      if (!submitErrand(graph, errand, onAnswer)) continue;
      endFlight(graph, state, node);
      settleSent(graph, state, node, flight);
      leaveResolved(graph, state, node);
    }
    try {
      graph.executor.flush?.();
    } catch (error) {
      graph.raise(error);
    }
  }
}

/** Tells of a node that a job has left in flight. */
export function tellWhereInFlight(graph: Graph, state: StateTable, node: number): void {
  if (((state.flags[state.slotOf(node)] as number) & flagInFlight) !== 0) leaveInFlight(graph, state, node);
}

function cuts({ rest }: Job, count: number): readonly Box[] | null {
  return count > 1 ? cutBoxes(rest, count) : null;
}

function isRemote(graph: Graph, node: number): boolean {
  return formulaOf(graph, node).kernel.remote !== undefined;
}
