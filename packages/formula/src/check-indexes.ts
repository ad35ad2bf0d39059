/**
 * Binding the index of a reference: which item is for which axis, and what access it gives.
 *
 *   1. As many items as axes, and each fits the axis in its place: by position.
 *   2. Otherwise `t…` goes to the time axis and a label to the one axis that has it; what fits several is ambiguous.
 *   3. `*` and keys that are left go to the axes that the target lacks, or to the axes left over, when the numbers agree;
 *      keys alone also to those left over that are not time.
 *
 * A single name is a member if the axis has one of that name; otherwise an attribute whose value is a key.
 */
import { type Axis, periodRange } from "@reckon/value";
import { type Binding, localNamed, type Place } from "./binding.ts";
import type { AxisAccess } from "./bound.ts";
import { nearestName } from "./nearest.ts";
import { printIndexItem } from "./printer.ts";
import type { Resolution } from "./scope.ts";
import type { Expression, IndexItem, NameExpression } from "./syntax.ts";

type Attribute = Extract<Resolution, { kind: "attribute" }>;
type Accesses = (AxisAccess | undefined)[];

/** One entry per axis, `undefined` where no item is for it; nothing at all when the index is wrong. */
export function assignIndexes(
  binding: Binding,
  expression: NameExpression,
  attribute: Attribute,
  place: Place,
): Accesses | undefined {
  const { axes } = attribute;
  const items = expression.index ?? [];
  const accesses: Accesses = axes.map(() => undefined);
  if (items.length === 0) return accesses;
  const name = expression.path.join(".");
  if (axes.length === 0) {
    binding.report("formula/not-indexable", expression.span, { name });
    return undefined;
  }
  if (items.length > axes.length) {
    const facts = { name, axes: listed(axes), found: items.length };
    binding.report("formula/too-many-indexes", expression.span, facts);
    return undefined;
  }
  const context: Context = { binding, place, name, axes };
  const places = byPosition(context, items) ?? byFit(context, items);
  if (places === undefined) return undefined;
  let isGood = true;
  places.forEach((axis, i) => {
    const access = accessOf(context, items[i] as IndexItem, axes[axis] as Axis);
    if (access === undefined) isGood = false;
    accesses[axis] = access;
  });
  return isGood ? accesses : undefined;
}

interface Context {
  readonly binding: Binding;
  readonly place: Place;
  readonly name: string;
  readonly axes: readonly Axis[];
}

function byPosition(context: Context, items: readonly IndexItem[]): number[] | undefined {
  const { axes } = context;
  if (items.length !== axes.length) return undefined;
  const fits = items.every((item, i) => {
    const axis = axes[i] as Axis;
    return fitsAxis(item, axis) || item.kind === "all" || isKey(context, item);
  });
  return fits ? items.map((_, i) => i) : undefined;
}

/** Whether the item says by itself that it is for such an axis. */
function fitsAxis(item: IndexItem, axis: Axis): boolean {
  switch (item.kind) {
    case "lag":
    case "window":
      return axis.time !== undefined;
    case "label":
      return positionsOf(axis, item.label) !== undefined;
    case "range":
      return [item.from, item.to].every((end) => end === undefined || positionsOf(axis, end) !== undefined);
    case "all":
    case "key":
      return false;
  }
}

function isKey({ binding, place, axes }: Context, item: IndexItem): boolean {
  if (item.kind === "key") return true;
  if (item.kind !== "label" || axes.some((axis) => fitsAxis(item, axis))) return false;
  const resolution = binding.scope.resolve([item.label]);
  return (
    localNamed(place.locals, item.label) !== undefined ||
    resolution?.kind === "attribute" ||
    resolution?.kind === "value"
  );
}

