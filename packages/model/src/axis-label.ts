/** What a written label names on an axis: one member, a period, the periods of a coarser label, or a span of them. */
import { type Axis, periodRange } from "@reckon/value";

/** The positions `from` ≤ p < `to` of an axis. */
export interface AxisRange {
  readonly from: number;
  readonly to: number;
}

/** The positions that `label` names on `axis`, or `undefined`: `Ent`, `2026-03`, `2027`, `2027-01..`. */
export function rangeOfLabel(axis: Axis, label: string): AxisRange | undefined {
  const exact = axis.positions.get(label);
  if (exact !== undefined) return { from: exact, to: exact + 1 };
  const dots = label.indexOf("..");
  if (dots < 0) return periodRange(axis, label);
  const from = label.slice(0, dots).trim();
  const to = label.slice(dots + 2).trim();
  return rangeOfSpan(axis, from === "" ? undefined : from, to === "" ? undefined : to);
}

/** The same as a list, ascending. Cost: the positions. */
export function positionsOfLabel(axis: Axis, label: string): readonly number[] | undefined {
  return listed(rangeOfLabel(axis, label));
}

/** The positions from one label to another, both included; an end left out goes to the axis's own. */
export function positionsOfSpan(
  axis: Axis,
  from: string | undefined,
  to: string | undefined,
): readonly number[] | undefined {
  return listed(rangeOfSpan(axis, from, to));
}

function rangeOfSpan(axis: Axis, from: string | undefined, to: string | undefined): AxisRange | undefined {
  if (from === undefined && to === undefined) return undefined;
  const first = from === undefined ? 0 : rangeOf(axis, from)?.from;
  const end = to === undefined ? axis.labels.length : rangeOf(axis, to)?.to;
  return first === undefined || end === undefined || end <= first ? undefined : { from: first, to: end };
}

function rangeOf(axis: Axis, label: string): AxisRange | undefined {
  const exact = axis.positions.get(label);
  return exact === undefined ? periodRange(axis, label) : { from: exact, to: exact + 1 };
}

function listed(range: AxisRange | undefined): readonly number[] | undefined {
  if (range === undefined) return undefined;
  const { from, to } = range;
  return Array.from({ length: to - from }, (_, i) => from + i);
}
