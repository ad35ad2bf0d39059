import { mkdtempSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { errorValue, type Scalar, type Table } from "@reckon/value";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import type { RowSource } from "../api.ts";
import { openRows } from "./open-rows.ts";
import { RowTrouble } from "./row-trouble.ts";

const folder = mkdtempSync(join(tmpdir(), "reckon-rows-"));
let files = 0;

function fileOf(ending: string, content: string | Uint8Array): string {
  const path = join(folder, `${files++}.${ending}`);
  writeFileSync(path, content);
  return path;
}

function sqliteOf(statements: string): string {
  const path = join(folder, `${files++}.sqlite`);
  const database = new DatabaseSync(path);
  database.exec(statements);
  database.close();
  return path;
}

function parquetOf(columns: Readonly<Record<string, readonly unknown[]>>, options: object = {}): string {
  const columnData = Object.entries(columns).map(([name, data]) => ({ name, data: [...data] }));
  return fileOf("parquet", new Uint8Array(parquetWriteBuffer({ columnData, ...options })));
}

async function opened(path: string): Promise<RowSource> {
  const rows = await openRows(path, { name: "rows" });
  if ("problem" in rows) throw new Error(rows.problem);
  return rows;
}

async function blocksOf(rows: RowSource, rowsMax?: number, columns?: readonly string[]): Promise<Table[]> {
  const blocks: Table[] = [];
  const options = {
    ...(rowsMax === undefined ? {} : { rowsMax }),
    ...(columns === undefined ? {} : { columns }),
  };
  for await (const block of rows.blocks(options)) blocks.push(block);
  return blocks;
}

async function cellsOf(path: string, rowsMax?: number, columns?: readonly string[]) {
  const rows = await opened(path);
  const blocks = await blocksOf(rows, rowsMax, columns);
  await rows.close();
  return Object.fromEntries(
    (columns ?? rows.columns).map((name, i) => [
      name,
      blocks.flatMap((block) => block.columns[i]?.values as readonly Scalar[]),
    ]),
  );
}

async function problemOf(path: string): Promise<string> {
  const rows = await openRows(path, { name: "rows" });
  if ("problem" in rows) return rows.problem;
  try {
    await blocksOf(rows);
  } catch (cause) {
    return (cause as Error).message;
  } finally {
    await rows.close();
  }
  return "no problem";
}

const columns = { id: ["a", "b", "c"], n: [1, null, -0.5], on: [true, false, null] };
const makers: Readonly<Record<string, () => string>> = {
  csv: () => fileOf("csv", "id,n,on\na,1,TRUE\nb,,FALSE\nc,-0.5,\n"),
  tsv: () => fileOf("TSV", "id\tn\ton\na\t1\tTRUE\nb\t\tFALSE\nc\t-0.5\t\n"),
  "json records": () =>
    fileOf("json", '[{"id":"a","n":1,"on":true},{"id":"b","on":false},{"id":"c","n":-0.5}]'),
  "json columns": () => fileOf("json", JSON.stringify(columns)),
  jsonl: () => fileOf("jsonl", '{"id":"a","n":1,"on":true}\r\n\n{"id":"b","on":false}\n{"id":"c","n":-0.5}'),
  parquet: () => parquetOf(columns),
};

describe("formats", () => {
  it.each(Object.keys(makers))(
    "[TB16] %s gives the same rows, in blocks of any size, as often as asked",
    async (format) => {
      const path = (makers[format] as () => string)();
      const rows = await opened(path);
      expect(rows).toMatchObject({ name: "rows", columns: ["id", "n", "on"] });
      // An empty line counts as well.
      expect(rows.rowsEstimate).toBe(format === "jsonl" ? 4 : 3);
      expect([undefined, 3]).toContain(rows.rows);
      for (const size of [1, 2, 3, 4096]) {
        expect(await cellsOf(path, size)).toEqual(columns);
        expect((await blocksOf(rows, size)).map((block) => block.rows)).toEqual(
          { 1: [1, 1, 1], 2: [2, 1], 3: [3], 4096: [3] }[size],
        );
      }
      expect(await cellsOf(path, 2, ["on", "id"])).toEqual({ on: columns.on, id: columns.id });
      await rows.close();
    },
  );

  it("[TB16] a table of a SQLite file gives its rows, in the order of the rowid or the primary key", async () => {
    const path = sqliteOf(
      `create table one (id text, n real, x any); insert into one (rowid, id, n, x) values (9, 'a', 1.5, 7), (2, 'b', null, 'x');
       create table two (id text primary key, n) without rowid; insert into two values ('z', 1), ('y', 2);
       create view three as select id from two where n > 1;`,
    );
    expect(await cellsOf(`${path}#one`, 1)).toEqual({ id: ["b", "a"], n: [null, 1.5], x: ["x", 7] });
    expect(await cellsOf(`${path}#two`)).toEqual({ id: ["y", "z"], n: [2, 1] });
    expect(await cellsOf(`${path}#three`)).toEqual({ id: ["y"] });
    const rows = await openRows(path, { name: "rows", table: "two" });
    expect(rows).toMatchObject({ rows: 2 });
    // Without an order the only column wanted would come as its index has it.
    const indexed = sqliteOf(
      "create table t (id text, n real); create index i on t (n); insert into t values ('a', 3), ('b', 1), ('c', 2)",
    );
    expect(await cellsOf(`${indexed}#t`, 1, ["n"])).toEqual({ n: [3, 1, 2] });
  });

  it("[TB16] lines are those of the file, or the numbers of rows where it has none", async () => {
    const linesOf = async (path: string) =>
      (await blocksOf(await opened(path))).flatMap(({ lines }) => lines);
    expect(await linesOf(makers.jsonl?.() as string)).toEqual([1, 3, 4]);
    expect(await linesOf(makers.parquet?.() as string)).toEqual([1, 2, 3]);
    const path = sqliteOf("create table t (id); insert into t values (1), (2)");
    expect(await linesOf(`${path}#t`)).toEqual([1, 2]);
  });

  it.each([
    ["xlsx", "", "rows: rows are read from `.csv`, `.tsv`, `.json`, `.jsonl` and `.parquet` files, and from"],
    ["json", "3", "rows: a table is a list of records"],
    ["json", Uint8Array.of(0x22, 0xff, 0x22), "rows: not UTF-8 text"],
    ["parquet", "no", "rows: not Parquet that can be read: "],
    ["sqlite", "no database", "rows: file is not a database"],
    ["csv", "", "rows: the file is empty; its first line must name the columns"],
    ["csv", Uint8Array.of(0x61, 0x0a, 0xff, 0x0a), "rows: not UTF-8 text"],
    ["csv", Uint8Array.of(0x61, 0x0a, 0xe2, 0x82), "rows: not UTF-8 text"],
  ])("[TB16] %s: %j is a problem", async (ending, content, problem) => {
    expect(await problemOf(fileOf(ending, content))).toContain(problem);
  });

  it("[TB16] a file that is not there, a folder and an unknown table are problems", async () => {
    expect(await problemOf(join(folder, "gone.csv"))).toBe("rows: no such file or directory");
    expect(await problemOf(join(folder, "gone.parquet"))).toBe("rows: no such file or directory");
    const path = sqliteOf("create table t (id); create table u (id)");
    expect(await problemOf(`${path}#x`)).toBe("rows: has no table `x`; there are `t`, `u`");
    expect(await problemOf(path)).toBe("rows: tell the table, as in `file.sqlite#table`; there are `t`, `u`");
  });
});

it("[TB16] how many rows a long text has is estimated by its first lines", async () => {
  const path = fileOf("csv", `id,n\n${"abcdefgh,123\n".repeat(100_000)}`);
  const rows = await opened(path);
  expect(rows.rows).toBeUndefined();
  expect(Math.abs(rows.rowsEstimate - 100_000)).toBeLessThan(100);
  expect((await opened(fileOf("csv", "id\ra\rb\r"))).rowsEstimate).toBe(2);
  expect((await opened(fileOf("csv", "id"))).rowsEstimate).toBe(0);
});

it("[TB16] a `.json` file that is too large to be read whole is refused with what to write instead", async () => {
  const path = fileOf("json", "[");
  truncateSync(path, 256 * 1024 * 1024 + 1);
  expect(await problemOf(path)).toContain("and `.json` is read whole: write it as `.jsonl`");
});

it.each(["parquet", "sqlite"])(
  "[TB16] a damaged %s file is a problem, or trouble while it is read",
  async (ending) => {
    const good =
      ending === "parquet"
        ? parquetOf({ id: ["a", "b"], n: [1, 2] })
        : sqliteOf("create table t (id text, n); insert into t values ('a', 1), ('b', 2)");
    const bytes = readFileSync(good);
    // Of Parquet the description at the end.
    const last = ending === "parquet" ? 200 : bytes.length;
    const damage = fc.array(fc.tuple(fc.nat(last - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const damaged = Buffer.from(bytes);
        for (const [at, byte] of changes) damaged[bytes.length - 1 - at] = byte;
        const rows = await openRows(fileOf(ending, damaged), { table: "t" });
        if ("problem" in rows) {
          seen.add("problem");
          return;
        }
        try {
          await blocksOf(rows);
          seen.add("read");
        } catch (cause) {
          expect(cause).toBeInstanceOf(RowTrouble);
        }
        await rows.close();
      }),
      { seed: 316227766, numRuns: 60 },
    );
    expect([...seen].sort()).toEqual(["problem", "read"]);
  },
);

describe("text", () => {
  it("[TB15] letters of several bytes that two pieces share are whole, and a mark at the start is skipped", async () => {
    const long = "é€😀".repeat(60_000);
    const path = fileOf("csv", `\uFEFFa,b\n${long},1\nx${long},2\n`);
    expect(await cellsOf(path)).toEqual({ a: [long, `x${long}`], b: [1, 2] });
  });
});

describe("JSON lines", () => {
  it.each([
    ["half a record", '{"a": 1}\n{"a": 2\n', "rows:2: not JSON: "],
    ["a list", '{"a": 1}\n[2]\n', "rows:2: a line is a record"],
    [
      "a cell that is none",
      '{"a": 1}\n\n{"a": [2]}\n',
      "rows:3: `a` is neither a number, a text, a boolean, null nor",
    ],
    ["a key without a name", '{"": 1}\n', "rows: column 1 has no name"],
    ["an empty file", "\n\n", "rows: the file is empty; its first lines must name the columns"],
    [
      "a key that comes late",
      `${'{"a": 1}\n'.repeat(1000)}{"b": 1}\n`,
      "rows:1001: `b` is in none of the first 1000 records, which name the columns",
    ],
  ])("[TB17] %s is a problem with its line", async (_, text, problem) => {
    expect(await problemOf(fileOf("jsonl", text))).toContain(problem);
  });

  it("[TB17] the keys of the first 1,000 records are the columns, in the order of their first appearance", async () => {
    const path = fileOf(
      "jsonl",
      `{"b": 1}\n${'{"a": 2}\n'.repeat(998)}{"c": {"error": "#N/A"}, "b": 3}\n{"__proto__": 1}\n`,
    );
    const rows = await opened(path);
    expect(rows.columns).toEqual(["b", "a", "c"]);
    const first = fileOf("jsonl", '{"b": 1}\n{"c": {"error": "#N/A"}, "b": 3}\n');
    expect(await cellsOf(first)).toEqual({ b: [1, 3], c: [null, errorValue("#N/A")] });
  });
});

describe("Parquet and SQLite cells", () => {
  it("[TB18] whole numbers beyond a double are texts, dates are texts, what is not finite is #NUM!", async () => {
    const path = parquetOf({
      whole: [5n, 9007199254740993n, -(2n ** 60n)],
      n: [Number.NaN, Number.POSITIVE_INFINITY, 0.1],
      at: [new Date("2026-01-31T10:00:00Z"), null, new Date(0)],
    });
    expect(await cellsOf(path)).toEqual({
      whole: [5, "9007199254740993", "-1152921504606846976"],
      n: [errorValue("#NUM!"), errorValue("#NUM!"), 0.1],
      at: ["2026-01-31T10:00:00.000Z", null, "1970-01-01T00:00:00.000Z"],
    });
    const schema = [
      { name: "root", num_children: 1 },
      { name: "day", type: "INT32", converted_type: "DATE", repetition_type: "OPTIONAL" },
    ];
    expect(await cellsOf(parquetOf({ day: [new Date("2026-01-31"), null] }, { schema }))).toEqual({
      day: ["2026-01-31", null],
    });
    const sqlite = sqliteOf("create table t (n); insert into t values (9007199254740993), (3), (9e999)");
    expect(await cellsOf(`${sqlite}#t`)).toEqual({ n: ["9007199254740993", 3, errorValue("#NUM!")] });
  });

  it("[TB18] cells that are lists, records or bytes are a problem where the column is wanted", async () => {
    const path = parquetOf({ id: ["a", "b"], list: [[1, 2], [3]] });
    expect(await cellsOf(path, 1, ["id"])).toEqual({ id: ["a", "b"] });
    expect(await problemOf(path)).toBe(
      "rows: the cells of `list` are neither numbers, texts, booleans nor dates",
    );
    const sqlite = sqliteOf("create table t (id, b); insert into t values ('a', x'00')");
    expect(await problemOf(`${sqlite}#t`)).toBe("rows:1: `b` holds bytes");
  });

  it.each([
    ["GZIP", gzipSync],
    ["ZSTD", zstdCompressSync],
    ["UNCOMPRESSED", undefined],
  ] as const)(
    "[TB18] Parquet with %s, of several row groups, with and without pages, is read",
    async (codec, compress) => {
      const n = Array.from({ length: 2500 }, (_, i) => i / 3);
      const id = n.map((_, i) => `p${i % 7}`);
      for (const offsetIndex of [true, false]) {
        const columnData = Object.entries({ id, n }).map(([name, data]) => ({ name, data, offsetIndex }));
        const compressors = compress === undefined ? {} : { [codec]: (bytes: Uint8Array) => compress(bytes) };
        const bytes = parquetWriteBuffer({ columnData, codec, compressors, rowGroupSize: 1000 });
        expect(await cellsOf(fileOf("parquet", new Uint8Array(bytes)), 300)).toEqual({ id, n });
      }
    },
  );
});

it("[TB22] whole numbers of JSON beyond 2^53 are texts, in lines and in files read whole", async () => {
  const records = [
    '{"id":12345678901234567890,"x":9007199254740991}',
    '{"id":12345678901234567891,"x":-9007199254740993}',
    '{"id":"9007199254740993","x":0.12345678901234567890}',
    '{"id":9007199254740993.0,"x":12345678901234567890e0}',
    '{"id":1,"x":{"error":"#N/A"}}',
  ];
  const expected = [
    ["12345678901234567890", "12345678901234567891", "9007199254740993", 9007199254740992, 1],
    [9007199254740991, "-9007199254740993", 0.12345678901234568, 12345678901234567000, errorValue("#N/A")],
  ];
  const columnsOf = async (path: string) => {
    const rows = await opened(path);
    const found = rows.columns.map((): Scalar[] => []);
    for await (const { columns } of rows.blocks())
      for (const [i, { values }] of columns.entries()) found[i]?.push(...values);
    return found;
  };
  expect(await columnsOf(fileOf("jsonl", records.join("\n")))).toEqual(expected);
  expect(await columnsOf(fileOf("json", `[${records.join(",\n")}]`))).toEqual(expected);
});

describe("rows that never end", () => {
  const long = "x".repeat(16 * 1024 * 1024);
  const tooLong = "longer than 16 MB, which no row is: a line end or a closing quote may be missing";
  const readAll = async (path: string): Promise<Scalar[]> => {
    const rows = await opened(path);
    const found: Scalar[] = [];
    for await (const { columns } of rows.blocks()) found.push(...(columns[0]?.values ?? []));
    return found;
  };

  it("[TB23] are told with the line that they begin on, in text, in quotes and as JSON", async () => {
    await expect(readAll(fileOf("csv", `a\n1\n${long}xx`))).rejects.toThrow(`rows:3: ${tooLong}`);
    await expect(readAll(fileOf("csv", `a\n1\n"b\n${long}xx"\n`))).rejects.toThrow(tooLong);
    await expect(readAll(fileOf("jsonl", `{"a":1}\n{"a":"${long}xx"}`))).rejects.toThrow(
      `rows:2: ${tooLong}`,
    );
    const zeros = fileOf("csv", "");
    truncateSync(zeros, 300_000_000);
    expect(await openRows(zeros, { name: "rows" })).toEqual({ problem: `rows:1: ${tooLong}`, line: 1 });
  });

  it("[TB23] and those that are shorter are read, however many pieces they come in", async () => {
    const cell = "x".repeat(3_000_000);
    for (const end of ["\n", "\r", "\r\n"]) {
      const found = await readAll(fileOf("csv", `a${end}${cell}${end}1${end}${cell}`));
      expect(found.map((value) => String(value).length)).toEqual([3_000_000, 1, 3_000_000]);
    }
    const lines = `{"a":"${cell}"}\n{"a":1}\n{"a":"${cell}"}`;
    expect((await readAll(fileOf("jsonl", lines))).map((value) => String(value).length)).toEqual([
      3_000_000, 1, 3_000_000,
    ]);
  });
});
