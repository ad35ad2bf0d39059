import { describe, expect, it } from "vitest";
import { unicodeGlyphs } from "../screen/glyphs.ts";
import { sparkline } from "./sparkline.ts";

describe("sparkline", () => {
  it.each([
    [[1, 2, 3, 4, 5], 5, "▁▃▅▆█"],
    [[5, 1], 5, "█▁"],
    [[3, 3, 3], 5, "▄▄▄"],
    [[1.19, 1.19 + 1e-12, 1.19], 5, "▄▄▄"],
    [[0, 1e-14, 0], 5, "▄▄▄"],
    [[0, 1e-9], 5, "▁█"],
    [[1, Number.NaN, 3], 5, "▁ █"],
    [[1, 1, 9, 9], 2, "▁█"],
    [[4], 5, ""],
    [[Number.NaN, Number.NaN], 5, ""],
  ])("draws %j in %i characters as %j", (values, width, expected) => {
    expect(sparkline(values, width, unicodeGlyphs.sparks)).toBe(expected);
  });
});
