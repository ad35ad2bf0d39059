/**
 * The distance to the solution of a loop with several unknowns, by slopes measured at the point.
 *
 * Steps that compare sweeps know the slopes along the ways they went. A slow way that none of them went along has a small
 * residual far from the solution, so slopes are asked before a point counts as near.
 *
 *   few unknowns   a sweep for each. The step by the slopes must be within the tolerance, with what rounding in a sweep
 *                  may add to it; and the slopes, which have roundings too, must be sure of themselves.
 *   many           how far a residual of this size leads that points everywhere, by GMRES: there slow ways cannot hide.
 *
 * Where the answer is no, the next one is worth it when the residual has halved.
 */
import { DenseSlopes, KrylovSlopes } from "./linearised.ts";
import type { Residual } from "./residual.ts";

const rounding = 2.220446049250313e-16;
/** What a slope measured by a sweep beside may be off by, as a part of the sizes of the two unknowns. */
const slopeError = 6e-8;
/** A residual that points everywhere may point a slow way by so many times less than it is long. */
const hiding = 10;
/** Unknowns are not told apart from nothing below so many roundings of the largest. */
const leastRoundings = 64;

export class SlopeCheck {
  private readonly count: number;
  private readonly dense: DenseSlopes | null;
  private readonly krylov: KrylovSlopes | null;
  private readonly x: Float64Array;
  private readonly r: Float64Array;
  private readonly step: Float64Array;
  /** Whether the point is within the tolerance of the solution, as far as slopes were asked. */
  isSound: boolean = false;
  private askedFrom = Number.POSITIVE_INFINITY;

  constructor(count: number, isDense: boolean) {
    this.count = count;
    this.dense = isDense ? new DenseSlopes(count) : null;
    this.krylov = isDense ? null : new KrylovSlopes(count);
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

  begin(x: Float64Array, gx: Float64Array, { r, sizes }: Residual): void {
    this.x.set(x);
    this.r.set(r);
    this.dense?.begin(x, gx, sizes);
    if (this.krylov === null) return;
    // Signs without any order, the same each time.
    const right = new Float64Array(this.count);
    let state = 1;
    for (let i = 0; i < this.count; i++) {
      state = (Math.imul(state, 1103515245) + 12345) | 0;
      const size = Math.abs(r[i] as number) + rounding * (sizes[i] as number);
      right[i] = state >= 0 ? size : -size;
    }
    this.krylov.beginFor(right, 0.1 / Math.sqrt(this.count), x, gx, sizes);
  }

  take(gx: Float64Array): void {
    (this.dense ?? this.krylov)?.take(gx);
  }

  /** Puts the next point to sweep at into `at`: beside, and in the end the point itself; then false. */
  probe(at: Float64Array, residual: Residual): boolean {
    if ((this.dense ?? this.krylov)?.probe(at) === true) return true;
    this.isSound = this.krylov === null ? this.isWithin(residual) : this.isAround(this.krylov, residual);
    if (!this.isSound) this.askedFrom = 0.5 * residual.merit;
    at.set(this.x);
    return false;
  }

  private isAround(krylov: KrylovSlopes, residual: Residual): boolean {
    if (!(krylov.solve(this.r, this.step) && krylov.isMet)) return false;
    for (let i = 0; i < this.count; i++) this.step[i] = hiding * (this.step[i] as number);
    return residual.isWithin(this.step);
  }

  private isWithin(residual: Residual): boolean {
    const { dense, count, step } = this;
    const { sizes, largest } = residual;
    if (dense === null || !(dense.solve(this.r, step) && residual.isWithin(step))) return false;
    // Row by row of the inverse: how far roundings of the sweep may lead, and how wrong the slopes may be.
    const rows = dense.inverseSums(sizes);
    for (let i = 0; i < count; i++) {
      const reach = rows[i] as number;
      const size = Math.max(sizes[i] as number, 1e-4 * largest);
      if (reach * count * slopeError > 0.5 * size) return false;
      const allowed = Math.max(residual.allowed(i), leastRoundings * rounding * largest);
      if (!(Math.abs(step[i] as number) + reach * (rounding / 4) <= allowed)) return false;
    }
    return true;
  }
}
