/** Cells of an attribute by number and by labels: time innermost, the other axes row-major before it. */
import type { CheckedAttribute } from "@reckon/model";
import type { CellIndex } from "@reckon/sheet";
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

/** Labels, in any order, matched to the axes they are of; an axis without one is not in the index. */
export function indexOfLabels(
  attribute: CheckedAttribute,
  labels: readonly string[],
): { readonly index: CellIndex } | { readonly refused: string } {
  const index: Record<string, string> = {};
  for (const label of labels) {
    const axis = attribute.axes.find((each) => each.positions.has(label) && !(each.name in index));
    if (axis === undefined) {
      const axes = attribute.axes.map((each) => `${each.name} (${rangeOf(each.labels)})`).join(", ");
      const known = axes === "" ? "it has no axes" : `its axes: ${axes}`;
      return { refused: `\`${label}\` is no label of ${attribute.id}; ${known}` };
    }
    index[axis.name] = label;
  }
  return { index };
}

function rangeOf(labels: readonly string[]): string {
  return labels.length <= 5 ? labels.join(", ") : `${labels[0]} … ${labels.at(-1)}`;
}
