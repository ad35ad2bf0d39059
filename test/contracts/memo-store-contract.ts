/**
 * What every `MemoStore` must do. A store's own test calls this with a way to make an empty one.
 *
 * Costs are given as a minute, so that no store finds a result too cheap to keep.
 */
import type { MemoKey, MemoStore } from "@reckon/engine";
import {
  type Canonical,
  Column,
  columnFrom,
  encodeCanonical,
  errorValue,
  markFirstError,
  type Scalar,
  sameColumn,
} from "@reckon/value";
import { expect, it } from "vitest";

/** A store, and how to end it, if it has to be. */
export interface StoreUnderTest {
  readonly store: MemoStore;
  readonly close?: () => Promise<void>;
}

const costMs = 60_000;
const cell = { outer: 1, periods: 1 };
const mixed = columnFrom({ outer: 2, periods: 3 }, [1.5, -0, "text", true, false, null]);
const numbers = columnFrom({ outer: 1, periods: 2 }, [Math.PI, Number.MIN_VALUE]);

/** A key of one part. */
function keyOf(content: Canonical, name = "node"): MemoKey {
  return { name, parts: [{ name: "formula", bytes: encodeCanonical(content) }] };
}

const isSame = (a: Column | undefined, b: Column): boolean => a !== undefined && sameColumn(a, b);

function gathered(list: readonly Scalar[]): Column {
  return columnFrom({ outer: 1, periods: list.length }, list);
}

type Create = () => StoreUnderTest | Promise<StoreUnderTest>;

export function memoStoreContract(name: string, create: Create): void {
  const test = (title: string, body: (store: MemoStore) => Promise<void>): void => {
    it(`${name} ${title}`, async () => {
      const { store, close } = await create();
      try {
        await body(store);
      } finally {
        await close?.();
      }
    });
  };
  gives(test);
  keepsApart(test);
  standsLoad(test, name, create);
}

type Test = (title: string, body: (store: MemoStore) => Promise<void>) => void;

function gives(test: Test): void {
  test("knows nothing at first", async (store) => {
    expect(await store.get(keyOf("key"))).toBeUndefined();
  });

  test("gives back what was put, every kind of cell and every bit", async (store) => {
    await store.put(keyOf("mixed"), mixed, costMs);
    await store.put(keyOf("numbers"), numbers, costMs);
    expect(isSame(await store.get(keyOf("mixed")), mixed)).toBe(true);
    expect(isSame(await store.get(keyOf("numbers")), numbers)).toBe(true);
    expect(await store.get(keyOf("other"))).toBeUndefined();
  });

  const extremes: [string, readonly Scalar[]][] = [
    ["a negative zero", [-0]],
    ["zeros of both signs", [0, -0, 0]],
    ["one number in all cells", [0.1, 0.1, 0.1]],
    ["the ends of the numbers", [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, Number.EPSILON]],
    ["blanks", [null, null]],
    ["a blank among numbers", [1, null, 2]],
    ["booleans", [true, false]],
    ["no text, and a text of nothing", ["", null, "", 0]],
    ["texts that repeat", ["a", "b", "a", "é", "日本", "b"]],
    ["lone surrogates and what stands for them", ["\ud800", "\udc00", "\ufffd", "\udc00\ud800", "\u0000"]],
    ["a long text", ["x".repeat(100_000), `${"ж".repeat(30_000)}\ud800`]],
  ];
  for (const [title, cells] of extremes) {
    test(`gives back ${title}`, async (store) => {
      await store.put(keyOf(title), gathered(cells), costMs);
      const found = (await store.get(keyOf(title))) as Column;
      expect(Array.from(cells, (_, i) => found.get(i))).toEqual(cells);
      expect(isSame(found, gathered(cells))).toBe(true);
    });
  }

  test("gives back columns without a cell", async (store) => {
    const none = new Column({ outer: 0, periods: 12 });
    await store.put(keyOf("none"), none, costMs);
    expect(isSame(await store.get(keyOf("none")), none)).toBe(true);
  });

  test("gives back a large column", async (store) => {
    const large = new Column({ outer: 100, periods: 1000 });
    for (let i = 0; i < large.length; i++) large.set(i, Math.sin(i));
    large.set(77_777, "here");
    await store.put(keyOf("large"), large, costMs);
    expect(isSame(await store.get(keyOf("large")), large)).toBe(true);
  });

  test("takes the later of two columns under one key", async (store) => {
    await store.put(keyOf("key"), numbers, costMs);
    await store.put(keyOf("key"), mixed, costMs);
    expect(isSame(await store.get(keyOf("key")), mixed)).toBe(true);
    await store.put(keyOf("key"), numbers, costMs);
    expect(isSame(await store.get(keyOf("key")), numbers)).toBe(true);
  });

  test("never gives back an error", async (store) => {
    const wrong = columnFrom({ outer: 1, periods: 2 }, [1, errorValue("#N/A")]);
    await store.put(keyOf("wrong"), wrong, costMs);
    const found = await store.get(keyOf("wrong"));
    expect(found?.marks?.some((mark) => mark >= markFirstError) ?? false).toBe(false);
  });
}

