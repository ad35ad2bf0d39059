/**
 * Which cells of a box differ between two columns of one shape, as the bounding box of those cells.
 *
 * Numbers compare by bits (−0 is not 0), errors by all that is shown of them (their interned ids). Cost: the cells of the box,
 * about a nanosecond each while both columns hold only numbers.
 */
import type { Column } from "@reckon/value";
import type { Box } from "../formula-node.ts";

export function changedPart(before: Column, after: Column, box: Box): Box | undefined {
  let outerFrom = -1;
  let outerTo = 0;
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  const { periods } = after.shape;
  for (let member = box.outerFrom; member < box.outerTo; member++) {
    const start = member * periods;
    const first = firstChange(before, after, start + box.from, start + box.to);
    if (first < 0) continue;
    const last = lastChange(before, after, first, start + box.to);
    if (outerFrom < 0) outerFrom = member;
    outerTo = member + 1;
    from = Math.min(from, first - start);
    to = Math.max(to, last + 1 - start);
  }
  return outerFrom < 0 ? undefined : { outerFrom, outerTo, from, to };
}

function firstChange(before: Column, after: Column, from: number, to: number): number {
  if (before.marks === null && after.marks === null) {
    const left = before.numbers;
    const right = after.numbers;
    for (let i = from; i < to; i++) {
      const value = right[i] as number;
      if (left[i] !== value || (value === 0 && !Object.is(left[i], value))) return i;
    }
    return -1;
  }
  for (let i = from; i < to; i++) if (!before.readsAlike(i, after, i)) return i;
  return -1;
}

/** The last cell in from … to − 1 that differs; `from` itself does. */
function lastChange(before: Column, after: Column, from: number, to: number): number {
  for (let i = to - 1; i > from; i--) if (!before.readsAlike(i, after, i)) return i;
  return from;
}
