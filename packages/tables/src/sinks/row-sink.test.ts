import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorValue, isErrorValue, type Scalar } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { RowFormat } from "../api.ts";
import { openRows } from "../rows/open-rows.ts";
import { createRowSink, rowFormatOf } from "./row-sink.ts";

const folder = mkdtempSync(join(tmpdir(), "reckon-sinks-"));
let files = 0;
const pathOf = (ending: string) => join(folder, `${files++}.${ending}`);

/** Writes columns in blocks of `size` rows. */
async function written(format: RowFormat, columns: Readonly<Record<string, readonly Scalar[]>>, size = 1000) {
  const path = pathOf(format);
  const sink = await createRowSink(path, format, Object.keys(columns));
  const lists = Object.values(columns);
  for (let from = 0; from < (lists[0]?.length ?? 0); from += size)
    await sink.write(lists.map((values) => values.slice(from, from + size)));
  await sink.finish();
  return path;
}

async function readBack(path: string): Promise<Record<string, readonly Scalar[]>> {
  const rows = await openRows(path);
  if ("problem" in rows) throw new Error(rows.problem);
  const found = Object.fromEntries(rows.columns.map((name) => [name, [] as Scalar[]]));
  for await (const block of rows.blocks())
    for (const { name, values } of block.columns) found[name]?.push(...values);
  await rows.close();
  return found;
}

const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.constant(-0));
const text = fc.oneof(
  fc.string(),
  fc.constantFrom("", "007", "5%", " x ", 'a"b', "a,b", "a\nb", "#N/A", "2026-01"),
);
const error = fc.constantFrom(errorValue("#N/A"), errorValue("#DIV/0!"));
const any = fc.oneof(number, text, fc.boolean(), error, fc.constant(null));

it.each(["csv", "jsonl"] as const)(
  "[TB19] what is written as %s reads back to the same values",
  async (format) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(any, any), { minLength: 1, maxLength: 40 }), async (rows) => {
        const columns = { "a, b": rows.map(([a]) => a), c: rows.map(([, c]) => c) };
        expect(await readBack(await written(format, columns, 5))).toEqual(columns);
      }),
      { seed: 223606797, numRuns: 50 },
    );
  },
);

it("[TB20] numbers, booleans and texts read back from Parquet, errors as blanks", async () => {
  const withBlanks = (cells: fc.Arbitrary<Scalar>) => fc.oneof(cells, fc.constant(null), error);
  const row = fc.tuple(
    withBlanks(number),
    withBlanks(fc.boolean()),
    withBlanks(fc.string({ unit: "grapheme" })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 40 }), async (rows) => {
      const columns = { n: rows.map(([n]) => n), b: rows.map(([, b]) => b), t: rows.map(([, , t]) => t) };
      const blank = (values: readonly Scalar[]) => values.map((value) => (isErrorOf(value) ? null : value));
      expect(await readBack(await written("parquet", columns, 7))).toEqual({
        n: blank(columns.n),
        b: blank(columns.b),
        t: blank(columns.t),
      });
    }),
    { seed: 244948974, numRuns: 40 },
  );
});

function isErrorOf(value: Scalar): boolean {
  return value !== null && isErrorValue(value);
}

it("[TB20] a column of several kinds is texts in Parquet, wherever the other kind comes", async () => {
  const rows = 140_000;
  const at = (row: number, value: Scalar, other: Scalar) =>
    Array.from({ length: rows }, (_, i) => (i === row ? other : value));
  const columns = {
    late: at(139_999, 1.5, "x"),
    early: at(0, 2, "y"),
    switched: at(70_000, null, true),
    both: at(70_000, 3, true),
    numbers: at(70_000, -0, 1234567890123456),
  };
  const found = await readBack(await written("parquet", columns, 4096));
  expect(found).toEqual({
    late: at(139_999, "1.5", "x"),
    early: at(0, "2", "y"),
    switched: columns.switched,
    both: at(70_000, "3", "TRUE"),
    numbers: columns.numbers,
  });
  expect(readdirSync(folder).filter((name) => !/\.(csv|jsonl|parquet)$/.test(name))).toEqual([]);
});

it("[TB20] the bytes do not depend on how many rows are written at once", async () => {
  const columns = {
    id: Array.from({ length: 70_000 }, (_, i) => `p${i}`),
    n: Array.from({ length: 70_000 }, (_, i) => (i === 69_000 ? "x" : i / 7)),
  };
  for (const format of ["csv", "jsonl", "parquet"] as const) {
    const [one, other] = [await written(format, columns, 70_000), await written(format, columns, 999)];
    expect(readFileSync(one).equals(readFileSync(other))).toBe(true);
  }
});

