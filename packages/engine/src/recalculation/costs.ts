/**
 * What nodes cost: a moving estimate of the milliseconds that one computation of a node takes, from the clock that the
 * host gave. Without a clock there is no `Costs`, and computing pays one comparison with `null`.
 *
 *   1. A node is measured until its first estimate stands; then every time if it is worth it (`worthMs` and more), and
 *      otherwise one computation in `sampledOneIn`, over all nodes, and in `lightOneIn` where it is light: reading a clock
 *      costs about as much as a light formula.
 *   2. The estimate moves by a quarter of the way to each new measurement.
 *
 * One computation is what a recalculation did for the node, whichever cells that were. What is awaited counts from
 * its start to its answer. States share the estimates, since they run the same kernels.
 */
import type { Clock } from "../ports.ts";
import { grownFloat64 } from "../structure/growth.ts";

const worthMs = 0.05;
/** Powers of two. */
const sampledOneIn = 16;
const lightMs = 0.005;
const lightOneIn = 128;
const movedShare = 0.25;

/** Given by `begin` for a computation that is not measured. */
export const notMeasured = -1;

/** An estimate that somebody wants to know of. */
export interface CostLimit {
  readonly ms: number;
  readonly onCrossed: (node: number, isAbove: boolean) => void;
}

export class Costs {
  private readonly clock: Clock;
  /** Per node 1 + its estimate; 0: none yet. */
  private estimates: Float64Array = new Float64Array(0);
  /** By the number of the work that the cells share. */
  private readonly families: (number | undefined)[] = [];
  private passed = 0;
  /** What is told when a node's estimate comes to stand above the limit, or below it again. */
  private readonly limit: CostLimit | null;

  constructor(clock: Clock, limit: CostLimit | null = null) {
    this.clock = clock;
    this.limit = limit;
  }

  /** The time now if the node's next computation is to be measured, otherwise `notMeasured`. */
  begin(node: number): number {
    const estimate = (this.estimates[node] ?? 0) - 1;
    if (estimate >= 0 && estimate < worthMs && this.isPassed(estimate)) return notMeasured;
    return Math.max(0, this.clock.now());
  }

  /** As `begin` for a cell: the cells of a family share one estimate. */
  beginFamily(work: number): number {
    const known = this.families[work];
    if (known !== undefined && known < worthMs && this.isPassed(known)) return notMeasured;
    return Math.max(0, this.clock.now());
  }

  /** `cells`: how many were computed since then. */
  endFamily(work: number, began: number, cells = 1): void {
    const ms = this.since(began) / cells;
    if (!Number.isFinite(ms)) return;
    const before = this.families[work];
    while (this.families.length <= work) this.families.push(undefined);
    this.families[work] = before === undefined ? ms : before + (ms - before) * movedShare;
  }

  ofFamily(work: number): number | undefined {
    return this.families[work];
  }

  forgetFamily(work: number): void {
    if (work < this.families.length) this.families[work] = undefined;
  }

  now(): number {
    return this.clock.now();
  }

  /** Milliseconds since `begin`; a clock that was set back counts as none. */
  since(began: number): number {
    return Math.max(0, this.clock.now() - began);
  }

  end(node: number, began: number): void {
    if (began !== notMeasured) this.add(node, this.since(began));
  }

  add(node: number, ms: number): void {
    if (!Number.isFinite(ms)) return;
    if (node >= this.estimates.length) this.estimates = grownFloat64(this.estimates, node + 1);
    const before = this.estimates[node] as number;
    const after = before === 0 ? 1 + ms : before + (1 + ms - before) * movedShare;
    this.estimates[node] = after;
    if (this.limit !== null) this.compare(node, before - 1, after - 1);
  }

  /** The node's estimate, or `undefined` before the first measurement. */
  of(node: number): number | undefined {
    const estimate = this.estimates[node] ?? 0;
    return estimate === 0 ? undefined : estimate - 1;
  }

  private isPassed(estimate: number): boolean {
    return (++this.passed & (estimate < lightMs ? lightOneIn - 1 : sampledOneIn - 1)) !== 0;
  }

  private compare(node: number, before: number, after: number): void {
    const { ms, onCrossed } = this.limit as CostLimit;
    if (before > ms !== after > ms) onCrossed(node, after > ms);
  }

  /** The node is another one from now on. */
  forget(node: number): void {
    if (node < this.estimates.length) this.estimates[node] = 0;
  }
}
