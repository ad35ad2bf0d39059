import type { Change } from "@reckon/sheet";
import { describe, expect, it } from "vitest";
import { changeLines } from "./change-lines.ts";

const change = (
  attribute: string,
  at: string[],
  before: Change["before"],
  after: Change["after"],
): Change => ({
  attribute,
  at,
  before,
  after,
});

describe("changeLines", () => {
  it("[CL29] writes one cell in one line and several under their attribute", () => {
    const changes = [
      change("a.rate", [], 0.025, 0.04),
      change("a.x", ["2026-01"], 1, 2),
      change("a.x", ["2026-02"], 10, 20.5),
      change("a.name", [], "old", null),
    ];
    expect(changeLines(changes, { cellsMax: 6 })).toEqual([
      "a.rate: 0.025 → 0.040",
      "a.x: 2 cells",
      "  [2026-01]  1.0 → 2.0",
      "  [2026-02]  10.0 → 20.5",
      'a.name: "old" → blank',
    ]);
  });

  it("[CL29] summarises long groups and many attributes", () => {
    const many = Array.from({ length: 50 }, (_, i) => change("a.x", [String(i)], i, i + 1));
    expect(changeLines(many, { cellsMax: 3 })).toEqual([
      "a.x: 50 cells",
      "  [0]   0 → 1",
      "  [1]   1 → 2",
      "  … and 47 more",
      "  [49]  49 → 50",
    ]);
    const wide = Array.from({ length: 5 }, (_, i) => change(`a.x${i}`, [], 0, 1));
    expect(changeLines(wide, { cellsMax: 3, attributesMax: 4 }).at(-1)).toBe(
      "… and 1 more attributes (1 cells)",
    );
  });

  it("writes all digits where rounding would hide the difference", () => {
    expect(changeLines([change("a.x", [], 1000.0000001, 1000.0000002)], { cellsMax: 6 })).toEqual([
      "a.x: 1000.0000001 → 1000.0000002",
    ]);
  });
});
