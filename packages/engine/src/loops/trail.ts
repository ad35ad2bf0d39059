/**
 * The trail of a solve: its last points, the ends of its residuals, and how residuals followed on each other.
 *
 * Kept of the points are the last `pointsKept`: enough to see iterates that repeat, and how the last residuals followed on
 * each other (which is looked at in the end only: most solves never ask). Kept of the residuals are the first and the last
 * `residualsKept`.
 */
import type { LoopVerdict } from "../formula-node.ts";

export const residualsKept = 8;
const pointsKept = 16;
/** The longest cycle that is looked for. */
const cycleMax = 8;
/** The last so many ratios decide. */
const ratiosLooked = 4;
/** A residual that shrinks less than this is not on its way anywhere. */
const shrinkingBelow = 0.98;
/** A residual that grew so many times in one step was on its way out. */
const leapFrom = 2;

export class Trail {
  /** How many residuals there were. */
  count: number = 0;
  /** The first ones, then the last ones, each of those at 8 + (number & 7). */
  readonly residuals: Float64Array = new Float64Array(2 * residualsKept);
  /** The residual before the last. */
  deltaBefore: number = Number.POSITIVE_INFINITY;

  private readonly points = new Float64Array(pointsKept);
  private readonly signed = new Float64Array(pointsKept);
  /** Points since the method last began anew. */
  private pointCount = 0;

  clear(): void {
    this.count = 0;
    this.forget();
  }

  /** Another way is tried: what was before says nothing of it. */
  forget(): void {
    this.pointCount = 0;
    this.deltaBefore = Number.POSITIVE_INFINITY;
  }

  add(x: number, r: number, delta: number): void {
    this.note(delta);
    const count = this.pointCount++;
    if (count > 0) this.deltaBefore = Math.abs(this.signed[(count - 1) & 15] as number);
    this.points[count & 15] = x;
    this.signed[count & 15] = r;
  }

  /** One more residual. */
  note(delta: number): void {
    const at = this.count++;
    if (at < residualsKept) this.residuals[at] = delta;
    this.residuals[residualsKept + (at & 7)] = delta;
  }

  /** The last residual turned out smaller. */
  amend(delta: number): void {
    const at = this.count - 1;
    if (at < 0) return;
    if (at < residualsKept) this.residuals[at] = delta;
    this.residuals[residualsKept + (at & 7)] = delta;
  }

  /** After how many points the last one came again, 0 if it did not. */
  repeats(): number {
    const last = this.pointCount - 1;
    const x = this.points[last & 15] as number;
    for (let back = 2; back <= cycleMax && back <= last; back++) {
      const at = (last - back) & 15;
      if (this.points[at] !== x) continue;
      if (Math.abs(this.signed[at] as number) === Math.abs(this.signed[last & 15] as number)) return back;
    }
    return 0;
  }

  /** Of the last `length` points the one with the smallest residual; of equal ones the nearest to `start`. */
  bestOfLast(length: number, start: number): number {
    let best = Number.NaN;
    let least = Number.POSITIVE_INFINITY;
    for (let back = 0; back < length; back++) {
      const at = (this.pointCount - 1 - back) & 15;
      const x = this.points[at] as number;
      const delta = Math.abs(this.signed[at] as number);
      if (delta > least || (delta === least && Math.abs(x - start) >= Math.abs(best - start))) continue;
      best = x;
      least = delta;
    }
    return best;
  }

  /** How residuals went that did not come to an end. */
  verdict(): LoopVerdict {
    const looked = Math.min(ratiosLooked, this.pointCount - 1);
    if (looked < 1) return "limit";
    if (this.isLately(looked, isFlip) && this.isLately(looked, isFlat)) return "oscillating";
    return this.isLately(looked, isGrowth) ? "diverging" : "limit";
  }

  /** Whether what ended in no number had been on its way out: growing for some time, or by much. */
  isGrowing(): boolean {
    const ratios = this.pointCount - 1;
    if (ratios < 1) return false;
    return (
      Math.abs(this.ratioBack(0)) >= leapFrom ||
      (ratios > 1 && this.isLately(Math.min(ratiosLooked, ratios), isGrowth))
    );
  }

  /** Whether the last `looked` residuals followed so on the ones before them. */
  private isLately(looked: number, holds: (ratio: number) => boolean): boolean {
    for (let back = 0; back < looked; back++) if (!holds(this.ratioBack(back))) return false;
    return true;
  }

  /** The last residual by the one before, or so many earlier. */
  private ratioBack(back: number): number {
    const at = this.pointCount - 1 - back;
    return (this.signed[at & 15] as number) / (this.signed[(at - 1) & 15] as number);
  }
}

function isGrowth(ratio: number): boolean {
  return Math.abs(ratio) >= 1;
}

function isFlat(ratio: number): boolean {
  return Math.abs(ratio) >= shrinkingBelow;
}

function isFlip(ratio: number): boolean {
  return ratio < 0;
}
