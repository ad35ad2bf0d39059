import { describe, expect, it } from "vitest";
import { parseFormula } from "./parser.ts";
import { printExpression } from "./printer.ts";
import type { Expression } from "./syntax.ts";

const span = { start: 0, end: 0 };
const number = (value: number): Expression => ({ kind: "number", value, span });
const binary = (operator: "+" | "*" | "^" | "-", left: Expression, right: Expression): Expression => ({
  kind: "binary",
  operator,
  left,
  right,
  span,
});

describe("printing", () => {
  it.each([
    ["=MIN( a,b)*1_000", "MIN(a, b) * 1000"],
    ["IF(a,,b)", "IF(a, , b)"],
    ["sum( x  over s ,m)", "sum(x over s, m)"],
    ["{1 ,2; 3,4}", "{1, 2; 3, 4}"],
    ['x[ t-11 .. t clip, "a" ,"a b" ]', 'x[t-11..t clip, a, "a b"]'],
    ["x[ .. t clip, t - 2 .. ]", "x[..t, t-2..]"],
    ['x["t", t]', 'x["t", t]'],
    ["x[..2027-06]", "x[..2027-06]"],
    ["20 USD/seat", "20 USD/seat"],
    ["$b$2 + sheet1!c3", "$B2 + sheet1!C3"],
    ["'my sheet'!a1", "'my sheet'!A1"],
    ["0.1+1e300+1e-9", "0.1 + 1e+300 + 1e-9"],
    ["(a , b)", "(a, b)"],
    ["-2^2", "-2 ^ 2"],
  ])("[FO12] %s prints as %s, and again so", (text, wanted) => {
    const printed = printExpression(parseFormula(text).expression);
    expect(printed).toBe(wanted);
    expect(printExpression(parseFormula(printed).expression)).toBe(wanted);
  });

  it("[FO12] adds brackets where a made tree needs them, and nowhere else", () => {
    const one = number(1);
    expect(printExpression(binary("*", binary("+", one, one), one))).toBe("(1 + 1) * 1");
    expect(printExpression(binary("+", binary("*", one, one), one))).toBe("1 * 1 + 1");
    expect(printExpression(binary("-", one, binary("-", one, one)))).toBe("1 - (1 - 1)");
    expect(printExpression(binary("^", one, { kind: "unary", operator: "-", operand: one, span }))).toBe(
      "1 ^ -1",
    );
    expect(printExpression({ kind: "percent", operand: number(-1), span })).toBe("(-1)%");
  });

  it("[FO12] prints the shortest digits that read back as the same number", () => {
    for (const value of [0.1 + 0.2, 5e-324, Number.MAX_VALUE, 123456789012345680000]) {
      const text = printExpression(number(value));
      expect(parseFormula(text).expression).toMatchObject({ value });
    }
  });
});
