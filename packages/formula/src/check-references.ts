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
import type { Resolution } from "./scope.ts";
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
  return { kind: "read", slot };
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
  if (hasAxis(binding.scope.currentAxes, axis)) return { kind: "current", offset: 0 };
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
  return axes.some(({ name }) => name === axis.name);
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

/** The slot of a read; equal reads share one, except those with computed keys. */
function slotOf(binding: Binding, attribute: Attribute, reference: Reference): number {
  const isShared = reference.access.every(({ kind }) => kind !== "key");
  const key = isShared ? JSON.stringify([reference.attribute, reference.access, reference.layout]) : "";
  const known = isShared ? binding.slots.get(key) : undefined;
  if (known !== undefined) return known;
  const slot = binding.references.length;
  binding.references.push(reference);
  binding.resolutions.push(attribute);
  if (isShared) binding.slots.set(key, slot);
  return slot;
}
