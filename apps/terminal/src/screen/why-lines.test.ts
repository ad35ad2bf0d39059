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

  it("[TE7] keeps the names of what is read whole, and shows fewer of its cells instead", () => {
    const [, price] = why.precedents as [
      Explanation["precedents"][number],
      Explanation["precedents"][number],
    ];
    const line = (written: string): string =>
      whyLines({ ...why, precedents: [{ ...price, written }] }, 30, bareTheme)
        .map(({ text }) => text)
        .find((text) => text.startsWith("└")) ?? "";
    expect(line("price")).toContain("price      12.40, 12 … (3)");
    expect(line("price_of_all")).toMatch(/price_of_all +12\.40 … \(3\)/);
    expect(line("price_of_everything")).toMatch(/price_of_everything +\(3\)/);
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

  const solve: NonNullable<Explanation["loop"]> = {
    loop: "a.b",
    attributes: ["a.b"],
    nodes: [],
    at: [],
    period: 0,
    verdict: "converged",
    outer: -1,
    iterations: 3,
    sweeps: 4,
    residuals: [1, 1e-3, 1e-9],
    lastDelta: 1e-9,
    ratio: 0.001,
    method: "aitken",
    start: "cold",
    settings: {
      cuts: [{ attribute: "a.b", start: "opening" }],
      toleranceAbsolute: 1e-6,
      toleranceRelative: 0,
      iterationsMax: 50,
      method: "auto",
    },
    cuts: [{ attribute: "a.b", at: [], start: 7, value: 3 }],
    tolerance: 1e-6,
  };
  const said = (looped: Explanation) => whyLines(looped, 80, bareTheme).map((line) => line.text);

  it("[TE50] says how a loop was solved, and from where", () => {
    expect(said({ ...why, loop: { ...solve, iterations: 1 } })).toContain("LOOP  1 iteration");
    const lines = said({ ...why, loop: solve });
    expect(lines).toContain("LOOP  3 iterations");
    expect(lines).toContain("█▆▁");
    expect(lines).toContain("converged in 3 iterations, last change 1e-9, ratio 0.001, by aitken");
    expect(lines).toContain("a.b from 7 (start opening): it chose the solution");
  });

  it("[TE50] says of a loop that was not solved what would help, and of a value behind it by which way", () => {
    const unsolved = { ...solve, verdict: "oscillating", damping: 0.5, dampedRatio: -0.2 } as const;
    expect(said({ ...why, loop: unsolved })).toContain(
      "`method damped  damping 0.5`: it predicts a ratio of -0.2",
    );
    const way = [
      { attribute: why.attribute, at: why.at },
      { attribute: "c.d", at: ["2028"] },
      { attribute: "a.b", at: [] },
    ];
    expect(said({ ...why, unconverged: way })).toContain("~ not converged: reads c.d[2028], which reads a.b");
    expect(said({ ...why, unconverged: way.slice(0, 1) }).join()).not.toContain("not converged");
  });

  it("breaks lines at spaces, and longer words anywhere", () => {
    expect(wrap("one two three four", 9)).toEqual(["one two", "three", "four"]);
    expect(wrap("abcdefghij kl", 4)).toEqual(["abcd", "efgh", "ij", "kl"]);
    expect(wrap("日本語日本語", 4)).toEqual(["日本", "語日", "本語"]);
    expect(wrap("", 10)).toEqual([]);
  });
});
