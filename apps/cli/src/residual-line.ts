/** The residuals of a solve as a line of signs, on a logarithmic scale: each step down is a factor. */
import { residualLogs } from "@reckon/sheet";

const signs = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
const fold = "…";

/**
 * One sign a residual, at most `width`: of a longer history the first and the last ones with `…` between, which also
 * stands where the history itself has a gap. Empty where there are fewer than two.
 */
export function residualLine(residuals: readonly number[], steps: number, width: number): string {
  if (residuals.length < 2 || width < 2) return "";
  const logs = residualLogs(residuals);
  const low = Math.min(...logs);
  const high = Math.max(...logs);
  const drawn = logs.map((log) => {
    const share = high === low ? 0.5 : (log - low) / (high - low);
    return signs[Math.round(share * (signs.length - 1))];
  });
  if (drawn.length <= width && steps <= drawn.length) return drawn.join("");
  const room = Math.min(drawn.length, width - 1);
  const head = Math.ceil(room / 2);
  return drawn.slice(0, head).join("") + fold + drawn.slice(drawn.length - (room - head)).join("");
}
