/**
 * Newton's steps for several unknowns: from a base, by slopes measured around it, whole or in part.
 *
 *   begin ──► probe, take … ──► leap: the whole step ──► sweep ──► smaller residual?  yes: from there, with these slopes
 *                                                                                     (rebase) or others (begin)
 *                                                                  no: half of the step, at most ten times (halve)
 *
 * At a kink every part of the step may be worse than none: then the whole of it, over the kink (leapOver).
 */
import { DenseSlopes, KrylovSlopes, type Linearised } from "./linearised.ts";
import { sizeOf } from "./residual.ts";

const stepsMax = 25;
const halvingsMax = 10;
const leapsMax = 3;
/** A step so many times longer than the residual comes of slopes that are rounding. */
const longest = 1e7;
/** What is no less than this part of the residual is no smaller. */
const same = 0.9999;

export class NewtonSteps {
  /** Where the step began, with its residual. */
  readonly baseX: Float64Array;
  readonly baseR: Float64Array;
  readonly step: Float64Array;
  /** The residual at the base in units of the tolerance. */
  baseMerit: number = 0;

  private readonly slopes: Linearised;
  private steps = 0;
  private halvings = 0;
  private leaps = 0;

  constructor(count: number, isDense: boolean) {
    this.slopes = isDense ? new DenseSlopes(count) : new KrylovSlopes(count);
    this.baseX = new Float64Array(count);
    this.baseR = new Float64Array(count);
    this.step = new Float64Array(count);
  }

  clear(): void {
    this.steps = 0;
    this.leaps = 0;
  }

  /** Whether the slopes serve for other residuals. */
  get isReusable(): boolean {
    return this.slopes.isReusable;
  }

  /** Whether the last step was taken as a whole, and at once. */
  get isWhole(): boolean {
    return this.halvings === 0;
  }

  get isOver(): boolean {
    return this.halvings > halvingsMax;
  }

  /** Slopes around another base. False: there were too many. */
  begin(x: Float64Array, gx: Float64Array, merit: number, sizes: Float64Array): boolean {
    if (this.steps++ >= stepsMax) return false;
    this.baseX.set(x);
    for (let i = 0; i < x.length; i++) this.baseR[i] = (gx[i] as number) - (x[i] as number);
    this.baseMerit = merit;
    this.slopes.begin(this.baseX, gx, sizes);
    return true;
  }

  rebase(x: Float64Array, r: Float64Array, merit: number): void {
    this.baseX.set(x);
    this.baseR.set(r);
    this.baseMerit = merit;
  }

  probe(at: Float64Array): boolean {
    return this.slopes.probe(at);
  }

  take(gx: Float64Array): void {
    this.slopes.take(gx);
  }

  solve(r: Float64Array, step: Float64Array): boolean {
    return this.slopes.solve(r, step);
  }

  /** Writes the end of the whole step into `x`. False: there is none that means anything. */
  leap(x: Float64Array): boolean {
    const isSolved = this.slopes.solve(this.baseR, this.step);
    if (!isSolved || sizeOf(this.step) > longest * sizeOf(this.baseR)) return false;
    this.halvings = 0;
    this.put(1, x);
    return true;
  }

  /** Half of the step before. */
  halve(x: Float64Array): true {
    this.put(2 ** -++this.halvings, x);
    return true;
  }

  /** The whole step, though it makes the residual no smaller. False: not again. */
  leapOver(x: Float64Array): boolean {
    if (this.halvings !== halvingsMax || this.leaps++ >= leapsMax) return false;
    this.halvings++;
    this.put(1, x);
    return true;
  }

  isBetter(merit: number): boolean {
    return merit < same * this.baseMerit;
  }

  /** Whether a part of the step should be tried: the residual is no smaller. */
  isWorse(merit: number): boolean {
    return this.halvings < halvingsMax && !this.isBetter(merit);
  }

  private put(part: number, x: Float64Array): void {
    for (let i = 0; i < x.length; i++) {
      x[i] = (this.baseX[i] as number) + part * (this.step[i] as number);
    }
  }
}
