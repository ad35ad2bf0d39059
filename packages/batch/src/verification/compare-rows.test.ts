import { columnFrom, errorValue, type Scalar, withOrigin } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { decodeBlock, encodeBlock, type ResultBlock } from "../evaluation/result-block.ts";
import { cellText, compareRows } from "./compare-rows.ts";

const axes = [
  { name: "kind", labels: ["a", "b"] },
  { name: "month", labels: ["1", "2", "3"] },
];
const wanted = [
  { id: "x.one", axes: [] },
  { id: "x.many", axes },
];

/** Two entities; the second has these cells. */
function block(one: Scalar, many: readonly Scalar[]): ResultBlock {
  const bytes = encodeBlock(2, wanted, [
    columnFrom({ outer: 2, periods: 1 }, [0, one]),
    columnFrom({ outer: 2, periods: 6 }, [0, 0, 0, 0, 0, 0, ...many]),
  ]);
  return decodeBlock(bytes) as ResultBlock;
}

const cells: readonly Scalar[] = [1, "text", null, true, errorValue("#N/A"), 0.1];
const exact = () => undefined;
const compare = (
  one: Scalar,
  many: readonly Scalar[],
  toleranceOf: Parameters<typeof compareRows>[2] = exact,
) => compareRows({ block: block(5, cells), row: 1 }, { block: block(one, many), row: 1 }, toleranceOf);

describe("compareRows", () => {
  it("[BA49] finds equal bits equal, whatever they are", () => {
    expect(compare(5, cells)).toEqual({ toleratedCells: 0 });
  });

  it("[BA52] names the first attribute and cell that differs, with all digits", () => {
    const many = [...cells.slice(0, 5), 0.1 + 2 ** -56];
    expect(compare(5, many).difference).toEqual({
      attribute: "x.many",
      at: ["b", "3"],
      expected: "0.1",
      found: "0.10000000000000002",
    });
    expect(compare(6, many).difference).toEqual({ attribute: "x.one", at: [], expected: "5", found: "6" });
  });

  it("[BA49] sees the sign of zero, kinds, and errors from elsewhere", () => {
    const zero = block(0, cells);
    const negative = block(-0, cells);
    expect(compareRows({ block: zero, row: 1 }, { block: negative, row: 1 }, exact).difference).toMatchObject(
      {
        expected: "0",
        found: "-0",
      },
    );
    const from = withOrigin(errorValue("#N/A"), { attribute: "x.other", at: ["b"] });
    const others: readonly (readonly [number, Scalar, string])[] = [
      [1, "Text", '"Text"'],
      [2, 0, "0"],
      [3, false, "FALSE"],
      [4, errorValue("#NUM!"), "#NUM!"],
      [4, from, "#N/A from x.other b"],
    ];
    for (const [at, value, found] of others)
      expect(compare(5, cells.with(at, value)).difference).toMatchObject({ found });
  });

  it("[BA49] allows the tolerance on either side in loops, counts these cells, and allows nothing to kinds", () => {
    const loops = (id: string) => (id === "x.many" ? { absolute: 1e-6, relative: 1e-9 } : undefined);
    expect(compare(5, cells.with(0, 1 + 1.9e-6), loops)).toEqual({ toleratedCells: 1 });
    expect(compare(5, cells.with(0, 1 + 2.1e-6), loops).difference?.at).toEqual(["a", "1"]);
    expect(compare(5 + 1e-9, cells, loops).difference?.attribute).toBe("x.one");
    expect(compare(5, cells.with(0, "1"), loops).difference).toMatchObject({ expected: "1", found: '"1"' });
  });

  it("[BA52] says so where the shapes are not the same", () => {
    const other = decodeBlock(
      encodeBlock(1, [{ id: "x.one", axes }], [columnFrom({ outer: 1, periods: 6 }, cells)]),
    );
    const result = compareRows(
      { block: block(5, cells), row: 1 },
      { block: other as ResultBlock, row: 0 },
      exact,
    );
    expect(result.difference).toMatchObject({ attribute: "x.one", found: "another shape" });
  });
});

describe("cellText", () => {
  it("writes numbers so that they read back to the same bits", () => {
    for (const value of [0.1 + 0.2, 1e21, 5e-324, -1 / 3]) expect(Number(cellText(value))).toBe(value);
    expect(Object.is(Number(cellText(-0)), -0)).toBe(true);
    expect(cellText(null)).toBe("blank");
  });
});
