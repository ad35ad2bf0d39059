import { errorValue, type Scalar } from "@reckon/value";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import {
  alignedCells,
  alignedTexts,
  exactText,
  groupedNumber,
  groupedWidth,
  shortText,
} from "./scalar-text.ts";
import type { CellTexts } from "./text-table.ts";

describe("texts of values", () => {
  it("exactText has all digits", () => {
    expect([0.1 + 0.2, -0, 1e21, "a b", true, null, errorValue("#N/A")].map(exactText)).toEqual([
      "0.30000000000000004",
      "0",
      "1e+21",
      "a b",
      "TRUE",
      "",
      "#N/A",
    ]);
  });

  it("groups thousands and shows no negative zero", () => {
    expect(groupedNumber(1234567.891, 2)).toBe("1,234,567.89");
    expect(groupedNumber(-0.001, 2)).toBe("0.00");
    expect(groupedNumber(-1234, 0)).toBe("-1,234");
    expect(groupedNumber(1e-7, 4)).toBe("1.0000e-7");
    expect(groupedNumber(3e20, 0)).toBe("3.0000e20");
  });

  it("[CL13] gives the numbers of a row equal decimals: at most two, four where all are below one", () => {
    expect(alignedTexts([1, 2.5, null], undefined)).toEqual(["1.0", "2.5", ""]);
    expect(alignedTexts([1000.126, 3], undefined)).toEqual(["1,000.13", "3.00"]);
    expect(alignedTexts([0.025, 0.5], undefined)).toEqual(["0.025", "0.500"]);
    expect(alignedTexts([1, 2, errorValue("#DIV/0!")], undefined)).toEqual(["1", "2", "#DIV/0!"]);
  });

  it("[CL13] gives each text of a row the decimals of all, and tells its width without it", () => {
    const cells = (values: readonly Scalar[], pattern?: string): CellTexts =>
      alignedCells((at) => values[at] as Scalar, values.length, pattern);
    expect(cells([1, 2.25, 30_000]).textAt(0)).toBe("1.00");
    expect(cells([1e-9, 7e5]).textAt(0)).toBe("0.00");
    const rows: [readonly Scalar[], string?][] = [
      [[1, -2.25, 999.996, 999.994, -0.001, 1e15, 0, 1e-9]],
      [[0.5, -0.00004, 0.99996, -1e-4]],
      [[0.5, 1], "0.0%"],
      [["東京", "a  b", null, true, errorValue("#N/A"), 99_999]],
    ];
    for (const [values, pattern] of rows) {
      const { textAt, widthAt } = cells(values, pattern);
      for (const at of values.keys()) expect(widthAt(at), textAt(at)).toBe(stringWidth(textAt(at)));
    }
  });

  it("groupedWidth is the length of groupedNumber", () => {
    const edges = Array.from({ length: 22 }, (_, i) => 10 ** (i - 6));
    const values = edges.flatMap((edge) => [edge, edge - 0.5, edge - 0.004, edge * 0.99999, edge * 3.7]);
    for (const value of values.flatMap((one) => [one, -one]))
      for (const decimals of [0, 1, 2, 4, 7])
        expect(groupedWidth(value, decimals), `${value}`).toBe(groupedNumber(value, decimals).length);
    expect(groupedWidth(0, 2)).toBe(4);
    expect(groupedWidth(Number.NaN, 2)).toBe(3);
  });

  it("[CL13] shows numbers by the attribute's format", () => {
    expect(alignedTexts([0.025, 0.5], "0.0%")).toEqual(["2.5%", "50.0%"]);
  });

  it("[CL13] hides what rounding has left behind, and keeps the digits of small rates", () => {
    expect(alignedTexts([0.018000000000000002, 0.1 * 3], undefined)).toEqual(["0.018", "0.300"]);
    expect(alignedTexts([304568.53, 9.7907e-10], undefined)).toEqual(["304,568.53", "0.00"]);
    expect(alignedTexts([0, 6.3949e-16], undefined)).toEqual(["0", "6.3949e-16"]);
    expect(alignedTexts([0.00125, 0.0005], undefined)).toEqual(["0.00125", "0.00050"]);
    expect(alignedTexts([5.5511e-17], undefined)).toEqual(["5.5511e-17"]);
    expect(shortText(0.018000000000000002)).toBe("0.018");
  });

  it("shortText cuts long texts", () => {
    expect(shortText("x".repeat(100))).toHaveLength(62);
    expect(shortText(null)).toBe("blank");
  });
});