/** The axis of each item by what it says; reports what cannot be placed. */
function byFit(context: Context, items: readonly IndexItem[]): number[] | undefined {
  const { binding, axes, name } = context;
  const places = new Array<number>(items.length).fill(-1);
  const free = new Set(axes.keys());
  let isGood = true;
  items.forEach((item, i) => {
    if (item.kind === "all" || isKey(context, item)) return;
    const fitting = [...free].filter((axis) => fitsAxis(item, axes[axis] as Axis));
    if (fitting.length === 1) {
      places[i] = fitting[0] as number;
      free.delete(places[i] as number);
      return;
    }
    isGood = false;
    if (fitting.length === 0) reportUnfitting(context, item);
    else {
      const list = fitting.map((axis) => `\`${axes[axis]?.name}\``).join(" or ");
      binding.report("formula/ambiguous-index", item.span, {
        written: printIndexItem(item),
        axes: list,
        name,
      });
    }
  });
  return isGood && placeOpen(context, items, places, free) ? places : undefined;
}

function reportUnfitting({ binding, axes, name }: Context, item: IndexItem): void {
  if (item.kind === "lag" || item.kind === "window") {
    binding.report("formula/no-time", item.span, { name });
    return;
  }
  const ends = item.kind === "label" ? [item.label] : item.kind === "range" ? [item.from, item.to] : [];
  for (const label of ends) {
    if (label === undefined || axes.some((axis) => positionsOf(axis, label) !== undefined)) continue;
    const suggestion = nearestName(label, axes.flatMap(({ labels }) => labels).slice(0, 10_000));
    const time = /^\d/.test(label) ? axes.find((axis) => axis.time !== undefined) : undefined;
    const periods = time && `\`${time.name}\` runs from ${time.labels[0]} to ${time.labels.at(-1)}`;
    binding.report("formula/unknown-label", item.span, { label, axes: listed(axes), suggestion, periods });
    return;
  }
  binding.report("formula/unknown-label", item.span, { label: printIndexItem(item), axes: listed(axes) });
}

/** Gives `*` and keys their axes, in order. */
function placeOpen(
  context: Context,
  items: readonly IndexItem[],
  places: number[],
  free: ReadonlySet<number>,
): boolean {
  const { binding, place, axes, name } = context;
  const open = items.map((_, i) => i).filter((i) => places[i] === -1);
  if (open.length === 0) return true;
  const isFollowed = (axis: number): boolean =>
    [...binding.scope.currentAxes, ...(place.frame?.axes ?? [])].some(
      (other) => other.name === axes[axis]?.name,
    );
  const lacking = [...free].filter((axis) => !isFollowed(axis));
  const chosen = [lacking, [...free], membersFor(context, items, open, free)].find(
    (candidates) => candidates.length === open.length,
  );
  if (chosen === undefined) {
    const item = items[open[0] as number] as IndexItem;
    const list = [...free].map((axis) => `\`${axes[axis]?.name}\``).join(" or ");
    binding.report("formula/ambiguous-index", item.span, { written: printIndexItem(item), axes: list, name });
    return false;
  }
  open.forEach((item, i) => {
    places[item] = chosen[i] as number;
  });
  return true;
}

/** The axes of members among the free ones, where only keys are left and none of them is a date: keys seldom name periods. */
function membersFor(
  { binding, axes }: Context,
  items: readonly IndexItem[],
  open: readonly number[],
  free: ReadonlySet<number>,
): readonly number[] {
  const isMemberKey = (item: IndexItem): boolean => {
    if (item.kind === "all") return false;
    const path =
      item.kind === "label" ? [item.label] : item.kind === "key" ? pathOf(item.expression) : undefined;
    const resolution = path === undefined ? undefined : binding.scope.resolve(path);
    return !(resolution?.kind === "attribute" && resolution.valueType === "date");
  };
  if (!open.every((i) => isMemberKey(items[i] as IndexItem))) return [];
  return [...free].filter((axis) => axes[axis]?.time === undefined);
}

function pathOf(expression: Expression): readonly string[] | undefined {
  return expression.kind === "name" ? expression.path : undefined;
}

