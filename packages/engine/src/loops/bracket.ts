/**
 * Two points between which the residual changes sign, and how to narrow them: a continuous loop has a solution between.
 *
 * A step should halve the width or the residual; the middle is taken after two that did neither. Where that was needed
 * often there is a jump, and only the middle leads on. Cost: some nanoseconds a step; no allocation.
 */
import { middleOf } from "./middle.ts";

const rounding = 2.220446049250313e-16;

export class Bracket {
  /** The ends: residual above 0, and below; NaN while none is known. */
  private aboveX = Number.NaN;
  private aboveR = Number.NaN;
  private belowX = Number.NaN;
  private belowR = Number.NaN;
  private markWidth = 0.5;
  private markDelta = 0.5;
  private markAge = 0;
  private middles = 0;
  /** Of the first one: its width, and the smaller of its residuals; 0: there was none. */
  private firstWidth = 0.5;
  private firstSmallest = 0.5;

  clear(): void {
    this.aboveX = Number.NaN;
    this.belowX = Number.NaN;
    this.markAge = 0;
    this.middles = 0;
    this.firstWidth = 0;
    this.markWidth = Number.POSITIVE_INFINITY;
    this.markDelta = Number.POSITIVE_INFINITY;
  }

  note(x: number, r: number): void {
    if (r > 0) {
      this.aboveX = x;
      this.aboveR = r;
    } else {
      this.belowX = x;
      this.belowR = r;
    }
  }

  /** Whether both ends are known. */
  get isKnown(): boolean {
    return !Number.isNaN(this.aboveX - this.belowX);
  }

  /** Whether it is so narrow that no number in it could have a residual within the tolerance: a jump. */
  isClosed(tolerance: number, size: number): boolean {
    const { aboveX, belowX } = this;
    const middle = middleOf(aboveX, belowX);
    const width = Math.abs(aboveX - belowX);
    return middle === aboveX || middle === belowX || this.smallest() * rounding * size > tolerance * width;
  }

  /** Where to go on, `secant` if that is inside and gets on; `delta` is the last residual. */
  next(secant: number, delta: number): number {
    const { aboveX, belowX } = this;
    const width = Math.abs(aboveX - belowX);
    if (this.firstWidth === 0) {
      this.firstWidth = width;
      this.firstSmallest = this.smallest();
    }
    const isProductive = width <= 0.5 * this.markWidth || delta <= 0.5 * this.markDelta;
    this.markAge = isProductive ? 0 : this.markAge + 1;
    this.markWidth = width;
    this.markDelta = delta;
    if (this.markAge >= (this.middles > 3 ? 1 : 2)) {
      this.middles++;
      return middleOf(aboveX, belowX);
    }
    let next = secant;
    if (!(next > Math.min(aboveX, belowX) && next < Math.max(aboveX, belowX))) {
      next = aboveX + (this.aboveR / (this.aboveR - this.belowR)) * (belowX - aboveX);
    }
    return next === aboveX || next === belowX ? middleOf(aboveX, belowX) : next;
  }

  /** Whether it became much narrower and the residuals at its ends hardly smaller. */
  looksLikeJump(): boolean {
    if (this.firstWidth === 0) return false;
    const width = Math.abs(this.aboveX - this.belowX);
    return width <= this.firstWidth / 256 && this.smallest() >= this.firstSmallest / 4;
  }

  private smallest(): number {
    return Math.min(this.aboveR, -this.belowR);
  }
}
