import { afterEach, expect, it, vi } from "vitest";
import { createSimulatedClock } from "../doubles/simulated-clock.ts";
import type { JobId, JobRequest } from "../job-engine.ts";
import { createLocalJobEngine } from "./local-job-engine.ts";
import { OrderedHeap } from "./ordered-heap.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Jobs of two groups by turns. */
function jobs(count: number): JobRequest[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `j${i}` as JobId,
    group: `g${i % 2}`,
    body: new Uint8Array(),
    priority: i % 7,
  }));
}

it("[BA28] takes any number of waiting jobs out in one pass, by group and by name", async () => {
  const remove = vi.spyOn(OrderedHeap.prototype, "remove");
  const engine = createLocalJobEngine({ clock: createSimulatedClock() });
  const added = jobs(4_000);
  await engine.enqueue(added);
  expect(await engine.cancel("g0")).toBe(2_000);
  expect(remove).toHaveBeenCalledTimes(1);
  const ids = added.map(({ id }) => id);
  const some = [...ids.slice(0, 1_000), "j1" as JobId];
  expect((await engine.withdraw(some)).filter(Boolean)).toHaveLength(500);
  expect(remove).toHaveBeenCalledTimes(2);
  expect((await engine.counts()).waiting).toBe(1_500);
  const states = await engine.states(ids);
  expect(ids.filter((_, i) => states[i] === "waiting")).toEqual(
    ids.slice(1_000).filter((_, i) => i % 2 === 1),
  );
  await engine.close();
});
