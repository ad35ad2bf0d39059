/**
 * Reach: how dirt travels along one reference, as the engine wants to be told it.
 *
 * A reference says per axis of the attribute read how its index follows from the current cell. The engine asks the
 * reverse: which cells of the dependent does a changed part of the precedent touch? Along time the answer is a window
 * of periods, fixed positions, or everything. Along the other axes it is "the same member" when both sides have the
 * same axes in the same order and all are read at the current cell; otherwise a function from a run of precedent
 * members to the covering run of dependent members:
 *
 *   1. widen the run to an interval of positions per axis of the precedent (row-major, so a run that crosses a row
 *      covers all inner positions);
 *   2. carry each interval to the dependent's axis of the same name where the access is `current`; a `fixed` or
 *      `range` access outside its interval means that nothing is touched; `key` touches every member;
 *   3. the covering run goes from the smallest to the largest member of the product.
 *
 * The answer may be too wide, never too narrow. Cost: O(axes) a mapping.
 */
import type { OuterReach, Precedent, TimeReach } from "@reckon/engine";
import {
  type AxisAccess,
  type BoundFormula,
  CellReads,
  mayReadByCell,
  type Reference,
} from "@reckon/formula";
import type { Axis } from "@reckon/value";
import { outerOf, timeOf } from "./cells.ts";

export interface Reach extends Pick<Precedent, "eachRead"> {
  readonly time: TimeReach;
  readonly outer: OuterReach;
}

/**
 * The reach of each reference of a formula over `axes`. Where not every cell reads it, or a cell reads some members only
 * that are not its own, it also says what each cell reads: worked out when somebody asks.
 */
export function reachesOf(formula: BoundFormula, axes: readonly Axis[]): Reach[] {
  let reads = mayReadByCell(formula) ? new CellReads(formula) : undefined;
  return formula.references.map((reference, slot) => {
    const reach = reachOf(reference, axes);
    if (reach.outer.kind !== "map" && readsWhole(reference) && reads?.isPlain(slot) !== false) return reach;
    const eachRead: NonNullable<Precedent["eachRead"]> = (outer, period, visit) => {
      reads ??= new CellReads(formula);
      reads.each(slot, outer, period, visit);
    };
    return { ...reach, eachRead };
  });
}

/** Whether it reads all members, or the current one, of every axis but time. */
function readsWhole({ axes, access }: Reference): boolean {
  return access.every((one, i) => {
    if (one.kind === "current" || axes[i]?.time !== undefined) return true;
    return one.kind === "range" && one.from <= 0 && one.to >= (axes[i]?.labels.length ?? 0);
  });
}

/** The reach of `reference` in a formula over `axes`. */
export function reachOf(reference: Reference, axes: readonly Axis[]): Reach {
  return { time: timeReach(reference, axes), outer: outerReach(reference, axes) };
}

function timeReach(reference: Reference, axes: readonly Axis[]): TimeReach {
  const hasTime = timeOf(axes) !== undefined;
  if (timeOf(reference.axes) === undefined)
    return hasTime ? { kind: "all" } : { kind: "window", from: 0, to: 0 };
  const access = reference.access.at(-1) as AxisAccess;
  switch (access.kind) {
    case "current":
      return hasTime ? { kind: "window", from: access.offset, to: access.offset } : { kind: "all" };
    case "window":
      return hasTime ? { kind: "window", from: access.from, to: access.to } : { kind: "all" };
    case "fixed":
      return { kind: "range", from: access.position, to: access.position + 1 };
    case "range":
      return { kind: "range", from: access.from, to: access.to };
    case "key":
      return { kind: "all" };
  }
}

function outerReach(reference: Reference, axes: readonly Axis[]): OuterReach {
  const read = outerOf(reference.axes);
  const own = outerOf(axes);
  const access = reference.access.slice(0, read.length);
  const isSame =
    read.length === own.length &&
    read.every((axis, i) => axis.name === own[i]?.name && access[i]?.kind === "current");
  if (isSame) return { kind: "same" };
  if (read.length === 0 || own.length === 0) return { kind: "all" };
  return { kind: "map", dependents: mapping(read, access, own) };
}

type Interval = readonly [from: number, to: number];

function mapping(
  read: readonly Axis[],
  access: readonly AxisAccess[],
  own: readonly Axis[],
): (from: number, to: number) => Interval {
  const targets = read.map((axis, i) =>
    access[i]?.kind === "current" ? own.findIndex(({ name }) => name === axis.name) : -1,
  );
  return (from, to) => {
    if (to <= from) return [0, 0];
    const intervals = intervalsOf(read, from, to);
    const covered: Interval[] = own.map((axis) => [0, axis.labels.length]);
    for (let i = 0; i < read.length; i++) {
      const interval = intervals[i] as Interval;
      if (!touches(access[i] as AxisAccess, interval)) return [0, 0];
      const target = targets[i] as number;
      if (target >= 0) covered[target] = interval;
    }
    let first = 0;
    let last = 0;
    for (let i = 0; i < own.length; i++) {
      const size = (own[i] as Axis).labels.length;
      const [low, high] = covered[i] as Interval;
      first = first * size + low;
      last = last * size + high - 1;
    }
    return [first, last + 1];
  };
}

/** The positions per axis that members from ≤ m < to have, as covering intervals. */
function intervalsOf(axes: readonly Axis[], from: number, to: number): Interval[] {
  const intervals = new Array<Interval>(axes.length);
  let low = from;
  let high = to - 1;
  for (let i = axes.length - 1; i >= 0; i--) {
    const size = (axes[i] as Axis).labels.length;
    const lowRow = Math.floor(low / size);
    const highRow = Math.floor(high / size);
    intervals[i] = lowRow === highRow ? [low % size, (high % size) + 1] : [0, size];
    low = lowRow;
    high = highRow;
  }
  return intervals;
}

function touches(access: AxisAccess, [from, to]: Interval): boolean {
  switch (access.kind) {
    case "fixed":
      return access.position >= from && access.position < to;
    case "range":
      return access.from < to && access.to > from;
    case "current":
    case "window":
    case "key":
      return true;
  }
}
