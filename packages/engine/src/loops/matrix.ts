/** Linear equations: a square matrix by rows is replaced by its factors, L below the diagonal and U. Cost: n³/3. */

/** Gauss, with the largest pivot of each column. The sign of the determinant; 0: it has no inverse. */
export function factorMatrix(matrix: Float64Array, pivots: Int32Array): number {
  const count = pivots.length;
  let sign = 1;
  for (let k = 0; k < count; k++) {
    let best = k;
    for (let i = k + 1; i < count; i++) {
      if (Math.abs(matrix[i * count + k] as number) > Math.abs(matrix[best * count + k] as number)) best = i;
    }
    pivots[k] = best;
    if (best !== k) {
      swapRows(matrix, count, k, best);
      sign = -sign;
    }
    const pivot = matrix[k * count + k] as number;
    if (pivot === 0) return 0;
    if (pivot < 0) sign = -sign;
    for (let i = k + 1; i < count; i++) {
      const factor = (matrix[i * count + k] as number) / pivot;
      matrix[i * count + k] = factor;
      if (factor === 0) continue;
      for (let j = k + 1; j < count; j++) {
        matrix[i * count + j] =
          (matrix[i * count + j] as number) - factor * (matrix[k * count + j] as number);
      }
    }
  }
  return sign;
}

function swapRows(matrix: Float64Array, count: number, a: number, b: number): void {
  for (let j = 0; j < count; j++) {
    const kept = matrix[a * count + j] as number;
    matrix[a * count + j] = matrix[b * count + j] as number;
    matrix[b * count + j] = kept;
  }
}

/** Replaces a right-hand side by the solution. */
export function solveFactored(matrix: Float64Array, pivots: Int32Array, right: Float64Array): void {
  const count = pivots.length;
  // All rows of the factors were swapped, so all swaps come first.
  for (let i = 0; i < count; i++) {
    const swap = pivots[i] as number;
    const kept = right[swap] as number;
    right[swap] = right[i] as number;
    right[i] = kept;
  }
  for (let i = 0; i < count; i++) {
    let value = right[i] as number;
    for (let j = 0; j < i; j++) value -= (matrix[i * count + j] as number) * (right[j] as number);
    right[i] = value;
  }
  for (let i = count - 1; i >= 0; i--) {
    let value = right[i] as number;
    for (let j = i + 1; j < count; j++) value -= (matrix[i * count + j] as number) * (right[j] as number);
    right[i] = value / (matrix[i * count + i] as number);
  }
}
