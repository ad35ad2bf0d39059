import { arrayValue, errorValue, type Scalar } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { BinaryOperator } from "../syntax.ts";
import { toLogical, toNumber, toText } from "./coerce.ts";
import { applyBinary, applyPercent, applyUnary } from "./operators.ts";

const value = errorValue("#VALUE!", expect.any(String) as unknown as string);

describe("[FN4] coercion", () => {
  it.each<[Scalar, unknown]>([
    [12, 12],
    [null, 0],
    [true, 1],
    [false, 0],
    ["12", 12],
    [" 12 ", 12],
    ["-1.5e3", -1500],
    [".5", 0.5],
    ["1,234.5", 1234.5],
    ["50%", 0.5],
    ["$12", 12],
    ["(12)", -12],
    ["2026-01-31", 46053],
    ["31-Jan-2026", 46053],
    ["12:00", 0.5],
    ["", value],
    ["abc", value],
    ["TRUE", value],
    ["1e400", value],
    ["5-Jan", value],
    [" 2026-01-31", value],
    ["9".repeat(101), value],
    [errorValue("#N/A"), errorValue("#N/A")],
  ])("%j as a number is %j", (from, to) => {
    expect(toNumber(from)).toEqual(to);
  });

  it.each<[Scalar, unknown]>([
    [0.1 + 0.2, "0.3"],
    [null, ""],
    [true, "TRUE"],
    ["a", "a"],
    [errorValue("#N/A"), errorValue("#N/A")],
  ])("%j as a text is %j", (from, to) => {
    expect(toText(from)).toEqual(to);
  });

  it.each<[Scalar, unknown]>([
    [0, false],
    [-0.5, true],
    [null, false],
    ["true", true],
    ["False", false],
    ["1", value],
    ["", value],
  ])("%j as a truth is %j", (from, to) => {
    expect(toLogical(from)).toEqual(to);
  });
});

describe("operators", () => {
  it.each<[Scalar, BinaryOperator, Scalar, unknown]>([
    ["12", "+", 1, 13],
    [true, "+", true, 2],
    [null, "-", 5, -5],
    ["a", "*", 1, value],
    [1, "/", 0, errorValue("#DIV/0!")],
    [0, "/", 0, errorValue("#DIV/0!")],
    [1, "/", null, errorValue("#DIV/0!")],
    [0, "^", 0, errorValue("#NUM!")],
    [0, "^", -1, errorValue("#DIV/0!")],
    [-8, "^", 0.5, errorValue("#NUM!")],
    [1e300, "*", 1e300, errorValue("#NUM!")],
    [1, "&", 2, "12"],
    [null, "&", true, "TRUE"],
    [errorValue("#N/A"), "+", errorValue("#NUM!"), errorValue("#N/A")],
    ["x", "+", errorValue("#NUM!"), value],
    ["a", "=", "A", true],
    ["a", "<", "B", true],
    [5, "<", "a", true],
    ["z", "<", false, true],
    [1, "=", "1", false],
    [null, "=", 0, true],
    [null, "=", "", true],
    [null, "=", false, true],
    [null, "=", null, true],
    [1, "=", true, false],
    [2, ">=", 2, true],
    [1, "<>", errorValue("#REF!"), errorValue("#REF!")],
  ])("[FN5] %j %s %j is %j", (a, operator, b, result) => {
    expect(applyBinary(operator, a, b)).toEqual(result);
  });

  it.each<[number, number, -1 | 0 | 1]>([
    [0.1 + 0.2, 0.3, 0],
    [1 - 0.9, 0.1, 0],
    [1.2 - 1.1, 0.1, -1], // 0.0999999999999999
    [1, 1 + 2 ** -52, 0],
    [0, 5e-324, -1],
    [5e-324, 1e-323, -1],
    [1.00000000000001, 1, 1], // they differ in the 15th digit
    [1.000000000000001, 1, 0],
    [999_999_999_999_999.4, 999_999_999_999_999, 0],
    [999_999_999_999_999.5, 1e15, 0],
    [999_999_999_999_999, 1e15, -1],
    [-(0.1 + 0.2), -0.3, 0],
    [0.3, -0.3, 1],
    [1.7976931348623157e308, -1.7976931348623157e308, 1],
    [0, -0, 0],
  ])("[FN5] %d and %d are compared by 15 digits: %d", (a, b, order) => {
    const answers = (["<", "<=", "=", ">=", ">", "<>"] as const).map((operator) => [
      applyBinary(operator, a, b),
      applyBinary(operator, b, a),
    ]);
    const [isBelow, isEqual, isAbove] = [order < 0, order === 0, order > 0];
    expect(answers).toEqual([
      [isBelow, isAbove],
      [!isAbove, !isBelow],
      [isEqual, isEqual],
      [!isBelow, !isAbove],
      [isAbove, isBelow],
      [!isEqual, !isEqual],
    ]);
  });

  it("[FN5] a sign and a percent take numbers; a plus changes nothing", () => {
    expect(applyUnary("-", "3")).toBe(-3);
    expect(applyUnary("+", "a")).toBe("a");
    expect(applyUnary("-", "a")).toEqual(value);
    expect(applyPercent(5)).toBe(0.05);
  });

  it("[FN6] arrays meet cell by cell; a row and a column span a table", () => {
    const row = arrayValue(1, 2, [1, 2]);
    const column = arrayValue(2, 1, [10, 20]);
    expect(applyBinary("+", row, column)).toEqual(arrayValue(2, 2, [11, 12, 21, 22]));
    expect(applyBinary("*", row, 3)).toEqual(arrayValue(1, 2, [3, 6]));
    expect(applyUnary("-", row)).toEqual(arrayValue(1, 2, [-1, -2]));
  });

  it("[FN6] a cell outside one of two arrays is #N/A", () => {
    const wide = arrayValue(1, 3, [1, 2, 3]);
    const narrow = arrayValue(1, 2, [1, 2]);
    expect(applyBinary("+", wide, narrow)).toEqual(arrayValue(1, 3, [2, 4, errorValue("#N/A")]));
  });
});
