/** Cells of an attribute by number and by labels: time innermost, the other axes row-major before it. */
import type { Axis } from "@reckon/value";

/** The labels of the cell at `index`, one an axis. */
export function labelsAt(axes: readonly Axis[], index: number): string[] {
  const labels: string[] = [];
  let rest = index;
  for (const axis of axes.toReversed()) {
    labels.unshift(axis.labels[rest % axis.labels.length] as string);
    rest = Math.floor(rest / axis.labels.length);
  }
  return labels;
}

/** `debt.closing[2026-03]`, `revenue.seats[Ent, 2026-03]`, `debt.rate`. */
export function cellName(attribute: string, at: readonly string[]): string {
  return at.length === 0 ? attribute : `${attribute}[${at.join(", ")}]`;
}
