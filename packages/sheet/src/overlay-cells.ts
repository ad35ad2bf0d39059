/**
 * Overrides written into an overlay: which boxes, which columns.
 *
 * An override names positions along each axis and gives one value, or one a cell in row-major order. It becomes one
 * write a box; overrides of one attribute are written in file order, so that the narrow one lands on the wide one. A
 * relative override becomes a relation: the engine hands it what the state below holds, whenever that changes.
 * Cost: the cells overridden.
 */
import type { Box, NodeId, Overlay, State } from "@reckon/engine";
import { applyBinary, type BinaryOperator } from "@reckon/formula";
import type { CheckedOverride } from "@reckon/model";
import { boxesOf, cellsOf, labelsAt, type Positions, timeOf } from "@reckon/plan";
import { type Axis, Column, isErrorValue, type Scalar, withOrigin } from "@reckon/value";

/** The node that overrides of one attribute act on. */
export interface OverrideTarget {
  readonly attribute: string;
  readonly node: NodeId;
  readonly axes: readonly Axis[];
}

export function writeOverrides(
  overlay: Overlay,
  target: OverrideTarget,
  overrides: readonly CheckedOverride[],
): void {
  const { node, axes } = target;
  for (const { positions, values, operator, isPin } of overrides)
    forEachBox(axes, positions, values, (box, column) => {
      if (isPin) overlay.pin(node, box, column);
      else if (operator === "=") overlay.setCells(node, box, column);
      else overlay.relate(node, box, relationOf(target, binaryOperators[operator], column));
    });
}

/** Whether overrides say nothing but values of inputs, so that they can stand in the model as well as over it. */
export function areValues(overrides: readonly CheckedOverride[]): boolean {
  return overrides.every(({ operator, isPin }) => operator === "=" && !isPin);
}

/** Writes overrides that are values into a state itself. */
export function writeValues(
  state: State,
  { node, axes }: OverrideTarget,
  overrides: readonly CheckedOverride[],
): void {
  for (const { positions, values } of overrides)
    forEachBox(axes, positions, values, (box, column) => state.setCells(node, box, column));
}

export function clearOverrides(overlay: Overlay, { node }: OverrideTarget, isPin: boolean): void {
  if (isPin) overlay.unpin(node);
  else overlay.clearOverride(node);
}

const binaryOperators = { "+=": "+", "-=": "-", "*=": "*", "/=": "/" } as const satisfies Record<
  Exclude<CheckedOverride["operator"], "=">,
  BinaryOperator
>;

/** Combines what the state below holds with the amounts, which are laid out like the box. */
function relationOf(
  { attribute, axes }: OverrideTarget,
  operator: BinaryOperator,
  amounts: Column,
): (below: Column, out: Column, box: Box) => void {
  return (below, out, box) => {
    let at = 0;
    forEachCell(box, out.shape.periods, (cell) => {
      // Two scalars combine to a scalar; the other kinds of value need an array or a lambda to begin with.
      const value = applyBinary(operator, below.get(cell), amounts.get(at++)) as Scalar;
      const isUnlocated = isErrorValue(value) && value.origin === undefined;
      out.set(cell, isUnlocated ? withOrigin(value, { attribute, at: labelsAt(axes, cell) }) : value);
    });
  };
}

/** Calls `write` for each box of a product of positions with the column of its values. */
function forEachBox(
  axes: readonly Axis[],
  positions: Positions,
  values: readonly Scalar[],
  write: (box: Box, column: Column) => void,
): void {
  const periods = timeOf(axes)?.labels.length ?? 1;
  const indexes =
    values.length === 1
      ? undefined
      : new Map(cellsOf(axes, positions).map((cell, index): [number, number] => [cell, index]));
  for (const box of boxesOf(axes, positions)) {
    const column = new Column({ outer: box.outerTo - box.outerFrom, periods: box.to - box.from });
    let at = 0;
    forEachCell(box, periods, (cell) => {
      column.set(at++, values[indexes === undefined ? 0 : (indexes.get(cell) as number)] as Scalar);
    });
    write(box, column);
  }
}

/** The flat cells of a box in a column with so many periods, in order. */
function forEachCell(box: Box, periods: number, visit: (cell: number) => void): void {
  for (let outer = box.outerFrom; outer < box.outerTo; outer++)
    for (let period = box.from; period < box.to; period++) visit(outer * periods + period);
}
