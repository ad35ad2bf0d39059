import { expect, it } from "vitest";
import { createRecordSource, type EntityRecord } from "./doubles/record-source.ts";
import { createSimulatedClock } from "./doubles/simulated-clock.ts";
import type { RunId } from "./entity.ts";
import type { EntitySource } from "./entity-source.ts";
import {
  begunIn,
  numbered,
  type ScriptedBatch,
  scriptedBatch,
  summaryOf,
} from "./fixtures/scripted-batch.ts";
import { openLedger } from "./ledger/open-ledger.ts";
import { startBatch } from "./run-batch.ts";

/** Rows in blocks of so many, each of which knows its own keys alone, as a file has them. */
function inBlocks(records: readonly EntityRecord[], rows: number, priority?: string): EntitySource {
  const options = priority === undefined ? {} : { priority };
  return {
    ...createRecordSource(records, options),
    blocks: async function* (asked) {
      for (let from = 0; from < records.length; from += rows) {
        const part = createRecordSource(records.slice(from, from + rows), options);
        for await (const block of part.blocks(asked))
          yield {
            ...block,
            positions: block.positions.map((position) => position + from),
            problems: block.problems.map((each) => ({ ...each, position: each.position + from })),
          };
      }
    },
  };
}

async function interrupted(batch: ScriptedBatch, afterMs: number): Promise<RunId> {
  const begun = startBatch(batch.request);
  batch.clock.after(afterMs, () => begun.interrupt(0));
  const { run, state } = await batch.clock.runUntil(begun.summary);
  expect(state).toBe("interrupted");
  return run as RunId;
}

async function problemsOf({ request }: ScriptedBatch, run: RunId): Promise<readonly number[]> {
  const positions: number[] = [];
  for await (const page of request.ledger.query.problems(run))
    for (const { position } of page) positions.push(position);
  return positions;
}

it("[BA6] [BA32] a row that was no entity and has been corrected is one in the run that goes on", async () => {
  const clock = createSimulatedClock();
  const ledger = await openLedger("memory", { clock });
  const records: EntityRecord[] = numbered(300);
  const wrong = records.with(2, { id: null }).with(250, { id: null });
  const batch = scriptedBatch({ clock, entityMs: 10, records: wrong, request: { ledger } });
  const run = await interrupted(batch, 1_500);
  expect(await problemsOf(batch, run)).toContain(2);
  const source = createRecordSource(records.with(250, { id: null }));
  const summary = await clock.runUntil(startBatch({ ...batch.request, source }).summary);
  expect(summary).toMatchObject({ run, state: "succeeded", succeeded: 299 });
  expect(await problemsOf(batch, run)).toEqual([250]);
});

it("[BA6] [BA31] a row with the key of an earlier one that has ended is not computed again in a further session", async () => {
  const clock = createSimulatedClock();
  const ledger = await openLedger("memory", { clock });
  const records: EntityRecord[] = numbered(300);
  records.splice(150, 2, { id: "p1" }, { id: "p2" });
  const request = { ledger, source: inBlocks(records, 100) };
  const batch = scriptedBatch({ clock, entityMs: 10, request });
  const run = await interrupted(batch, 2_000);
  const before = begunIn(batch).length;
  const summary = await summaryOf(batch);
  expect(summary).toMatchObject({ run, state: "succeeded", entities: 298 });
  const again = begunIn(batch).slice(before);
  expect(again.length).toBeGreaterThan(0);
  expect(again.flatMap(({ keys }) => keys).filter((key) => key === "p1" || key === "p2")).toEqual([]);
  expect(await problemsOf(batch, run)).toEqual([150, 151]);
});

it("[BA6] progress counts no row whose place an earlier row of its key has taken", async () => {
  const records = Array.from({ length: 30 }, (_, i) => ({ id: `p${i}`, first: 100 - i }));
  records.splice(15, 2, { id: "p1", first: 1 }, { id: "p2", first: 1 });
  const batch = scriptedBatch({ request: { source: inBlocks(records, 15, "first") } });
  const begun = startBatch(batch.request);
  const summary = await batch.clock.runUntil(begun.summary);
  expect(summary).toMatchObject({ entities: 28, succeeded: 28 });
  expect(begun.progress()).toMatchObject({ entities: 28, succeeded: 28 });
});
