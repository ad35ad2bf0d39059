import { errorValue, type Scalar } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { readCriterion } from "./criterion.ts";
import { findWildcard, matchesWildcard, readWildcard } from "./wildcard.ts";

const cells: Scalar[] = [5, "5", 7, "abc", "ABD", "", null, true, errorValue("#N/A"), "a*c"];

describe("[FN11] criteria", () => {
  it.each<[Scalar, Scalar[]]>([
    [5, [5, "5"]],
    ["5", [5, "5"]],
    ["=5", [5, "5"]],
    [">=5", [5, 7]],
    ["<>5", ["5", 7, "abc", "ABD", "", null, true, errorValue("#N/A"), "a*c"]],
    ["abc", ["abc"]],
    ["ab?", ["abc", "ABD"]],
    ["a*", ["abc", "ABD", "a*c"]],
    ["a~*c", ["a*c"]],
    ["<>a*", [5, "5", 7, "", null, true, errorValue("#N/A")]],
    [">abc", ["ABD"]],
    ["=", [null]],
    ["", ["", null]],
    ["<>", [5, "5", 7, "abc", "ABD", "", true, errorValue("#N/A"), "a*c"]],
    ["TRUE", [true]],
    [true, [true]],
    ["#N/A", [errorValue("#N/A")]],
    [errorValue("#N/A"), [errorValue("#N/A")]],
    [null, []],
  ])("%j holds for %j", (criterion, expected) => {
    expect(cells.filter(readCriterion(criterion))).toEqual(expected);
  });
});

describe("wildcards", () => {
  it.each<[string, string, boolean]>([
    ["*", "", true],
    ["?", "", false],
    ["a*b*c", "aXbYbZc", true],
    ["a*b*c", "aXbYbZ", false],
    ["~?", "?", true],
    ["~?", "x", false],
    ["~~", "~", true],
    ["a~", "a", true],
    ["*a", "bbba", true],
  ])("[FN12] %s against %s is %s", (pattern, text, result) => {
    expect(matchesWildcard(readWildcard(pattern), text)).toBe(result);
  });

  it("[FN12] finds the first place, and cannot be made to hang", () => {
    expect(findWildcard(readWildcard("b*d"), "abcbd", 0)).toBe(1);
    expect(findWildcard(readWildcard("x"), "abc", 0)).toBe(-1);
    const hostile = readWildcard(`${"*a".repeat(200)}b`);
    expect(matchesWildcard(hostile, "a".repeat(5000))).toBe(false);
    expect(findWildcard(hostile, "a".repeat(30_000), 0)).toBe(-1);
  });
});
