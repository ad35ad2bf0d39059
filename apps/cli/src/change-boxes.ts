/**
 * Neighbouring cells that changed alike, as one box: a range of positions on each axis with one value before and one
 * after.
 *
 *   cells ─→ boxes of one cell ─→ merged along the last axis (periods) ─→ along the one before (members) ─→ …
 *
 * Two boxes merge along an axis when they lie side by side on it, span the same positions on all others, and changed
 * from the same value to the same value. Boxes keep the order of their first cells. Cost: linear in cells × axes.
 */
import type { Change } from "@reckon/sheet";
import { type Axis, isErrorValue, type Scalar } from "@reckon/value";

export interface ChangeBox {
  readonly before: Scalar;
  readonly after: Scalar;
  readonly cells: number;
  /** The labels as written: `SMB`, `2026-01 … 2026-03`, and `*` for all members of an axis without time. */
  readonly labels: readonly string[];
  /** Every cell of the attribute is in it. */
  readonly isWhole: boolean;
}

interface Span {
  readonly change: Change;
  /** First and last position, an entry an axis. */
  readonly from: readonly number[];
  to: readonly number[];
}

/** The boxes of one attribute's changes; a box a cell where a label is not on the axes. */
export function boxesOf(changes: readonly Change[], axes: readonly Axis[]): ChangeBox[] {
  const spans = changes.map((change): Span => {
    const at = axes.map((axis, i) => axis.positions.get(change.at[i] ?? "") ?? Number.NaN);
    return { change, from: at, to: at };
  });
  if (spans.some((span) => span.from.length === 0 || span.from.some(Number.isNaN))) {
    return changes.map(({ before, after, at }) => ({ before, after, cells: 1, labels: at, isWhole: false }));
  }
  const merged = axes.reduceRight<Span[]>((before, _, axis) => mergeAlong(axis, before), spans);
  return merged.map((span) => boxOf(span, axes));
}

function mergeAlong(axis: number, spans: readonly Span[]): Span[] {
  const open = new Map<string, Span>();
  const merged: Span[] = [];
  for (const span of spans) {
    const key = keyWithout(axis, span);
    const last = open.get(key);
    if (last !== undefined && (last.to[axis] as number) + 1 === span.from[axis]) {
      last.to = last.to.with(axis, span.to[axis] as number);
      continue;
    }
    open.set(key, span);
    merged.push(span);
  }
  return merged;
}

/** All that two spans must agree in to be merged along `axis`. */
function keyWithout(axis: number, { change, from, to }: Span): string {
  const others = from.flatMap((position, i) => (i === axis ? [] : [position, to[i]]));
  return JSON.stringify([...others, keyOf(change.before), keyOf(change.after)]);
}

function keyOf(value: Scalar): Scalar | readonly string[] {
  return isErrorValue(value) ? [value.code] : value;
}

function boxOf({ change, from, to }: Span, axes: readonly Axis[]): ChangeBox {
  const sizes = from.map((position, i) => (to[i] as number) - position + 1);
  const isAll = sizes.map((size, i) => size === axes[i]?.labels.length);
  const labels = axes.map((axis, i) => {
    const first = axis.labels[from[i] as number] as string;
    if (sizes[i] === 1) return first;
    if (isAll[i] && axis.time === undefined) return "*";
    return `${first} … ${axis.labels[to[i] as number]}`;
  });
  const cells = sizes.reduce((product, size) => product * size, 1);
  return { before: change.before, after: change.after, cells, labels, isWhole: !isAll.includes(false) };
}
