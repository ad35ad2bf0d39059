import { describe, expect, it } from "vitest";
import { type Axis, axisOf, type Frequency } from "./axis.ts";
import { serialOf } from "./date.ts";
import { periodRange, timeAxis } from "./period.ts";

function made(frequency: Frequency, from: string, to: string): Axis {
  const result = timeAxis(frequency, from, to);
  if ("problem" in result) throw new Error(result.problem);
  return result.axis;
}

describe("time axes", () => {
  it.each<[Frequency, string, string, string[]]>([
    ["month", "2026-11", "2027-02", ["2026-11", "2026-12", "2027-01", "2027-02"]],
    ["quarter", "2026-Q4", "2027-Q2", ["2026-Q4", "2027-Q1", "2027-Q2"]],
    ["year", "1850", "1852", ["1850", "1851", "1852"]],
    ["day", "2024-02-28", "2024-03-01", ["2024-02-28", "2024-02-29", "2024-03-01"]],
    ["week", "2020-W52", "2021-W02", ["2020-W52", "2020-W53", "2021-W01", "2021-W02"]],
    ["week", "1899-W52", "1900-W01", ["1899-W52", "1900-W01"]],
    ["step", "-2", "1", ["-2", "-1", "0", "1"]],
    ["month", "2026-12", "2027-Q1", ["2026-12", "2027-01", "2027-02", "2027-03"]],
  ])("[VA5] %s %s..%s has its labels in order", (frequency, from, to, labels) => {
    expect(made(frequency, from, to).labels).toEqual(labels);
  });

  it("[VA5] knows the serial on which each period starts", () => {
    expect(made("quarter", "2026-Q1", "2026-Q2").time?.starts).toEqual([
      serialOf(2026, 1, 1),
      serialOf(2026, 4, 1),
    ]);
    expect(made("week", "2026-W01", "2026-W01").time?.starts).toEqual([serialOf(2025, 12, 29)]);
    expect(made("step", "5", "6").time?.starts).toEqual([5, 6]);
  });

  describe("[VA6] labels and spans that are refused", () => {
    it.each<[Frequency, string, string, RegExp]>([
      ["month", "2026-13", "2027-01", /`2026-13` is no month; months are written like 2026-01/],
      ["month", "2027-01", "2026-01", /2026-01 lies before 2027-01/],
      ["quarter", "2026-01", "2026-Q4", /is no quarter/],
      ["week", "2026-W54", "2027-W01", /is no week/],
      ["week", "2021-W53", "2022-W01", /is no week/],
      ["year", "26", "27", /is no year/],
      ["step", "1", "5000000", /5000000 periods; at most 1000000/],
      ["day", "2026-02-30", "2026-03-01", /is no day/],
    ])("%s %s..%s is refused", (frequency, from, to, problem) => {
      expect(timeAxis(frequency, from, to)).toEqual({ problem: expect.stringMatching(problem) });
    });
  });

  it("[VA7] a coarser label is a range of positions, cut to the axis", () => {
    const months = made("month", "2026-03", "2028-12");
    expect(periodRange(months, "2026-03")).toEqual({ from: 0, to: 1 });
    expect(periodRange(months, "2026")).toEqual({ from: 0, to: 10 });
    expect(periodRange(months, "2027")).toEqual({ from: 10, to: 22 });
    expect(periodRange(months, "2027-Q2")).toEqual({ from: 13, to: 16 });
    expect(periodRange(made("day", "2026-01-01", "2026-12-31"), "2026-02")).toEqual({ from: 31, to: 59 });
    expect(periodRange(made("week", "2020-W01", "2021-W10"), "2021")).toEqual({ from: 53, to: 63 });
  });

  it("[VA7] a label off the axis, finer than it or without meaning is none", () => {
    const quarters = made("quarter", "2026-Q1", "2026-Q4");
    for (const label of ["2025", "2027-Q1", "2026-01", "2026-03-31", "Ent", "1"]) {
      expect(periodRange(quarters, label)).toBeUndefined();
    }
    expect(periodRange(axisOf("segment", ["SMB", "2026"]), "2026")).toEqual({ from: 1, to: 2 });
    expect(periodRange(axisOf("segment", ["SMB"]), "2026")).toBeUndefined();
  });
});

it("[VA17] the positions of a long axis are worked out, and are those that a map would have", () => {
  const spans = [
    ["step", "-3000", "3000"],
    ["day", "1890-01-01", "1905-12-31"],
    ["week", "1880", "1990"],
    ["month", "1700", "2100"],
    ["quarter", "0900", "2100"],
    ["year", "0001", "5000"],
  ] as const;
  for (const [frequency, from, to] of spans) {
    const made = timeAxis(frequency, from, to);
    if ("problem" in made) throw new Error(made.problem);
    const { labels, positions } = made.axis;
    expect(labels.length).toBeGreaterThan(4096);
    const map = new Map(labels.map((label, i) => [label, i]));
    for (const label of labels) expect(positions.get(label)).toBe(map.get(label));
    for (const other of [
      "",
      "t",
      "07",
      "2026",
      "2026-01",
      "2026-W01",
      "2026-Q1",
      "2026-01-01",
      "9999",
      "+5",
      "-0",
    ])
      expect([frequency, other, positions.get(other), positions.has(other)]).toEqual([
        frequency,
        other,
        map.get(other),
        map.has(other),
      ]);
    expect([...positions]).toEqual([...map]);
    expect([...positions.keys()].length + [...positions.values()].length).toBe(2 * positions.size);
    let seen = 0;
    positions.forEach((position, label, all) => {
      if (all.get(label) === position) seen++;
    });
    expect(seen).toBe(map.size);
  }
});
