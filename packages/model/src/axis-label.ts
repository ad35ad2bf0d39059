/** What a written label names on an axis: one member, a period, the periods of a coarser label, or a span of them. */
import { type Axis, periodRange } from "@reckon/value";

/** The positions that `label` names on `axis`, ascending, or `undefined`: `Ent`, `2026-03`, `2027`, `2027-01..`. */
export function positionsOfLabel(axis: Axis, label: string): readonly number[] | undefined {
  const exact = axis.positions.get(label);
  if (exact !== undefined) return [exact];
  const dots = label.indexOf("..");
  if (dots < 0) {
    const range = periodRange(axis, label);
    return range === undefined ? undefined : positionsFrom(range.from, range.to);
  }
  const from = label.slice(0, dots).trim();
  const to = label.slice(dots + 2).trim();
  return positionsOfSpan(axis, from === "" ? undefined : from, to === "" ? undefined : to);
}

/** The positions from one label to another, both included; an end left out goes to the axis's own. */
export function positionsOfSpan(
  axis: Axis,
  from: string | undefined,
  to: string | undefined,
): readonly number[] | undefined {
  if (from === undefined && to === undefined) return undefined;
  const first = from === undefined ? 0 : rangeOf(axis, from)?.from;
  const end = to === undefined ? axis.labels.length : rangeOf(axis, to)?.to;
  return first === undefined || end === undefined || end <= first ? undefined : positionsFrom(first, end);
}

function rangeOf(axis: Axis, label: string): { from: number; to: number } | undefined {
  const exact = axis.positions.get(label);
  return exact === undefined ? periodRange(axis, label) : { from: exact, to: exact + 1 };
}

function positionsFrom(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
