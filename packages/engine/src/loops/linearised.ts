/**
 * Newton's step: where the loop, taken as straight around a point, has its solution: (I − J) s = r, J the slopes of G.
 *
 * The slopes are measured by sweeps beside the point. Few unknowns: one sweep for each, a matrix, and its factors, which
 * serve further steps as long as these do well. Many: no matrix; the equation is solved in the space that r and its
 * images span (GMRES), one sweep for each direction.
 */
import { factorMatrix, solveFactored } from "./matrix.ts";

const rounding = 2.220446049250313e-16;
const sideStep = Math.sqrt(rounding);
/** Directions are so many, and more where they are short: at most this many multiplications; together this many numbers. */
const directionsUsual = 256;
const multiplicationsMax = 200_000_000;
const numbersMax = 4_000_000;
/** The linear equation need not be solved better than this. */
const forcingUsual = 1e-3;

/** Slopes around a point: asks for sweeps beside it until it knows enough for a step. */
export interface Linearised {
  /** Around x, where the sweep gave gx; `sizes` are those of the unknowns. */
  begin(x: Float64Array, gx: Float64Array, sizes: Float64Array): void;
  /** Puts the next point to sweep at into `at`; false: no more are wanted. */
  probe(at: Float64Array): boolean;
  /** Takes in that sweep; a value that is no number counts as no slope. */
  take(gx: Float64Array): void;
  /** The step for the residual r; false: there is none. */
  solve(r: Float64Array, step: Float64Array): boolean;
  /** Whether `solve` may be asked for other residuals than that of the point. */
  readonly isReusable: boolean;
}

export class DenseSlopes implements Linearised {
  readonly isReusable: boolean = true;
  private readonly count: number;
  /** I − J by rows; once factored L below the diagonal and U. */
  private readonly matrix: Float64Array;
  private readonly pivots: Int32Array;
  private x: Float64Array;
  private gx: Float64Array;
  private readonly h: Float64Array;
  private column = 0;
  private isFactored = false;

  constructor(count: number) {
    this.count = count;
    this.matrix = new Float64Array(count * count);
    this.pivots = new Int32Array(count);
    this.x = new Float64Array(count);
    this.gx = new Float64Array(count);
    this.h = new Float64Array(count);
  }

  begin(x: Float64Array, gx: Float64Array, sizes: Float64Array): void {
    this.x.set(x);
    this.gx.set(gx);
    for (let i = 0; i < this.count; i++) {
      // As numbers have it, so that the distance is exact.
      const step = sideStep * Math.max(sizes[i] as number, Number.MIN_VALUE / sideStep);
      const at = x[i] as number;
      this.h[i] = at + Math.sign((gx[i] as number) - at || 1) * step - at;
    }
    this.column = 0;
    this.isFactored = false;
  }

  probe(at: Float64Array): boolean {
    if (this.column === this.count) return false;
    at.set(this.x);
    at[this.column] = (at[this.column] as number) + (this.h[this.column] as number);
    return true;
  }

  take(gx: Float64Array): void {
    const j = this.column++;
    const h = this.h[j] as number;
    for (let i = 0; i < this.count; i++) {
      const slope = ((gx[i] as number) - (this.gx[i] as number)) / h;
      this.matrix[i * this.count + j] = (i === j ? 1 : 0) - (Number.isFinite(slope) ? slope : 0);
    }
  }

  solve(r: Float64Array, step: Float64Array): boolean {
    if (!this.isFactored && !this.factor()) return false;
    step.set(r);
    solveFactored(this.matrix, this.pivots, step);
    return step.every((value) => Number.isFinite(value));
  }

  /** For each row of the inverse of I − J what its numbers, without their signs, times these sizes add up to. */
  inverseSums(sizes: Float64Array): Float64Array {
    const { count } = this;
    const sums = new Float64Array(count);
    const column = new Float64Array(count);
    for (let j = 0; j < count; j++) {
      column.fill(0);
      column[j] = sizes[j] as number;
      solveFactored(this.matrix, this.pivots, column);
      for (let i = 0; i < count; i++) sums[i] = (sums[i] as number) + Math.abs(column[i] as number);
    }
    return sums;
  }

  private factor(): boolean {
    this.isFactored = factorMatrix(this.matrix, this.pivots) !== 0;
    return this.isFactored;
  }
}

export class KrylovSlopes implements Linearised {
  readonly isReusable: boolean = false;
  private readonly count: number;
  private readonly x: Float64Array;
  private readonly gx: Float64Array;
  /** Unknowns are measured in these, so that one of millions does not hide one of cents. */
  private readonly units: Float64Array;
  private readonly basis: Float64Array[] = [];
  /** Column by column; turned into a triangle as it grows. */
  private readonly columns: Float64Array[] = [];
  private readonly cosines: number[] = [];
  private readonly sines: number[] = [];
  private readonly right: number[] = [];
  private length = 0;
  private first = 0;
  private right0: Float64Array | null = null;
  private forcing = forcingUsual;
  private h = 0;
  private isDone = false;
  private readonly most: number;

  constructor(count: number) {
    this.count = count;
    const directions = Math.max(directionsUsual, Math.floor(Math.sqrt(multiplicationsMax / count)));
    this.most = Math.min(count, directions, Math.max(40, Math.floor(numbersMax / count)));
    this.x = new Float64Array(count);
    this.gx = new Float64Array(count);
    this.units = new Float64Array(count);
  }

