/** The residual of a sweep, G(x) − x, with what it is to be compared with: the sizes of the unknowns, and the tolerance. */
import type { LoopSettings } from "./settings.ts";

const rounding = 2.220446049250313e-16;
/** Unknowns are not told apart below this. */
const smallest = 1e-290;

export class Residual {
  readonly r: Float64Array;
  /** Of each unknown, at least a small part of the largest. */
  readonly sizes: Float64Array;
  /** One over what each unknown may move by. */
  readonly weights: Float64Array;
  /** The largest; NaN where G(x) is no number. */
  delta: number = 0;
  /** The size of the largest unknown. */
  largest: number = 0;
  /** The largest in units of the tolerance. */
  merit: number = 0;
  /** Of the point: equal for equal points, and hardly ever for others. */
  mark: number = 0;

  private readonly count: number;
  private x: Float64Array;
  private settings: LoopSettings | null = null;

  constructor(count: number) {
    this.count = count;
    this.r = new Float64Array(count);
    this.sizes = new Float64Array(count);
    this.weights = new Float64Array(count);
    this.x = this.r;
  }

  /** At x, which is kept. */
  measure(x: Float64Array, gx: Float64Array, settings: LoopSettings): void {
    const { absolute, relative } = settings;
    this.x = x;
    this.settings = settings;
    let delta = 0;
    let merit = 0;
    let largest = 0;
    let isNumber = true;
    let mark = 0;
    for (let i = 0; i < this.count; i++) {
      const at = x[i] as number;
      const g = gx[i] as number;
      const move = Math.abs(g - at);
      const size = Math.max(Math.abs(at), Math.abs(g));
      const unit = Math.max(absolute + relative * size, 4 * rounding * size, smallest);
      mark += at * (1 + 0.618 * i);
      this.r[i] = g - at;
      this.sizes[i] = size;
      this.weights[i] = 1 / unit;
      isNumber &&= move < Number.POSITIVE_INFINITY;
      delta = Math.max(delta, move);
      largest = Math.max(largest, size);
      merit = Math.max(merit, move / unit);
    }
    const least = Math.max(1e-8 * largest, smallest);
    for (let i = 0; i < this.count; i++) if ((this.sizes[i] as number) < least) this.sizes[i] = least;
    this.delta = isNumber ? delta : Number.NaN;
    this.merit = merit;
    this.mark = mark;
    this.largest = largest;
  }

  /** Whether a move from x, the residual or another, is within the tolerance. */
  isWithin(move: Float64Array): boolean {
    for (let i = 0; i < this.count; i++) {
      if (!(Math.abs(move[i] as number) <= this.allowed(i))) return false;
    }
    return true;
  }

  /** What an unknown may move by. */
  allowed(i: number): number {
    const { absolute, relative } = this.settings as LoopSettings;
    const at = this.x[i] as number;
    return absolute + relative * Math.max(Math.abs(at), Math.abs(at + (this.r[i] as number)));
  }

  /** Whether it is no more than this part of the unknowns. */
  isBelow(part: number): boolean {
    for (let i = 0; i < this.count; i++) {
      if (Math.abs(this.r[i] as number) > part * (this.sizes[i] as number)) return false;
    }
    return true;
  }

  /** A step along it that is long enough for slopes to show. */
  stepAside(step: Float64Array): void {
    let factor = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.count; i++) {
      factor = Math.min(factor, (1e-6 * (this.sizes[i] as number)) / Math.abs(this.r[i] as number));
    }
    for (let i = 0; i < this.count; i++) step[i] = Math.max(1, factor) * (this.r[i] as number);
  }

  /** Its ratio to an earlier one: by how much it is larger, with −1 where it points the other way. */
  ratioTo(old: Float64Array): number {
    let along = 0;
    let now = 0;
    let before = 0;
    for (let i = 0; i < this.count; i++) {
      const w = this.weights[i] as number;
      const a = w * (this.r[i] as number);
      const b = w * (old[i] as number);
      along += a * b;
      now += a * a;
      before += b * b;
    }
    return (along < 0 ? -1 : 1) * Math.sqrt(now / before);
  }
}

/** Whether `a` is nearer to a point than `b`. */
export function isNearer(a: Float64Array, b: Float64Array, to: Float64Array): boolean {
  let here = 0;
  let there = 0;
  for (let i = 0; i < to.length; i++) {
    here = Math.max(here, Math.abs((a[i] as number) - (to[i] as number)));
    there = Math.max(there, Math.abs((b[i] as number) - (to[i] as number)));
  }
  return here < there;
}

/** The largest of the values, without their signs. */
export function sizeOf(values: Float64Array): number {
  let size = 0;
  for (const value of values) size = Math.max(size, Math.abs(value));
  return size;
}
