import { describe, expect, it } from "vitest";
import type { Box } from "../formula-node.ts";
import { mapInto } from "../structure/reach.ts";
import { BoxSet } from "./box-set.ts";
import { addBox, boxesMax, cellCount, contains } from "./boxes.ts";

const box = (outerFrom: number, outerTo: number, from: number, to: number): Box => ({
  outerFrom,
  outerTo,
  from,
  to,
});

describe("box sets", () => {
  it("[RC8] join what fits exactly and keep the rest apart", () => {
    const boxes: Box[] = [];
    addBox(boxes, box(0, 1, 0, 3));
    addBox(boxes, box(0, 1, 6, 9));
    addBox(boxes, box(0, 1, 3, 6));
    expect(boxes).toEqual([box(0, 1, 0, 9)]);
    addBox(boxes, box(2, 3, 0, 9));
    addBox(boxes, box(2, 3, 4, 5));
    expect(boxes).toEqual([box(0, 1, 0, 9), box(2, 3, 0, 9)]);
    addBox(boxes, box(1, 2, 0, 9));
    expect(boxes).toEqual([box(0, 3, 0, 9)]);
  });

  it("[RC8] never lose a cell and never hold more than eight", () => {
    const added: Box[] = [];
    const boxes: Box[] = [];
    for (let i = 0; i < 60; i++) {
      const one = box(
        (i * 13) % 50,
        ((i * 13) % 50) + 1 + (i % 3),
        (i * 29) % 90,
        ((i * 29) % 90) + 1 + (i % 4),
      );
      added.push(one);
      addBox(boxes, one);
      expect(boxes.length).toBeLessThanOrEqual(boxesMax);
    }
    for (const one of added) {
      for (let m = one.outerFrom; m < one.outerTo; m++) {
        for (let t = one.from; t < one.to; t++) {
          expect(boxes.some((present) => contains(present, box(m, m + 1, t, t + 1)))).toBe(true);
        }
      }
    }
    expect(boxes.every((one) => cellCount(one) > 0)).toBe(true);
  });
});

describe("reaches", () => {
  const shape = { outer: 4, periods: 10 };
  const same = { kind: "same" } as const;

  it.each([
    ["the same period", { kind: "window", from: 0, to: 0 }, box(1, 2, 3, 5), box(1, 2, 3, 5)],
    ["a lag of two", { kind: "window", from: -2, to: -2 }, box(1, 2, 3, 5), box(1, 2, 5, 7)],
    ["a lead", { kind: "window", from: 1, to: 1 }, box(1, 2, 3, 5), box(1, 2, 2, 4)],
    ["a span", { kind: "window", from: -2, to: 0 }, box(1, 2, 3, 5), box(1, 2, 3, 7)],
    ["a lag over the end", { kind: "window", from: -9, to: -9 }, box(1, 2, 3, 5), undefined],
    ["a range that is hit", { kind: "range", from: 4, to: 6 }, box(1, 2, 3, 5), box(1, 2, 0, 10)],
    ["a range that is missed", { kind: "range", from: 5, to: 6 }, box(1, 2, 3, 5), undefined],
    ["all periods", { kind: "all" }, box(1, 2, 3, 5), box(1, 2, 0, 10)],
  ] as const)("[RC9] map %s", (_, time, changed, expected) => {
    const mapped = new BoxSet();
    mapInto({ time, outer: same }, changed, shape, mapped);
    expect(mapped.list()).toEqual(expected === undefined ? [] : [expected]);
  });
});
