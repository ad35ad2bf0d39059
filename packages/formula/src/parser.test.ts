import { describe, expect, it } from "vitest";
import { nestingMax } from "./cursor.ts";
import { expectedAt } from "./expected.ts";
import { parseExpressionAt, parseFormula, parseIndexAt, parseReferenceAt } from "./parser.ts";
import { printExpression } from "./printer.ts";
import type { Expression, NameExpression } from "./syntax.ts";

/** The tree as text with every operation in brackets. */
function shape(expression: Expression): string {
  switch (expression.kind) {
    case "binary":
      return `(${shape(expression.left)} ${expression.operator} ${shape(expression.right)})`;
    case "unary":
      return `(${expression.operator}${shape(expression.operand)})`;
    case "percent":
      return `(${shape(expression.operand)}%)`;
    case "parenthesised":
      return `[${shape(expression.inner)}]`;
    case "call":
      return `${shape(expression.callee)}(${expression.arguments.map(shape).join(", ")})`;
    case "broken":
      return "?";
    case "missing":
      return "_";
    case "a1":
      return `<${expression.sheet === undefined ? "" : `${expression.sheet}!`}${expression.reference}>`;
    default:
      return printExpression(expression);
  }
}

function read(text: string): { shape: string; codes: string[] } {
  const { expression, diagnostics } = parseFormula(text);
  return { shape: shape(expression), codes: diagnostics.map(({ code }) => code) };
}

describe("precedence", () => {
  it.each([
    ["-2^2", "((-2) ^ 2)"],
    ["2^3^2", "((2 ^ 3) ^ 2)"],
    ["2^-3", "(2 ^ (-3))"],
    ["-5%", "(-(5%))"],
    ["2%%", "((2%)%)"],
    ["1+2*3-4/5", "((1 + (2 * 3)) - (4 / 5))"],
    ['a&b+1="x"', '((a & (b + 1)) = "x")'],
    ["1<2<3", "((1 < 2) < 3)"],
    ["a<>b<=c", "((a <> b) <= c)"],
    ["--x", "(-(-x))"],
    ["@x+1", "((@x) + 1)"],
    ["(1+2)*3", "([(1 + 2)] * 3)"],
    ["=1", "1"],
    [" 1\n + 2 ", "(1 + 2)"],
  ])("[FO4] %s is %s", (text, wanted) => {
    expect(read(text)).toEqual({ shape: wanted, codes: [] });
  });
});

describe("primaries", () => {
  it.each([
    ["true", "TRUE"],
    ["FALSE()", "FALSE()"],
    ["_xlfn._xlws.SORT(a)", "SORT(a)"],
    ["sum(x over segment, month)", "sum(x)"],
    ["IF(a,,b)", "IF(a, _, b)"],
    ["f(,)", "f(_, _)"],
    ["f()", "f()"],
    ["LAMBDA(x,x*2)(3)", "LAMBDA(x, (x * 2))(3)"],
    ["(f)(1)", "[f](1)"],
    ["{1,2;3,4}", "{1, 2; 3, 4}"],
    ["matchup.defence(p.o)", "matchup.defence(p.o)"],
    ["#n/a", "#N/A"],
    ['"say ""hi"""', '"say ""hi"""'],
  ])("[FO6] %s", (text, wanted) => {
    expect(read(text)).toEqual({ shape: wanted, codes: [] });
  });

  it("[FO6] `over` keeps its axes with their places", () => {
    const { expression } = parseFormula("sum(x over segment, month)");
    expect(expression).toMatchObject({
      over: [
        { name: "segment", span: { start: 11, end: 18 } },
        { name: "month", span: { start: 20, end: 25 } },
      ],
    });
  });

  it.each([
    ["B2", "B2"],
    ["$B$2", "<B2>"],
    ["b$2", "<B2>"],
    ["$A$1:b9", "<A1:B9>"],
    ["A:C", "<A:C>"],
    ["1:3+1", "(<1:3> + 1)"],
    ["Sheet1!C3", "<Sheet1!C3>"],
    ["'It''s'!A1:B2", "<It's!A1:B2>"],
    ["LOG10(100)", "LOG10(100)"],
    ["XFE1:XFE2", "?"],
  ])("[FO7] %s", (text, wanted) => {
    expect(read(text).shape.replace(/^XFE1.*/, "?")).toBe(wanted);
  });

  it.each([
    ["20 USD/seat", "20 USD/seat"],
    ["20 USD / seat", "(20 USD / seat)"],
    ["5%*0 kg*m/s^2", "((5%) * 0 kg*m/s^2)"],
    ["5s", "5 s"],
    ["1 + x", "(1 + x)"],
    ["0 ratio", "0 ratio"],
  ])("[FO5] units: %s", (text, wanted) => {
    expect(read(text)).toEqual({ shape: wanted, codes: [] });
  });
});

