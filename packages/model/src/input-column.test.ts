import type { Table } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { checkModel } from "./check-model.ts";
import { parseModel } from "./document.ts";

const head = "model a\ntime month 2026-01..2026-04\naxis s = SMB, Mid\nblock b by s, month\n";

function table(text: string): Table {
  const [names = [], ...rows] = text
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  const cell = (value: string): string | number | null =>
    value === "" ? null : Number.isNaN(Number(value)) ? value : Number(value);
  return {
    source: "t.csv",
    rows: rows.length,
    lines: rows.map((_, i) => i + 2),
    columns: names.map((name, i) => ({ name, values: rows.map((row) => cell(row[i] ?? "")) })),
  };
}

function values(text: string, id = "b.x", csv = ""): readonly unknown[] | readonly string[] {
  const { value, diagnostics } = checkModel(parseModel("m.reckon", text), () => table(csv));
  if (value === undefined) return diagnostics.map(({ code }) => code);
  const input = value.attributes.get(id);
  return input?.kind === "input"
    ? Array.from({ length: input.column.length }, (_, i) => input.column.get(i))
    : [];
}

function message(text: string, csv = ""): string | undefined {
  return checkModel(parseModel("m.reckon", text), () => table(csv)).diagnostics[0]?.message;
}

describe("constants", () => {
  it("[LA21] a single value stands for every cell", () => {
    expect(values(`${head}  input x = 2.5%\n`)).toEqual(new Array(8).fill(0.025));
  });

  for (const [text, value] of [
    ["1_000", 1000],
    ["-3", -3],
    ["1/4 + 2", 2.25],
    ["ROUND(2.71828, 2)", 2.72],
    ['"abc"', "abc"],
    ["TRUE", true],
    ["20 USD", 20],
    ["(5%)", 0.05],
    ["1e-3", 0.001],
  ] as const) {
    it(`[LA21] ${text}`, () => {
      expect(values(`model a\nblock b\n  input x = ${text}\n`)).toEqual([value]);
    });
  }

  it("[LA21] a constant may be as long as any formula", () => {
    expect(values(`model a\nblock b\n  input x = ${"1+".repeat(200_000)}1\n`)).toEqual([200_001]);
  });

  it("[LA21] names are no constants", () => {
    expect(values("model a\nblock b\n  input y = 1\n  input x = y + 1\n")).toEqual(["model/not-constant"]);
  });
});

describe("lists", () => {
  it("[LA22] values by member, nested, with lists inside", () => {
    expect(values(`${head}  input x = { Mid: 45, SMB: [1, 2, 3, 4] }\n`)).toEqual([
      1, 2, 3, 4, 45, 45, 45, 45,
    ]);
    expect(values(`${head}  input x = { 2026-01: { SMB: 1, Mid: 2 }, 2026-02..: 3 }\n`)).toEqual([
      1, 3, 3, 3, 2, 3, 3, 3,
    ]);
    expect(values(`${head}  input x = { ..2026-02: 1, 2026-03..2026-04: 2 }\n`)).toEqual([
      1, 1, 2, 2, 1, 1, 2, 2,
    ]);
    expect(values(`${head}  input x = { 2026: 7 }\n`)).toEqual(new Array(8).fill(7));
  });

  it("[LA23] every member exactly once", () => {
    expect(values(`${head}  input x = { SMB: 1 }\n`)).toEqual(["model/missing-members"]);
    expect(values(`${head}  input x = { SMB: 1, Mid: 2, Big: 3 }\n`)).toEqual(["model/unknown-member"]);
    expect(values(`${head}  input x = { SMB: 1, Mid: 2, SMB: 3 }\n`)).toEqual(["model/repeated-member"]);
    expect(values(`${head}  input x = { 2026-01..2026-03: 1, 2026-03..: 3 }\n`)).toContain(
      "model/repeated-member",
    );
    expect(values(`${head}  input x = { SMB: { SMB: 1, Mid: 2 }, Mid: 3 }\n`)).toContain(
      "model/unknown-member",
    );
  });

  it("[LA24] a list has one value for each period", () => {
    expect(values(`${head}  input x = [1, 2, 3, 4%]\n`)).toEqual([1, 2, 3, 0.04, 1, 2, 3, 0.04]);
    expect(values(`${head}  input x = [1, 2]\n`)).toEqual(["model/list-length"]);
    expect(values("model a\naxis s = A, B\nblock b by s\n  input x = [1, 2]\n")).toEqual([
      "model/list-without-time",
    ]);
    const short = parseModel("m.reckon", "model a\ntime step 1..1\nblock b by step\n  input x = [1, 2]\n");
    expect(checkModel(short, () => table("")).diagnostics.map(({ message }) => message)).toEqual([
      "2 values for 1 period of axis `step`",
    ]);
  });
});

