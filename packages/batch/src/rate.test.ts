import { describe, expect, it } from "vitest";
import type { SampleMeasure } from "./batch-plan.ts";
import { type ScriptedBatch, scriptedBatch, summaryOf } from "./fixtures/scripted-batch.ts";
import type { RateLimit } from "./job-engine.ts";
import { startBatch } from "./run-batch.ts";

const perSecond = (jobsMax: number): RateLimit => ({ jobsMax, perMs: 1000 });

/** What the plan of a batch was made of, and when it was there. */
async function sampleOf(batch: ScriptedBatch): Promise<{ sample: SampleMeasure; atMs: number }> {
  let atMs = Number.NaN;
  const { onEvent } = batch.request;
  const request = {
    ...batch.request,
    isPlanOnly: true,
    onEvent: (event: Parameters<NonNullable<typeof onEvent>>[0]) => {
      if (event.kind === "planned") atMs = batch.clock.now();
      onEvent?.(event);
    },
  };
  await batch.clock.runUntil(startBatch(request).summary);
  for (const event of batch.events)
    if (event.kind === "planned") return { sample: event.plan.measures.sample, atMs };
  throw new Error("there was no plan");
}

describe("a rate", () => {
  it("[BA30] holds up no end, neither of the sample nor of what follows", async () => {
    for (const jobsMax of [7, 40]) {
      const rate = { jobsMax, perMs: 3_600_000 };
      const batch = scriptedBatch({ records: 1000, entityMs: 1, policy: { rate } });
      const run = startBatch(batch.request);
      await batch.clock.advance(1000);
      run.interrupt(5000);
      expect(await batch.clock.runUntil(run.summary)).toMatchObject({ state: "interrupted" });
      expect(batch.clock.now()).toBeLessThan(1100);
    }
  });

  it("[BA37] is not waited for beyond the 5 seconds of the sample, nor once ten are through", async () => {
    const few = await sampleOf(
      scriptedBatch({ records: 1000, entityMs: 1, policy: { rate: { jobsMax: 7, perMs: 60_000 } } }),
    );
    expect([few.sample.entities, few.atMs < 100]).toEqual([7, true]);
    const more = await sampleOf(
      scriptedBatch({ records: 1000, entityMs: 1, policy: { rate: { jobsMax: 17, perMs: 60_000 } } }),
    );
    expect([more.sample.entities, more.atMs < 100]).toEqual([17, true]);
    const slow = await sampleOf(
      scriptedBatch({ records: 1000, entityMs: 1, policy: { rate: perSecond(4) } }),
    );
    expect([slow.sample.entities, Math.floor(slow.atMs / 1000)]).toEqual([12, 2]);
  });

  it("[BA37] is no time of reading and writing rows", async () => {
    const { sample } = await sampleOf(
      scriptedBatch({ records: 1000, entityMs: 1, policy: { rate: perSecond(4) } }),
    );
    expect(sample.rowMs).toBeLessThan(0.1);
  });

  it("[BA21] is used up whatever the size of the chunks", async () => {
    for (const [chunkEntities, jobsMax] of [
      [51, 100],
      [64, 97],
      [7, 10],
    ] as const) {
      const batch = scriptedBatch({
        records: 30 * jobsMax,
        entityMs: 1,
        policy: { rate: perSecond(jobsMax) },
        request: { chunkEntities },
      });
      expect((await summaryOf(batch)).succeeded).toBe(30 * jobsMax);
      // Thirty seconds is the least; the last of them is not waited for.
      expect(batch.clock.now()).toBeLessThan(31_500);
    }
  });
});