describe("indexes", () => {
  it.each([
    ["x[t]", [{ kind: "lag", offset: 0 }]],
    ["x[t-1]", [{ kind: "lag", offset: -1 }]],
    ["x[t + 12]", [{ kind: "lag", offset: 12 }]],
    ["x[t-11..t]", [{ kind: "window", from: -11, to: 0, clip: false }]],
    ["x[t..t+2 clip]", [{ kind: "window", from: 0, to: 2, clip: true }]],
    ["x[..t]", [{ kind: "window", from: Number.NEGATIVE_INFINITY, to: 0, clip: true }]],
    ["x[ .. t - 1 clip]", [{ kind: "window", from: Number.NEGATIVE_INFINITY, to: -1, clip: true }]],
    [
      "x[a, t+1 ..]",
      [{ kind: "label" }, { kind: "window", from: 1, to: Number.POSITIVE_INFINITY, clip: true }],
    ],
    ['x[.."t"]', [{ kind: "range", to: "t" }]],
    ["x[*, Ent]", [{ kind: "all" }, { kind: "label", label: "Ent" }]],
    ['x["New York"]', [{ kind: "label", label: "New York" }]],
    ["x[2026-03]", [{ kind: "label", label: "2026-03" }]],
    ["x[2026-q1]", [{ kind: "label", label: "2026-Q1" }]],
    ["x[2026-W05]", [{ kind: "label", label: "2026-W05" }]],
    ["x[2026-01-31]", [{ kind: "label", label: "2026-01-31" }]],
    ["x[12]", [{ kind: "label", label: "12" }]],
    ["x[2027-01..]", [{ kind: "range", from: "2027-01" }]],
    ["x[..2027-06]", [{ kind: "range", to: "2027-06" }]],
    ["x[a..b]", [{ kind: "range", from: "a", to: "b" }]],
    ['x["a b".."c"]', [{ kind: "range", from: "a b", to: "c" }]],
  ])("[FO8] %s", (text, items) => {
    const { expression, diagnostics } = parseFormula(text);
    expect(diagnostics).toEqual([]);
    expect((expression as NameExpression).index).toMatchObject(items);
  });

  it.each([
    ["x[player.opponent]", "player.opponent"],
    ["x[a & b]", "a & b"],
    ["x[2000 + 26]", "2000 + 26"],
    ["x[t * 2]", "t * 2"],
  ])("[FO8] a computed key: %s", (text, key) => {
    const { expression, diagnostics } = parseFormula(text);
    expect(diagnostics).toEqual([]);
    const [item] = (expression as NameExpression).index ?? [];
    expect(item?.kind === "key" && printExpression(item.expression)).toBe(key);
  });

  it("[FO9] a bare negative number is rejected with a hint", () => {
    for (const text of ["x[-1]", "x[- 1]", "x[a, -1]"]) {
      const [diagnostic] = parseFormula(text).diagnostics;
      expect(diagnostic?.code).toBe("formula/negative-index");
      expect(diagnostic?.hint).toContain("x[t-1]");
    }
  });

  it.each([
    ["x[..]", "x[*]", 2],
    ["x[:]", "x[*]", 2],
    ["x[first..t]", "x[..t]", 2],
    ["x[ 1 .. t-1 ]", "x[..t-1]", 3],
    ["x[*..t]", "x[..t]", 2],
    ["x[2026-01..t]", "x[..t]", 2],
    ['x["New York"..t]', "x[..t]", 2],
    ["x[:t]", "x[..t]", 2],
    ["x[t:]", "x[t..]", 2],
    ["x[a, t + 1 .. last]", "x[t+1..]", 5],
    ["x[t-3:t]", "x[t-3..t]", 2],
  ])("[FO78] %s is told with what was meant: %s", (text, meant, start) => {
    const { diagnostics } = parseFormula(text);
    expect(diagnostics.map(({ code, span }) => [code, span.start])).toEqual([["formula/bad-window", start]]);
    expect(diagnostics[0]?.hint).toContain(`\`${meant}\``);
  });

  it("[FO8] an index on its own, and a name with its index, stop where they end", () => {
    const line = "revenue.adds[*, 2027-01..] *= 0.8";
    const reference = parseReferenceAt(line, 0, line.length);
    expect([reference.end, reference.diagnostics]).toEqual([26, []]);
    expect(parseIndexAt(line, 12, line.length)).toMatchObject({ end: 26, diagnostics: [] });
  });
});

