/** What every `MemoStore` must do. A store's own test calls this with a way to make an empty one. */
import type { MemoKey, MemoStore } from "@reckon/engine";
import { type Canonical, type Column, columnFrom, encodeCanonical, sameScalar } from "@reckon/value";
import { expect, it } from "vitest";

const mixed = columnFrom({ outer: 2, periods: 3 }, [1.5, -0, "text", true, false, null]);
const numbers = columnFrom({ outer: 1, periods: 2 }, [Math.PI, Number.MIN_VALUE]);

/** A key of one part. */
function keyOf(content: Canonical, name = "node"): MemoKey {
  return { name, parts: [{ name: "formula", bytes: encodeCanonical(content) }] };
}

function isSame(a: Column | undefined, b: Column): boolean {
  if (a === undefined || a.shape.outer !== b.shape.outer || a.shape.periods !== b.shape.periods) return false;
  return Array.from({ length: b.length }, (_, cell) => sameScalar(a.get(cell), b.get(cell))).every(Boolean);
}

export function memoStoreContract(name: string, create: () => MemoStore): void {
  it(`${name} knows nothing at first`, async () => {
    expect(await create().get(keyOf("key"))).toBeUndefined();
  });

  it(`${name} gives back what was put, every kind of cell and every bit`, async () => {
    const store = create();
    await store.put(keyOf("mixed"), mixed, 1);
    await store.put(keyOf("numbers"), numbers, 1);
    expect(isSame(await store.get(keyOf("mixed")), mixed)).toBe(true);
    expect(isSame(await store.get(keyOf("numbers")), numbers)).toBe(true);
    expect(await store.get(keyOf("other"))).toBeUndefined();
  });

  it(`${name} takes the later of two columns under one key`, async () => {
    const store = create();
    await store.put(keyOf("key"), numbers, 1);
    await store.put(keyOf("key"), mixed, 1);
    expect(isSame(await store.get(keyOf("key")), mixed)).toBe(true);
  });

  it(`${name} tells long and odd keys apart`, async () => {
    const store = create();
    const keys = ["", "\u0000", "\ud800", "\ufffd", "a".repeat(100_000), `${"a".repeat(99_999)}b`];
    for (const [i, key] of keys.entries())
      await store.put(keyOf(key), columnFrom({ outer: 1, periods: 1 }, [i]), 1);
    const found = await Promise.all(keys.map(async (key) => (await store.get(keyOf(key)))?.get(0)));
    expect(found).toEqual(keys.map((_, i) => i));
  });
}
