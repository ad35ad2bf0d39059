/** The residuals of a solve as a line of signs, on a logarithmic scale: each step down is a factor. */
const signs = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
const fold = "…";
/** What a residual of 0 counts as: below anything that arithmetic leaves. */
const leastShare = 1e-17;

/**
 * One sign a residual, at most `width`: of a longer history the first and the last ones with `…` between, which also
 * stands where the history itself has a gap. Empty where there are fewer than two.
 */
export function residualLine(residuals: readonly number[], steps: number, width: number): string {
  if (residuals.length < 2 || width < 2) return "";
  const largest = Math.max(...residuals.filter(Number.isFinite), 0);
  const logs = residuals.map((residual) =>
    Number.isFinite(residual)
      ? Math.log10(Math.max(residual, largest * leastShare, Number.MIN_VALUE))
      : Number.NaN,
  );
  const known = logs.filter((log) => !Number.isNaN(log));
  const low = Math.min(...known);
  const high = Math.max(...known);
  const drawn = logs.map((log) => {
    // Not finite: further away than anything that can be drawn.
    if (Number.isNaN(log)) return signs[signs.length - 1];
    const share = high === low ? 0.5 : (log - low) / (high - low);
    return signs[Math.round(share * (signs.length - 1))];
  });
  if (drawn.length <= width && steps <= drawn.length) return drawn.join("");
  const room = Math.min(drawn.length, width - 1);
  const head = Math.ceil(room / 2);
  return drawn.slice(0, head).join("") + fold + drawn.slice(drawn.length - (room - head)).join("");
}
