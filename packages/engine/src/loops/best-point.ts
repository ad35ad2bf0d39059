/** The point with the smallest residual so far, and for how many sweeps none was half as large. */
export class BestPoint {
  readonly x: Float64Array;
  readonly gx: Float64Array;
  /** Its residual in units of the tolerance. */
  merit: number = Number.POSITIVE_INFINITY;
  stuck: number = 0;

  constructor(count: number) {
    this.x = new Float64Array(count);
    this.gx = new Float64Array(count);
  }

  begin(start: Float64Array): void {
    this.x.set(start);
    this.merit = Number.POSITIVE_INFINITY;
    this.stuck = 0;
  }

  /** The sizes of the unknowns there. */
  sizes(): Float64Array {
    return this.x.map((value, i) => Math.max(Math.abs(value), Math.abs(this.gx[i] as number)));
  }

  /** `isPreferred`: also if it is no better. */
  note(x: Float64Array, gx: Float64Array, merit: number, isPreferred: boolean): void {
    if (!(merit < this.merit || isPreferred)) {
      this.stuck++;
      return;
    }
    this.stuck = merit > 0.5 * this.merit ? this.stuck + 1 : 0;
    this.merit = merit;
    this.x.set(x);
    this.gx.set(gx);
  }
}
