/** Times as people read them. */

/** Two digits or three, in the unit that people would take: `410 µs`, `10.4 ms`, `3.0 s`. */
export function timeText(ms: number): string {
  const [value, unit] =
    ms >= 7_200_000
      ? [ms / 3_600_000, "h"]
      : ms >= 120_000
        ? [ms / 60_000, "min"]
        : ms >= 1_000
          ? [ms / 1_000, "s"]
          : ms >= 1 || ms === 0
            ? [ms, "ms"]
            : [ms * 1_000, "µs"];
  if (value >= 100) return `${Math.round(value).toLocaleString("en-US")} ${unit}`;
  if (value >= 10) return `${value.toFixed(1)} ${unit}`;
  return value === 0 ? `0 ${unit}` : `${value.toPrecision(2)} ${unit}`;
}
