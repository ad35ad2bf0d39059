/**
 * Cutting boxes into parts: by outer members where there are enough, otherwise each member's periods as well.
 *
 *   ┌───────────┐      ┌───────────┐        ┌─────┬─────┐
 *   │           │  ─►  ├───────────┤   or   ├─────┼─────┤
 *   └───────────┘      └───────────┘        └─────┴─────┘
 *
 * Parts do not overlap, cover the boxes, and have about as many cells each.
 */
import type { Box } from "../formula-node.ts";
import { cellCount } from "../state/boxes.ts";

/** About `count` parts of boxes that do not overlap; never more than there are cells. */
export function cutBoxes(boxes: readonly Box[], count: number): Box[] {
  const cells = boxes.reduce((sum, box) => sum + cellCount(box), 0);
  return boxes.flatMap((box) => cutBox(box, Math.max(1, Math.round((count * cellCount(box)) / cells))));
}

function cutBox(box: Box, count: number): Box[] {
  const { outerFrom, outerTo, from, to } = box;
  const members = outerTo - outerFrom;
  const bands = evenly(outerFrom, outerTo, Math.min(count, members));
  const columns = Math.max(1, Math.min(to - from, Math.floor(count / members)));
  const spans = evenly(from, to, columns);
  return bands.flatMap(([first, end]) =>
    spans.map((span) => ({ outerFrom: first, outerTo: end, from: span[0], to: span[1] })),
  );
}

function evenly(from: number, to: number, count: number): [number, number][] {
  return Array.from({ length: count }, (_, i) => [
    from + Math.floor(((to - from) * i) / count),
    from + Math.floor(((to - from) * (i + 1)) / count),
  ]);
}

/** The first cells of a box, about `cells` of them, rows in order, and what is left of it. */
export function beginBox(box: Box, cells: number): { readonly first: Box; readonly rest: readonly Box[] } {
  const { outerFrom, outerTo, from, to } = box;
  const width = to - from;
  if (cells >= cellCount(box)) return { first: box, rest: [] };
  if (cells >= width) {
    const member = outerFrom + Math.floor(cells / width);
    return { first: { ...box, outerTo: member }, rest: [{ ...box, outerFrom: member }] };
  }
  const period = from + Math.max(1, cells);
  const rest: Box[] = [{ outerFrom, outerTo: outerFrom + 1, from: period, to }];
  if (outerFrom + 1 < outerTo) rest.push({ ...box, outerFrom: outerFrom + 1 });
  return { first: { outerFrom, outerTo: outerFrom + 1, from, to: period }, rest };
}
