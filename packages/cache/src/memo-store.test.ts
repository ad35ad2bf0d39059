import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Canonical, type Column, errorValue } from "@reckon/value";
import { afterAll, describe, expect, it } from "vitest";
import type { CacheNotice, CacheStore, MemoStoreOptions } from "./api.ts";
import { keyOf, rowOf } from "./fixtures/cells.ts";
import { temporaryFolder } from "./fixtures/folder.ts";
import { loadHash64 } from "./hash64.ts";
import { createMemoStore } from "./memo-store.ts";

const folder = temporaryFolder(afterAll);
let files = 0;
const freshPath = (): string => join(folder, `reckon-${++files}.sqlite`);
const memory = { bytesMax: 1e8 };
const costMs = 60_000;

async function opened(
  options: Partial<MemoStoreOptions>,
): Promise<{ store: CacheStore; notices: CacheNotice[] }> {
  await loadHash64();
  const notices: CacheNotice[] = [];
  const store = createMemoStore({
    settings: { seed: 1 },
    onNotice: (notice) => notices.push(notice),
    ...options,
  });
  return { store, notices };
}

const x = keyOf("a.x", { formula: "f", price: 1 });
const cellOf = async (store: CacheStore, key = x): Promise<unknown> => (await store.get(key))?.get(0);