function keepsApart(test: Test): void {
  test("tells long and odd keys apart", async (store) => {
    const keys = ["", "\u0000", "\ud800", "\ufffd", "a".repeat(100_000), `${"a".repeat(99_999)}b`];
    for (const [i, key] of keys.entries()) await store.put(keyOf(key), columnFrom(cell, [i]), costMs);
    const found = await Promise.all(keys.map(async (key) => (await store.get(keyOf(key)))?.get(0)));
    expect(found).toEqual(keys.map((_, i) => i));
  });

  test("tells values apart that look alike", async (store) => {
    const alike: Canonical[] = [
      0,
      -0,
      null,
      "",
      false,
      [],
      {},
      "0",
      [0],
      [null],
      [[]],
      "null",
      "\ud800",
      "\udc00",
    ];
    const columns = [
      columnFrom({ outer: 1, periods: 2 }, [1, null]),
      columnFrom({ outer: 1, periods: 2 }, [1, 0]),
      columnFrom({ outer: 2, periods: 1 }, [1, 0]),
      columnFrom({ outer: 1, periods: 2 }, [1, -0]),
    ];
    const keys = [...alike, ...columns].map((content) => keyOf(content));
    for (const [i, key] of keys.entries()) await store.put(key, columnFrom(cell, [i]), costMs);
    for (const [i, key] of keys.entries()) expect((await store.get(key))?.get(0)).toBe(i);
  });

  test("tells the places of parts apart, and not their names", async (store) => {
    const [a, b] = [encodeCanonical("a"), encodeCanonical("b")];
    const parts = (...list: Uint8Array[]): MemoKey["parts"] =>
      list.map((bytes, i) => ({ name: `part ${i}`, bytes }));
    const renamed = parts(a, b).map((part) => ({ ...part, name: "other" }));
    await store.put({ name: "n", parts: parts(a, b) }, numbers, costMs);
    expect(isSame(await store.get({ name: "another", parts: renamed }), numbers)).toBe(true);
    for (const other of [parts(b, a), parts(a), parts(a, b, b), parts(Uint8Array.from([...a, ...b]))]) {
      expect(await store.get({ name: "n", parts: other })).toBeUndefined();
    }
  });
}

function standsLoad(test: Test, name: string, create: Create): void {
  test("answers many at once, each its own", async (store) => {
    const keys = Array.from({ length: 500 }, (_, i) => keyOf(["many", i]));
    await Promise.all(keys.map((key, i) => store.put(key, columnFrom(cell, [i]), costMs)));
    const found = await Promise.all(keys.map((key) => store.get(key)));
    expect(found.map((column) => column?.get(0))).toEqual(keys.map((_, i) => i));
    const misses = await Promise.all(keys.map((_, i) => store.get(keyOf(["others", i]))));
    expect(misses.every((column) => column === undefined)).toBe(true);
  });

  it(`${name} is closed while it is busy, and once more`, async () => {
    const { store, close } = await create();
    const keys = Array.from({ length: 100 }, (_, i) => keyOf(["busy", i]));
    await Promise.all(keys.slice(0, 50).map((key) => store.put(key, numbers, costMs)));
    const answers = keys.map((key) => store.get(key));
    const closed = close?.();
    for (const column of await Promise.all(answers)) {
      expect(column === undefined || sameColumn(column, numbers)).toBe(true);
    }
    await closed;
    await close?.();
    if (close !== undefined) expect(await store.get(keyOf("busy"))).toBeUndefined();
  });
}
