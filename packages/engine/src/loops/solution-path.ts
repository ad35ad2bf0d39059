/**
 * The way from the start to a solution, for loops that no step gets nearer to: of all λ from 0 to 1 the solutions of
 *
 *   F(x, λ) = x − x₀ − λ (G(x) − x₀) = 0        λ = 0: x is the start;   λ = 1: x is a solution
 *
 * They are a curve that begins at the start. Where G is bounded it ends at a solution; it may turn back in between, so it
 * is followed by its length, not by λ. A point of it is followed by a step along the tangent and a few Newton steps back,
 * across it. Slopes are measured at each point: a sweep for each unknown. The orientation is that of the determinant, so
 * that the way is not gone back at a kink, where bounds begin to hold.
 *
 * Numbers are in units of the sizes of the unknowns. Cost: a point some n sweeps and n³/3.
 */
import { factorMatrix, solveFactored } from "./matrix.ts";

const sideStep = 2 ** -26;
const firstLength = 0.1;
const lengthMin = 1e-8;
/** A step counts as on the curve if it is off by no more than this part of its length. */
const near = 0.02;
const correctionsMax = 5;
/** The first step behind a kink. */
const turnedLength = 1e-3;

export type PathState = "more" | "point" | "arrived" | "lost";

export class SolutionPath {
  /** Where to sweep next; once arrived, the end. */
  readonly at: Float64Array;

  private readonly count: number;
  private readonly start: Float64Array;
  private readonly units: Float64Array;
  /** Points and directions have λ as their last number. */
  private readonly base: Float64Array;
  private readonly point: Float64Array;
  private readonly tangent: Float64Array;
  private readonly slopesX: Float64Array;
  private readonly slopesG: Float64Array;
  private readonly jacobian: Float64Array;
  private readonly matrix: Float64Array;
  private readonly pivots: Int32Array;
  private readonly right: Float64Array;
  private column = 0;
  private length = firstLength;
  private off = Number.POSITIVE_INFINITY;
  private corrections = 0;
  private remeasured = 0;
  private isTurned = false;
  /** What the slopes are measured for. */
  private purpose: "tangent" | "correction" | "none" = "none";

  constructor(count: number) {
    const made = (more: number): Float64Array => new Float64Array(count + more);
    this.count = count;
    this.at = made(0);
    this.start = made(0);
    this.units = made(0);
    this.base = made(1);
    this.point = made(1);
    this.tangent = made(1);
    this.slopesX = made(0);
    this.slopesG = made(0);
    this.jacobian = new Float64Array(count * count);
    this.matrix = new Float64Array((count + 1) * (count + 1));
    this.pivots = new Int32Array(count + 1);
    this.right = made(1);
  }

  /** Begins at the start, where the next sweep is made. */
  begin(start: Float64Array, sizes: Float64Array): void {
    this.start.set(start);
    this.at.set(start);
    const largest = sizes.reduce((most, size) => Math.max(most, size), Number.MIN_VALUE);
    for (let i = 0; i < this.count; i++) this.units[i] = Math.max(sizes[i] as number, 1e-3 * largest);
    this.base.fill(0);
    this.tangent.fill(0);
    this.tangent[this.count] = 1;
    this.length = firstLength;
    this.isTurned = false;
    this.corrections = -1;
    this.purpose = "none";
  }

  /** Takes in G at `at`. */
  take(gx: Float64Array): PathState {
    if (this.purpose !== "none") return this.takeSlope(gx);
    if (this.corrections < 0) {
      this.corrections = 0;
      return this.measure("tangent", gx);
    }
    return this.takePoint(gx);
  }

  /** Slopes at the point that was swept last. */
  private measure(purpose: "tangent" | "correction", gx: Float64Array): PathState {
    this.purpose = purpose;
    this.slopesX.set(this.at);
    this.slopesG.set(gx);
    this.column = 0;
    this.placeSide();
    return "more";
  }

  private placeSide(): void {
    this.at.set(this.slopesX);
    this.at[this.column] = (this.at[this.column] as number) + this.side(this.column);
  }

  /** Towards where the sweep leads, since a bound may begin to hold right here. */
  private side(j: number): number {
    const sign = (this.tangent[j] as number) < 0 ? -1 : 1;
    return sign * sideStep * Math.max(this.units[j] as number, Math.abs(this.slopesX[j] as number));
  }

  private takeSlope(gx: Float64Array): PathState {
    const { count, units, column: j } = this;
    const apart = (this.at[j] as number) - (this.slopesX[j] as number);
    for (let i = 0; i < count; i++) {
      const slope = ((gx[i] as number) - (this.slopesG[i] as number)) / apart;
      const scaled = (slope * (units[j] as number)) / (units[i] as number);
      this.jacobian[i * count + j] = Number.isFinite(scaled) ? scaled : 0;
    }
    this.column++;
    if (this.column < count) {
      this.placeSide();
      return "more";
    }
    const { purpose } = this;
    this.purpose = "none";
    if (purpose === "tangent") return this.leave();
    return this.factor(this.point[count] as number) === 0 ? this.shorten() : this.correct(this.slopesG);
  }

