import { expect, it } from "vitest";
import type { EntitySource } from "./entity-source.ts";
import { numbered, scriptedBatch, summaryOf } from "./fixtures/scripted-batch.ts";
import { startBatch } from "./run-batch.ts";

it("[BA30] an end is not held up by the look at what has ended before, and reopens nothing", async () => {
  for (const resume of ["auto", "retry-failed"] as const) {
    const script = (key: string) => ({ kind: key === "p3" ? ("fail" as const) : ("succeed" as const) });
    const batch = scriptedBatch({ records: numbered(400), entityMs: 100, script });
    const begun = startBatch(batch.request);
    await batch.clock.advance(20_000);
    begun.interrupt(0);
    const before = await batch.clock.runUntil(begun.summary);
    expect(before.entities).toBeGreaterThan(100);

    const { source } = batch.request;
    // A block takes a second to be read.
    const slow: EntitySource = {
      ...source,
      blocks: async function* (options) {
        for await (const block of source.blocks({ ...options, rowsMax: 4 })) {
          await new Promise<void>((resolve) => batch.clock.after(1000, resolve));
          yield block;
        }
      },
    };
    const fromMs = batch.clock.now();
    const again = startBatch({ ...batch.request, source: slow, resume });
    await batch.clock.advance(1500);
    again.interrupt(5000);
    const summary = await batch.clock.runUntil(again.summary);
    expect(batch.clock.now() - fromMs).toBeLessThan(6500);
    const { entities, succeeded, failed } = before;
    expect(summary).toMatchObject({ run: before.run, state: "interrupted", entities, succeeded, failed });
    expect(await summaryOf(batch)).toMatchObject({ run: before.run, succeeded: 399, failed: 1 });
  }
});
