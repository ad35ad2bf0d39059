import { axisOf } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { layoutCells } from "./cell-layout.ts";

const region = axisOf("region", ["North", "South"]);
const product = axisOf("product", ["Tea", "Milk", "Rum"]);
const year = axisOf("year", ["2026", "2027", "2028", "2029"]);

describe("cell layout", () => {
  it("[TE9] walks every cell once, whichever axis lies along the columns", () => {
    for (const axes of [[region, product, year], [product], [], [year], [region, year]])
      for (const along of ["year", "product", "region", undefined]) {
        const layout = layoutCells(axes, along);
        const total = axes.reduce((product, axis) => product * axis.labels.length, 1);
        const seen = new Set<number>();
        for (let member = 0; member < layout.members; member++)
          for (let column = 0; column < layout.columns; column++) {
            const cell = layout.cellAt(member, column);
            seen.add(cell);
            expect(layout.memberOf(cell)).toBe(member);
            expect(layout.columnOf(cell)).toBe(column);
          }
        expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, i) => i));
      }
  });

  it("names members and cells by their labels", () => {
    const layout = layoutCells([region, product, year], "year");
    expect(layout.memberLabels(4)).toEqual(["South", "Milk"]);
    expect(layout.labelsAt(4, 2)).toEqual(["South", "Milk", "2028"]);
    const across = layoutCells([region, product], "region");
    expect(across.memberLabels(2)).toEqual(["Rum"]);
    expect(across.labelsAt(2, 1)).toEqual(["South", "Rum"]);
    expect(layoutCells([], "year").labelsAt(0, 3)).toEqual([]);
  });
});
