/**
 * The cells of an attribute: axes (time last), positions along them, and the flat index of a cell in its column.
 *
 * The index of a cell is row-major over the axes in order, which is the layout of `Column` because time is the last
 * axis and so the innermost.
 */
import type { Axis, Shape } from "@reckon/value";

/** Per axis the positions of a box, ascending; `undefined` for all of them. */
export type Positions = readonly (readonly number[] | undefined)[];

export function shapeOf(axes: readonly Axis[]): Shape {
  let outer = 1;
  let periods = 1;
  for (const axis of axes) {
    if (axis.time === undefined) outer *= axis.labels.length;
    else periods *= axis.labels.length;
  }
  return { outer, periods };
}

/** How many cells an attribute or a check may have: more take gigabytes each, and were hardly meant. */
export const cellsMax = 100_000_000;

/** How many cells a box has. */
export function cellCount(axes: readonly Axis[], positions: Positions): number {
  return axes.reduce((count, axis, i) => count * (positions[i]?.length ?? axis.labels.length), 1);
}

/** Calls `visit` with the flat index of each cell of the box, in row-major order, and its number in the box. */
export function forEachCell(
  axes: readonly Axis[],
  positions: Positions,
  visit: (index: number, number: number) => void,
): void {
  const counts = axes.map((axis, i) => positions[i]?.length ?? axis.labels.length);
  const total = counts.reduce((product, count) => product * count, 1);
  const at = new Array<number>(axes.length).fill(0);
  for (let number = 0; number < total; number++) {
    let index = 0;
    for (let i = 0; i < axes.length; i++) {
      const along = at[i] as number;
      index = index * (axes[i] as Axis).labels.length + (positions[i]?.[along] ?? along);
    }
    visit(index, number);
    for (let i = axes.length - 1; i >= 0; i--) {
      at[i] = (at[i] as number) + 1;
      if ((at[i] as number) < (counts[i] as number)) break;
      at[i] = 0;
    }
  }
}

/** The labels of a cell, outer axis first. */
export function labelsAt(axes: readonly Axis[], index: number): string[] {
  const labels = new Array<string>(axes.length);
  let rest = index;
  for (let i = axes.length - 1; i >= 0; i--) {
    const axis = axes[i] as Axis;
    labels[i] = axis.labels[rest % axis.labels.length] as string;
    rest = Math.floor(rest / axis.labels.length);
  }
  return labels;
}

/** `revenue.churn[Ent, 2026-03]`, or the bare name of a scalar attribute. */
export function cellName(id: string, axes: readonly Axis[], index: number): string {
  return axes.length === 0 ? id : `${id}[${labelsAt(axes, index).join(", ")}]`;
}

/** The name of a box in a message: only the axes it does not take whole, each by its first label. */
export function boxName(id: string, axes: readonly Axis[], positions: Positions): string {
  const labels: string[] = [];
  for (const [i, axis] of axes.entries()) {
    const along = positions[i];
    if (along !== undefined && along.length < axis.labels.length)
      labels.push(axis.labels[along[0] ?? 0] as string);
  }
  return labels.length === 0 ? id : `${id}[${labels.join(", ")}]`;
}
