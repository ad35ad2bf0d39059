import { expect, it, vi } from "vitest";
import { WorkerTally } from "./worker-tally.ts";

it("[CL84] tells chunks together, a line a run and second", () => {
  vi.useFakeTimers();
  try {
    const told: string[] = [];
    const tally = new WorkerTally((text) => void told.push(text));
    tally.add("a", 1, 20);
    tally.add("a", 2, 30);
    tally.add("b", 1, 5);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(told).toEqual([
      "a: 3 entities in 2 chunks, 50 ms of work",
      "b: 1 entity in 1 chunk, 5.0 ms of work",
    ]);
    tally.add("a", 1, 20);
    tally.flush();
    tally.flush();
    expect(told.slice(2)).toEqual(["a: 1 entity in 1 chunk, 20 ms of work"]);
  } finally {
    vi.useRealTimers();
  }
});
