/**
 * Box sets: the dirty cells of one node as at most `boxesMax` boxes.
 *
 * A set may cover more cells than were added (merging takes the bounding box) but never fewer. Adding is O(boxes).
 * When a ninth box would be needed, the two boxes whose bounding box wastes the fewest cells are merged.
 */
import type { Shape } from "@reckon/value";
import type { Box } from "../formula-node.ts";

export const boxesMax = 8;

export function wholeBox(shape: Shape): Box {
  return { outerFrom: 0, outerTo: shape.outer, from: 0, to: shape.periods };
}

export function cellCount(box: Box): number {
  return (box.outerTo - box.outerFrom) * (box.to - box.from);
}

export function boundingBox(a: Box, b: Box): Box {
  return {
    outerFrom: Math.min(a.outerFrom, b.outerFrom),
    outerTo: Math.max(a.outerTo, b.outerTo),
    from: Math.min(a.from, b.from),
    to: Math.max(a.to, b.to),
  };
}

export function contains(outside: Box, inside: Box): boolean {
  return (
    outside.outerFrom <= inside.outerFrom &&
    outside.outerTo >= inside.outerTo &&
    outside.from <= inside.from &&
    outside.to >= inside.to
  );
}

/** The cells that are in both, or `null` where there are none. */
export function overlap(a: Box, b: Box): Box | null {
  const outerFrom = Math.max(a.outerFrom, b.outerFrom);
  const outerTo = Math.min(a.outerTo, b.outerTo);
  const from = Math.max(a.from, b.from);
  const to = Math.min(a.to, b.to);
  return outerFrom < outerTo && from < to ? { outerFrom, outerTo, from, to } : null;
}

/** Adds `box` to `boxes` in place. */
export function addBox(boxes: Box[], box: Box): void {
  let added = box;
  for (let i = boxes.length - 1; i >= 0; i--) {
    const present = boxes[i] as Box;
    if (contains(present, added)) return;
    if (contains(added, present) || fitsExactly(present, added)) {
      added = boundingBox(present, added);
      boxes.splice(i, 1);
      // The grown box may now touch one that was already passed.
      i = boxes.length;
    }
  }
  boxes.push(added);
  if (boxes.length > boxesMax) mergeClosest(boxes);
}

/** Whether two boxes are of one extent along an axis and touch or overlap along the other: their union is a box. */
function fitsExactly(a: Box, b: Box): boolean {
  const isSameOuter = a.outerFrom === b.outerFrom && a.outerTo === b.outerTo;
  const isSameTime = a.from === b.from && a.to === b.to;
  return (
    (isSameOuter && a.from <= b.to && b.from <= a.to) ||
    (isSameTime && a.outerFrom <= b.outerTo && b.outerFrom <= a.outerTo)
  );
}

function mergeClosest(boxes: Box[]): void {
  let left = 0;
  let right = 1;
  let wasteLeast = Number.POSITIVE_INFINITY;
  for (let i = 0; i < boxes.length; i++) {
    for (let j = i + 1; j < boxes.length; j++) {
      const a = boxes[i] as Box;
      const b = boxes[j] as Box;
      const waste = cellCount(boundingBox(a, b)) - cellCount(a) - cellCount(b);
      if (waste < wasteLeast) {
        wasteLeast = waste;
        left = i;
        right = j;
      }
    }
  }
  const merged = boundingBox(boxes[left] as Box, boxes[right] as Box);
  boxes.splice(right, 1);
  boxes.splice(left, 1);
  addBox(boxes, merged);
}