function accessOf(context: Context, item: IndexItem, axis: Axis): AxisAccess | undefined {
  switch (item.kind) {
    case "all":
      return { kind: "range", from: 0, to: axis.labels.length };
    case "lag":
    case "window":
      return relativeAccess(context, item, axis);
    case "label": {
      const positions = positionsOf(axis, item.label);
      if (positions === undefined) return keyAccess(context, item);
      if (positions.to - positions.from === 1) return { kind: "fixed", position: positions.from };
      return { kind: "range", ...positions };
    }
    case "range": {
      const from = item.from === undefined ? 0 : positionsOf(axis, item.from)?.from;
      const to = item.to === undefined ? axis.labels.length : positionsOf(axis, item.to)?.to;
      if (from === undefined || to === undefined || from >= to) {
        const facts = { from: item.from ?? "", to: item.to ?? "" };
        context.binding.report("formula/range-order", item.span, facts);
        return undefined;
      }
      return { kind: "range", from, to };
    }
    case "key":
      return keyAccess(context, item);
  }
}

function relativeAccess(
  { binding, name }: Context,
  item: Extract<IndexItem, { kind: "lag" | "window" }>,
  axis: Axis,
): AxisAccess | undefined {
  if (!binding.scope.currentAxes.some((other) => other.name === axis.name)) {
    binding.report("formula/target-no-time", item.span, { name, example: axis.labels[0] ?? "…" });
    return undefined;
  }
  const [from, to] = item.kind === "lag" ? [item.offset, item.offset] : windowOn(axis, item.from, item.to);
  const isClipped = item.kind === "window" && item.clip;
  if (!isClipped && (from < 0 || to > 0) && binding.clause !== undefined) {
    binding.report("formula/lag-in-start", item.span, { clause: binding.clause });
    return undefined;
  }
  const written = printIndexItem(item);
  if (!isClipped && (from < 0 || to > 0) && binding.stock !== undefined) {
    binding.report("formula/lag-in-stock", item.span, { name, written, stock: binding.stock });
    return undefined;
  }
  if (!isClipped && from < 0 && !binding.hasStart) {
    binding.report("formula/no-start", item.span, { name, written });
    return undefined;
  }
  if (!isClipped && to > 0 && !binding.hasEnd) {
    binding.report("formula/no-end", item.span, { name, written });
    return undefined;
  }
  if (item.kind === "lag") return { kind: "current", offset: from };
  return { kind: "window", from, to, clip: item.clip };
}

/** An open end reaches as far as the axis does, whatever the current period. */
function windowOn({ labels }: Axis, from: number, to: number): readonly [number, number] {
  return [
    from === Number.NEGATIVE_INFINITY ? Math.min(1 - labels.length, to) : from,
    to === Number.POSITIVE_INFINITY ? Math.max(labels.length - 1, from) : to,
  ];
}

function keyAccess(
  { binding, place, name }: Context,
  item: Extract<IndexItem, { kind: "label" | "key" }>,
): AxisAccess | undefined {
  const before = binding.frameRanges;
  const key =
    item.kind === "key"
      ? binding.bind(binding, item.expression, place)
      : binding.bind(binding, { kind: "name", path: [item.label], span: item.span }, place);
  if (binding.frameRanges > before) {
    // One key for each member of the frame would make an array of look-ups.
    binding.report("formula/nested-over", item.span, { name: place.frame?.name ?? name });
    return undefined;
  }
  return { kind: "key", key };
}

/** The positions `from` ≤ p < `to` that a label names on an axis: one, or on a time axis those of a coarser period. */
function positionsOf(axis: Axis, label: string): { from: number; to: number } | undefined {
  const exact = axis.positions.get(label);
  if (exact !== undefined) return { from: exact, to: exact + 1 };
  return axis.time === undefined ? undefined : periodRange(axis, label);
}

function listed(axes: readonly Axis[]): string {
  return axes.map(({ name }) => `\`${name}\``).join(", ");
}
