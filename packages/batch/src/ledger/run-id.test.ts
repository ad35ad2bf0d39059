import { expect, it } from "vitest";
import { newRunId } from "./run-id.ts";

const at = (date: number, chance: number): string => newRunId({ date: () => date }, () => chance);

it("names a run by the second it began in and by chance", () => {
  expect(at(Date.UTC(2026, 10, 21, 14, 30, 5, 999), 0x4f2a91 / 0x1000000)).toBe("20261121T143005-4f2a91");
  expect(at(0, 0)).toBe("19700101T000000-000000");
  expect(at(0, 1 - Number.EPSILON)).toBe("19700101T000000-ffffff");
});

it("names runs so that they sort by time", () => {
  const names = [9, 10, 59, 60, 3600, 86_400 * 40].map((second) => at(second * 1000, 0.5));
  expect([...names].sort()).toEqual(names);
});
