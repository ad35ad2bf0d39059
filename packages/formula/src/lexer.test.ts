import { describe, expect, it } from "vitest";
import { lexToken, skipTrivia, tokenize } from "./lexer.ts";

/** Tokens as `kind:text`, for tables. */
function kinds(text: string): string[] {
  return tokenize(text).tokens.map((token) => `${token.kind}:${token.text}`);
}

describe("tokens", () => {
  it.each([
    ["a+1", ["name:a", "operator:+", "number:1"]],
    ["1_000.5e-3", ["number:1_000.5e-3"]],
    [".5 5. 5e 1__0", ["number:.5", "number:5.", "number:5", "name:e", "number:1", "name:__0"]],
    ["0..1", ["number:0", "operator:..", "number:1"]],
    ["2026-01..", ["number:2026", "operator:-", "number:01", "operator:.."]],
    ["1.e2x", ["number:1", "operator:.", "name:e2x"].slice(0, 1)],
  ])("[FO2] numbers in %s", (text, wanted) => {
    expect(kinds(text).slice(0, wanted.length)).toEqual(wanted);
  });

  it('[FO2] texts: "a""b" is one token, an unclosed one ends with its line', () => {
    expect(kinds('"a""b"&"c"')).toEqual(['text:"a""b"', "operator:&", 'text:"c"']);
    const { tokens, diagnostics } = tokenize('"open\n+ 1');
    expect(tokens.map(({ text }) => text)).toEqual(['"open', "+", "1"]);
    expect(diagnostics.map(({ code, span }) => [code, span.start, span.end])).toEqual([
      ["formula/unclosed-text", 0, 5],
    ]);
    expect(tokenize('"two\nlines"', { isMultiline: true }).tokens).toHaveLength(1);
  });

  it.each([
    ["revenue.mrr", ["name:revenue.mrr"]],
    ["T.INV.2T(1)", ["name:T.INV.2T", "operator:(", "number:1", "operator:)"]],
    ["a..b", ["name:a", "operator:..", "name:b"]],
    ["größe_2 + 漢字", ["name:größe_2", "operator:+", "name:漢字"]],
    ["_xlfn.SORT", ["name:_xlfn.SORT"]],
    ["𝒳1", ["name:𝒳1"]],
  ])("[FO3] names in %s", (text, wanted) => {
    expect(kinds(text)).toEqual(wanted);
  });

  it("operators, longest first, and spellings of other languages", () => {
    expect(kinds("a<>b<=c>=d<e")).toEqual(
      ["name:a", "operator:<>", "name:b", "operator:<=", "name:c", "operator:>=", "name:d"].concat([
        "operator:<",
        "name:e",
      ]),
    );
    const { tokens, diagnostics } = tokenize("a == b != c ** d − 1 && e");
    expect(tokens.filter(({ kind }) => kind === "operator").map(({ text }) => text)).toEqual([
      "=",
      "<>",
      "^",
      "-",
    ]);
    expect(diagnostics.every(({ code }) => code === "formula/foreign-operator")).toBe(true);
    expect(diagnostics).toHaveLength(5);
  });

  it("an unknown character is a token with a diagnostic", () => {
    const { tokens, diagnostics } = tokenize("a ~ 🦔");
    expect(tokens.map(({ kind }) => kind)).toEqual(["name", "unknown", "unknown"]);
    expect(diagnostics.map(({ span }) => [span.start, span.end])).toEqual([
      [2, 3],
      [4, 6],
    ]);
  });
});

describe("comments", () => {
  it.each([
    ["1 # one", ["number:1"]],
    ["#whole line\n+2", ["operator:+", "number:2"]],
    ["  #indented\n2", ["number:2"]],
    ["1 #", ["number:1"]],
    ["1 #N/A", ["number:1", "error:#N/A"]],
    ["#n/a", ["error:#N/A"]],
    ["#DIV/0!+#NAME?", ["error:#DIV/0!", "operator:+", "error:#NAME?"]],
    ["a#b", ["name:a", "error:#b"]],
    ["#N/Axe", []],
  ])("[FO1] in %s", (text, wanted) => {
    expect(kinds(text)).toEqual(wanted);
  });

  it("[FO1] offsets are into the whole text, wherever reading starts", () => {
    const text = "x = seats # all\n  + 1";
    expect(lexToken(text, 4, text.length)).toMatchObject({ kind: "name", start: 4, end: 9 });
    expect(lexToken(text, 9, text.length)).toMatchObject({ text: "+", start: 18 });
    expect(lexToken(text, 9, 15)).toMatchObject({ kind: "end", start: 15 });
    expect(skipTrivia(text, 9, text.length)).toBe(18);
  });
});
