import type { Scalar, Table } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { scalarIn, scalarOfCell } from "../cell-text.ts";
import { readCsv } from "../csv.ts";
import { CsvSplitter, type SplitOptions } from "./csv-splitter.ts";
import { RowTrouble } from "./row-trouble.ts";

/** The whole table, or the problem, of a text that comes in pieces. */
async function split(pieces: readonly string[], options: Partial<SplitOptions> = {}) {
  const splitter = new CsvSplitter("rows.csv", { delimiter: ",", ...options });
  const blocks: Table[] = [];
  try {
    for (const piece of pieces) {
      await splitter.write(Buffer.from(piece));
      blocks.push(...splitter.take());
    }
    await splitter.end();
  } catch (cause) {
    if (!(cause instanceof RowTrouble)) throw cause;
    return { blocks, problem: cause.message };
  }
  return { blocks: [...blocks, ...splitter.take()], names: splitter.names };
}

function together(blocks: readonly Table[], names: readonly string[]): Table {
  return {
    source: "rows.csv",
    rows: blocks.reduce((sum, { rows }) => sum + rows, 0),
    lines: blocks.flatMap(({ lines }) => lines),
    columns: names.map((name, i) => ({
      name,
      values: blocks.flatMap(({ columns }) => columns[i]?.values as Scalar[]),
    })),
  };
}

const cell = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("1", "-0", "2.5", "007", "x", "", " 5% ", "1e3", "#N/A", "true") },
  { weight: 2, arbitrary: fc.double({ noNaN: true }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('"a,b"', '"c\nd"', '"g\r\nh"', '"say ""x"""', 'e"f', "ä\u00a0", "\u3000ö"),
  },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom("a", " ", "1", ".", "-", "é", "😀") }) },
);
const text = fc
  .tuple(
    fc.constantFrom("a,b,c", "a,b,c", '"a",b,c', "a,b", "a;b;c", "a,a,b"),
    fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { maxLength: 12 }),
    fc.constantFrom("\n", "\n", "\r\n", "\r", "\n\n"),
    fc.boolean(),
  )
  .map(
    ([head, rows, end, isEnded]) =>
      [head, ...rows.map((row) => row.join(","))].join(end) + (isEnded ? end : ""),
  );

it("[TB15] blocks of any size, from pieces of any size, are the table that the whole text is", async () => {
  let tables = 0;
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 5 }),
      async (whole, size, rowsMax) => {
        const letters = [...whole];
        const pieces = Array.from({ length: Math.ceil(letters.length / size) }, (_, i) =>
          letters.slice(i * size, (i + 1) * size).join(""),
        );
        const expected = readCsv(whole, "rows.csv");
        const found = await split(pieces, { rowsMax });
        if ("problem" in expected) expect(found.problem).toMatch(/^rows\.csv/);
        else {
          tables += 1;
          expect(together(found.blocks, found.names as string[])).toEqual(expected);
          expect(found.blocks.every(({ rows }, i) => rows === rowsMax || i === found.blocks.length - 1)).toBe(
            true,
          );
        }
      },
    ),
    { seed: 414213562, numRuns: 1500 },
  );
  expect(tables).toBeGreaterThan(500);
});

it.each([
  ["a,,c\n1,2,3\n", "rows.csv:1: column 2 has no name"],
  ["\na,b,a\n1,2,3\n", "rows.csv:2: columns 1 and 3 are both called `a`"],
  ["a,b\n1,2\n3\n", "rows.csv:3: 1 cell, but the first line names 2 columns (a, b)"],
  ["a,b\n1,2,3", "rows.csv:2: 3 cells, but the first line names 2 columns (a, b)"],
  ['a,b\n1,2\n1,"x\n2,3\n', "rows.csv:4: a quoted cell is not closed before the end of the file"],
  ['a,b\n1,"x"y\n', "rows.csv:2: text behind a closing quote: double a quote that belongs to the text"],
  [
    "a;b\n1;2\n",
    "rows.csv:1: cells are separated by a comma (by a tab in `.tsv` files), not by `;` or a tab",
  ],
])("[TB15] %j is a problem with its place", async (whole, problem) => {
  expect(await split([whole])).toMatchObject({ problem });
  expect(await split([...whole])).toMatchObject({ problem });
});

it("[TB15] columns that nobody wants are not there, in the order of those wanted", async () => {
  for (const quoted of ["", '"q"']) {
    const { blocks } = await split([`a,b,c\n1,2,3\n4,5,${quoted}\n`], { columns: ["c", "a"] });
    expect(blocks).toEqual([
      {
        source: "rows.csv",
        rows: 2,
        lines: [2, 3],
        columns: [
          { name: "c", values: [3, quoted === "" ? null : "q"] },
          { name: "a", values: [1, 4] },
        ],
      },
    ]);
  }
});

it("[TB1] a number in a longer text is the number that its cell is", () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map((value) => value.toFixed(4)),
    fc.stringMatching(/^-?[0-9]{1,17}(\.[0-9]{0,9})?$/),
    fc.stringMatching(/^[-+.0-9eE%]{1,6}$/),
  );
  fc.assert(
    fc.property(number, (each) => {
      expect(scalarIn(`12,${each},3`, 3, 3 + each.length)).toBe(scalarOfCell(each));
    }),
    { seed: 173205080, numRuns: 3000 },
  );
});
