import { expect, it } from "vitest";
import type { BatchEvent } from "./api.ts";
import { createRecordSource } from "./doubles/record-source.ts";
import type { EntitySource } from "./entity-source.ts";
import { openMemoryQueue } from "./fixtures/memory-queue.ts";
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

it("[BA30] [BA33] an end is not held up where corrected rows are looked for, and the same command takes them the next time", async () => {
  const bad = new Set<unknown>(["p3", "p390"]);
  const sourceOf = (corrected: string): EntitySource =>
    createRecordSource(numbered(400), {
      deepKey: ({ id }) => (bad.has(id) ? corrected : String(id).slice(1)).padStart(32, "0"),
    });
  const script = (key: string) => ({ kind: bad.has(key) ? ("refuse" as const) : ("succeed" as const) });
  const batch = scriptedBatch({ entityMs: 1, script, request: { source: sourceOf("a") } });
  expect(await summaryOf(batch)).toMatchObject({ invalid: 2 });
  const source = sourceOf("b");
  let pass = 0;
  // A block takes a second to be read, from the second pass on.
  const slow: EntitySource = {
    ...source,
    blocks: async function* (options) {
      const isSlow = ++pass > 1;
      for await (const block of source.blocks({ ...options, rowsMax: 4 })) {
        if (isSlow) await new Promise<void>((resolve) => batch.clock.after(1000, resolve));
        yield block;
      }
    },
  };
  const fromMs = batch.clock.now();
  const again = scriptedBatch({ clock: batch.clock, entityMs: 1 }).request;
  const request = { ...again, ledger: batch.request.ledger, resume: "retry-failed" as const };
  const begun = startBatch({ ...request, source: slow });
  await batch.clock.advance(1500);
  begun.interrupt(5000);
  const { state } = await batch.clock.runUntil(begun.summary);
  expect([state, batch.clock.now() - fromMs]).toEqual([
    "interrupted",
    expect.toSatisfy((ms: number) => ms < 6500),
  ]);
  const last = await batch.clock.runUntil(startBatch({ ...request, source }).summary);
  expect(last).toMatchObject({ succeeded: 400, invalid: 0, sessions: 3 });
});

it("[BA32] a look at the rows that have ended is told where it takes long", async () => {
  const batch = scriptedBatch({ records: numbered(400), entityMs: 100 });
  const begun = startBatch(batch.request);
  await batch.clock.advance(20_000);
  begun.interrupt(0);
  const { entities, run } = await batch.clock.runUntil(begun.summary);
  const { source } = batch.request;
  const told: string[] = [];
  const slow: EntitySource = {
    ...source,
    blocks: async function* (options) {
      for await (const block of source.blocks({ ...options, rowsMax: 40 })) {
        await new Promise<void>((resolve) => batch.clock.after(400, resolve));
        yield block;
      }
    },
  };
  const onEvent = (event: BatchEvent): void => {
    if (event.kind === "notice") told.push(event.message);
  };
  await batch.clock.runUntil(startBatch({ ...batch.request, source: slow, onEvent }).summary);
  expect(told).toEqual([
    `looking first whether the rows of ${source.name} are as they were, for ${entities} entities of run ${run}`,
  ]);
});

it("[BA30] a later interruption with more time leaves no more of it", async () => {
  const batch = scriptedBatch({ records: 40, entityMs: 60_000, request: { chunkEntities: 1 } });
  const run = startBatch(batch.request);
  await batch.clock.advance(500);
  run.interrupt(1_000);
  run.interrupt(60_000);
  await batch.clock.runUntil(run.summary);
  expect(batch.clock.now()).toBeLessThan(2_000);
});

it("[BA68] a listener that throws ends the run as misuse, and it can be resumed", async () => {
  const batch = scriptedBatch({ records: 60, entityMs: 20 });
  const heard: string[] = [];
  const onEvent = ({ kind }: BatchEvent): void => {
    heard.push(kind);
    if (kind === "progress" && heard.length > 4) throw new Error("no ears");
  };
  const run = startBatch({ ...batch.request, onEvent });
  await expect(batch.clock.runUntil(run.summary)).rejects.toMatchObject({
    code: "misuse",
    message: "onEvent has thrown: no ears",
  });
  expect(heard).not.toContain("ended");
  expect((await batch.request.ledger.query.run("last"))?.state).toBe("interrupted");
  expect(await summaryOf(batch)).toMatchObject({ succeeded: 60, run: run.run });
});

it("[BA30] a queue that does not say what it costs holds up no end", async () => {
  const batch = scriptedBatch({ records: 300, entityMs: 100, request: { strategy: "cluster" } });
  const { port } = openMemoryQueue({ clock: batch.clock });
  const asked = Promise.withResolvers<void>();
  const measure = (): Promise<never> => {
    asked.resolve();
    return new Promise(() => undefined);
  };
  const run = startBatch({ ...batch.request, queue: { ...port, measure } });
  await batch.clock.runUntil(asked.promise);
  const beganMs = batch.clock.now();
  run.interrupt(5000);
  expect(await batch.clock.runUntil(run.summary)).toMatchObject({ state: "interrupted" });
  expect(batch.clock.now() - beganMs).toBeLessThanOrEqual(5_000);
  await port.jobs.close();
});

it("[BA30] a second interruption ends it at once", async () => {
  const batch = scriptedBatch({ records: 100, entityMs: 60_000, request: { chunkEntities: 1 } });
  const run = startBatch(batch.request);
  await batch.clock.advance(30_000);
  run.interrupt(5000);
  run.interrupt(0);
  expect(await batch.clock.runUntil(run.summary)).toMatchObject({ state: "interrupted", entities: 0 });
  expect(batch.clock.now()).toBe(30_000);
});
