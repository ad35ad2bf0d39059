import { errorValue } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { readJson } from "./json.ts";

const problemOf = (text: string) => {
  const read = readJson(text, "rows.json");
  return "problem" in read ? read.problem : "no problem";
};

describe("readJson", () => {
  it("[TB12] reads a list of records, with missing keys as blanks and the line of each record", () => {
    const text =
      '[\n  {"id": "a", "n": 1},\n  {"id": "b],{", "x": true,\n   "n": null},\n  {"n": {"error": "#N/A"}}\n]\n';
    expect(readJson(text, "rows.json")).toEqual({
      source: "rows.json",
      rows: 3,
      lines: [2, 3, 5],
      columns: [
        { name: "id", values: ["a", "b],{", null] },
        { name: "n", values: [1, null, errorValue("#N/A")] },
        { name: "x", values: [null, true, null] },
      ],
    });
  });

  it("[TB13] reads an object of columns", () => {
    expect(readJson('{"id": ["a", "b"], "n": [1, "5%"]}', "rows.json")).toEqual({
      source: "rows.json",
      rows: 2,
      lines: [1, 1],
      columns: [
        { name: "id", values: ["a", "b"] },
        { name: "n", values: [1, "5%"] },
      ],
    });
  });

  it("reads empty tables of both shapes", () => {
    expect(readJson("[]", "rows.json")).toMatchObject({ rows: 0, columns: [] });
    expect(readJson('{"a": []}', "rows.json")).toMatchObject({
      rows: 0,
      columns: [{ name: "a", values: [] }],
    });
  });

  it.each([
    ['[{"a": 1},\n 2]', "rows.json:2: row 2 is not a record"],
    ['[{"a": [1]}]', "rows.json:1: `a` in row 1 is neither a number"],
    ['{"a": [1, 2], "b": [1]}', "rows.json: column `b` has 1 value, but `a` has 2"],
    ['{"a": 1}', "rows.json: column `a` is not a list of values"],
    ["3", "rows.json: a table is a list of records or an object of columns"],
    ['[{"a": 1}\n{"a": 2}]', "not JSON"],
    ['[{"": 1}]', "rows.json: column 1 has no name"],
  ])("[TB14] %j is a problem", (text, expected) => expect(problemOf(text)).toContain(expected));
});
