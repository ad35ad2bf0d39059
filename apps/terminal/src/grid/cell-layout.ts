/**
 * How an attribute's axes map to the grid: one axis of the model lies along the columns, and the combinations of an
 * attribute's other axes (its members) are rows. Cells of a column table lie in row-major order over the axes, so
 * both directions are strides.
 *
 *   axes (segment: SMB, Mid, Ent; month: 36 periods), columns along month
 *     cell(member 1 "Mid", column 5) = 1 * 36 + 5
 */
import type { Axis } from "@reckon/value";

export interface CellLayout {
  /** 1 when the attribute does not lie along the column axis. */
  readonly columns: number;
  readonly isAlongColumns: boolean;
  readonly members: number;
  /** Flat index of a cell; `column` is ignored where the attribute does not lie along the columns. */
  readonly cellAt: (member: number, column: number) => number;
  /** Labels of a member, in the order of the attribute's own axes without the column axis. */
  readonly memberLabels: (member: number) => readonly string[];
  /** Labels of a cell along all axes, in the attribute's order. */
  readonly labelsAt: (member: number, column: number) => readonly string[];
  /** The member of a flat cell index. */
  readonly memberOf: (cell: number) => number;
  readonly columnOf: (cell: number) => number;
}

/** Cost: constant per call; the labels cost the number of axes. */
export function layoutCells(axes: readonly Axis[], columnAxis: string | undefined): CellLayout {
  const at = axes.findIndex((axis) => axis.name === columnAxis);
  const counts = axes.map((axis) => axis.labels.length);
  const inner = at < 0 ? 1 : counts.slice(at + 1).reduce((product, count) => product * count, 1);
  const columns = at < 0 ? 1 : (counts[at] as number);
  const members = axes.reduce((product, axis, i) => (i === at ? product : product * axis.labels.length), 1);
  const others = axes.filter((_axis, i) => i !== at);

  const cellAt = (member: number, column: number): number => {
    if (at < 0) return member;
    const outer = Math.floor(member / inner);
    return (outer * columns + Math.min(column, columns - 1)) * inner + (member % inner);
  };
  const memberLabels = (member: number): readonly string[] => {
    const labels: string[] = [];
    let rest = member;
    for (let i = others.length - 1; i >= 0; i--) {
      const axis = others[i] as Axis;
      labels.unshift(axis.labels[rest % axis.labels.length] as string);
      rest = Math.floor(rest / axis.labels.length);
    }
    return labels;
  };
  const labelsAt = (member: number, column: number): readonly string[] => {
    const labels = [...memberLabels(member)];
    if (at >= 0) labels.splice(at, 0, (axes[at] as Axis).labels[Math.min(column, columns - 1)] as string);
    return labels;
  };
  return {
    columns,
    isAlongColumns: at >= 0,
    members,
    cellAt,
    memberLabels,
    labelsAt,
    memberOf: (cell) => (at < 0 ? cell : Math.floor(cell / (columns * inner)) * inner + (cell % inner)),
    columnOf: (cell) => (at < 0 ? 0 : Math.floor(cell / inner) % columns),
  };
}
