import type { Change } from "@reckon/sheet";
import type { Axis } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { changeLines } from "./change-lines.ts";

const change = (
  attribute: string,
  at: string[],
  before: Change["before"],
  after: Change["after"],
): Change => ({ attribute, at, before, after });

const axis = (name: string, labels: readonly string[], isTime = false): Axis => ({
  name,
  labels,
  positions: new Map(labels.map((label, i) => [label, i])),
  ...(isTime ? { time: { frequency: "month" as const, starts: [] } } : {}),
});
const months = ["2026-01", "2026-02", "2026-03", "2026-04"];
const byMonth = () => [axis("month", months, true)];
const bySegment = () => [axis("segment", ["SMB", "Mid", "Ent"]), axis("month", months, true)];
/** All cells of a segment and month, where `after` may differ. */
const everywhere = (after: (segment: string, month: string) => number) =>
  ["SMB", "Mid", "Ent"].flatMap((segment) =>
    months.map((month) => change("a.x", [segment, month], 0.025, after(segment, month))),
  );

describe("changeLines", () => {
  it("[CL28] counts what differs by rounding alone, and lists it only when it must be exact", () => {
    const changes = [
      change("a.x", ["2026-01"], 50, 60),
      change("a.x", ["2026-02"], 50, 50.000000000000014),
      change("a.x", ["2026-03"], 0, 1e-15),
      change("a.y", [], 3, 3.0000000000000004),
    ];
    const options = { linesMax: 6, axesOf: (id: string) => (id === "a.x" ? byMonth() : []) };
    expect(changeLines(changes, options)).toEqual([
      "a.x[2026-01]: 50 → 60",
      "3 more cells differ by rounding alone",
    ]);
    expect(changeLines(changes.slice(3), options)).toEqual(["1 cell differs by rounding alone"]);
    expect(changeLines(changes, { ...options, isExact: true })).toHaveLength(5);
  });

  it("[CL29] writes one cell in one line and several under their attribute", () => {
    const changes = [
      change("a.rate", [], 0.025, 0.04),
      change("a.x", ["2026-01"], 1, 2),
      change("a.x", ["2026-02"], 10, 20.5),
      change("a.name", [], "old", null),
    ];
    expect(changeLines(changes, { linesMax: 6, axesOf: (id) => (id === "a.x" ? byMonth() : []) })).toEqual([
      "a.rate: 0.025 → 0.04",
      "a.x: 2 cells",
      "  [2026-01]   1.0 → 2.0",
      "  [2026-02]  10.0 → 20.5",
      'a.name: "old" → blank',
    ]);
  });

  it("[CL29] shows numbers by the attribute's format, or exactly where it would hide the difference", () => {
    const options = { linesMax: 6, axesOf: byMonth, patternOf: () => "0.0%" };
    const [first, second] = [change("a.x", ["2026-01"], 0.1, 0.125), change("a.x", ["2026-02"], 0.2, 0.15)];
    expect(changeLines([first, second], options)).toEqual([
      "a.x: 2 cells",
      "  [2026-01]  10.0% → 12.5%",
      "  [2026-02]  20.0% → 15.0%",
    ]);
    expect(changeLines([change("a.x", ["2026-01"], 0.1, 0.10001)], options)).toEqual([
      "a.x[2026-01]: 0.1 → 0.10001",
    ]);
  });

  it("[CL29] summarises long groups and many attributes", () => {
    const many = Array.from({ length: 50 }, (_, i) => change("a.x", [String(i)], i, i + 1));
    expect(changeLines(many, { linesMax: 3, axesOf: () => [] })).toEqual([
      "a.x: 50 cells",
      "  [0]    0 → 1",
      "  [1]    1 → 2",
      "  … and 47 more",
      "  [49]  49 → 50",
    ]);
    const wide = Array.from({ length: 5 }, (_, i) => change(`a.x${i}`, [], 0, 1));
    const lines = changeLines(wide, { linesMax: 3, attributesMax: 4, axesOf: () => [] });
    expect(lines.at(-1)).toBe("… and 1 more attribute (1 cell)");
  });

  it("[CL43] writes an attribute whose cells all change alike in one line", () => {
    const lines = changeLines(
      everywhere(() => 0.04),
      { linesMax: 6, axesOf: bySegment },
    );
    expect(lines).toEqual(["a.x: 0.025 → 0.04 (12 cells)"]);
  });

  it("[CL43] writes neighbours that change alike as a range, over periods and over members", () => {
    const byMember = everywhere((segment) => (segment === "Ent" ? 0.018 : 0.04));
    expect(changeLines(byMember, { linesMax: 6, axesOf: bySegment })).toEqual([
      "a.x: 12 cells",
      "  [SMB … Mid, 2026-01 … 2026-04]  0.025 → 0.040",
      "  [Ent, 2026-01 … 2026-04]        0.025 → 0.018",
    ]);
    const byPeriod = everywhere((_, month) => (month < "2026-03" ? 0.03 : 0.04));
    expect(changeLines(byPeriod, { linesMax: 6, axesOf: bySegment })).toEqual([
      "a.x: 12 cells",
      "  [*, 2026-01 … 2026-02]  0.025 → 0.030",
      "  [*, 2026-03 … 2026-04]  0.025 → 0.040",
    ]);
  });

  it("[CL43] joins no cells with a gap between them, and says the range where it is not everything", () => {
    const gap = ["2026-01", "2026-02", "2026-04"].map((month) => change("a.x", [month], 1, 2));
    expect(changeLines(gap, { linesMax: 6, axesOf: byMonth })).toEqual([
      "a.x: 3 cells",
      "  [2026-01 … 2026-02]  1 → 2",
      "  [2026-04]            1 → 2",
    ]);
    expect(changeLines(gap.slice(0, 2), { linesMax: 6, axesOf: byMonth })).toEqual([
      "a.x[2026-01 … 2026-02]: 1 → 2 (2 cells)",
    ]);
  });

  it("counts the cells, not the lines, that are left out", () => {
    const values = [1, 2, 2, 3];
    const changes = months.map((month, i) => change("a.x", [month], 0, values[i] as number));
    expect(changeLines(changes, { linesMax: 2, axesOf: byMonth })).toContain("  … and 2 more");
  });

  it("writes more digits where rounding would hide the difference, and no noise behind the 15th", () => {
    const lineOf = (before: number, after: number) =>
      changeLines([change("a.x", [], before, after)], { isExact: true, linesMax: 6, axesOf: () => [] })[0];
    expect(lineOf(1000.0000001, 1000.0000002)).toBe("a.x: 1000.0000001 → 1000.0000002");
    expect(lineOf(1000.001, 0.1 + 0.2 + 1000.7)).toBe("a.x: 1,000.00 → 1,001");
    expect(lineOf(100.004, 100.0041)).toBe("a.x: 100.004 → 100.0041");
    expect(lineOf(0.3, 0.1 + 0.2)).toBe("a.x: 0.3 → 0.30000000000000004");
  });

  it("aligns labels by their width on the screen", () => {
    const wide = [axis("city", ["東京", "x", "y"])];
    const changes = [change("a.x", ["東京"], 1, 2), change("a.x", ["x"], 1, 3)];
    expect(changeLines(changes, { linesMax: 6, axesOf: () => wide })).toEqual([
      "a.x: 2 cells",
      "  [東京]  1 → 2",
      "  [x]     1 → 3",
    ]);
  });
});