describe("tables", () => {
  const rows = "s,month,x,note\nMid,2026-01,5,a\nMid,2026-02,6,b\nSMB,2026-02,2,c\nSMB,2026-01,1,d\n";
  const two = head.replace("2026-04", "2026-02");

  it("[LA25] rows find their cells by key", () => {
    expect(values(`${two}  input x = table("t.csv", by s, month)\n`, "b.x", rows)).toEqual([1, 2, 5, 6]);
    expect(values(`${two}  input y = table("t.csv", by month, s, value x)\n`, "b.y", rows)).toEqual([
      1, 2, 5, 6,
    ]);
    expect(values(`${two}  input x = table("t.csv")\n`, "b.x", rows)).toEqual([1, 2, 5, 6]);
    expect(values(`${two}  input y = table("t.csv", by s, month)\n`, "b.y", rows)).toEqual([
      "model/no-value-column",
    ]);
  });

  it("[LA25] an axis that is no key is broadcast, a key may have its own column", () => {
    expect(
      values(`${two}  input x = table("t.csv", by s, key id)\n`, "b.x", "id,rate\nMid,2\nSMB,1\n"),
    ).toEqual([1, 1, 2, 2]);
  });

  for (const [csv, text] of [
    ["s,x\nMid,1\nSMB,2\nBig,3\n", "t.csv:4: `Big` is no member of axis `s`"],
    ["s,x\nMid,1\n,2\n", "t.csv:3: the key `s` is blank"],
    ["s,x\nMid,1\nSMB,2\nMid,3\n", "t.csv:4: a second row for `Mid`"],
    ["s,x\nMid,1\n", "t.csv has no row for `SMB`"],
  ] as const) {
    it(`[LA26] ${text}`, () => {
      expect(message(`${two}  input x = table("t.csv", by s)\n`, csv)).toBe(text);
    });
  }

  it("[LA27] a column of a table axis, broadcast over the other axes", () => {
    const text =
      'model a\ntime year 2026..2027\naxis p = table("t.csv", key id)\nblock b by p, year\n  input x = p.rate\n';
    expect(values(text, "b.x", "id,rate\nann,1\nbob,2\n")).toEqual([1, 1, 2, 2]);
    expect(
      values(
        'model a\naxis p = table("t.csv", key id)\nblock b\n  input x = p.rate\n',
        "b.x",
        "id,rate\nann,1\n",
      ),
    ).toEqual(["model/column-axes"]);
  });
});

describe("types and bounds", () => {
  it("[LA28] a value out of bounds names its cell, and its line in a table", () => {
    expect(message(`${head}  input x = { SMB: 1, Mid: [1, 2, 9, 3] }  range 0..5\n`)).toBe(
      "`b.x[Mid, 2026-03]` is 9; it must be between 0 and 5",
    );
    expect(message(`${head}  input x = -1  min 0\n`)).toBe("`b.x` is -1; it must be at least 0");
    expect(message(`${head}  input x = table("t.csv", by s)  max 1\n`, "s,x\nMid,1\nSMB,2\n")).toBe(
      "t.csv:3: `b.x[SMB, 2026-01]` is 2; it must be at most 1",
    );
    expect(message("model a\nblock b\n  input x = 1  range 5..0\n")).toBe(
      "the lower bound 5 is above the upper bound 0",
    );
  });

  it("[LA27] [LA28] a value of a table axis's column is told with its line, of the member whose row it is", () => {
    const text =
      'model a\naxis c = A, B\naxis p = table("t.csv", key id)\nblock b by c, p\n  input x = p.rate  max 9\n';
    const told = (csv: string): readonly string[] =>
      checkModel(parseModel("m.reckon", text), () => table(csv)).diagnostics.map((one) => one.message);
    expect(told("id,rate\nann,1\nbob,many\ncid,10\n")).toEqual([
      't.csv:3: `b.x[A, bob]` is the text "many"; it must be a number',
      "t.csv:4: `b.x[A, cid]` is 10; it must be at most 9",
      't.csv:3: `b.x[B, bob]` is the text "many"; it must be a number',
      "t.csv:4: `b.x[B, cid]` is 10; it must be at most 9",
    ]);
    expect(told("id,rate\nann,1\n,2\nann,3\nbob,4\ncid,10\n")).toEqual([
      "t.csv:3: the key `id` is blank",
      "t.csv:4: a second row for `ann`",
      "t.csv:6: `b.x[A, cid]` is 10; it must be at most 9",
      "t.csv:6: `b.x[B, cid]` is 10; it must be at most 9",
    ]);
  });

  it("[LA29] types are held, dates may be written as such", () => {
    for (const [type, good, bad] of [
      ["USD/seat", "3", '"three"'],
      ["number", "3", "TRUE"],
      ["text", '"a"', "3"],
      ["boolean", "FALSE", "0"],
      ["date", "2026-01-31", "2026-01-32"],
      ["date", '"2026-01-31"', '"soon"'],
    ] as const) {
      expect(values(`model a\nblock b\n  input x: ${type} = ${good}\n`)).toHaveLength(1);
      expect(values(`model a\nblock b\n  input x: ${type} = ${bad}\n`)).toEqual(["model/wrong-type"]);
    }
    expect(values("model a\nblock b\n  input x: date = 2026-01-31\n")).toEqual([46053]);
  });
});
