import { expect, it } from "vitest";
import { parseUnitAt, printUnit } from "./unit.ts";

it.each([
  ["USD", "USD"],
  ["USD / seat", "USD/seat"],
  ["kg*m/s^2", "kg*m/s^2"],
  ["1/month", "1/month"],
  ["ratio", "ratio"],
  ["m^-2", "1/m^2"],
  ["USD/seat/month", "USD/seat/month"],
])("[FO5] the unit %s prints as %s", (text, wanted) => {
  const read = parseUnitAt(text, 0);
  expect(read?.end).toBe(text.length);
  expect(read && printUnit(read.unit)).toBe(wanted);
});

it("[FO5] ends where no unit goes on", () => {
  expect(parseUnitAt("USD/seat = 3", 0)?.end).toBe(8);
  expect(parseUnitAt("USD/ = 3", 0)?.end).toBe(3);
  expect(parseUnitAt("  = 3", 0)).toBeUndefined();
  expect(parseUnitAt("3 kg", 0)).toBeUndefined();
});
