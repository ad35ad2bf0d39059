/**
 * Values typed into an input: what is kept of them, so that they can be written, taken back and made again.
 *
 * Most edits set a few cells. Of these the cells are kept with what they held, and the input's column is written in place:
 * it belongs to the sheet from its first edit on (before that it belongs to the model, and to the engine, which took it
 * over). An edit of many cells keeps the columns before and after, which nobody writes any more.
 *
 * Cost: the cells that are set; a copy of the column at the first edit of an input.
 */

import type { Box, Engine, NodeId } from "@reckon/engine";
import { type CheckedInput, inputWith } from "@reckon/model";
import { boxesOf, cellsOf, type Positions, wholeBox } from "@reckon/plan";
import { Column, type Scalar } from "@reckon/value";

/** Some cells with what they held and what they hold. */
interface CellStep {
  readonly positions: Positions;
  readonly cells: readonly number[];
  readonly before: readonly Scalar[];
  readonly after: readonly Scalar[];
}

/** An input before and after an edit. */
export interface InputEdit {
  readonly before: CheckedInput;
  readonly after: CheckedInput;
  /** What was set, in order, in the column that both have; absent where each has a column of its own. */
  readonly steps?: readonly CellStep[];
}

/** Columns that are written in place: no input but the sheet's has them, and the engine has not. */
const owned = new WeakSet<Column>();

/** Above this share of its cells a column is copied rather than written in place. */
const copiedShare = 1 / 8;

/** Sets cells of an input; `earlier` is what the same transaction did to it. */
export function editedInput(
  input: CheckedInput,
  positions: Positions,
  value: Scalar,
  earlier: InputEdit | undefined,
): InputEdit {
  const cells = cellsOf(input.axes, positions);
  const isWhole = cells.length > input.column.length * copiedShare;
  if (isWhole || (earlier !== undefined && earlier.steps === undefined)) {
    const column = input.column.clone();
    for (const cell of cells) column.set(cell, value);
    // What the transaction wrote in place before goes out of that column again, which is the one before now.
    if (earlier !== undefined) takeBack(earlier);
    return { before: earlier?.before ?? input, after: inputWith(input, column) };
  }
  const before = cells.map((cell) => input.column.get(cell));
  const step = { positions, cells, before, after: cells.map(() => value) };
  const { after } = applied(input, [step]);
  return { before: earlier?.before ?? input, after, steps: [...(earlier?.steps ?? []), step] };
}

/** The edit made again or undone, on the input as it stands now. */
export function replayed(edit: InputEdit, direction: "undo" | "redo", input: CheckedInput): InputEdit {
  const { before, after, steps } = edit;
  const isUndo = direction === "undo";
  if (steps === undefined) return isUndo ? { before: after, after: before } : edit;
  return applied(input, isUndo ? steps.toReversed().map(reversed) : steps);
}

function reversed({ before, after, ...step }: CellStep): CellStep {
  return { ...step, before: after, after: before };
}

/** Writes the steps into the input's own column. */
function applied(input: CheckedInput, steps: readonly CellStep[]): InputEdit {
  const column = ownColumn(input.column);
  for (const { cells, after } of steps) write(column, cells, after);
  return { before: input, after: inputWith(input, column), steps };
}

/** Makes the column that was written in place hold what it held before the edit. */
export function takeBack({ after, steps }: InputEdit): void {
  for (const { cells, before } of (steps ?? []).toReversed()) write(after.column, cells, before);
}

function write(column: Column, cells: readonly number[], values: readonly Scalar[]): void {
  cells.forEach((cell, i) => {
    column.set(cell, values[i] as Scalar);
  });
}

/** Writes what an edit set into the engine. */
export function writeEdit(engine: Engine, node: NodeId, { after, steps }: InputEdit): void {
  const { axes, column } = after;
  if (steps === undefined) engine.setCells(node, wholeBox(column.shape), column);
  else
    for (const { positions } of steps)
      for (const box of boxesOf(axes, positions)) engine.setCells(node, box, cellsIn(column, box));
}

function ownColumn(column: Column): Column {
  if (owned.has(column)) return column;
  const own = column.clone();
  owned.add(own);
  return own;
}

function cellsIn(column: Column, box: Box): Column {
  const { outerFrom, outerTo, from, to } = box;
  const cells = new Column({ outer: outerTo - outerFrom, periods: to - from });
  let at = 0;
  for (let outer = outerFrom; outer < outerTo; outer++)
    for (let period = from; period < to; period++)
      cells.copyCell(at++, column, outer * column.shape.periods + period);
  return cells;
}
