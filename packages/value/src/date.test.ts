import { describe, expect, it } from "vitest";
import { dateOf, daysOfMonth, isoDateText, parseIsoDate, serialOf, timeOf, weekdayOf } from "./date.ts";

describe("serial days", () => {
  const known: [number, number, number, number][] = [
    [1, 1900, 1, 1],
    [59, 1900, 2, 28],
    [60, 1900, 2, 29],
    [61, 1900, 3, 1],
    [36526, 2000, 1, 1],
    [36585, 2000, 2, 29],
    [46053, 2026, 1, 31],
    [2958465, 9999, 12, 31],
    [0, 1899, 12, 31],
    [-1, 1899, 12, 30],
  ];
  it.each(known)("[VA1] serial %i is %i-%i-%i, and back", (serial, year, month, day) => {
    expect(dateOf(serial)).toEqual({ year, month, day });
    expect(serialOf(year, month, day)).toBe(serial);
  });

  it("[VA1] gives every day from 1600 to 2400 one serial more than the day before", () => {
    for (let serial = -109_000; serial < 182_000; serial += 1) {
      const { year, month, day } = dateOf(serial);
      expect(serialOf(year, month, day) === serial && day <= daysOfMonth(year, month)).toBe(true);
    }
  });

  it("[VA2] counts months and days outside their ranges on", () => {
    expect(serialOf(2025, 14, 0)).toBe(serialOf(2026, 1, 31));
    expect(serialOf(2026, 0, 15)).toBe(serialOf(2025, 12, 15));
    expect(serialOf(2026, -11, 1)).toBe(serialOf(2025, 1, 1));
    expect(serialOf(1900, 1, 61)).toBe(61);
  });

  it("[VA3] reads and writes ISO dates", () => {
    expect(parseIsoDate("2026-01-31")).toBe(46053);
    expect(parseIsoDate("2026-01-31T12:00")).toBe(46053.5);
    expect(parseIsoDate("2026-01-31 06:00:00")).toBe(46053.25);
    for (const text of [
      "2026-02-29",
      "2026-13-01",
      "2026-00-10",
      "2026-1-1",
      "2026-01-31T24:00",
      "",
      "2026",
    ]) {
      expect(parseIsoDate(text)).toBeUndefined();
    }
    expect(isoDateText(46053.75)).toBe("2026-01-31");
  });

  it("[VA4] rounds the time of day to the second", () => {
    expect(timeOf(0.5)).toEqual({ hour: 12, minute: 0, second: 0 });
    expect(timeOf(46053 + (13 * 3600 + 59 * 60 + 59) / 86400)).toEqual({ hour: 13, minute: 59, second: 59 });
    expect(timeOf(0.9999999)).toEqual({ hour: 0, minute: 0, second: 0 });
  });

  it("[VA1] knows the days of the week", () => {
    expect(weekdayOf(serialOf(2026, 11, 20))).toBe(5);
    expect(weekdayOf(1)).toBe(0);
  });
});
