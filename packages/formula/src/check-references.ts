/**
 * Binding a reference: for each axis of the attribute read, how its index follows from the current cell.
 *
 *   - an index in brackets says it (check-indexes.ts finds which item is for which axis);
 *   - an axis named by the `over` around it is a range of all members;
 *   - an axis the target has too is at the current member or period;
 *   - any other axis is a mistake: `formula/missing-axis` names it and the ways out.
 *
 * An array from one reference lies as the frame says: with `over a, b` the axis a runs down and b across, and a
 * reference that lacks one of them is repeated along it. Over more than two axes the first ones run down together,
 * so every reference must have all of them.
 */
import type { Axis } from "@reckon/value";
import type { Binding, Frame, Place } from "./binding.ts";
import type { AxisAccess, BoundExpression, Reference } from "./bound.ts";
import { assignIndexes } from "./check-indexes.ts";
import type { Span } from "./diagnostic.ts";
import type { CellsRead, Resolution } from "./scope.ts";
import type { NameExpression } from "./syntax.ts";

type Attribute = Extract<Resolution, { kind: "attribute" }>;

/** The bound read of an attribute. */
export function bindReference(
  binding: Binding,
  expression: NameExpression,
  attribute: Attribute,
  place: Place,
): BoundExpression {
  const { axes } = attribute;
  if (expression.index === undefined && place.frame === undefined) {
    const read = readCurrent(binding, expression, attribute);
    if (read !== undefined) return read;
  }
  const access = assignIndexes(binding, expression, attribute, place);
  if (access === undefined) return unreadable;
  const frameAxes: number[] = [];
  const spanAxes: number[] = [];
  const complete: AxisAccess[] = [];
  for (let i = 0; i < axes.length; i++) {
    const axis = axes[i] as Axis;
    const given = access[i];
    if (given !== undefined) {
      if (given.kind === "window" || given.kind === "range") spanAxes.push(i);
      complete.push(given);
    } else if (place.frame !== undefined && hasAxis(place.frame.axes, axis)) {
      place.frame.used.add(axis.name);
      frameAxes.push(i);
      complete.push({ kind: "range", from: 0, to: axis.labels.length });
    } else {
      const follows = outerAccess(binding, expression, axis, place.frame);
      if (follows === undefined) return unreadable;
      complete.push(follows);
    }
  }
  binding.frameRanges += frameAxes.length;
  binding.spans += spanAxes.length;
  const layout = layOut(binding, expression, axes, { frame: place.frame, frameAxes, spanAxes });
  if (layout === undefined) return unreadable;
  const slot = slotOf(binding, attribute, {
    attribute: attribute.id,
    axes,
    access: complete,
    span: expression.span,
    ...(layout === "plain" ? {} : { layout }),
  });
  return readOf(slot);
}

/** Stands where an error has been reported; such a formula is never evaluated. */
const unreadable: BoundExpression = { kind: "missing" };

/** The access of an axis with no index and outside the innermost frame. */
function outerAccess(
  binding: Binding,
  expression: NameExpression,
  axis: Axis,
  frame: Frame | undefined,
): AxisAccess | undefined {
  for (let outer = frame?.outside; outer !== undefined; outer = outer.outside) {
    if (!hasAxis(outer.axes, axis)) continue;
    binding.report("formula/nested-over", expression.span, { name: frame?.name ?? "" });
    return undefined;
  }
  if (hasAxis(binding.scope.currentAxes, axis)) return current;
  for (let around = frame; around !== undefined; around = around.outside) {
    if (around.isIncomplete) return undefined;
  }
  const name = expression.path.join(".");
  binding.report("formula/missing-axis", expression.span, {
    name,
    axis: axis.name,
    example: axis.labels[0] ?? "…",
    isTime: axis.time !== undefined,
  });
  return undefined;
}

/** Whether an axis of that name is among `axes`: axes are matched by name. */
export function hasAxis(axes: readonly Axis[], axis: Axis): boolean {
  for (const one of axes) if (one === axis || one.name === axis.name) return true;
  return false;
}

interface Ranged {
  readonly frame: Frame | undefined;
  readonly frameAxes: readonly number[];
  readonly spanAxes: readonly number[];
}

