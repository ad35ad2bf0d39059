import { describe, expect, it } from "vitest";
import type { Box } from "../formula-node.ts";
import { beginBox, cutBoxes } from "./cut-boxes.ts";

const box = (outerFrom: number, outerTo: number, from: number, to: number): Box => ({
  outerFrom,
  outerTo,
  from,
  to,
});

function cells(boxes: readonly Box[]): string[] {
  const found: string[] = [];
  for (const { outerFrom, outerTo, from, to } of boxes)
    for (let m = outerFrom; m < outerTo; m++) for (let t = from; t < to; t++) found.push(`${m},${t}`);
  return found.sort();
}

describe("parts of boxes", () => {
  it("[EX20] cover the boxes once, by members where there are enough, otherwise by periods too", () => {
    for (const boxes of [
      [box(0, 7, 0, 3)],
      [box(2, 3, 5, 25)],
      [box(0, 2, 0, 9), box(5, 6, 2, 4)],
      [box(0, 1, 0, 1)],
    ]) {
      for (let count = 1; count < 30; count++) {
        const parts = cutBoxes(boxes, count);
        expect(cells(parts)).toEqual(cells(boxes));
        expect(parts.every((part) => cells([part]).length > 0)).toBe(true);
      }
    }
    expect(cutBoxes([box(0, 9, 0, 4)], 3)).toEqual([box(0, 3, 0, 4), box(3, 6, 0, 4), box(6, 9, 0, 4)]);
    expect(cutBoxes([box(0, 1, 0, 9)], 3)).toEqual([box(0, 1, 0, 3), box(0, 1, 3, 6), box(0, 1, 6, 9)]);
  });

  it("[EX13] a box is begun with its first cells, rows in order", () => {
    for (let count = 1; count < 25; count++) {
      const whole = box(1, 5, 2, 7);
      const { first, rest } = beginBox(whole, count);
      expect(cells([first, ...rest])).toEqual(cells([whole]));
      expect(cells([first]).length).toBeLessThanOrEqual(count);
    }
    expect(beginBox(box(0, 2, 0, 4), 1).first).toEqual(box(0, 1, 0, 1));
    expect(beginBox(box(0, 2, 0, 4), 8).rest).toEqual([]);
  });
});
