/**
 * The number that a written percentage stands for: the decimal text moved by two places and read again, so that
 * `1.8%` has the same bits as `0.018` (1.8 / 100 differs from it in the last place).
 *
 * @example
 * ```ts
 * percentOf(1.8); // 0.018
 * ```
 */
export function percentOf(written: number): number {
  const [digits, exponent = "0"] = String(written).split("e");
  return Number(`${digits}e${Number(exponent) - 2}`);
}
