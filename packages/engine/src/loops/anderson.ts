/**
 * Anderson's step: of the last few sweeps the combination whose residuals cancel best, and the sweep of that.
 *
 *   γ = argmin ‖ r − ΔR γ ‖        x' = x + r − (ΔX + ΔR) γ
 *
 * with the differences of the last points and residuals as columns, each row weighted by what a move of that unknown may
 * be. Columns that are rounding, or nearly a combination of newer ones, are left out. A straight loop with n unknowns is
 * solved by n columns. Cost: unknowns × columns².
 */
const rounding = 2.220446049250313e-16;
/** A column of which less than this is not in the newer ones tells nothing. */
const dependentBelow = 1e-10;

export class Anderson {
  private readonly count: number;
  private readonly depth: number;
  private readonly dx: Float64Array[] = [];
  private readonly dr: Float64Array[] = [];
  /** How many columns the last step was made of. */
  rank: number = 0;
  /** Newest column; columns before it are older. */
  private newest = -1;
  private filled = 0;
  private readonly basis: Float64Array[] = [];
  private readonly triangle: Float64Array;
  private readonly gamma: Float64Array;

  constructor(count: number, depth: number) {
    this.count = count;
    this.depth = Math.min(depth, count);
    this.triangle = new Float64Array(this.depth * this.depth);
    this.gamma = new Float64Array(this.depth);
  }

  clear(): void {
    this.filled = 0;
  }

  /** Takes in the differences to the sweep before. */
  add(x: Float64Array, r: Float64Array, xOld: Float64Array, rOld: Float64Array): void {
    this.newest = (this.newest + 1) % this.depth;
    this.filled = Math.min(this.filled + 1, this.depth);
    this.dx[this.newest] ??= new Float64Array(this.count);
    this.dr[this.newest] ??= new Float64Array(this.count);
    const dx = this.dx[this.newest] as Float64Array;
    const dr = this.dr[this.newest] as Float64Array;
    for (let i = 0; i < this.count; i++) {
      dx[i] = (x[i] as number) - (xOld[i] as number);
      dr[i] = (r[i] as number) - (rOld[i] as number);
    }
  }

  /** Writes the step from x to x′ into `step`; without columns that is r. `sizes` are those of the unknowns. */
  step(r: Float64Array, weights: Float64Array, sizes: Float64Array, step: Float64Array): void {
    const used = this.factor(weights, sizes);
    this.rank = used.length;
    const rest = this.residual(used.length);
    for (let i = 0; i < this.count; i++) {
      rest[i] = (r[i] as number) * (weights[i] as number);
      step[i] = r[i] as number;
    }
    // Row by row of the triangle, from the projections of what is left of r.
    for (let j = 0; j < used.length; j++) {
      const basis = this.basis[j] as Float64Array;
      const along = dot(basis, rest);
      this.gamma[j] = along;
      for (let i = 0; i < this.count; i++) rest[i] = (rest[i] as number) - along * (basis[i] as number);
    }
    for (let j = used.length - 1; j >= 0; j--) {
      let value = this.gamma[j] as number;
      for (let k = j + 1; k < used.length; k++) {
        value -= (this.triangle[j * this.depth + k] as number) * (this.gamma[k] as number);
      }
      this.gamma[j] = value / (this.triangle[j * this.depth + j] as number);
    }
    for (let j = 0; j < used.length; j++) {
      const dx = this.dx[used[j] as number] as Float64Array;
      const dr = this.dr[used[j] as number] as Float64Array;
      const factor = this.gamma[j] as number;
      for (let i = 0; i < this.count; i++) {
        step[i] = (step[i] as number) - factor * ((dx[i] as number) + (dr[i] as number));
      }
    }
  }

  /** Orthogonal columns, newest first; the columns that were used. */
  private factor(weights: Float64Array, sizes: Float64Array): number[] {
    const used: number[] = [];
    for (let back = 0; back < this.filled; back++) {
      const column = (this.newest - back + this.depth) % this.depth;
      const dr = this.dr[column] as Float64Array;
      const at = used.length;
      const basis = this.residual(at);
      let length = 0;
      let noise = 0;
      for (let i = 0; i < this.count; i++) {
        const value = (dr[i] as number) * (weights[i] as number);
        basis[i] = value;
        length += value * value;
        noise += (rounding * (sizes[i] as number) * (weights[i] as number)) ** 2;
      }
      if (!(length > 1600 * noise) || length === Number.POSITIVE_INFINITY) continue;
      // Twice, for what rounding left of the first time.
      for (let j = 0; j < at; j++) this.triangle[j * this.depth + at] = 0;
      for (let pass = 0; pass < 2; pass++) {
        for (let j = 0; j < at; j++) this.project(j, at, basis);
      }
      const left = Math.sqrt(dot(basis, basis));
      if (left <= dependentBelow * Math.sqrt(length)) continue;
      this.triangle[at * this.depth + at] = left;
      for (let i = 0; i < this.count; i++) basis[i] = (basis[i] as number) / left;
      used.push(column);
    }
    return used;
  }

  private project(j: number, at: number, column: Float64Array): void {
    const basis = this.basis[j] as Float64Array;
    const along = dot(basis, column);
    this.triangle[j * this.depth + at] = (this.triangle[j * this.depth + at] as number) + along;
    for (let i = 0; i < this.count; i++) column[i] = (column[i] as number) - along * (basis[i] as number);
  }

  private residual(at: number): Float64Array {
    let row = this.basis[at];
    if (row === undefined) {
      row = new Float64Array(this.count);
      this.basis[at] = row;
    }
    return row;
  }
}

/** The secant of each unknown by itself; where there is none, the residual. */
export function stepBySecants(
  x: Float64Array,
  r: Float64Array,
  xOld: Float64Array,
  rOld: Float64Array,
  step: Float64Array,
): void {
  for (let i = 0; i < x.length; i++) {
    const at = r[i] as number;
    const slope = (at - (rOld[i] as number)) / ((x[i] as number) - (xOld[i] as number));
    const far = -at / slope;
    step[i] = Math.abs(far) < 1e6 * Math.abs(at) ? far : at;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
