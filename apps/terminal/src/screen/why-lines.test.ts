import type { Explanation } from "@reckon/sheet";
import { errorValue } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { bareTheme } from "./theme.ts";
import { errorSentence, whyLines, wrap } from "./why-lines.ts";

const why: Explanation = {
  attribute: "sales.revenue",
  at: ["2028"],
  value: 1284.5,
  status: "fresh",
  kind: "formula",
  unit: "USD",
  formula: "units * price",
  substituted: "121 * 12.4",
  precedents: [
    { attribute: "sales.units", written: "units", at: ["2028"], value: 121, hasChanged: false },
    { attribute: "sales.price", written: "price", at: ["2028"], value: [12.4, 12, 11], hasChanged: true },
  ],
  dependents: ["sales.total"],
  reason: "recomputed because price changed",
  changedAtRevision: 3,
};

describe("explanation", () => {
  it("[TE7] says the value, what it reads, why, and who reads it", () => {
    expect(
      `\n${whyLines(why, 30, bareTheme)
        .map((line) => line.text)
        .join("\n")}\n`,
    ).toMatchInlineSnapshot(`
      "
      sales.revenue[2028]
      ▸ 1,284.50 USD
      = 121 * 12.4

      PRECEDENTS
      ├ units                  121
      └ price      12.40, 12 … (3) Δ

      WHY
      recomputed because price
      changed

      READ BY
      sales.total
      "
    `);
  });

  it("[TE34] says what an error is and where it began", () => {
    const error: Explanation = {
      ...why,
      value: errorValue("#DIV/0!"),
      error: { code: "#DIV/0!", origin: { attribute: "risk.stdev", at: ["2026"] }, chain: [] },
    };
    expect(errorSentence(error)).toBe("#DIV/0! began in risk.stdev[2026]: a division by zero");
    const here: Explanation = {
      ...error,
      error: {
        code: "#N/A",
        origin: { attribute: "sales.revenue", at: ["2028"] },
        detail: "no row 7",
        chain: [],
      },
    };
    expect(errorSentence(here)).toBe("#N/A begins here: no row 7");
    expect(errorSentence(why)).toBeUndefined();
    const cells = ["sales.revenue", "sales.share", "risk.ratio", "risk.stdev"];
    const chain = cells.map((attribute) => ({ attribute, at: ["2026"] }));
    const far: Explanation = { ...error, error: { code: "#DIV/0!", chain } };
    expect(whyLines(far, 80, bareTheme).map((line) => line.text)).toContain(
      "by way of sales.share[2026], risk.ratio[2026]",
    );
  });

  it("says how long a loop took", () => {
    const said = (iterations: number) => {
      const loop = {
        loop: "a.b",
        attributes: ["a.b"],
        nodes: [],
        at: [],
        period: 0,
        verdict: "converged",
        outer: -1,
        sweeps: 1,
        lastDelta: 1e-9,
        method: "plain",
        start: "cold",
      } as const;
      const looped: Explanation = { ...why, loop: { ...loop, iterations, residuals: [1e-9] } };
      return whyLines(looped, 80, bareTheme).map((line) => line.text);
    };
    expect(said(1)).toContain("LOOP  1 iteration");
    expect(said(2)).toContain("LOOP  2 iterations");
  });

  it("breaks lines at spaces, and longer words anywhere", () => {
    expect(wrap("one two three four", 9)).toEqual(["one two", "three", "four"]);
    expect(wrap("abcdefghij kl", 4)).toEqual(["abcd", "efgh", "ij", "kl"]);
    expect(wrap("日本語日本語", 4)).toEqual(["日本", "語日", "本語"]);
    expect(wrap("", 10)).toEqual([]);
  });
});