  begin(x: Float64Array, gx: Float64Array, sizes: Float64Array): void {
    this.right0 = null;
    this.start(x, gx, sizes);
  }

  /** For another right-hand side than the residual, which is to be met to this part of it. */
  beginFor(right: Float64Array, part: number, x: Float64Array, gx: Float64Array, sizes: Float64Array): void {
    this.right0 = right;
    this.start(x, gx, sizes);
    this.forcing = part;
  }

  /** Whether the equation was met: there were directions enough. */
  get isMet(): boolean {
    return Math.abs(this.right[this.length] as number) <= this.forcing * this.first;
  }

  private start(x: Float64Array, gx: Float64Array, sizes: Float64Array): void {
    this.x.set(x);
    this.gx.set(gx);
    this.forcing = forcingUsual;
    const largest = sizes.reduce((most, size) => Math.max(most, size), Number.MIN_VALUE);
    const v = this.vector(0);
    let square = 0;
    for (let i = 0; i < this.count; i++) {
      const unit = Math.max(sizes[i] as number, 1e-12 * largest);
      this.units[i] = unit;
      v[i] =
        (this.right0 === null ? (gx[i] as number) - (x[i] as number) : (this.right0[i] as number)) / unit;
      square += (v[i] as number) ** 2;
    }
    this.first = Math.sqrt(square);
    this.length = 0;
    this.right.length = 0;
    this.right.push(this.first);
    this.isDone = !(this.first > 0);
    if (!this.isDone) for (let i = 0; i < this.count; i++) v[i] = (v[i] as number) / this.first;
  }

  probe(at: Float64Array): boolean {
    if (this.isDone) return false;
    const v = this.vector(this.length);
    let largest = 0;
    for (let i = 0; i < this.count; i++) largest = Math.max(largest, Math.abs(v[i] as number));
    this.h = sideStep / largest;
    for (let i = 0; i < this.count; i++) {
      at[i] = (this.x[i] as number) + this.h * (this.units[i] as number) * (v[i] as number);
    }
    return true;
  }

  take(gx: Float64Array): void {
    const k = this.length;
    const v = this.vector(k);
    const w = this.vector(k + 1);
    for (let i = 0; i < this.count; i++) {
      const slope = ((gx[i] as number) - (this.gx[i] as number)) / (this.h * (this.units[i] as number));
      w[i] = (v[i] as number) - (Number.isFinite(slope) ? slope : 0);
    }
    const column = new Float64Array(k + 2);
    for (let j = 0; j <= k; j++) {
      const before = this.vector(j);
      let along = 0;
      for (let i = 0; i < this.count; i++) along += (w[i] as number) * (before[i] as number);
      column[j] = along;
      for (let i = 0; i < this.count; i++) w[i] = (w[i] as number) - along * (before[i] as number);
    }
    let square = 0;
    for (let i = 0; i < this.count; i++) square += (w[i] as number) ** 2;
    const left = Math.sqrt(square);
    column[k + 1] = left;
    if (left > 0) for (let i = 0; i < this.count; i++) w[i] = (w[i] as number) / left;
    this.columns[k] = column;
    this.rotate(k, column);
    this.length = k + 1;
    const remains = Math.abs(this.right[k + 1] as number);
    this.isDone =
      this.length === this.most ||
      remains <= this.forcing * this.first ||
      left <= 1e-12 * Math.abs(column[k] as number);
  }

  solve(_r: Float64Array, step: Float64Array): boolean {
    const { length } = this;
    const y = new Float64Array(length);
    for (let j = length - 1; j >= 0; j--) {
      let value = this.right[j] as number;
      for (let k = j + 1; k < length; k++)
        value -= ((this.columns[k] as Float64Array)[j] as number) * (y[k] as number);
      y[j] = value / ((this.columns[j] as Float64Array)[j] as number);
      if (!Number.isFinite(y[j] as number)) return false;
    }
    step.fill(0);
    for (let j = 0; j < length; j++) {
      const v = this.vector(j);
      for (let i = 0; i < this.count; i++) {
        step[i] = (step[i] as number) + (y[j] as number) * (v[i] as number) * (this.units[i] as number);
      }
    }
    return true;
  }

  /** Turns the new column by the old rotations, and by one of its own that clears its last entry. */
  private rotate(k: number, column: Float64Array): void {
    for (let j = 0; j < k; j++) {
      const a = column[j] as number;
      const b = column[j + 1] as number;
      column[j] = (this.cosines[j] as number) * a + (this.sines[j] as number) * b;
      column[j + 1] = (this.cosines[j] as number) * b - (this.sines[j] as number) * a;
    }
    const a = column[k] as number;
    const b = column[k + 1] as number;
    const size = Math.hypot(a, b);
    const cosine = size === 0 ? 1 : a / size;
    const sine = size === 0 ? 0 : b / size;
    this.cosines[k] = cosine;
    this.sines[k] = sine;
    column[k] = size;
    column[k + 1] = 0;
    const value = this.right[k] as number;
    this.right[k] = cosine * value;
    this.right[k + 1] = -sine * value;
  }

  private vector(at: number): Float64Array {
    let v = this.basis[at];
    if (v === undefined) {
      v = new Float64Array(this.count);
      this.basis[at] = v;
    }
    return v;
  }
}
