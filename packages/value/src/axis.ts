/**
 * Named axes. An attribute over axes has one value for each combination of their labels. Axes are matched by
 * name, never by position; at most one axis of a model is its time axis, and it is always laid innermost.
 */

/** How long one period of a time axis is; `step` counts plain numbers. */
export type Frequency = "day" | "week" | "month" | "quarter" | "year" | "step";

export interface Axis {
  readonly name: string;
  /** Member names, or period labels in order (`2026-01`, `2026-Q1`, `2026`, `2026-W05`, `2026-01-31`, `12`). */
  readonly labels: readonly string[];
  /** Only on the time axis. */
  readonly time?: TimeAxis;
  /** Position by label; made by `axisOf`, and worked out for long time axes. */
  readonly positions: ReadonlyMap<string, number>;
}

export interface TimeAxis {
  readonly frequency: Frequency;
  /** Per period, the serial day it starts on; for `step`, the step's number. */
  readonly starts: readonly number[];
}

/** An axis over `labels`, which must be distinct. Cost: one map entry a label. */
export function axisOf(name: string, labels: readonly string[], time?: TimeAxis): Axis {
  const positions = new Map(labels.map((label, i) => [label, i]));
  return time === undefined ? { name, labels, positions } : { name, labels, positions, time };
}
