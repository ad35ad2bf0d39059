import { expect, it } from "vitest";
import { canonicalReference, cellRange } from "./a1.ts";

it.each([
  ["B2", [2, 2, 2, 2]],
  ["$A$1:b9", [1, 1, 9, 2]],
  ["b9:A1", [1, 1, 9, 2]],
  ["A:C", [1, 1, 1_048_576, 3]],
  ["2:3", [2, 1, 3, 16_384]],
  ["XFD1048576", [1_048_576, 16_384, 1_048_576, 16_384]],
])("[FO7] %s", (text, wanted) => {
  const range = cellRange(text);
  expect(range && [range.fromRow, range.fromColumn, range.toRow, range.toColumn]).toEqual(wanted);
});

it("[FO7] what lies outside a worksheet or is no cell is none", () => {
  expect(["XFE1", "A0", "A1048577", "A", "1", "A1:B", "abcd1", ""].map(cellRange)).toEqual(
    new Array(8).fill(undefined),
  );
  expect(canonicalReference("$a$1:b$2")).toBe("A1:B2");
});