/** Which axes run down and which across; "plain" for a single value or the order of the axes themselves. */
function layOut(
  binding: Binding,
  expression: NameExpression,
  axes: readonly Axis[],
  { frame, frameAxes, spanAxes }: Ranged,
): Reference["layout"] | "plain" | undefined {
  const name = expression.path.join(".");
  if (frame === undefined || (frameAxes.length === 0 && spanAxes.length === 0)) {
    if (spanAxes.length <= 2) return "plain";
    binding.report("formula/two-spans", expression.span, { name });
    return undefined;
  }
  const indexOf = ({ name: wanted }: Axis): number | undefined =>
    frameAxes.find((i) => axes[i]?.name === wanted);
  if (spanAxes.length > 0) {
    if (spanAxes.length > 1 || frame.axes.length > 1) {
      binding.report("formula/two-spans", expression.span, { name });
      return undefined;
    }
    return { rows: frameAxes, columns: spanAxes };
  }
  const down = frame.axes.length === 1 ? frame.axes : frame.axes.slice(0, -1);
  const across = frame.axes.length === 1 ? [] : frame.axes.slice(-1);
  if (frame.axes.length > 2 && frameAxes.length !== frame.axes.length) {
    const list = frame.axes.map((axis) => `\`${axis.name}\``).join(", ");
    binding.report("formula/over-too-many", expression.span, { name, axes: list });
    return undefined;
  }
  const isThere = (i: number | undefined): i is number => i !== undefined;
  return { rows: down.map(indexOf).filter(isThere), columns: across.map(indexOf).filter(isThere) };
}

/** The bound read of cells of a worksheet. */
export function bindCells(binding: Binding, read: CellsRead, span: Span): BoundExpression {
  const attribute: Attribute = { kind: "attribute", id: read.attribute, axes: read.axes };
  return readOf(slotOf(binding, attribute, { ...read, span }));
}

/** The slot of a read; equal reads share one, except those with computed keys. */
function slotOf(binding: Binding, attribute: Attribute, reference: Reference): number {
  const { references } = binding;
  // The few reads of most formulas are compared; only the many of a long one are looked up.
  const known =
    references.length <= comparedMax ? compared(references, reference) : lookedUp(binding, reference);
  if (known !== undefined) return known;
  const slot = references.length;
  references.push(reference);
  binding.resolutions.push(attribute);
  if (binding.slots !== undefined) binding.slots.set(keyOf(reference), slot);
  return slot;
}

const comparedMax = 24;

function compared(references: readonly Reference[], wanted: Reference): number | undefined {
  for (let slot = 0; slot < references.length; slot++) {
    if (isSameRead(references[slot] as Reference, wanted)) return slot;
  }
  return undefined;
}

function lookedUp(binding: Binding, reference: Reference): number | undefined {
  binding.slots ??= new Map(binding.references.map((one, slot) => [keyOf(one), slot]));
  const slot = binding.slots.get(keyOf(reference));
  if (slot === undefined || reference.access.some(({ kind }) => kind === "key")) return undefined;
  return slot;
}

function keyOf({ attribute, access, layout }: Reference): string {
  const isShared = access.every(({ kind }) => kind !== "key");
  return isShared ? JSON.stringify([attribute, access, layout]) : "";
}

function isSameRead(a: Reference, b: Reference): boolean {
  if (a.attribute !== b.attribute || a.access.length !== b.access.length) return false;
  if (a.access !== b.access) {
    for (let i = 0; i < a.access.length; i++) {
      if (!isSameAccess(a.access[i] as AxisAccess, b.access[i] as AxisAccess)) return false;
    }
  }
  if (a.layout === b.layout) return true;
  return a.layout !== undefined && b.layout !== undefined && isSameLayout(a.layout, b.layout);
}

function isSameAccess(a: AxisAccess, b: AxisAccess): boolean {
  if (a === b) return a.kind !== "key";
  switch (a.kind) {
    case "current":
      return b.kind === "current" && a.offset === b.offset;
    case "fixed":
      return b.kind === "fixed" && a.position === b.position;
    case "window":
      return b.kind === "window" && a.from === b.from && a.to === b.to && a.clip === b.clip;
    case "range":
      return b.kind === "range" && a.from === b.from && a.to === b.to;
    case "key":
      return false;
  }
}

type Layout = NonNullable<Reference["layout"]>;

function isSameLayout(a: Layout, b: Layout): boolean {
  const isSame = (left: readonly number[], right: readonly number[]): boolean =>
    left.length === right.length && left.every((axis, i) => axis === right[i]);
  return isSame(a.rows, b.rows) && isSame(a.columns, b.columns);
}

/** The commonest reads share their access and their node. */
const current: AxisAccess = { kind: "current", offset: 0 };
const currents: readonly (readonly AxisAccess[])[] = Array.from({ length: 8 }, (_, length) =>
  Array.from({ length }, () => current),
);
const reads: readonly BoundExpression[] = Array.from({ length: 32 }, (_, slot) => ({ kind: "read", slot }));

function readOf(slot: number): BoundExpression {
  return reads[slot] ?? { kind: "read", slot };
}

/** The read of an attribute at the current cell, all of whose axes the target has; undefined for any other. */
function readCurrent(
  binding: Binding,
  expression: NameExpression,
  attribute: Attribute,
): BoundExpression | undefined {
  const { axes } = attribute;
  const access = currents[axes.length];
  if (access === undefined) return undefined;
  for (const axis of axes) if (!hasAxis(binding.scope.currentAxes, axis)) return undefined;
  const { span } = expression;
  return readOf(slotOf(binding, attribute, { attribute: attribute.id, axes, access, span }));
}