describe("recovery", () => {
  it.each([
    ["", ["formula/empty"]],
    ["= # nothing", ["formula/empty"]],
    ["1 + * 2 ) + foo(", ["expected-operand", "stray-bracket", "expected-operand", "unclosed"]],
    ["MIN(1,2 3, *)", ["unexpected", "expected-operand", "expected-operand"]],
    ["a b", ["unexpected"]],
    ["3 % 2", ["unexpected"]],
    ["((1", ["unclosed", "unclosed"]],
    ["x[]", ["bad-index"]],
    ["x[t-n] + ~", ["bad-index", "unknown-character"]],
    ["x[t..t-3]", ["bad-window"]],
    ["x[1", ["unclosed"]],
    ["sum(x over)", ["expected-axis"]],
    ["{1,2;3}", ["array-shape"]],
    ["{}", ["empty-array"]],
    ["MIN(a;b)", ["separator"]],
    ["Sheet1!x", ["expected-reference"]],
    ["A1# + b", ["spill"]],
    ["1e999", ["number-too-large"]],
    ["1 + #NA", ["unknown-error-literal"]],
    ["'x'", ["unknown-character"]],
    ["a $ b", ["unexpected"]],
    ["a + $ b", ["unknown-character"]],
  ])("[FO10] %s", (text, codes) => {
    const { diagnostics } = parseFormula(text);
    expect(diagnostics.map(({ code }) => code.replace("formula/", ""))).toEqual(
      codes.map((code) => code.replace("formula/", "")),
    );
    for (const { span } of diagnostics) {
      expect(span.start >= 0 && span.start <= span.end && span.end <= text.length).toBe(true);
    }
  });
});

describe("limits", () => {
  it.each([
    ["brackets", "(", "1"],
    ["signs", "-", "1"],
    ["percent signs", "1", "%"],
    ["calls", "f(", "1"],
    ["indexes", "x[1+", "1"],
    ["arrays", "{", "1"],
  ])("[FO11] %s nested too deep are one diagnostic", (name, open, last) => {
    const text = name === "percent signs" ? open + last.repeat(100_000) : open.repeat(100_000) + last;
    const codes = parseFormula(text).diagnostics.map(({ code }) => code);
    expect(codes).toEqual(["formula/too-deep"]);
  });

  it("[FO11] up to the limit it is read", () => {
    const text = `${"(".repeat(nestingMax)}1${")".repeat(nestingMax)}`;
    expect(parseFormula(text).diagnostics).toEqual([]);
    expect(parseFormula(`(${text})`).diagnostics.map(({ code }) => code)).toEqual(["formula/too-deep"]);
  });

  it("[FO11] a chain of 100,000 operators is read and printed", () => {
    const text = `1${" + 1 * 2".repeat(50_000)}`;
    const { expression, diagnostics } = parseFormula(text);
    expect(diagnostics).toEqual([]);
    expect(printExpression(expression)).toBe(text);
  });
});

describe("inside a line", () => {
  const stopWords = new Set(["start", "end", "min", "limit", "heavy"]);

  it.each([
    ["seats[t-1] + adds   start 100", "seats[t-1] + adds"],
    ['mrr  "Monthly"', "mrr"],
    ["5 min 0", "5"],
    ["MIN(a, b) limit 50", "MIN(a, b)"],
    ["a + limit", "a + limit"],
    ["limit * 2 start 3", "limit * 2"],
    ["a heavy", "a"],
    ["(limit 5)", "(limit 5)"],
    ["1 # rest", "1"],
    ["a, b", "a"],
    ["a }", "a"],
  ])("[FO13] %s", (line, taken) => {
    const text = `x = ${line}`;
    const result = parseExpressionAt(text, 4, text.length, { stopWords });
    expect(text.slice(4, result.end)).toBe(taken);
  });

  it("[FO13] a missing value before a clause is told at the clause", () => {
    const text = "x = a + start 100";
    const result = parseExpressionAt(text, 4, text.length, { stopWords });
    expect(result.diagnostics).toMatchObject([{ code: "formula/expected-operand", span: { start: 8 } }]);
    expect(result.end).toBe(7);
  });
});

describe("what is expected", () => {
  it.each([
    ["|", { kind: "operand", prefix: "" }],
    ["sum(rev|", { kind: "operand", prefix: "rev", call: { name: "sum", argument: 0 } }],
    ["MIN(a, |", { kind: "operand", prefix: "", call: { name: "MIN", argument: 1 } }],
    ["a |", { kind: "operator", prefix: "" }],
    ["seats[t|", { kind: "index", prefix: "t", indexOf: "seats" }],
    ["sum(x over se|", { kind: "axis", prefix: "se" }],
    ['"te|', { kind: "none" }],
    ["a + (b) |", { kind: "operator" }],
  ])("[FO14] at %s", (marked, wanted) => {
    const offset = marked.indexOf("|");
    expect(expectedAt(marked.replace("|", ""), offset)).toMatchObject(wanted);
  });
});
