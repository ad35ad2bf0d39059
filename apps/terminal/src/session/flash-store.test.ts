import { describe, expect, it } from "vitest";
import { FlashStore } from "./flash-store.ts";

describe("flash store", () => {
  it("[TE4] flashes for 150 ms, then late until 600 ms, then not", () => {
    const store = new FlashStore();
    store.note("base", "sales.price", 3, 5, 1000);
    const at = (now: number, cell = 3): string => store.flashOf("base", "sales.price", cell, now);
    expect([1000, 1149, 1150, 1599, 1600].map((now) => at(now))).toEqual([
      "new",
      "new",
      "late",
      "late",
      "none",
    ]);
    expect(at(1000, 2)).toBe("none");
    expect(at(1000, 4)).toBe("new");
    expect(at(1000, 5)).toBe("none");
    expect(store.flashOf("upside", "sales.price", 3, 1000)).toBe("none");
  });

  it("[TE4] tells when something will look different, and nothing at the end", () => {
    const store = new FlashStore();
    expect(store.prune(0)).toBeUndefined();
    store.note("base", "a.x", 0, 1, 1000);
    store.note("base", "a.y", 0, 1, 1100);
    expect(store.prune(1000)).toBe(1150);
    expect(store.prune(1150)).toBe(1250);
    expect(store.prune(1250)).toBe(1600);
    expect(store.prune(1600)).toBe(1700);
    expect(store.prune(1700)).toBeUndefined();
    expect(store.flashOf("base", "a.y", 0, 1699)).toBe("none");
  });

  it("[TE4] stays small under a burst and forgets nothing that still flashes", () => {
    const store = new FlashStore();
    for (let i = 0; i < 100_000; i++) store.note("base", "a.x", i, i + 1, 1000);
    expect(store.flashOf("base", "a.x", 5, 1010)).toBe("new");
    expect(store.flashOf("base", "a.x", 99_999, 1010)).toBe("new");
    expect(store.prune(1700)).toBeUndefined();
  });
});
