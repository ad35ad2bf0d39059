/**
 * What a cell of a column formula costs, so that the cost of any box is known before it is computed.
 *
 *   1. By node, and by kernel: nodes whose kernels have equal versions share what one of them has taught.
 *   2. An estimate stands for the number of cells that it was made from (`basis`). A measurement of as many cells or more
 *      moves it by a quarter of the way at least, and by three quarters if it is cheaper: the first call of any function is
 *      dear. One of a few cells moves it by their share: what every call costs would otherwise count as the cells' own.
 *   3. Of kernels only those that took `dearMs` once are kept by version, and only once such computations were half of all
 *      the time: a version is a text that somebody has to make, and even a light one is interrupted now and then.
 *
 * Cost: two tables of numbers by node; a version each for kernels that are worth it.
 */
import type { Kernel } from "../formula-node.ts";
import { grownFloat64 } from "../structure/growth.ts";

/** A computation that took so long makes its kernel known by version … */
const dearMs = 1;
/** … once so much of these was seen, in so many computations at least. */
const dearSumMs = 10;
const dearCountMin = 4;
const pendingMax = 64;
const movedShare = 0.25;
const loweredShare = 0.75;
/** An estimate says nothing of boxes that are so many times larger than what it was made from. */
const basisReach = 64;
/** Smaller boxes are computed in one go, unless other work has turned out to be dear. */
const slicedCellsMin = 256;
const slicedCellsLeast = 8;

interface Estimate {
  msPerCell: number;
  basis: number;
}

export class Estimates {
  /** Per node ms a cell, 0: none. */
  private perCell: Float64Array = new Float64Array(0);
  private bases: Float64Array = new Float64Array(0);
  private readonly byVersion: Map<string, Estimate> = new Map();
  private allMs = 0;
  private dearSum = 0;
  private dearCount = 0;
  /** Dear computations that are not known by version yet; `null`: there is enough of that. */
  private pending: (() => void)[] | null = [];

  constructor(known: ReadonlyMap<string, number> = new Map()) {
    for (const [version, msPerCell] of known) {
      const isUsable = Number.isFinite(msPerCell) && msPerCell > 0;
      if (isUsable) this.byVersion.set(version, { msPerCell, basis: Number.POSITIVE_INFINITY });
    }
    if (this.byVersion.size > 0) this.pending = null;
  }

  /** Whether work is dear here: that of which nothing is known may be so, too. */
  get isDear(): boolean {
    return this.pending === null;
  }

  /** Boxes of so many cells are begun in slices where nothing is known of them. */
  get sliceableCells(): number {
    return this.isDear ? slicedCellsLeast : slicedCellsMin;
  }

  /** Whether nothing is known of the node, nor of any kernel by its version. */
  isUnknown(node: number): boolean {
    return this.byVersion.size === 0 && (this.perCell[node] ?? 0) === 0;
  }

  /** How many cells of the node are known to take less than `ms`, by its own estimate. */
  cellsWithin(node: number, ms: number): number {
    const own = this.perCell[node] ?? 0;
    if (own === 0) return 0;
    return Math.min(Math.ceil(ms / own) - 1, (this.bases[node] as number) * basisReach);
  }

  /** What the cells would take in ms, or `undefined` where nothing is known that says so. */
  of(node: number, kernel: Kernel, cells: number): number | undefined {
    const own = this.perCell[node] ?? 0;
    if (own > 0 && cells <= (this.bases[node] as number) * basisReach) return own * cells;
    if (this.byVersion.size === 0) return undefined;
    const { version } = kernel;
    const shared = version === undefined ? undefined : this.byVersion.get(version);
    if (shared === undefined || cells > shared.basis * basisReach) return undefined;
    return shared.msPerCell * cells;
  }

  learn(node: number, kernel: Kernel, ms: number, cells: number): void {
    if (cells <= 0 || !Number.isFinite(ms) || ms < 0) return;
    if (node >= this.perCell.length) {
      this.perCell = grownFloat64(this.perCell, node + 1);
      this.bases = grownFloat64(this.bases, node + 1);
    }
    const before = this.perCell[node] as number;
    if (before === 0) {
      this.perCell[node] = Math.max(ms / cells, Number.MIN_VALUE);
      this.bases[node] = cells;
    } else {
      const own = moved(before, this.bases[node] as number, ms / cells, cells);
      this.perCell[node] = own.msPerCell;
      this.bases[node] = own.basis;
    }
    this.allMs += ms;
    if (ms >= dearMs) {
      this.dearSum += ms;
      this.dearCount++;
    }
    if (this.pending === null) this.share(kernel, ms, cells);
    else if (ms >= dearMs) this.wait(() => this.share(kernel, ms, cells));
  }

  private wait(share: () => void): void {
    const pending = this.pending as (() => void)[];
    if (pending.length < pendingMax) pending.push(share);
    const isDear = this.dearSum >= dearSumMs && this.dearCount >= dearCountMin;
    if (!isDear || this.dearSum * 2 < this.allMs) return;
    this.pending = null;
    for (const one of pending) one();
  }

  private share(kernel: Kernel, ms: number, cells: number): void {
    if (ms < dearMs && this.byVersion.size === 0) return;
    const { version } = kernel;
    if (version === undefined) return;
    const shared = this.byVersion.get(version);
    if (shared === undefined) {
      if (ms >= dearMs) this.byVersion.set(version, { msPerCell: ms / cells, basis: cells });
      return;
    }
    // What was known from an earlier run has no basis of its own.
    const basis = Number.isFinite(shared.basis) ? shared.basis : cells;
    this.byVersion.set(version, moved(shared.msPerCell, basis, ms / cells, cells));
  }

  /** The node is another one from now on. */
  forget(node: number): void {
    if (node < this.perCell.length) this.perCell[node] = 0;
  }

  /** Milliseconds a cell of each kernel that is worth knowing. */
  costsByVersion(): ReadonlyMap<string, number> {
    return new Map([...this.byVersion].map(([version, { msPerCell }]) => [version, msPerCell]));
  }
}

/** An estimate after a measurement. No measured cost is 0: that says that there is none. */
function moved(before: number, basis: number, msPerCell: number, cells: number): Estimate {
  const measured = Math.max(msPerCell, Number.MIN_VALUE);
  if (before === 0) return { msPerCell: measured, basis: cells };
  const least = measured < before ? loweredShare : movedShare;
  const share = cells >= basis ? Math.max(least, 1 - basis / cells) : (least * cells) / basis;
  return { msPerCell: before + (measured - before) * share, basis: Math.max(basis, cells) };
}
