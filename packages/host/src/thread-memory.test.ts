import { describe, expect, it } from "vitest";
import { shareOfMemory } from "./thread-memory.ts";

describe("the memory of a thread", () => {
  it.each([
    [24, 2, 2048],
    [16, 8, 1024],
    [4, 8, 512],
    [0.25, 1, 512],
    [1024, 1, 2048],
    [8, 0, 2048],
  ])("[MO16] with %d GB and %d threads is %d MB", (gigabytes, threads, wanted) => {
    expect(shareOfMemory(gigabytes * 2 ** 30, threads)).toBe(wanted);
  });
});
