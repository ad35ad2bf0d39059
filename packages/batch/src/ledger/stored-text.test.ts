import fc from "fast-check";
import { expect, it } from "vitest";
import { readText, storedText } from "./stored-text.ts";

it.each([
  ["player 7", "player 7"],
  ["日本 𝒳 \\ \\u \\uXYZ", "日本 𝒳 \\ \\u \\uXYZ"],
  ["a\0b", "a\\u0000b"],
  ["\ud800", "\\ud800"],
  ["\udc00\ud800", "\\udc00\\ud800"],
  ["\\ud800", "\\u005cud800"],
])("stores %j as %j", (text, stored) => {
  expect(storedText(text)).toBe(stored);
  expect(readText(stored)).toBe(text);
});

const units = fc.constantFrom("\\", "u", "0", "d8", "00", "5c", "\0", "\ud800", "\udc00", "\ufffd", "x");

it("gives back every text, and only what databases take is stored", () => {
  fc.assert(
    fc.property(fc.array(units, { maxLength: 12 }), (parts) => {
      const text = parts.join("");
      const stored = storedText(text);
      expect(readText(stored)).toBe(text);
      expect(stored.isWellFormed() && !stored.includes("\0")).toBe(true);
    }),
    { seed: 1, numRuns: 2000 },
  );
});
