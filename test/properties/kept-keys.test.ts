/**
 * What a kept result is found by, through the whole path from a model's text to the store and back: one other byte of
 * anything that counts is a miss and gives the right value; names and orders that do not count are a hit.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type CacheStore, createMemoStore } from "@reckon/cache";
import { createRuntime, loadSheet, type Runtime } from "@reckon/host";
import { openSheet } from "@reckon/sheet";
import { isErrorValue, type Scalar } from "@reckon/value";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { exactly } from "./exact-cells.ts";
import { unlike } from "./heavy-world.ts";

vi.mock("../../packages/host/src/import-module.ts", () => import("./node-import.ts"));

const folders: string[] = [];
let folder: string;
let store: CacheStore;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "reckon-keys-")));
  folders.push(folder);
  const disk = { path: join(folder, "reckon-keys.sqlite"), bytesMax: 1e9 };
  store = createMemoStore({ memory: { bytesMax: 1e8 }, disk, settings: {} });
});
afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true, force: true });
});

type Files = Readonly<Record<string, string>>;

function write(files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

interface Ran {
  readonly cells: Readonly<Record<string, readonly string[]>>;
  /** Names of what was computed, and so put. */
  readonly put: readonly string[];
  readonly hits: number;
}

/** Opens the model over the store, as if all of it were worth keeping; or without any store. */
async function ran(files: Files, isKept = true): Promise<Ran> {
  write(files);
  const runtime = createRuntime({ threads: 0, cache: "off", cacheFolder: folder });
  const put: string[] = [];
  let hits = 0;
  const memoStore = {
    get: async (key: Parameters<CacheStore["get"]>[0]) => {
      const found = await store.get(key);
      if (found !== undefined) hits++;
      return found;
    },
    put: (...[key, column]: Parameters<CacheStore["put"]>) => {
      // Errors are offered to nobody.
      for (let i = 0; i < column.length; i++) expect(isErrorValue(column.get(i))).toBe(false);
      put.push(key.name);
      return store.put(key, column, 60_000);
    },
    lookUpMs: () => 0,
  };
  const used = Object.create(runtime, { memoStore: { value: isKept ? memoStore : undefined } }) as Runtime;
  const loaded = await loadSheet({ model: join(folder, "m.reckon"), allowModules: true, runtime: used });
  if (!loaded.ok) throw new Error(loaded.problem ?? loaded.diagnostics.map(loaded.render).join("\n"));
  const { sheet } = loaded;
  await sheet.settled();
  const cells: Record<string, string[]> = {};
  for (const id of sheet.model.attributes.keys()) {
    const column = sheet.column(id);
    cells[id] = Array.from({ length: column.length }, (_, i) => exactly(column.get(i)));
  }
  loaded.dispose();
  await runtime.close();
  return { cells, put, hits };
}

const first: Files = {
  "m.reckon": `model m
use "f.ts" as f
axis item = table("t.csv", key item)
time month 2026-01..2026-03
block b by item
  input x = { a: 1, b: 2, c: 3 }
  input word: text = "abc"
  plain = x * 2 + item.price  heavy
  label = MEMBER_INDEX(item) & MEMBER(item)  heavy
  called = f.f(x) + 1  heavy
  texts = LEN(word) + x  heavy
block m by month
  date = PERIOD_LABEL() & "!"  heavy
`,
  "f.ts": 'import { g } from "./lib/g.ts"; export const f = (x: number): number => g(x);',
  "lib/g.ts": 'import { h } from "./h.ts"; export const g = (x: number): number => h(x) + 1;',
  "lib/h.ts": "export const h = (x: number): number => x * 10;",
  "t.csv": "item,price\na,10\nb,20\nc,30\n",
};

interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly more?: Files;
  /** What is computed anew. */
  readonly put: readonly string[];
}

function changed({ file, from, to, more }: Change): Files {
  const text = first[file] as string;
  if (!text.includes(from)) throw new Error(`${file} holds no ${from}`);
  return { ...first, ...more, [file]: text.replace(from, to) };
}

