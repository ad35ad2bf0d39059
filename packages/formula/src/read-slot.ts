/**
 * Reading a slot at a cell: one scalar, or an array where an axis is a window or a range.
 *
 *   1. Fixed, current and key axes give the offset of the first cell; a key that is no member is `#N/A`.
 *   2. A current period outside the time axis gives the `start` or `end` value.
 *   3. Ranged axes give two lists of offsets, down and across; a window's periods outside the axis are left out when
 *      it is clipped and otherwise give the `start` or `end` value. Nothing left at all is one blank cell.
 *
 * An array of one ranged axis carries the axis position of its first cell, so that sums cut their blocks alike.
 * Cost: the axes, and the cells of an array.
 */
import {
  type ArrayValue,
  type Axis,
  arrayValue,
  type Column,
  type ErrorValue,
  errorValue,
  isErrorValue,
  type Scalar,
} from "@reckon/value";
import type { BoundExpression } from "./bound.ts";
import { type AxisPlan, type Cell, type FormulaPlan, positionAlong, type SlotPlan } from "./slot-plan.ts";

/** What reading needs from the evaluation around it. */
export interface ReadContext {
  readonly plan: FormulaPlan;
  readonly cell: Cell;
  /** The scalar of a key expression at this cell. */
  readonly key: (expression: BoundExpression) => Scalar;
  /** What stands before the first period (`before` true) or after the last, at this cell. */
  readonly outside: (before: boolean) => Scalar;
}

/** Offsets of a ranged axis; `before` and `after` mark periods outside the time axis. */
const before = -1;
const after = -2;

export function readSlot(slot: SlotPlan, column: Column, context: ReadContext): Scalar | ArrayValue {
  const origin = originOf(slot, context);
  if (typeof origin !== "number") return origin;
  if (!slot.isArray) {
    if (origin === before || origin === after) return context.outside(origin === before);
    return column.get(origin);
  }
  if (origin < 0) return context.outside(origin === before);
  const down = offsetsOf(slot, slot.rows, context);
  const across = offsetsOf(slot, slot.columns, context);
  if (down.length === 0 || across.length === 0) return arrayValue(1, 1, [null], { isRange: true });
  const cells = new Array<Scalar>(down.length * across.length);
  let k = 0;
  for (const row of down) {
    for (const step of across) {
      const outside = row < 0 ? row : Math.min(step, 0);
      cells[k++] = outside < 0 ? context.outside(outside === before) : column.get(origin + row + step);
    }
  }
  const firstPosition = firstPositionOf(slot, context);
  return firstPosition === 0
    ? arrayValue(down.length, across.length, cells, { isRange: true })
    : arrayValue(down.length, across.length, cells, { isRange: true, firstPosition });
}

/** Offset of the first cell of an array that does not move with the current period; undefined where there is none. */
export function fixedOriginOf(slot: SlotPlan, context: ReadContext): number | undefined {
  const origin = originOf(slot, context);
  return typeof origin === "number" && origin >= 0 ? origin : undefined;
}

/** Consecutive cells of one row of a column. */
export interface RowSpan {
  /** The cell at position 0 of the row. */
  readonly rowStart: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Where an array's cells lie, if they are consecutive periods of one row and all within the time axis; otherwise
 * undefined, and the array must be read.
 */
export function rowSpanOf(slot: SlotPlan, context: ReadContext): RowSpan | undefined {
  const axis = timeSpanOf(slot);
  if (axis === undefined) return undefined;
  const rowStart = originOf(slot, context);
  if (typeof rowStart !== "number" || rowStart < 0) return undefined;
  const [from, to] = positionsOf(axis, context);
  return from < to && from >= 0 && to <= axis.size ? { rowStart, from, to } : undefined;
}

/** The time axis of a slot that is an array along it and along nothing else. */
export function timeSpanOf(slot: SlotPlan): AxisPlan | undefined {
  if (slot.rows.length + slot.columns.length !== 1) return undefined;
  const index = slot.rows[0] ?? (slot.columns[0] as number);
  if (slot.reference.axes[index]?.time === undefined) return undefined;
  return slot.axes[index];
}

/** Offset of the axes that are not ranged; `before` or `after` when a lag leads outside; an error for a key. */
function originOf(slot: SlotPlan, context: ReadContext): number | ErrorValue {
  let origin = 0;
  let outside = 0;
  for (let i = 0; i < slot.axes.length; i++) {
    const axis = slot.axes[i] as AxisPlan;
    const { access } = axis;
    if (access.kind === "fixed") origin += access.position * axis.stride;
    else if (access.kind === "current") {
      const position = positionAlong(context.plan, axis.target, context.cell) + access.offset;
      if (position < 0) outside = before;
      else if (position >= axis.size) outside = after;
      else origin += position * axis.stride;
    } else if (access.kind === "key") {
      const position = keyPosition(slot, i, context.key(access.key));
      if (typeof position !== "number") return position;
      origin += position * axis.stride;
    }
  }
  return outside === 0 ? origin : outside;
}

/** The member whose label the key spells; on a time axis also the period that starts on a serial day. */
function keyPosition(slot: SlotPlan, index: number, key: Scalar): number | ErrorValue {
  if (isErrorValue(key)) return key;
  const axis = slot.reference.axes[index];
  const position = positionOfKey(axis, key);
  if (position !== undefined) return position;
  const shown = key === null ? "a blank" : `"${String(key)}"`;
  return errorValue("#N/A", `${shown} is no member of ${axis?.name ?? "the axis"}`);
}

/** The position along an axis that a key stands for, if any. */
export function positionOfKey(axis: Axis | undefined, key: Scalar): number | undefined {
  const label = typeof key === "number" ? String(key) : key;
  const position = typeof label === "string" ? axis?.positions.get(label) : undefined;
  if (position !== undefined) return position;
  if (typeof key !== "number" || axis?.time === undefined) return undefined;
  const start = sortedIndex(axis.time.starts, key);
  return axis.time.starts[start] === key ? start : undefined;
}

function sortedIndex(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Offsets of the cells along the given ranged axes, the first outermost. */
function offsetsOf(slot: SlotPlan, axes: readonly number[], context: ReadContext): number[] {
  let offsets = [0];
  for (const index of axes) {
    const axis = slot.axes[index] as AxisPlan;
    const [from, to] = positionsOf(axis, context);
    const next: number[] = [];
    for (const offset of offsets) {
      for (let position = from; position < to; position++) {
        if (offset < 0) next.push(offset);
        else if (position < 0) next.push(before);
        else if (position >= axis.size) next.push(after);
        else next.push(offset + position * axis.stride);
      }
    }
    offsets = next;
  }
  return offsets;
}

/** Positions `from` ≤ p < `to` of a ranged axis; of an unclipped window possibly outside the axis. */
function positionsOf(axis: AxisPlan, context: ReadContext): readonly [number, number] {
  const { access } = axis;
  if (access.kind === "range") return [access.from, access.to];
  if (access.kind !== "window") return [0, 1];
  const current = positionAlong(context.plan, axis.target, context.cell);
  const from = current + access.from;
  const to = current + access.to + 1;
  return access.clip ? [Math.max(0, from), Math.min(axis.size, to)] : [from, to];
}

function firstPositionOf(slot: SlotPlan, context: ReadContext): number {
  const [only, ...more] = [...slot.rows, ...slot.columns];
  if (only === undefined || more.length > 0) return 0;
  return positionsOf(slot.axes[only] as AxisPlan, context)[0];
}
