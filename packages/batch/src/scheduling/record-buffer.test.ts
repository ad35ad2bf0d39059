import { expect, it } from "vitest";
import { createSimulatedClock } from "../doubles/simulated-clock.ts";
import type { ChunkId } from "../entity.ts";
import type { ChunkRecord } from "../ledger.ts";
import { RecordBuffer } from "./record-buffer.ts";

function recordOf(number: number, entities = 1, durationMs = 0): ChunkRecord {
  return {
    chunk: `c${number}-a1` as ChunkId,
    attempt: 1,
    keys: Array.from({ length: entities }, (_, i) => `p${number}-${i}`),
    positions: [],
    deepKeys: [],
    ended: [],
    outcomes: [],
    figures: {
      worker: "w",
      startedAtMs: 0,
      durationMs,
      cpuMs: 0,
      memoryPeakBytes: 0,
      cacheHits: 0,
      cacheLookUps: 0,
    },
    waitMs: 0,
  };
}

function bufferOver(writeMs: number) {
  const clock = createSimulatedClock();
  const written: { readonly atMs: number; readonly count: number }[] = [];
  const failures: unknown[] = [];
  let writing = 0;
  const buffer = new RecordBuffer({
    clock,
    write: async (records) => {
      expect(++writing).toBe(1);
      await new Promise<void>((resolve) => clock.after(writeMs, resolve));
      writing--;
      if (records.some(({ chunk }) => chunk === "c666-a1")) throw new Error("full");
      written.push({ atMs: clock.now(), count: records.length });
      return records.map(() => ({ accepted: 1, repeated: 0, problems: [] }));
    },
    onWritten: (records, outcomes) => expect(outcomes).toHaveLength(records.length),
    onFailure: (error) => failures.push(error),
  });
  return { clock, written, failures, buffer };
}

it("[LE10] records are written together, 500 ms after the first or 64 at a time", async () => {
  const { clock, written, buffer } = bufferOver(0);
  buffer.push(recordOf(0));
  await clock.advance(499);
  buffer.push(recordOf(1));
  expect(written).toEqual([]);
  await clock.advance(1);
  expect(written).toEqual([{ atMs: 500, count: 2 }]);
  for (let i = 2; i < 2 + 64; i++) buffer.push(recordOf(i));
  await clock.advance(0);
  expect(written.at(-1)).toEqual({ atMs: 500, count: 64 });
  buffer.push(recordOf(70, 8192));
  await clock.advance(0);
  expect(written.at(-1)).toEqual({ atMs: 500, count: 1 });
});

it("[LE10] what comes during a write is written behind it, and the last ones before it is called flushed", async () => {
  const { clock, written, buffer } = bufferOver(30);
  for (let i = 0; i < 64; i++) buffer.push(recordOf(i));
  for (let i = 64; i < 80; i++) buffer.push(recordOf(i));
  await clock.runUntil(buffer.flush());
  expect(written).toEqual([
    { atMs: 30, count: 64 },
    { atMs: 60, count: 16 },
  ]);
  expect(clock.timers()).toBe(0);
});

it("is full as long as the ledger is behind, and writes nothing behind a failure", async () => {
  const { clock, written, failures, buffer } = bufferOver(30);
  for (let i = 0; i < 8; i++) buffer.push(recordOf(i, 8192));
  expect(buffer.isFull).toBe(true);
  await clock.runUntil(buffer.flush());
  expect(buffer.isFull).toBe(false);
  buffer.push({ ...recordOf(9), block: { byteLength: 128 * 1024 * 1024 } as Uint8Array });
  expect(buffer.isFull).toBe(true);
  await clock.runUntil(buffer.flush());
  expect(buffer.isFull).toBe(false);
  const before = written.length;
  buffer.push(recordOf(666));
  buffer.push(recordOf(667));
  await clock.runUntil(buffer.flush());
  buffer.push(recordOf(668));
  await clock.advance(1000);
  expect(failures).toEqual([new Error("full")]);
  expect(written).toHaveLength(before);
});

it("[LE10] a chunk that took 100 ms is written at once, with those before it", async () => {
  const { clock, written, buffer } = bufferOver(1);
  buffer.push(recordOf(0));
  buffer.push(recordOf(1, 1, 99));
  await clock.runUntil(new Promise<void>((resolve) => clock.after(50, resolve)));
  expect(written).toEqual([]);
  buffer.push(recordOf(2, 1, 100));
  await clock.runUntil(buffer.flush());
  expect(written).toEqual([{ atMs: 51, count: 3 }]);
});
