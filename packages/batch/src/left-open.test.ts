import { expect, it } from "vitest";
import type { RunId } from "./entity.ts";
import { scriptedBatch } from "./fixtures/scripted-batch.ts";
import type { ChunkRecord, Ledger } from "./ledger.ts";
import { startBatch } from "./run-batch.ts";

/** A ledger in which the first record that has `key` finds an attempt of it, which failed, from elsewhere. */
function ledgerWithFailed(ledger: Ledger, key: string): Ledger {
  let isDone = false;
  return {
    ...ledger,
    record: async (run, records, owner) => {
      const record = records.find(({ keys }) => keys.includes(key));
      if (record !== undefined && !isDone) {
        isDone = true;
        await ledger.record(run, [failedAttempt(record, key)], owner);
      }
      return await ledger.record(run, records, owner);
    },
  };
}

function failedAttempt(record: ChunkRecord, key: string): ChunkRecord {
  const row = record.keys.indexOf(key);
  const { block: _, ...rest } = record;
  return {
    ...rest,
    chunk: `${record.chunk}-elsewhere` as ChunkRecord["chunk"],
    keys: [key],
    positions: [record.positions[row] as number],
    deepKeys: [record.deepKeys[row] as string],
    ended: [undefined],
    outcomes: [{ kind: "failed", code: "lost", message: "it stood still" }],
  };
}

it.each(["p2", "p37", "p39"])(
  "[BA25] [BA73] an entity that the ledger has as open (%s) is computed again before the run ends",
  async (key) => {
    const batch = scriptedBatch({ records: 40, request: { strategy: "sequential" } });
    const ledger = ledgerWithFailed(batch.request.ledger, key);
    const run = startBatch({ ...batch.request, ledger });
    const summary = await batch.clock.runUntil(run.summary);
    expect(summary).toMatchObject({ state: "succeeded", entities: 40, succeeded: 40, retried: 1 });
    expect(run.progress()).toMatchObject({ entities: 40, succeeded: 40 });
    const had = await ledger.attempts(summary.run as RunId, [key]);
    expect(had.get(key)).toEqual({ all: 2, before: 0 });
    const begun = batch.runners.flatMap((runner) => runner.begun.flatMap(({ keys }) => keys));
    expect(begun.filter((each) => each === key)).toHaveLength(2);
    expect(begun).toHaveLength(41);
  },
);
