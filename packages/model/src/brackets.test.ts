import { describe, expect, it } from "vitest";
import { diagnosticsOf, formatDocument, parseModel, parseScenario, printDocument } from "./index.ts";

/** Every sequence of up to `length` of the pieces, joined by blanks. */
function* sequences(pieces: readonly string[], length: number): Generator<string> {
  yield "";
  if (length === 0) return;
  for (const rest of sequences(pieces, length - 1)) for (const piece of pieces) yield `${piece} ${rest}`;
}

const pieces = ["{", "}", "[", "]", "(", ")", ",", ":", "a", '"'];

/** What a reader does with brackets that fit nothing: it must come to an end and keep the text. */
describe("brackets in any order", () => {
  it.each([
    ["an input", (middle: string) => `model m\nblock b\n  input x = ${middle}\n  y = 1 +\n`],
    ["a member list", (middle: string) => `model m\nblock b\n  input x = { a: 1, ${middle} }\n  y = 1 +\n`],
    ["a table", (middle: string) => `model m\nblock b\n  input x = table("t.csv", ${middle})\n  y = 1 +\n`],
    ["an axis", (middle: string) => `model m\naxis a = ${middle}\nblock b\n  y = 1 +\n`],
    ["a formula", (middle: string) => `model m\nblock b\n  x = ${middle}\n  y = 1 +\n`],
  ])(
    "[LA44] end in %s, and every character stays",
    (_, text) => {
      for (const middle of sequences(pieces, 4)) {
        const written = text(middle);
        const document = parseModel("m.reckon", written);
        expect(printDocument(document)).toBe(written);
        expect(diagnosticsOf(document).length).toBeGreaterThan(0);
        const once = printDocument(formatDocument(document));
        expect(once.replaceAll(/\s/g, "")).toBe(written.replaceAll(/\s/g, ""));
      }
    },
    60_000,
  );

  it("[LA44] end in an override, and every character stays", () => {
    for (const middle of sequences(pieces, 4)) {
      const written = `scenario s of m\n  b.x = ${middle}\n  b.x[${middle}] = 1\n`;
      const document = parseScenario("s.reckon", written);
      expect(printDocument(document)).toBe(written);
      const once = printDocument(formatDocument(document));
      expect(once.replaceAll(/\s/g, "")).toBe(written.replaceAll(/\s/g, ""));
    }
  }, 60_000);
});