describe("a kept result", () => {
  it.each<[string, Change]>([
    [
      "an input",
      {
        file: "m.reckon",
        from: "b: 2,",
        to: "b: 2.0000000000000004,",
        put: ["b.plain", "b.called", "b.texts"],
      },
    ],
    [
      "the sign of a zero",
      { file: "m.reckon", from: "b: 2,", to: "b: -0,", put: ["b.plain", "b.called", "b.texts"] },
    ],
    ["a constant of a formula", { file: "m.reckon", from: "x * 2", to: "x * 3", put: ["b.plain"] }],
    [
      "the sign of a zero in a formula",
      { file: "m.reckon", from: "x * 2 + item.price", to: "x * -0", put: ["b.plain"] },
    ],
    ["a text by one letter", { file: "m.reckon", from: '"abc"', to: '"abcd"', put: ["b.texts"] }],
    ["a cell of a table", { file: "t.csv", from: "b,20", to: "b,21", put: ["b.plain"] }],
    [
      "a label that counts",
      {
        file: "t.csv",
        from: "b,20",
        to: "d,20",
        more: { "m.reckon": (first["m.reckon"] as string).replace("b: 2,", "d: 2,") },
        put: ["b.label"],
      },
    ],
    [
      "a period that counts",
      { file: "m.reckon", from: "2026-01..2026-03", to: "2026-02..2026-04", put: ["m.date"] },
    ],
    ["the function", { file: "f.ts", from: "g(x);", to: "g(x) * 1;", put: ["b.called"] }],
    ["a helper", { file: "lib/g.ts", from: "+ 1", to: "+ 2", put: ["b.called"] }],
    ["a helper two imports away", { file: "lib/h.ts", from: "x * 10", to: "x * 11", put: ["b.called"] }],
    ["a comment there", { file: "lib/h.ts", from: "x * 10", to: "x * 10 /**/", put: ["b.called"] }],
  ])(
    "[EX7] [PL8] [MO1] [ME3] is not found when %s changes, nor any other computed anew",
    async (_what, change) => {
      const start = first["m.reckon"]?.replaceAll("b: 2,", "b: 0,") as string;
      const from = change.to === "b: -0," ? { ...first, "m.reckon": start } : first;
      await ran(from);
      const files = changed(change);
      const after = await ran(files);
      expect(after.cells).toEqual((await ran(files, false)).cells);
      // The calls of a formula are kept under its name as well.
      expect([...new Set(after.put)].toSorted()).toEqual(change.put.toSorted());
      const again = await ran(files);
      expect([again.put, again.cells]).toEqual([[], after.cells]);
      await store.close();
    },
  );

  const model = first["m.reckon"] as string;
  it.each<[string, Files]>([
    [
      "attributes have other names",
      {
        "m.reckon": model
          .replaceAll("plain", "simple")
          .replaceAll(/\bx\b(?! \*)/g, "amount")
          .replaceAll("x *", "amount *"),
      },
    ],
    [
      "blocks have other names",
      { "m.reckon": model.replace("block b", "block other").replace("block m ", "block months ") },
    ],
    [
      "definitions come in another order",
      { "m.reckon": model.replace(/( {2}plain.*\n)([\s\S]*)(block m)/, "$2$1$3") },
    ],
    [
      "the module has another name in the model",
      { "m.reckon": model.replace("as f", "as fn").replace("f.f(x)", "fn.f(x)") },
    ],
    ["there are comments", { "m.reckon": model.replaceAll("  heavy", "  heavy  # costs a lot") }],
  ])("[EX7] [PL8] [ME3] is found when %s", async (_what, files) => {
    const before = await ran(first);
    const after = await ran({ ...first, ...files });
    expect(after.put).toEqual([]);
    expect(after.hits).toBe(before.put.length);
    expect(Object.values(after.cells).flat().toSorted()).toEqual(
      Object.values(before.cells).flat().toSorted(),
    );
    await store.close();
  });

  it("[EX7] [PL8] is found for members in another order, where no label is read", async () => {
    const rows = { "t.csv": "item,price\nb,10\nd,20\ne,30\n" };
    const plain = model.replace("{ a: 1, b: 2, c: 3 }", "{ b: 1, d: 2, e: 3 }");
    await ran(first);
    expect((await ran({ ...first, ...rows, "m.reckon": plain })).put).toEqual(["b.label"]);
    await store.close();
  });

  it("[EX7] [ME1] [ME5] no two values are taken for each other, there and back", async () => {
    const values: readonly Scalar[] = [
      ...[
        0,
        -0,
        5e-324,
        -5e-324,
        0.1,
        0.1 + 2 ** -56,
        1,
        1 + 2 ** -52,
        1.7976931348623157e308,
        -1.7976931348623157e308,
      ],
      ...[9007199254740991, 9007199254740992, true, false, "", " ", "0", "-0", "1", "TRUE", "blank", "null"],
      ...[
        "\ud800",
        "\udc00",
        "\ufffd",
        "\ud800\udc00",
        "\udc00\ud800",
        "\u0000",
        "\u0000\u0000",
        "é",
        "e\u0301",
        "a",
        "A",
      ],
    ];
    const functions = {
      value: (i: Scalar): Scalar => values[i as number] as Scalar,
      show: (x: Scalar): Scalar => `${typeof x} ${Object.is(x, -0)} ${exactly(x)}`,
    };
    const text = `model m
use "f.ts" as f
block b
  input i = 0
  v = f.value(i)
  same = v  heavy
  kind = IF(ISBLANK(v), "blank", IF(ISTEXT(v), "t" & LEN(v), IF(ISLOGICAL(v), "l", "n")))  heavy
  joined = v & "|" & v  heavy
  shown = f.show(same)
`;
    const source = { source: "m.reckon", text };
    const host = { table: () => ({ problem: "none" }), module: () => functions };
    for (const pass of ["computed", "found"]) {
      const put: string[] = [];
      const memoStore = {
        get: store.get,
        put: (...[key, column]: Parameters<CacheStore["put"]>) => {
          put.push(key.name);
          return store.put(key, column, 60_000);
        },
      };
      const [plain, kept] = [
        openSheet({ model: source, host }),
        openSheet({ model: source, host: { ...host, memoStore } }),
      ];
      if (!plain.ok || !kept.ok) throw new Error("it does not open");
      for (const i of values.keys()) {
        for (const { value: sheet } of [plain, kept]) sheet.set("b.i", i);
        await kept.value.settled();
        expect(unlike(kept.value, plain.value), `${pass} ${i}`).toEqual([]);
        expect(exactly(kept.value.get("b.v"))).toBe(exactly(values[i] as Scalar));
      }
      // All of them, each once; the other time none, from the file alone.
      expect(put.filter((name) => name === "b.same")).toHaveLength(pass === "computed" ? values.length : 0);
      await store.close();
      store = createMemoStore({
        disk: { path: join(folder, "reckon-keys.sqlite"), bytesMax: 1e9 },
        settings: {},
      });
    }
    await store.close();
  });
});
