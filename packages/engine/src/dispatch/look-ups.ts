/**
 * What is looked up in the memo store: heavy kernels always, light ones never, others where computing them is known to cost so
 * many times what the look-up, its key and storing the result do, that a store which never has anything costs about
 * a twentieth. All look-ups of a level are asked for in one turn; those that are answered in one turn with nothing are
 * started together.
 */
import { formulaOf } from "../recalculation/column-step.ts";
import type { Costs } from "../recalculation/costs.ts";
import { beginFlight, endFlight, giveUpFlight, storeResult } from "../recalculation/departure.ts";
import type { Flight } from "../recalculation/flight.ts";
import type { Graph } from "../recalculation/graph.ts";
import { flagDirty, flagInFlight, type StateTable } from "../state/state-table.ts";
import { bytesOfInputs } from "./bytes.ts";
import { type Job, keyOf, lookUpJob } from "./sent-column.ts";

const worthTimes = 20;
/** Of making a key, until one was made. */
const keyMsPerMegabyte = 2;
/** Small keys say little of what a megabyte takes. */
const measuredBytesMin = 10_000;
const movedShare = 0.25;
/** A light computation that was interrupted once takes less. */
const surprisingMs = 10;

/** What was looked up in vain, in flight until it is started. */
interface Missed {
  readonly job: Job;
  readonly isHeavy: boolean;
  readonly flight: Flight;
}

export class LookUps {
  private readonly graph: Graph;
  private readonly costs: Costs;
  private keyMs = keyMsPerMegabyte;
  private missed: Missed[] = [];

  constructor(graph: Graph, costs: Costs) {
    this.graph = graph;
    this.costs = costs;
  }

  /** Whether a result that takes `ms` is worth looking up, and storing. Asks for the version only then. */
  isWorth(state: StateTable, node: number, ms: number): boolean {
    const { memoStore } = this.graph;
    if (memoStore === null) return false;
    const lookUpMs = memoStore.lookUpMs?.() ?? 0;
    if (ms < worthTimes * lookUpMs || ms === 0) return false;
    const keyMs = (bytesOfInputs(this.graph, state, [node]) / 1e6) * this.keyMs;
    if (ms < worthTimes * (lookUpMs + keyMs)) return false;
    return formulaOf(this.graph, node).kernel.version !== undefined;
  }

  /** As `lookUpJob`; what is missed later waits for `takeMissed`. */
  start(job: Job, isHeavy: boolean): "hit" | "miss" | "later" {
    const { graph, costs } = this;
    const { state, node, out } = job;
    if (graph.memoStore === null) return "miss";
    const began = costs.now();
    job.key = keyOf(graph, state, node, out);
    this.learnKey(job, costs.since(began));
    return lookUpJob(graph, job, (missed) => {
      const flight = beginFlight(graph, state, node, missed.boxes);
      this.missed.push({ job: missed, isHeavy, flight });
    });
  }

  /** What was missed in this turn and still counts, out of flight. */
  takeMissed(state: StateTable): { readonly job: Job; readonly isHeavy: boolean }[] {
    if (this.missed.length === 0) return [];
    const { graph, missed } = this;
    this.missed = missed.filter(({ job }) => job.state !== state);
    return missed.filter(({ job, flight }) => {
      const { node } = job;
      if (job.state !== state || state.flights.get(node) !== flight) return false;
      if (((state.flags[state.slotOf(node)] as number) & flagDirty) === 0) {
        endFlight(graph, state, node);
        return true;
      }
      giveUpFlight(graph, state, node, "a value that it reads changed");
      return false;
    });
  }

  /** Stores a result of which nobody knew that it would be worth it. */
  storeLate({ state, node, out }: Job, ms: number): void {
    const isDone = ((state.flags[state.slotOf(node)] as number) & flagInFlight) === 0;
    if (!isDone || ms < surprisingMs || !this.isWorth(state, node, ms)) return;
    const key = keyOf(this.graph, state, node, out);
    if (key !== null) storeResult(this.graph, key, out.clone(), ms);
  }

  private learnKey({ key }: Job, ms: number): void {
    const bytes = key?.parts.reduce((sum, part) => sum + part.bytes.length, 0) ?? 0;
    if (bytes < measuredBytesMin) return;
    this.keyMs += ((ms * 1e6) / bytes - this.keyMs) * movedShare;
  }
}
