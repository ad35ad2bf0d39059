import { describe, expect, it } from "vitest";
import { evaluateText } from "./evaluate-text.ts";
import { percentOf } from "./percent.ts";

describe("percentages as written", () => {
  it.each([
    [1.8, 0.018],
    [5, 0.05],
    [0, 0],
    [1e-7, 1e-9],
    [1.5e22, 1.5e20],
    [Number.MAX_VALUE, Number.MAX_VALUE / 100],
  ])("[FO15] %d%% is %d", (written, value) => {
    expect(percentOf(written)).toBe(value);
  });

  it("[FO15] a written percentage has the bits of the decimal; a computed one is divided by 100", () => {
    expect(evaluateText("=1.8%", new Map())).toMatchObject({ value: 0.018 });
    expect(evaluateText("=x%", new Map([["x", 1.8]]))).toMatchObject({ value: 1.8 / 100 });
  });
});
