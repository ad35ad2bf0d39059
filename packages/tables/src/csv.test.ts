import type { Scalar, Table } from "@reckon/value";
import { errorValue, sameScalar } from "@reckon/value";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCsv, writeCsv } from "./csv.ts";
import { readTable } from "./read-table.ts";

function table(text: string, source = "rows.csv"): Table {
  const read = readTable(source, text);
  if ("problem" in read) throw new Error(read.problem);
  return read;
}
function problem(text: string, source = "rows.csv"): string {
  const read = readTable(source, text);
  return "problem" in read ? read.problem : "no problem";
}
const cells = (text: string) => table(`x,y\n${text},0\n`).columns[0]?.values[0];

describe("cells", () => {
  it.each<[string, Scalar]>([
    ["12", 12],
    ["-1.5", -1.5],
    ["+3", 3],
    [".5", 0.5],
    ["1e3", 1000],
    ["0", 0],
    ["-0", -0],
    ["0.050", 0.05],
    ["5%", 0.05],
    ["5.4%", 0.054],
    [".5%", 0.005],
    ["-2.5%", -0.025],
    ["TRUE", true],
    ["false", false],
    ["#N/A", errorValue("#N/A")],
  ])("[TB1] %s is a value", (text, value) => expect(cells(text)).toEqual(value));

  it.each(["007", "1_000", "0x10", "1e999", "1234567890123456", "5 %", "NaN", "Infinity", "-", "12a", "tru"])(
    "[TB2] %s stays a text",
    (text) => expect(cells(text)).toBe(text),
  );

  it.each(["2026-01-31", "2026-01", "2026-Q1"])("[TB3] the date or period %s stays a text", (text) =>
    expect(cells(text)).toBe(text),
  );

  it("[TB4] an empty cell is blank, also between spaces", () => {
    expect(cells("")).toBeNull();
    expect(cells("   ")).toBeNull();
  });

  it("[TB5] a cell in quotes is a text, whatever it looks like", () => {
    expect(cells('"12"')).toBe("12");
    expect(cells('"TRUE"')).toBe("TRUE");
    expect(cells('""')).toBe("");
    expect(cells('"say ""hi"", twice"')).toBe('say "hi", twice');
    expect(cells('" kept "')).toBe(" kept ");
  });
});

describe("lines", () => {
  it("[TB6] rows keep the line they start on, over empty lines and line breaks in quotes", () => {
    const read = table('a,b\n1,"two\nlines"\n\n3,4\r\n5,6');
    expect(read.rows).toBe(3);
    expect(read.lines).toEqual([2, 5, 6]);
    expect(read.columns[1]?.values).toEqual(["two\nlines", 4, 6]);
  });

  it.each(["\n", "\r\n", "\r"])("[TB6] a line break in quotes counts once, whichever it is (%j)", (end) => {
    const read = table(["a,b", '1,"two', 'lines"', "", '"x', "", 'y",4', "5,6"].join(end));
    expect(read.lines).toEqual([2, 5, 8]);
    expect(problem(["a,b", '1,"two', 'lines"', '"x"y,4'].join(end))).toContain("rows.csv:4:");
  });

  it("[TB7] a byte order mark and any of the three line ends are accepted", () => {
    const read = table("\uFEFFa,b\r1,2\r\n3,4\n");
    expect(read.columns.map((column) => column.name)).toEqual(["a", "b"]);
    expect(read.columns[0]?.values).toEqual([1, 3]);
  });

  it("[TB8] a file with a header alone is a table without rows", () => {
    expect(table("a,b\n")).toEqual({
      source: "rows.csv",
      rows: 0,
      lines: [],
      columns: [
        { name: "a", values: [] },
        { name: "b", values: [] },
      ],
    });
  });
});

describe("problems", () => {
  it.each([
    ["", "rows.csv: the file is empty; its first line must name the columns"],
    ["a,,c\n1,2,3\n", "rows.csv:1: column 2 has no name"],
    ["\na,b,a\n1,2,3\n", "rows.csv:2: columns 1 and 3 are both called `a`"],
    ["a,b\n1,2\n3\n", "rows.csv:3: 1 cell, but the first line names 2 columns (a, b)"],
    ["a\n1,2\n", "rows.csv:2: 2 cells, but the first line names 1 column (a)"],
    ["a,b\n1,2,3\n", "rows.csv:2: 3 cells, but the first line names 2 columns (a, b)"],
    ['a,b\n1,"x\n2,3\n', "rows.csv:3: a quoted cell is not closed before the end of the file"],
    [
      'a,b\n1,6" nails\n',
      'rows.csv:2: a quote inside a cell: put the whole cell in quotes and double the quote ("6"" nails")',
    ],
    ['a,b\n1,"x"y\n', "rows.csv:2: text behind a closing quote: double a quote that belongs to the text"],
    [
      "a;b\n1;2\n",
      "rows.csv:1: cells are separated by a comma (by a tab in `.tsv` files), not by `;` or a tab",
    ],
  ])("[TB9] %j is a problem with its place", (text, expected) => expect(problem(text)).toBe(expected));

  it("[TB10] the ending of the path names the format", () => {
    expect(table("a\tb\n1\t2\n", "x.TSV").columns[1]?.values).toEqual([2]);
    expect(problem("", "x.xlsx")).toBe("x.xlsx: tables are read from `.csv`, `.tsv` and `.json` files");
    expect(problem("", "folder.csv/noending")).toContain("tables are read from");
  });
});

describe("writeCsv", () => {
  const scalar = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.string(),
    fc.constantFrom("007", "5%", "TRUE", " x ", 'a"b', "a,b", "a\r\nb", "#N/A", "", "1e5", "2026-01"),
    fc.constantFrom(errorValue("#N/A"), errorValue("#DIV/0!")),
  );

  it("[TB11] writes long whole numbers so that they are not taken for identifiers", () => {
    const column = { name: "n", values: [-4344026238029497, 123456789012345, 1e21] };
    const text = writeCsv({ source: "t.csv", rows: 3, lines: [], columns: [column] });
    expect(text).toBe("n\n-4.344026238029497e+15\n123456789012345\n1e+21\n");
    expect(readCsv(text, "t.csv")).toMatchObject({ columns: [column] });
  });

  it("[TB11] what is written reads back to the same values", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(scalar, scalar), { maxLength: 8 }), (rows) => {
        const before: Table = {
          source: "t.csv",
          rows: rows.length,
          lines: [],
          columns: [
            { name: "first, of two", values: rows.map((row) => row[0]) },
            { name: "b", values: rows.map((row) => row[1]) },
          ],
        };
        const after = readCsv(writeCsv(before), "t.csv");
        if ("problem" in after) throw new Error(after.problem);
        expect(after.rows).toBe(rows.length);
        for (const [i, column] of before.columns.entries()) {
          expect(after.columns[i]?.name).toBe(column.name);
          for (const [row, value] of column.values.entries()) {
            const back = after.columns[i]?.values[row] as Scalar;
            if (!sameScalar(back, value))
              throw new Error(`${JSON.stringify(value)} came back as ${JSON.stringify(back)}`);
          }
        }
      }),
      { seed: 289590121, numRuns: 1000 },
    );
  });
});
