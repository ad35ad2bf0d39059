/** A row's course in a few characters: the numbers squeezed into `width` groups, each drawn by its mean. */

/**
 * Numbers that differ by less than this share, or this amount, are drawn as one: solved loops are no more exact than that,
 * and what rounding leaves of zeros is no trend.
 */
const flatShare = 1e-8;
const flatAmount = 1e-12;

/** Empty when there are fewer than two numbers. `signs` go from low to high; a group without numbers is a space. */
export function sparkline(values: ArrayLike<number>, width: number, signs: readonly string[]): string {
  const count = values.length;
  if (count < 2 || width < 1) return "";
  const groups = Math.min(width, count);
  const means: number[] = [];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let group = 0; group < groups; group++) {
    const from = Math.floor((group * count) / groups);
    const to = Math.floor(((group + 1) * count) / groups);
    let sum = 0;
    let numbers = 0;
    for (let i = from; i < to; i++) {
      const value = values[i] as number;
      if (!Number.isFinite(value)) continue;
      sum += value;
      numbers++;
    }
    const mean = numbers === 0 ? Number.NaN : sum / numbers;
    means.push(mean);
    if (mean < low) low = mean;
    if (mean > high) high = mean;
  }
  if (low > high) return "";
  const isFlat = high - low <= Math.max(flatAmount, flatShare * Math.max(Math.abs(high), Math.abs(low)));
  const middle = Math.floor(signs.length / 2) - 1;
  return means
    .map((mean) => {
      if (Number.isNaN(mean)) return " ";
      if (isFlat) return signs[middle];
      const at = Math.round(((mean - low) / (high - low)) * (signs.length - 1));
      return signs[at];
    })
    .join("");
}
