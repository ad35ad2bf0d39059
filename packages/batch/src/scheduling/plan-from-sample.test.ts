import { expect, it } from "vitest";
import type { BatchRequest } from "../api.ts";
import { createScriptedRunner } from "../doubles/scripted-runner.ts";
import { createSimulatedClock } from "../doubles/simulated-clock.ts";
import type { ChunkId, EntityChunk } from "../entity.ts";
import { unmeasuredMachine } from "../planning/choose.ts";
import type { Conductor } from "./conductor.ts";
import type { EntityPages } from "./entity-pages.ts";
import { planFromSample } from "./plan-from-sample.ts";

/** A plan for 100,000 entities of a microsecond, whose sample takes so long to be recorded, and to be written to a file. */
async function rowMsOf(recordMs: number, fileMs?: number): Promise<number | undefined> {
  const clock = createSimulatedClock();
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
  let position = 0;
  const conductor = {
    isStopping: false,
    tell: () => undefined,
    flush: () => pause(recordMs),
    takeSample: async (count: number): Promise<{ entities: number; chunk: EntityChunk }> => {
      const positions = Array.from({ length: count }, () => position++);
      const keys = positions.map(String);
      const table = { source: "t.csv", rows: count, columns: [], lines: [] };
      const id = `c${position}-a1` as ChunkId;
      const chunk = { id, attempt: 1, table, keys, positions, sideTables: {} };
      return { entities: count, chunk };
    },
  } as unknown as Conductor;
  const machine = unmeasuredMachine;
  const request = { clock, policy: {}, machine, strategy: "sequential" } as unknown as BatchRequest;
  const planning = planFromSample({
    request,
    conductor,
    pages: { read: 5_000, unchangedShare: 0 } as EntityPages,
    runner: createScriptedRunner({ clock, entityMs: 0.001 }),
    file: fileMs === undefined ? undefined : { advance: () => pause(fileMs) },
    signal: new AbortController().signal,
    entities: 100_000,
    isEstimated: false,
  });
  return (await clock.runUntil(planning))?.measures.sample.rowMs;
}

it("[BA37] recording the sample, and writing it to the result file, is in what a row takes", async () => {
  expect(await rowMsOf(0)).toBeCloseTo(0, 9);
  expect(await rowMsOf(50)).toBeCloseTo(0.01, 9);
  expect(await rowMsOf(50, 100)).toBeCloseTo(0.03, 9);
});
