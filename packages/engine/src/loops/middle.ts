/** The middle of a bracket: by value, or by size where its ends are of very different sizes. */
export function middleOf(a: number, b: number): number {
  const product = a * b;
  const far = a / b;
  if (product > 0 && product < Number.POSITIVE_INFINITY && (far > 1e3 || far < 1e-3)) {
    return Math.sign(a) * Math.sqrt(product);
  }
  return a + (b - a) / 2;
}
