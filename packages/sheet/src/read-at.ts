/**
 * What one cell of a formula reads: the positions, labels and values of each reference there.
 */
import type { State } from "@reckon/engine";
import {
  type AxisAccess,
  type BoundExpression,
  type BoundFormula,
  evaluateCell,
  type Reference,
} from "@reckon/formula";
import { cellAt, cellsOf, type Plan, positionsAt, timeOf } from "@reckon/plan";
import { type Axis, Column, type Scalar } from "@reckon/value";

/** One reference as the current cell sees it. */
export interface ReadAt {
  readonly reference: Reference;
  /** Flat cells of the attribute read; empty before the first or after the last period. */
  readonly cells: readonly number[];
  /** Labels along each axis; a range says `first..last`. */
  readonly at: readonly string[];
  /** One value, or one a cell where the reference is a range. */
  readonly value: Scalar | readonly Scalar[];
}

/** Resolves every reference of `formula` at a flat cell. Cost: the cells read. */
export function readsAt(plan: Plan, state: State, formula: BoundFormula, cell: number): readonly ReadAt[] {
  const columns = formula.references.map(({ attribute }) => {
    const node = plan.nodeOf(attribute);
    return node === undefined ? new Column({ outer: 1, periods: 1 }) : state.view(node);
  });
  const here = { positions: positionsAt(formula.axes, cell), formula, columns };
  return formula.references.map((reference, slot) => readAt(reference, columns[slot] as Column, here));
}

/** The current cell, as references see it. */
interface Here {
  readonly positions: readonly number[];
  readonly formula: BoundFormula;
  readonly columns: readonly Column[];
}

function readAt(reference: Reference, column: Column, here: Here): ReadAt {
  const along = reference.axes.map((axis, i) =>
    positionsAlong(axis, reference.access[i] as AxisAccess, here),
  );
  const isRange = reference.access.some(({ kind }) => kind === "window" || kind === "range");
  const cells = cellsOf(reference.axes, along);
  const outside = isRange || cells.length > 0 ? undefined : outsideOf(reference, here);
  const values = cells.map((read) => column.get(read));
  return {
    reference,
    cells,
    at: reference.axes.map((axis, i) => labelOf(axis, along[i] as readonly number[], outside?.label)),
    value: isRange ? values : (values[0] ?? outside?.value ?? null),
  };
}

/** What stands before the first or after the last period, where a lag leads there. */
function outsideOf(
  reference: Reference,
  here: Here,
): { readonly label: string; readonly value: Scalar } | undefined {
  const access = reference.access.at(-1);
  if (access?.kind !== "current" || access.offset === 0) return undefined;
  const { start, end } = here.formula;
  const root = access.offset < 0 ? start : end;
  const label = access.offset < 0 ? "start" : "end";
  return { label, value: root === undefined ? null : evaluatedHere(root, here) };
}

function evaluatedHere(root: BoundExpression, { formula, positions, columns }: Here): Scalar {
  const periods = timeOf(formula.axes)?.labels.length ?? 1;
  const cell = cellAt(formula.axes, positions);
  return evaluateCell({ ...formula, root }, columns, {
    outer: Math.floor(cell / periods),
    period: cell % periods,
  });
}

function positionsAlong(axis: Axis, access: AxisAccess, here: Here): readonly number[] {
  const own = here.positions[here.formula.axes.findIndex(({ name }) => name === axis.name)] ?? 0;
  const size = axis.labels.length;
  switch (access.kind) {
    case "current":
      return within(own + access.offset, own + access.offset, size);
    case "fixed":
      return [access.position];
    case "window":
      return within(own + access.from, own + access.to, size);
    case "range":
      return within(access.from, access.to - 1, size);
    case "key": {
      const key = evaluatedHere(access.key, here);
      const position = axis.positions.get(String(key)) ?? periodStarting(axis, key);
      return position === undefined ? [] : [position];
    }
  }
}

function within(from: number, to: number, size: number): number[] {
  const positions: number[] = [];
  for (let position = Math.max(0, from); position <= Math.min(to, size - 1); position++)
    positions.push(position);
  return positions;
}

/** The period that starts on a serial day, as a key may name it. */
function periodStarting(axis: Axis, key: Scalar): number | undefined {
  const position = typeof key === "number" ? (axis.time?.starts.indexOf(key) ?? -1) : -1;
  return position < 0 ? undefined : position;
}

function labelOf(axis: Axis, positions: readonly number[], outside = "none"): string {
  const first = positions[0];
  if (first === undefined) return outside;
  const last = positions.at(-1) as number;
  const label = axis.labels[first] as string;
  return positions.length === 1 ? label : `${label}..${axis.labels[last]}`;
}
