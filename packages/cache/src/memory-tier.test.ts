import { expect, it } from "vitest";
import { rowOf } from "./fixtures/cells.ts";
import { MemoryTier } from "./memory-tier.ts";

const content = (text: string): Uint8Array => Buffer.from(text);

it("[ME2] keys that collide never answer for each other", () => {
  const tier = new MemoryTier(1e6, () => undefined);
  tier.put(1n, content("a"), rowOf(1), 0);
  expect(tier.get(1n, content("b"))).toBeUndefined();
  expect(tier.get(1n, content("aa"))).toBeUndefined();
  expect(tier.get(1n, content("a"))?.column.get(0)).toBe(1);
  tier.put(1n, content("b"), rowOf(2), 0);
  expect(tier.get(1n, content("a"))).toBeUndefined();
  expect(tier.get(1n, content("b"))?.column.get(0)).toBe(2);
  expect(tier.sizes.entries).toBe(1);
});

it("[ME8] what was not used for longest goes first", () => {
  let evicted = 0;
  const tier = new MemoryTier(1e9, () => evicted++);
  tier.put(0n, content("0"), rowOf(0), 0);
  const { bytes } = tier.sizes;
  const bounded = new MemoryTier(bytes * 3, () => evicted++);
  for (const i of [1n, 2n, 3n]) bounded.put(i, content("0"), rowOf(Number(i)), 0);
  bounded.get(1n, content("0"));
  bounded.put(4n, content("0"), rowOf(4), 0);
  expect([1n, 2n, 3n, 4n].map((i) => bounded.get(i, content("0"))?.column.get(0))).toEqual([
    1,
    undefined,
    3,
    4,
  ]);
  expect([evicted, bounded.sizes]).toEqual([1, { entries: 3, bytes: bytes * 3 }]);
});

it("[ME8] what keys, cells and texts hold counts, and comes off again", () => {
  const tier = new MemoryTier(1e9, () => undefined);
  const sizeOf = (key: string, ...cells: (number | string)[]): number => {
    tier.put(9n, content(key), rowOf(...cells), 0);
    return tier.sizes.bytes;
  };
  const one = sizeOf("k", 1);
  expect(sizeOf("k".repeat(101), 1) - one).toBe(100);
  expect(sizeOf("k", ...new Array<number>(101).fill(1)) - one).toBe(800);
  expect(sizeOf("k", "x".repeat(500)) - sizeOf("k", "")).toBe(1000);
  tier.remove(9n);
  expect(tier.sizes).toEqual({ entries: 0, bytes: 0 });
});

it("[ME8] what alone is larger than the bound is not kept, and puts nothing else out", () => {
  const tier = new MemoryTier(1000, () => undefined);
  expect(tier.put(1n, content("a"), rowOf(1), 0)).toBe(true);
  expect(tier.put(2n, content("b"), rowOf(...new Array<number>(1000).fill(1)), 0)).toBe(false);
  expect(tier.get(1n, content("a"))?.column.get(0)).toBe(1);
  expect(tier.clear()).toBe(1);
  expect(tier.sizes).toEqual({ entries: 0, bytes: 0 });
});
