import { expect, it } from "vitest";
import { isPlain, plainText } from "./plain-output.ts";
import { barOf, sparkline } from "./runs-charts.ts";

it("[CL90] a locale that is known and not UTF-8 is plain; RECKON_ASCII decides before it", () => {
  expect([{}, { LANG: "de_DE.UTF-8" }, { LC_ALL: "C.utf8" }, { LANG: "" }].map(isPlain)).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect([{ LANG: "C" }, { LC_ALL: "POSIX", LANG: "C.UTF-8" }, { RECKON_ASCII: "1" }].map(isPlain)).toEqual([
    true,
    true,
    true,
  ]);
  expect(isPlain({ RECKON_ASCII: "0", LANG: "C" })).toBe(false);
});

it("[CL90] signs are replaced one for one, names stay", () => {
  const charts = `${barOf(0.41, 1, 9)} ${sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8)} ░`;
  const text = `→ Zürich · 410 µs, 1.85 × … – ${charts}`;
  expect(plainText(text)).toMatch(/^> Zürich - 410 us, 1\.85 x ~ - ###\S _\.,-=\+\*# \.$/);
  expect(plainText(text)).toHaveLength(text.length);
});