it.each(["csv", "jsonl", "parquet"] as const)(
  "[TB21] a %s file has another name until it is finished, and one that is discarded leaves nothing",
  async (format) => {
    const path = pathOf(format);
    writeFileSync(path, "before");
    const sink = await createRowSink(path, format, ["a"]);
    await sink.write([[1, 2]]);
    expect(readFileSync(path, "utf8")).toBe("before");
    expect(existsSync(`${path}.part`)).toBe(true);
    await sink.discard();
    await sink.discard();
    expect([readFileSync(path, "utf8"), existsSync(`${path}.part`)]).toEqual(["before", false]);
    const again = await createRowSink(path, format, ["a"]);
    await again.write([[3]]);
    await again.finish();
    expect([await readBack(path), existsSync(`${path}.part`)]).toEqual([{ a: [3] }, false]);
    await again.discard();
    expect(existsSync(path)).toBe(true);
  },
);

it.each(["csv", "jsonl", "parquet"] as const)(
  "[TB21] a %s file that is begun twice is that of who began last, whole, and the other is told",
  async (format) => {
    const path = pathOf(format);
    const [first, second] = [
      await createRowSink(path, format, ["a"]),
      await createRowSink(path, format, ["a"]),
    ];
    const many = Array.from({ length: 200_000 }, (_, i) => i);
    await expect(first.write([many])).rejects.toThrow("another process has begun to write it");
    await second.write([[1, 2]]);
    await first.discard();
    await second.finish();
    expect(await readBack(path)).toEqual({ a: [1, 2] });
    expect(existsSync(`${path}.part`)).toBe(false);
  },
);

it("[TB21] a place that cannot be written is told with its path", async () => {
  await expect(createRowSink(join(folder, "no", "x.csv"), "csv", ["a"])).rejects.toMatchObject({
    code: "unwritable",
    message: `${join(folder, "no", "x.csv")}: no such file or directory`,
  });
  await expect(createRowSink(folder, "csv", ["a"])).rejects.toThrow("is no ordinary file");
});

it("[TB21] the ending names the format", () => {
  expect(["a.csv", "b.JSONL", "c.parquet", "d.json", "csv"].map(rowFormatOf)).toEqual([
    "csv",
    "jsonl",
    "parquet",
    undefined,
    undefined,
  ]);
});

it("[TB24] a symbolic link stays one, and the file behind it is written and keeps its permissions", async () => {
  const [there, link, second] = [pathOf("csv"), pathOf("csv"), pathOf("csv")];
  writeFileSync(there, "old");
  chmodSync(there, 0o604);
  symlinkSync(there, link);
  symlinkSync(link, second);
  const write = async (path: string, value: number) => {
    const sink = await createRowSink(path, "csv", ["a"]);
    await sink.write([[value]]);
    await sink.finish();
  };
  await write(second, 1);
  expect(lstatSync(second).isSymbolicLink() && lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(there, "utf8")).toBe("a\n1\n");
  expect(statSync(there).mode & 0o777).toBe(0o604);
  await write(there, 2);
  expect(statSync(there).mode & 0o777).toBe(0o604);

  // What the link names need not be there, and the waiting file stands beside it.
  const elsewhere = join(folder, "elsewhere");
  mkdirSync(elsewhere);
  symlinkSync(join("elsewhere", "later.csv"), join(folder, "later.csv"));
  const sink = await createRowSink(join(folder, "later.csv"), "csv", ["a"]);
  expect(readdirSync(elsewhere)).toEqual(["later.csv.part"]);
  await sink.finish();
  expect(readdirSync(elsewhere)).toEqual(["later.csv"]);
  expect(lstatSync(join(folder, "later.csv")).isSymbolicLink()).toBe(true);

  symlinkSync(join(folder, "loop.csv"), join(folder, "loop.csv"));
  await expect(createRowSink(join(folder, "loop.csv"), "csv", ["a"])).rejects.toThrow(
    "too many symbolic links",
  );
});

it.each(["csv", "jsonl", "parquet"] as const)(
  "[TB19] numbers that are not finite read back from %s as #NUM!",
  async (format) => {
    const wrong = errorValue("#NUM!");
    const columns = { a: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1] };
    expect(await readBack(await written(format, columns))).toEqual({ a: [wrong, wrong, wrong, 1] });
  },
);