  /** The factors of the slopes of F at λ, with the tangent as the last row; the sign of the determinant. */
  private factor(lambda: number): number {
    const { count, matrix } = this;
    const width = count + 1;
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        matrix[i * width + j] = (i === j ? 1 : 0) - lambda * (this.jacobian[i * count + j] as number);
      }
      const ahead = (this.slopesG[i] as number) - (this.start[i] as number);
      matrix[i * width + count] = -ahead / (this.units[i] as number);
    }
    for (let j = 0; j <= count; j++) matrix[count * width + j] = this.tangent[j] as number;
    return factorMatrix(matrix, this.pivots);
  }

  /** From the base along the tangent. */
  private leave(): PathState {
    const lambda = this.base[this.count] as number;
    const sign = this.factor(lambda);
    if (sign === 0) return "lost";
    const next = new Float64Array(this.count + 1);
    next[this.count] = 1;
    solveFactored(this.matrix, this.pivots, next);
    const long = sign * Math.hypot(...next);
    if (!Number.isFinite(long)) return "lost";
    for (let i = 0; i <= this.count; i++) this.tangent[i] = (next[i] as number) / long;
    return this.factor(lambda) === 0 ? "lost" : this.predict();
  }

  private predict(): PathState {
    const { count } = this;
    const left = 1 - (this.base[count] as number);
    const rise = this.tangent[count] as number;
    const length = rise > 0 && rise * this.length > left ? Math.max(left / rise, lengthMin) : this.length;
    this.length = length;
    for (let i = 0; i <= count; i++) {
      this.point[i] = (this.base[i] as number) + length * (this.tangent[i] as number);
    }
    this.corrections = 0;
    this.remeasured = 0;
    this.off = Number.POSITIVE_INFINITY;
    this.place();
    return "more";
  }

  private place(): void {
    for (let i = 0; i < this.count; i++) {
      this.at[i] = (this.start[i] as number) + (this.units[i] as number) * (this.point[i] as number);
    }
  }

  private takePoint(gx: Float64Array): PathState {
    const off = this.miss(gx);
    if (off <= near * this.length) return this.accept(gx);
    const isGood = off <= 0.5 * this.off;
    if (isGood && this.corrections < correctionsMax) {
      this.off = off;
      return this.correct(gx);
    }
    if (this.remeasured++ < 2 && off < Number.POSITIVE_INFINITY) {
      this.off = Number.POSITIVE_INFINITY;
      this.corrections = 0;
      return this.measure("correction", gx);
    }
    return this.isTurned || this.length > lengthMin ? this.shorten() : this.turn(gx);
  }

  /** F at the point, into `right`; its largest number, infinite where there is none. */
  private miss(gx: Float64Array): number {
    const lambda = this.point[this.count] as number;
    let off = 0;
    for (let i = 0; i < this.count; i++) {
      const ahead = ((gx[i] as number) - (this.start[i] as number)) / (this.units[i] as number);
      const value = (this.point[i] as number) - lambda * ahead;
      this.right[i] = value;
      off = Math.max(off, Math.abs(value));
      if (!(Math.abs(value) < Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY;
    }
    return off;
  }

  private correct(gx: Float64Array): PathState {
    this.miss(gx);
    // Across the tangent: as far along it as was predicted.
    let along = -this.length;
    for (let i = 0; i <= this.count; i++) {
      along += ((this.point[i] as number) - (this.base[i] as number)) * (this.tangent[i] as number);
    }
    this.right[this.count] = along;
    solveFactored(this.matrix, this.pivots, this.right);
    for (let i = 0; i <= this.count; i++) {
      this.point[i] = (this.point[i] as number) - (this.right[i] as number);
    }
    this.corrections++;
    this.place();
    return "more";
  }

  private shorten(): PathState {
    this.length /= 4;
    if (this.length < lengthMin / 4) return "lost";
    return this.predict();
  }

  /** Beyond a kink: on from the base with the slopes here. */
  private turn(gx: Float64Array): PathState {
    this.isTurned = true;
    this.length = turnedLength;
    return this.measure("tangent", gx);
  }

  private accept(gx: Float64Array): PathState {
    const { count } = this;
    this.base.set(this.point);
    this.isTurned = false;
    if ((this.base[count] as number) >= 1 - 1e-6) return "arrived";
    if (this.corrections <= 1) this.length *= 2;
    else if (this.corrections > 3 || this.remeasured > 0) this.length *= 0.7;
    this.measure("tangent", gx);
    return "point";
  }
}
