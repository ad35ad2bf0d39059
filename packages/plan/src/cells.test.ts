import { axisOf } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { allPositions, boxesOf, cellAt, cellsOf, labelsAt, positionsAt, shapeOf } from "./cells.ts";

const segment = axisOf("segment", ["SMB", "Mid", "Ent"]);
const region = axisOf("region", ["EU", "US"]);
const month = axisOf("month", ["01", "02", "03", "04"], { frequency: "step", starts: [1, 2, 3, 4] });

describe("cells", () => {
  it("[PL1] lays a column out row-major with time innermost", () => {
    expect(shapeOf([region, segment, month])).toEqual({ outer: 6, periods: 4 });
    expect(shapeOf([region, segment])).toEqual({ outer: 6, periods: 1 });
    expect(shapeOf([month])).toEqual({ outer: 1, periods: 4 });
    expect(shapeOf([])).toEqual({ outer: 1, periods: 1 });
    expect(cellAt([region, segment, month], [1, 2, 3])).toBe(23);
    expect(labelsAt([region, segment, month], 23)).toEqual(["US", "Ent", "04"]);
  });

  it("turns every cell to positions and back", () => {
    const axes = [region, segment, month];
    for (let cell = 0; cell < 24; cell++) expect(cellAt(axes, positionsAt(axes, cell))).toBe(cell);
  });

  it("covers a product of positions by boxes that hold exactly its cells", () => {
    const axes = [region, segment, month];
    const positions = [
      [0, 1],
      [0, 2],
      [1, 2],
    ];
    expect(boxesOf(axes, positions)).toEqual([
      { outerFrom: 0, outerTo: 1, from: 1, to: 3 },
      { outerFrom: 2, outerTo: 4, from: 1, to: 3 },
      { outerFrom: 5, outerTo: 6, from: 1, to: 3 },
    ]);
    expect(cellsOf(axes, positions)).toEqual([1, 2, 9, 10, 13, 14, 21, 22]);
    expect(boxesOf(axes, allPositions(axes))).toEqual([{ outerFrom: 0, outerTo: 6, from: 0, to: 4 }]);
    expect(boxesOf([], [])).toEqual([{ outerFrom: 0, outerTo: 1, from: 0, to: 1 }]);
  });
});
