import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Canonical } from "@reckon/value";
import { afterAll, describe, expect, it } from "vitest";
import type { CacheStore, MemoStoreOptions } from "./api.ts";
import { keyOf, rowOf } from "./fixtures/cells.ts";
import { temporaryFolder } from "./fixtures/folder.ts";
import { createMemoStore } from "./memo-store.ts";

const folder = temporaryFolder(afterAll);
let files = 0;
const costMs = 60_000;
const parts = { formula: "f1", shape: [1, 1], price: 1, demand: 2 } as const;
const keyWith = (changes: Readonly<Record<string, Canonical>>): ReturnType<typeof keyOf> =>
  keyOf("shop.revenue", { ...parts, ...changes });

function open(path: string, options: Partial<MemoStoreOptions> = {}): CacheStore {
  return createMemoStore({
    disk: { path, bytesMax: 1e9 },
    settings: { seed: 1 },
    now: () => 1234,
    ...options,
  });
}

/** What another process says after one that looked up `changes` when `parts` was kept. */
async function whyAfter(
  changes: Readonly<Record<string, Canonical>>,
  settings: MemoStoreOptions["settings"] = { seed: 1 },
): Promise<ReturnType<CacheStore["whyMiss"]>> {
  const path = join(folder, `reckon-${++files}.sqlite`);
  const first = open(path);
  await first.get(keyWith({}));
  await first.put(keyWith({}), rowOf(1), costMs);
  await first.close();
  const second = open(path, { settings });
  expect(await second.get(keyWith(changes))).toBeUndefined();
  await second.close();
  const third = open(path);
  const record = third.whyMiss("shop.revenue");
  await third.close();
  return record;
}

describe("why a look-up found nothing", () => {
  it.each([
    ["the formula", { formula: "f2" }, ["formula"]],
    ["the shape", { shape: [1, 2] }, ["shape"]],
    ["an input", { price: -0 }, ["price"]],
    ["two inputs", { price: 9, demand: null }, ["price", "demand"]],
    ["an input that was not read before", { tax: 1 }, ["tax"]],
  ])("[ME21] %s differs, also when another process asks", async (_, changes, expected) => {
    const record = await whyAfter(changes as Readonly<Record<string, Canonical>>);
    expect(record).toMatchObject({
      name: "shop.revenue",
      at: 1234,
      reason: { kind: "differs", parts: expected },
      isKeptNow: false,
    });
    expect(record?.text).toBe(`When shop.revenue was kept last, these were others: ${expected.join(", ")}.`);
  });

  it("[ME21] the settings differ", async () => {
    expect((await whyAfter({}, { seed: 2 }))?.reason).toEqual({ kind: "differs", parts: ["settings"] });
  });

  it("[ME21] nothing was ever kept, and why", async () => {
    const store = open(join(folder, `reckon-${++files}.sqlite`));
    expect(store.whyMiss("shop.revenue")).toBeUndefined();
    await store.get(keyWith({}));
    expect(store.whyMiss("shop.revenue")).toMatchObject({
      reason: { kind: "never-kept", because: undefined },
      text: "Nothing of shop.revenue was kept before.",
    });
    await store.put(keyWith({}), rowOf(1), 1e-6);
    expect(store.whyMiss("shop.revenue")?.reason).toEqual({ kind: "never-kept", because: "too-cheap" });
    store.notKept("shop.revenue", "volatile");
    expect(store.whyMiss("shop.revenue")?.reason).toEqual({ kind: "never-kept", because: "volatile" });
    await store.close();
  });

  it("[ME21] the last names that were missed are known, also to another process", async () => {
    const path = join(folder, `reckon-${++files}.sqlite`);
    const store = open(path);
    for (const name of ["a", "b", "c"]) await store.get(keyOf(name, {}));
    await store.put(keyOf("d", {}), rowOf(1), costMs);
    await store.close();
    const other = open(path);
    expect(other.misses(3).map(({ name }) => name)).toEqual(["c", "b"]);
    await other.close();
  });

  it("[ME21] it has been kept since", async () => {
    const store = open(join(folder, `reckon-${++files}.sqlite`));
    await store.get(keyWith({}));
    await store.put(keyWith({}), rowOf(1), costMs);
    expect(store.whyMiss("shop.revenue")).toMatchObject({
      reason: { kind: "never-kept" },
      isKeptNow: true,
      text: "Nothing of shop.revenue was kept before. It has been kept since.",
    });
    await store.close();
  });

  it("[ME21] the very result was there, and was evicted", async () => {
    const path = join(folder, `reckon-${++files}.sqlite`);
    let at = 0;
    const store = open(path, { disk: { path, bytesMax: 6000 }, now: () => at++ });
    await store.get(keyWith({}));
    await store.put(keyWith({}), rowOf(...new Array(500).keys()), costMs);
    await store.flush();
    await store.put(keyOf("another", {}), rowOf(...new Array(500).keys()), costMs);
    await store.flush();
    await store.get(keyWith({}));
    expect(store.whyMiss("shop.revenue")).toMatchObject({ reason: { kind: "gone" }, isKeptNow: false });
    await store.close();
  });

  it("[ME21] without a disk it is known as long as the process lives; of many parts the rest counts as one", async () => {
    let at = 0;
    const store = createMemoStore({ memory: { bytesMax: 1e8 }, settings: null, now: () => at++ });
    const many = (last: number): ReturnType<typeof keyOf> =>
      keyOf(
        "wide",
        Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`x${i}`, i === 299 ? last : i])),
      );
    await store.get(many(1));
    await store.put(many(1), rowOf(1), costMs);
    await store.get(keyOf("narrow", {}));
    await store.get(many(2));
    expect(store.misses(9).map(({ name }) => name)).toEqual(["wide", "narrow"]);
    expect(store.misses(1)).toHaveLength(1);
    expect(store.whyMiss("wide")?.reason).toEqual({ kind: "differs", parts: ["the other 100"] });
    await store.close();
  });
});

it.each([
  "null",
  "5",
  "[]x",
  '"a"',
  '{"missed":1}',
  '{"kept":{}}',
  '{"missed":{"key":"a","at":1,"environment":[],"parts":[1]}}',
  '{"because":"odd"}',
])("[ME21] a damaged record is none: %s", async (record) => {
  const path = join(folder, `reckon-${++files}.sqlite`);
  const first = open(path);
  await first.get(keyWith({}));
  await first.close();
  const database = new DatabaseSync(path);
  database.prepare("UPDATE names SET record = ?").run(record);
  database.close();
  const second = open(path);
  expect(second.whyMiss("shop.revenue")).toBeUndefined();
  expect(await second.get(keyWith({}))).toBeUndefined();
  expect(second.whyMiss("shop.revenue")?.text).toBe("Nothing of shop.revenue was kept before.");
  await second.close();
});
