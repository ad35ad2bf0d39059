/**
 * Cells: where the value for a combination of labels lies in a column, and back.
 *
 * An attribute's axes are listed with time last. Its column has one row a combination of the other axes' members
 * (row-major in the order of the axes) and one cell a period in each row:
 *
 *   axes segment (SMB, Mid), month (01, 02, 03)      cell  0 1 2   SMB: 01 02 03
 *                                                          3 4 5   Mid: 01 02 03
 *
 * So the cell of positions (p₀, p₁, …) is their mixed-radix number, whether or not the last axis is time. All
 * functions here are pure and cost O(axes), except where they list cells.
 */
import type { Box } from "@reckon/engine";
import type { Axis, Shape } from "@reckon/value";

/** Positions along each axis, in the order of the axes. */
export type Positions = readonly (readonly number[])[];

/** The time axis of the list, if its last axis is one. */
export function timeOf(axes: readonly Axis[]): Axis | undefined {
  const last = axes.at(-1);
  return last?.time === undefined ? undefined : last;
}

/** The axes without the time axis. */
export function outerOf(axes: readonly Axis[]): readonly Axis[] {
  return timeOf(axes) === undefined ? axes : axes.slice(0, -1);
}

/**
 * The shape of a column over `axes`.
 *
 * @example
 * ```ts
 * shapeOf([axisOf("segment", ["SMB", "Mid"])]); // { outer: 2, periods: 1 }
 * ```
 */
export function shapeOf(axes: readonly Axis[]): Shape {
  const outer = outerOf(axes).reduce((product, axis) => product * axis.labels.length, 1);
  return { outer, periods: timeOf(axes)?.labels.length ?? 1 };
}

/** The flat cell of one position along each axis. */
export function cellAt(axes: readonly Axis[], positions: readonly number[]): number {
  let cell = 0;
  for (let i = 0; i < axes.length; i++)
    cell = cell * (axes[i] as Axis).labels.length + (positions[i] as number);
  return cell;
}

/** The position along each axis of a flat cell. */
export function positionsAt(axes: readonly Axis[], cell: number): number[] {
  const positions = new Array<number>(axes.length);
  let rest = cell;
  for (let i = axes.length - 1; i >= 0; i--) {
    const size = (axes[i] as Axis).labels.length;
    positions[i] = rest % size;
    rest = Math.floor(rest / size);
  }
  return positions;
}

/**
 * The labels of a flat cell, one an axis.
 *
 * @example
 * ```ts
 * labelsAt([axisOf("segment", ["SMB", "Mid"]), axisOf("kind", ["a", "b"])], 3); // ["Mid", "b"]
 * ```
 */
export function labelsAt(axes: readonly Axis[], cell: number): string[] {
  return positionsAt(axes, cell).map((position, i) => (axes[i] as Axis).labels[position] as string);
}

/** Every flat cell of a product of positions, row-major. Cost: the cells. */
export function cellsOf(axes: readonly Axis[], positions: Positions): number[] {
  let cells = [0];
  for (let i = 0; i < axes.length; i++) {
    const size = (axes[i] as Axis).labels.length;
    const along = positions[i] as readonly number[];
    cells = cells.flatMap((cell) => along.map((position) => cell * size + position));
  }
  return cells;
}

/** The boxes that cover exactly a product of positions: runs of members times runs of periods. */
export function boxesOf(axes: readonly Axis[], positions: Positions): Box[] {
  const outer = outerOf(axes);
  const members = runsOf(cellsOf(outer, positions));
  const periods = outer.length === axes.length ? [{ from: 0, to: 1 }] : runsOf(positions.at(-1) ?? []);
  return members.flatMap((member) =>
    periods.map(({ from, to }) => ({ outerFrom: member.from, outerTo: member.to, from, to })),
  );
}

/** Ascending numbers as half-open runs. */
function runsOf(numbers: readonly number[]): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && last.to === number) last.to = number + 1;
    else runs.push({ from: number, to: number + 1 });
  }
  return runs;
}

/** Every position of every axis. */
export function allPositions(axes: readonly Axis[]): Positions {
  return axes.map((axis) => axis.labels.map((_, i) => i));
}

/** The box of all cells of a shape. */
export function wholeBox(shape: Shape): Box {
  return { outerFrom: 0, outerTo: shape.outer, from: 0, to: shape.periods };
}
