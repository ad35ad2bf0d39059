import { expect, it } from "vitest";
import { createSimulatedClock } from "../doubles/simulated-clock.ts";
import { openMemoryQueue } from "../fixtures/memory-queue.ts";
import { scriptedBatch } from "../fixtures/scripted-batch.ts";
import type { Consumption } from "../job-engine.ts";
import { startBatch } from "../run-batch.ts";
import type { BatchSummary } from "../summary.ts";

interface Scene {
  readonly when: "now" | "soon";
  /** From when on the queue answers nobody, and until when. */
  readonly awayMs?: readonly [number, number];
}

/** One of two workers is lost with what it computes, then the other one has the failure that halts, and goes as well. */
async function halted({ when, awayMs: [fromMs, toMs] = [-1, -1] }: Scene): Promise<BatchSummary | string> {
  const clock = createSimulatedClock();
  const queue = openMemoryQueue({
    clock,
    script: (key) =>
      key === "p20" ? { kind: "hang" } : key === "p30" ? { kind: "fail" } : { kind: "succeed", ms: 100 },
    isAway: () => clock.now() >= fromMs && clock.now() < toMs,
  });
  const first = await queue.work("one");
  const { request } = scriptedBatch({
    clock,
    records: 60,
    entityMs: 100,
    policy: { halt: { when, fail: { count: 1 } } },
    request: { strategy: "cluster", queue: queue.port },
  });
  const batch = startBatch(request);
  let second: Consumption | undefined;
  clock.after(2_500, () => void queue.work("two").then((work) => (second = work)));
  clock.after(3_000, () => void first.stop(0));
  clock.after(3_100, () => void second?.stop(60_000));
  const late = new Promise<string>((resolve) => clock.after(600_000, () => resolve("it does not end")));
  return await clock.runUntil(Promise.race([batch.summary, late]));
}

it.each(["now", "soon"] as const)(
  "[BA24] `%s` ends a run of which a worker was lost with a chunk, though no other worker comes",
  async (when) => {
    expect(await halted({ when })).toMatchObject({ state: "halted", failed: 1 });
  },
);

it("[BA24] a queue that is away while a run halts is told when it is back", async () => {
  expect(await halted({ when: "now", awayMs: [3_050, 20_000] })).toMatchObject({
    state: "halted",
    failed: 1,
  });
});

it("[BA29] that a queue is away is told once, and once that it is back", async () => {
  const clock = createSimulatedClock();
  const queue = openMemoryQueue({
    clock,
    script: () => ({ kind: "succeed", ms: 500 }),
    isAway: () => clock.now() >= 8_000 && clock.now() < 68_000,
  });
  await queue.work("one");
  const request = { strategy: "cluster" as const, queue: queue.port };
  const { request: batch, events } = scriptedBatch({ clock, records: 400, entityMs: 500, request });
  const summary = await clock.runUntil(startBatch(batch).summary);
  expect(summary).toMatchObject({ state: "succeeded", succeeded: 400 });
  const notices = events.flatMap((event) => (event.kind === "notice" ? [event.message] : []));
  expect(notices.filter((message) => !message.includes("workers with"))).toEqual([
    "the queue does not answer",
    "The queue at memory takes work again",
  ]);
});
