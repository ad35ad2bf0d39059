import { describe, expect, it } from "vitest";
import { asciiGlyphs, chooseGlyphs, type Glyphs, unicodeGlyphs } from "./glyphs.ts";
import { widthOf } from "./text-width.ts";

describe("glyphs", () => {
  it.each<[Record<string, string>, Glyphs]>([
    [{}, unicodeGlyphs],
    [{ LANG: "de_DE.UTF-8" }, unicodeGlyphs],
    [{ LANG: "en_US.utf8" }, unicodeGlyphs],
    [{ LANG: "de_DE.ISO-8859-1" }, asciiGlyphs],
    [{ LANG: "C" }, asciiGlyphs],
    [{ LANG: "de_DE.ISO-8859-1", LC_ALL: "C.UTF-8" }, unicodeGlyphs],
    [{ LANG: "de_DE.UTF-8", RECKON_ASCII: "1" }, asciiGlyphs],
    [{ LANG: "C", RECKON_ASCII: "0" }, unicodeGlyphs],
  ])("[TE3] chooses by environment %j", (environment, expected) => {
    expect(chooseGlyphs(environment)).toBe(expected);
  });

  it("[TE3] has one cell for each sign", () => {
    for (const glyphs of [asciiGlyphs, unicodeGlyphs])
      for (const sign of Object.values(glyphs).flat()) expect(widthOf(sign)).toBe(1);
  });
});