describe("tiers", () => {
  it("[ME7] memory answers before the disk, and what the disk answers is in memory afterwards", async () => {
    const path = freshPath();
    const first = (await opened({ memory, disk: { path, bytesMax: 1e9 } })).store;
    expect(await cellOf(first)).toBeUndefined();
    await first.put(x, rowOf(7), costMs);
    expect(await cellOf(first)).toBe(7);
    expect(first.stats()).toMatchObject({
      memory: { entries: 1, hits: 1, misses: 1, puts: 1 },
      disk: { hits: 0, misses: 1, puts: 1 },
    });
    await first.close();
    const second = (await opened({ memory, disk: { path, bytesMax: 1e9 } })).store;
    expect([await cellOf(second), await cellOf(second)]).toEqual([7, 7]);
    expect(second.stats()).toMatchObject({ memory: { hits: 1, misses: 1 }, disk: { hits: 1, misses: 0 } });
    expect(second.stats().disk?.savedMs).toBeGreaterThan(costMs - 100);
    await second.close();
  });

  it("[ME7] memory and disk answer at once, many in one go as well", async () => {
    const { store } = await opened({ memory, disk: { path: freshPath(), bytesMax: 1e9 } });
    void store.put(x, rowOf(7), costMs);
    const y = keyOf("a.y", {});
    expect((store.get(x) as Column).get(0)).toBe(7);
    const many = store.getMany([y, x]) as readonly (Column | undefined)[];
    expect(many.map((column) => column?.get(0))).toEqual([undefined, 7]);
    store.putMany([{ key: y, column: rowOf(8), costMs }]);
    expect((store.get(y) as Column).get(0)).toBe(8);
    await store.close();
  });

  it("[ME9] what memory answers counts as used on the disk too", async () => {
    let ms = 1_700_000_000_000;
    const options = { disk: { path: freshPath(), bytesMax: 10_000 }, now: () => ms };
    const { store } = await opened({ memory, ...options });
    const large = rowOf(...new Array(500).keys());
    const keys = ["hot", "cold", "later"].map((name) => keyOf(name, { name }));
    for (const key of keys.slice(0, 2)) {
      await store.put(key, large, costMs);
      await store.flush();
      ms += 1000;
    }
    ms += 3_600_000;
    await store.get(keys[0] as typeof x);
    ms += 1000;
    await store.put(keys[2] as typeof x, large, costMs);
    await store.close();
    const other = (await opened(options)).store;
    const found = keys.map((key) => (other.get(key) as Column | undefined)?.get(1));
    expect(found).toEqual([1, undefined, 1]);
    await other.close();
  });

  it("[ME3] other settings find nothing, the same in another order everything", async () => {
    const disk = { path: freshPath(), bytesMax: 1e9 };
    const put = async (settings: Canonical): Promise<unknown> => {
      const { store } = await opened({ disk, settings: settings as MemoStoreOptions["settings"] });
      const found = await cellOf(store);
      await store.put(x, rowOf(7), costMs);
      await store.close();
      return found;
    };
    expect(await put({ seed: 1, tolerance: 2 })).toBeUndefined();
    expect(await put({ seed: 2, tolerance: 2 })).toBeUndefined();
    expect(await put({ tolerance: 2, seed: 1 })).toBe(7);
  });

  it("[ME10] a tier takes only what costs more than a look-up there; what nobody measured goes everywhere", async () => {
    const { store } = await opened({ memory, disk: { path: freshPath(), bytesMax: 1e9 } });
    const put = (name: string, ms: number): void => void store.put(keyOf(name, { name }), rowOf(1), ms);
    put("light", 0.0001);
    expect(store.stats()).toMatchObject({ memory: { puts: 0 }, disk: { puts: 0 } });
    put("short", 0.01);
    expect(store.stats()).toMatchObject({ memory: { puts: 1 }, disk: { puts: 0 } });
    put("long", 0.06);
    expect(store.stats()).toMatchObject({ memory: { puts: 2 }, disk: { puts: 1 } });
    put("unmeasured", 0);
    expect(store.stats()).toMatchObject({ memory: { puts: 3 }, disk: { puts: 2 } });
    expect(store.lookUpMs()).toBeLessThan(0.05);
    await store.close();
  });

  it("[ME12] nothing is opened before the first look-up", async () => {
    const path = freshPath();
    const { store } = await opened({ memory, disk: { path, bytesMax: 1e9 } });
    store.stats();
    expect(existsSync(path)).toBe(false);
    await store.close();
    expect(existsSync(path)).toBe(false);
  });

  it("[ME29] a result with an error is not kept", async () => {
    const { store } = await opened({ memory, disk: { path: freshPath(), bytesMax: 1e9 } });
    await store.get(x);
    await store.put(x, rowOf(1, errorValue("#N/A")), costMs);
    expect(await store.get(x)).toBeUndefined();
    expect(store.stats()).toMatchObject({ memory: { puts: 0 }, disk: { puts: 0 } });
    expect(store.whyMiss("a.x")?.text).toContain("errors are not kept");
    await store.close();
  });

  it("[ME23] forgets one tier or all, and after closing every look-up is a miss", async () => {
    const { store } = await opened({ memory, disk: { path: freshPath(), bytesMax: 1e9 } });
    await store.put(x, rowOf(7), costMs);
    expect(await store.clear("memory")).toBe(1);
    expect(await cellOf(store)).toBe(7);
    expect(await store.clear("disk")).toBe(1);
    expect(await cellOf(store)).toBe(7);
    expect(await store.clear()).toBe(1);
    expect(await cellOf(store)).toBeUndefined();
    await store.put(x, rowOf(7), costMs);
    await store.close();
    await store.close();
    expect(await cellOf(store)).toBeUndefined();
    await store.put(x, rowOf(7), costMs);
    expect(await cellOf(store)).toBeUndefined();
  });

  it("[ME22] surveys what every tier holds", async () => {
    const path = freshPath();
    const { store } = await opened({ memory, disk: { path, bytesMax: 1e9 } });
    expect(store.stats().disk?.entries).toBeUndefined();
    await store.put(x, rowOf(7), costMs);
    const survey = await store.survey();
    expect(survey).toMatchObject({
      memory: { entries: 1 },
      disk: { entries: 1, state: "on" },
      lifetime: { puts: 1 },
    });
    expect(survey.disk?.bytes).toBeGreaterThan(100);
    await store.close();
  });
});

