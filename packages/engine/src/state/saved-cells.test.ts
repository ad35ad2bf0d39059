import { Column, columnFrom, errorValue, type Scalar, sameScalar } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { Box } from "../formula-node.ts";
import { BoxSet } from "./box-set.ts";
import { SavedCells } from "./saved-cells.ts";

const shape = { outer: 2, periods: 4 };
const box: Box = { outerFrom: 0, outerTo: 2, from: 1, to: 3 };
const cellsOf = (column: Column): Scalar[] => Array.from({ length: 8 }, (_, cell) => column.get(cell));

describe("saved cells", () => {
  it.each<[string, Scalar, Scalar]>([
    ["numbers", 1, 2],
    ["zeros", 0, -0],
    ["texts", "a", "b"],
    ["a text and a number", "a", 0],
    ["errors", errorValue("#N/A"), errorValue("#REF!")],
  ])("[RC4] [RC10] differ from %s that took their place, and are put back", (_, before, after) => {
    for (const [old, value] of [
      [before, after],
      [after, before],
    ] as const) {
      const saved = new SavedCells();
      // Cells without marks that were saved before, where marks of another column had been.
      saved.save(columnFrom(shape, ["x", "x", "x", "x", "x", "x", "x", "x"]), box);
      saved.clear();
      const first = saved.save(new Column(shape), box);
      const column = columnFrom(shape, [9, 9, 9, 9, 9, 9, old, 9]);
      const cells = cellsOf(column);
      const at = saved.save(column, box);
      const changed = new BoxSet();
      saved.compare(column, box, at, changed);
      saved.compare(new Column(shape), box, first, changed);
      expect(changed.count).toBe(0);
      column.set(6, value);
      saved.compare(column, box, at, changed);
      expect(changed.list()).toEqual([{ outerFrom: 1, outerTo: 2, from: 2, to: 3 }]);
      const other = new Column(shape);
      other.numbers.fill(9);
      saved.restore(other, box, at);
      expect(cellsOf(other).every((cell, i) => sameScalar(cell, cells[i] as Scalar))).toBe(true);
    }
  });
});

describe("a set of boxes", () => {
  it("[RC8] joins two boxes only where they make one", () => {
    const boxes = new BoxSet();
    boxes.add(0, 3, 0, 1);
    boxes.add(1, 2, 1, 2);
    expect(boxes.count).toBe(2);
    expect(boxes.list()).toEqual([
      { outerFrom: 0, outerTo: 3, from: 0, to: 1 },
      { outerFrom: 1, outerTo: 2, from: 1, to: 2 },
    ]);
  });
});
