/**
 * The error function and the normal distribution built on it, to about 15 digits.
 *
 *   |x| < 2   erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·5·…·(2n+1)), all terms of one sign, so nothing cancels
 *   x ≥ 2     erfc(x) = e^(−x²)/√π · 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))), the fraction evaluated from its far end
 *
 * The inverse starts from the tail's asymptotic form and takes Newton steps with the exact density.
 */

const seriesLimit = 2;
const fractionTerms = 120;

/** The error function: the share of a normal distribution within x√2 deviations. */
export function erf(x: number): number {
  if (x < 0) return -erf(-x);
  return x < seriesLimit ? erfSeries(x) : 1 - erfcFraction(x);
}

/** 1 − erf(x), precise also where erf is nearly 1. */
export function erfc(x: number): number {
  if (x < seriesLimit) return 1 - erf(x);
  return erfcFraction(x);
}

/** The share of the standard normal distribution below `z`. */
export function normalBelow(z: number): number {
  return erfc(-z / Math.SQRT2) / 2;
}

/** The density of the standard normal distribution at `z`. */
export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/** The `z` below which the share `p` (above 0, below 1) of the standard normal distribution lies. */
export function normalInverse(p: number): number {
  if (p === 0.5) return 0;
  // The smaller tail keeps its digits; the larger one is its mirror image.
  const tail = p < 0.5 ? p : 1 - p;
  const logarithm = -2 * Math.log(tail);
  let z = Math.sqrt(Math.max(0, logarithm - Math.log(2 * Math.PI * Math.max(1e-3, logarithm - 1.8))));
  for (let i = 0; i < 60; i++) {
    const step = (erfc(z / Math.SQRT2) / 2 - tail) / normalDensity(z);
    z += Math.max(-1, Math.min(1, step));
    if (Math.abs(step) <= 1e-15 * Math.max(1, z)) break;
  }
  return p < 0.5 ? -z : z;
}

function erfSeries(x: number): number {
  let term = x;
  let total = x;
  for (let n = 1; term > total * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

function erfcFraction(x: number): number {
  let fraction = x;
  for (let n = fractionTerms; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}