describe("damaged entries", () => {
  const damage = (path: string): void => {
    const database = new DatabaseSync(path);
    database.exec("UPDATE entries SET value = substr(value, 1, length(value) - 1) || x'ff'");
    database.close();
  };

  it("[ME6] are misses, counted, and removed", async () => {
    const path = freshPath();
    const { store } = await opened({ disk: { path, bytesMax: 1e9 } });
    await store.put(x, rowOf(7), costMs);
    await store.flush();
    damage(path);
    expect(await cellOf(store)).toBeUndefined();
    expect(store.stats().disk).toMatchObject({ corrupt: 1, hits: 0, misses: 1 });
    expect((await store.survey()).disk).toMatchObject({ entries: 0 });
    await store.close();
  });

  it("[ME20] are found and removed by reading them all", async () => {
    const path = freshPath();
    const { store } = await opened({ disk: { path, bytesMax: 1e9 } });
    for (let i = 0; i < 5; i++) await store.put(keyOf("n", { i }), rowOf(i), costMs);
    expect(await store.verify(100)).toEqual({ checked: 5, damaged: 0 });
    expect(await store.verify(3)).toEqual({ checked: 3, damaged: 0 });
    damage(path);
    expect(await store.verify(100)).toEqual({ checked: 5, damaged: 5 });
    expect(await store.verify(100)).toEqual({ checked: 0, damaged: 0 });
    await store.close();
  });
});

describe("comparing", () => {
  it("[ME19] a share of the hits is withheld, evenly", async () => {
    const { store } = await opened({ memory, verifyShare: 0.25 });
    await store.put(x, rowOf(7), costMs);
    const found: unknown[] = [];
    for (let i = 0; i < 8; i++) found.push(await cellOf(store));
    expect(found).toEqual([7, 7, 7, undefined, 7, 7, 7, undefined]);
    expect(store.stats()).toMatchObject({ memory: { hits: 6 }, verified: { withheld: 2 } });
    await store.put(x, rowOf(7), costMs);
    expect(store.stats().verified).toEqual({ withheld: 2, agreed: 1, mismatches: 0 });
  });

  it("[ME19] no share, or none that is a number, withholds nothing", async () => {
    for (const verifyShare of [0, -1, Number.NaN]) {
      const { store } = await opened({ memory, verifyShare });
      await store.put(x, rowOf(7), costMs);
      expect([await cellOf(store), await cellOf(store)]).toEqual([7, 7]);
    }
  });

  it.each([
    ["another number", rowOf(7), rowOf(7.000000000000001)],
    ["another zero", rowOf(0), rowOf(-0)],
    ["another kind", rowOf(1), rowOf(true)],
  ])("[ME19] %s: counted, told once, and removed everywhere", async (_, kept, computed) => {
    const path = freshPath();
    const { store, notices } = await opened({ memory, disk: { path, bytesMax: 1e9 }, verifyShare: 1 });
    await store.put(x, kept, costMs);
    expect(await store.get(x)).toBeUndefined();
    await store.put(x, computed, costMs);
    expect(store.stats().verified).toEqual({ withheld: 1, agreed: 0, mismatches: 1 });
    expect(notices).toMatchObject([{ code: "mismatch", message: expect.stringContaining("a.x") }]);
    expect((await store.survey()).disk?.entries).toBe(0);
    expect(await store.get(x)).toBeUndefined();
    expect(store.stats().verified.withheld).toBe(1);
    expect(store.whyMiss("a.x")).toMatchObject({ reason: { kind: "gone", because: "mismatch" } });
    expect(store.whyMiss("a.x")?.text).toContain("came out different");
    await store.close();
  });
});

it("[ME28] a host that throws when it is told stops nothing either", async () => {
  const path = join(folder, "not-ours");
  writeFileSync(path, "a letter");
  const { store } = await opened({
    disk: { path, bytesMax: 1e9 },
    onNotice: () => {
      throw new Error("no screen");
    },
  });
  expect(await cellOf(store)).toBeUndefined();
  await store.close();
});

it("[ME28] trouble is told once and stops nothing", async () => {
  const path = join(folder, "a-file", "reckon.sqlite");
  new DatabaseSync(join(folder, "a-file")).close();
  const { store, notices } = await opened({ memory, disk: { path, bytesMax: 1e9 } });
  for (let i = 0; i < 10; i++) {
    const key = keyOf("n", { i });
    expect(await store.get(key)).toBeUndefined();
    await store.put(key, rowOf(i), costMs);
    expect(await cellOf(store, key)).toBe(i);
  }
  expect(notices).toHaveLength(1);
  expect(notices[0]?.message).toMatch(
    /^The cache file .* is off\. Check the path, or choose another file\.$/,
  );
  expect(store.stats().disk?.state).toBe("off");
  await store.close();
});
