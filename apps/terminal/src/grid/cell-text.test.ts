import { errorValue } from "@reckon/value";
import { describe, expect, it } from "vitest";
import {
  fitNumber,
  fittingDecimals,
  readableNumber,
  rowDecimals,
  scalarText,
  widestOf,
} from "./cell-text.ts";

describe("cell text", () => {
  it.each([
    [[100, 110, 121], 0],
    [[100, 110.5], 1],
    [[1140, 1254.123456], 2],
    [[0.025, 0.018], 3],
    [[1 / 3], 4],
    [[0.25, 286165.46], 0],
    [[], 0],
    [["north", null, 2.5], 1],
  ])("[TE6] a row of %j has %i decimals", (values, decimals) => {
    expect(rowDecimals(values)).toBe(decimals);
  });

  it.each([
    [1284.5, 8, 2, "1,284.50"],
    [1284.5, 7, 2, "1,284.5"],
    [2_000_000, 12, 2, "2,000,000.00"],
    [2_000_000, 8, 0, "2000000"],
    [0.018000000000000002, 9, 3, "0.018"],
    [3e-7, 9, 4, "3.000e-7"],
    [1284567.891, 7, 2, "1284568"],
    [12845678.91, 6, 2, "1.28e7"],
    [-1284567.891, 6, 2, "-1.3e6"],
    [0.00001, 6, 2, "0.00"],
    [0.004, 4, 3, "4e-3"],
    [-0.001, 6, 2, "0.00"],
    [1e300, 8, 2, "1.00e300"],
    [123456789, 2, 0, "##"],
  ])("[TE6] shows %d in %i cells with %i decimals as %s", (value, width, decimals, text) => {
    expect(fitNumber(value, width, decimals)).toBe(text);
  });

  it("[TE6] never cuts a number's digits off", () => {
    for (const value of [123456, -98765.4321, 1e21, 5e-324, 1.2e308])
      for (let width = 1; width < 14; width++) {
        const text = fitNumber(value, width, 2);
        expect(text.length).toBeLessThanOrEqual(width);
        if (!text.includes("#") && Math.abs(value) > 1) {
          expect(Math.abs(Number(text.replaceAll(",", "")) / value - 1)).toBeLessThan(0.5);
        }
      }
  });

  it("[TE6] gives the numbers of a row the decimals with which the widest fits", () => {
    expect(fittingDecimals([12.5, 1284.5, "north"], 8, 2)).toBe(2);
    expect(fittingDecimals([12.5, 1284.5], 7, 2)).toBe(1);
    expect(fittingDecimals([12.5, 1284.5], 5, 2)).toBe(0);
    // What cannot fit at all must not take the decimals of the others.
    expect(fittingDecimals([0.25, 12345678901], 8, 2)).toBe(2);
  });

  it("[TE6] measures the widest value as it is shown", () => {
    expect(widestOf([5, -2_000_000], { decimals: 2 }, 12)).toBe("-2,000,000.00".length);
    expect(widestOf([0.5, 0.25], { decimals: 2, pattern: "0.0%" }, 12)).toBe("50.0%".length);
    expect(widestOf(["東京都", null, true], { decimals: 0 }, 12)).toBe(6);
    expect(widestOf(["a long text without an end"], { decimals: 0 }, 12)).toBe(12);
  });

  it.each([
    [0.1 + 0.2, "0.3"],
    [12, "12"],
    [-0, "0"],
    [1e21, "1e+21"],
    [null, ""],
    [true, "TRUE"],
    ["a\nb", "a b"],
    [errorValue("#N/A"), "#N/A"],
  ])("shows %s in full as %s", (value, text) => {
    expect(scalarText(value)).toBe(text);
  });

  it.each([
    [1284.5, "1,284.50"],
    [1234567, "1,234,567"],
    [0.025, "0.025"],
    [-12345.678, "-12,345.68"],
    [3e-7, "3.0000e-7"],
  ])("reads %d as %s", (value, text) => {
    expect(readableNumber(value)).toBe(text);
  });
});
