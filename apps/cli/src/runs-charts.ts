/** Small charts beside the figures of `reckon runs`: a bar in eighths of a cell, and a line of bars. */
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;
const levels = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** A bar of `value` where `most` is `width` cells long; something that is not nothing has at least an eighth. */
export function barOf(value: number, most: number, width: number): string {
  if (!(value > 0) || !(most > 0)) return "";
  const parts = Math.max(1, Math.round(Math.min(1, value / most) * width * eighths.length));
  return "█".repeat(Math.floor(parts / eighths.length)) + eighths[parts % eighths.length];
}

/** A sign a value, from the least to the largest; of many values the means of neighbours. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.length <= width ? values : meansOf(values, width);
  const least = Math.min(...shown);
  const span = Math.max(...shown) - least;
  return shown
    .map((value) => levels[span === 0 ? 0 : Math.round(((value - least) / span) * (levels.length - 1))])
    .join("");
}

function meansOf(values: readonly number[], count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => {
    const part = values.slice(
      Math.floor((i * values.length) / count),
      Math.max(Math.floor(((i + 1) * values.length) / count), Math.floor((i * values.length) / count) + 1),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
