/**
 * The distance to the solution of a loop with several unknowns, by slopes measured at the point: a sweep for each unknown.
 *
 * Steps that compare sweeps know the slopes along the ways they went. A slow way that none of them went along has a small
 * residual far from the solution, so all slopes are asked before a point counts as near. Where the answer is no, the next
 * one is worth it when the residual has halved.
 */
import { DenseSlopes } from "./linearised.ts";
import type { Residual } from "./residual.ts";

export class SlopeCheck {
  /** Whether the step by the slopes was within the tolerance. */
  isSound: boolean = false;

  private readonly slopes: DenseSlopes;
  private readonly x: Float64Array;
  private readonly r: Float64Array;
  private readonly step: Float64Array;
  private askedFrom = Number.POSITIVE_INFINITY;

  constructor(count: number) {
    this.slopes = new DenseSlopes(count);
    this.x = new Float64Array(count);
    this.r = new Float64Array(count);
    this.step = new Float64Array(count);
  }

  clear(): void {
    this.isSound = false;
    this.askedFrom = Number.POSITIVE_INFINITY;
  }

  isWorthIt(merit: number): boolean {
    return merit < this.askedFrom;
  }

  begin(x: Float64Array, gx: Float64Array, r: Float64Array, sizes: Float64Array): void {
    this.x.set(x);
    this.r.set(r);
    this.slopes.begin(x, gx, sizes);
  }

  take(gx: Float64Array): void {
    this.slopes.take(gx);
  }

  /** Puts the next point to sweep at into `at`: beside, and in the end the point itself; then false. */
  probe(at: Float64Array, residual: Residual): boolean {
    if (this.slopes.probe(at)) return true;
    this.isSound = this.slopes.solve(this.r, this.step) && residual.isWithin(this.step);
    if (!this.isSound) this.askedFrom = 0.5 * residual.merit;
    at.set(this.x);
    return false;
  }
}
