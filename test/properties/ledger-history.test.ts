/**
 * Histories of a run, by chance: records in any order, again and late, sessions that are cut off, failures opened again.
 * After every step a SQLite ledger that is closed and opened in between holds what the plain one in memory does, and its
 * counts are those of its rows.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ChunkRecord,
  createMemoryLedger,
  createSimulatedClock,
  type Ledger,
  openLedger,
} from "@reckon/batch";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { gathered, recordOf, runStart, stateOf, summaryOf } from "../contracts/ledger-samples.ts";
import { cases } from "./cases.ts";

const folder = mkdtempSync(join(tmpdir(), "reckon-ledger-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entitiesMax = 6;
const start = runStart(1);
const { run } = start;

type Step =
  | { readonly kind: "record"; readonly records: readonly ChunkRecord[] }
  /** The records of an earlier step, once more. */
  | { readonly kind: "again"; readonly back: number }
  | { readonly kind: "cut-off" | "reopen-failed" | "interrupt" };

/** Rows 4 and 5 have one key. */
const keyOf = (n: number): string => (n >= 4 ? "shared" : `entity ${n}`);

const record = fc
  .record({
    of: fc.uniqueArray(fc.nat(entitiesMax - 1), { minLength: 1 }),
    attempt: fc.integer({ min: 1, max: 3 }),
    ends: fc.array(fc.constantFrom("succeeded", "failed", "open", "invalid"), { minLength: 6, maxLength: 6 }),
    code: fc.constantFrom("#CALL!", "lost", "timed-out"),
    worker: fc.constantFrom("main", "thread 1"),
    hasValues: fc.boolean(),
    startedAtMs: fc.nat(1000),
  })
  .map(({ of, attempt, ends, code, worker, hasValues, startedAtMs }) => {
    const wrong = of.flatMap((n) =>
      ends[n] === "succeeded" ? [] : [[n, ends[n] as "failed" | "open" | "invalid"] as const],
    );
    return recordOf({
      of,
      attempt,
      ends: Object.fromEntries(wrong),
      code,
      keys: of.map(keyOf),
      figures: { worker, startedAtMs },
      ...(hasValues ? {} : { block: null }),
    });
  });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(record, { minLength: 1, maxLength: 3 })
      .map((records) => ({ kind: "record" as const, records })),
  },
  { weight: 2, arbitrary: fc.nat(5).map((back) => ({ kind: "again" as const, back })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("cut-off", "reopen-failed", "interrupt").map((kind) => ({ kind })),
  },
);

it("[LE6] any history of records, repeats and sessions leaves one row an entity, all attempts, and the counts of the rows", async () => {
  let files = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const path = join(folder, `${++files}.sqlite`);
      const clock = createSimulatedClock();
      const plain = createMemoryLedger({ clock });
      let kept = await openLedger(path, { clock });
      await Promise.all([plain.beginRun(start), kept.beginRun(start)]);
      const recorded: (readonly ChunkRecord[])[] = [];
      for (const each of steps) {
        if (each.kind === "cut-off") {
          await kept.close();
          kept = await openLedger(path, { clock });
        }
        const made = await Promise.all([plain, kept].map((ledger) => take(ledger, each, recorded)));
        expect(made[1]).toEqual(made[0]);
        if (each.kind === "record") recorded.push(each.records);
        expect(await stateOf(kept, run)).toEqual(await stateOf(plain, run));
        await countsAddUp(kept);
      }
      await kept.close();
    }),
    cases(60),
  );
});

async function take(
  ledger: Ledger,
  step: Step,
  recorded: readonly (readonly ChunkRecord[])[],
): Promise<unknown> {
  switch (step.kind) {
    case "record":
      return positionsOf(await ledger.record(run, step.records));
    case "again": {
      const records = recorded.at(-1 - step.back);
      return records === undefined ? undefined : positionsOf(await ledger.record(run, records));
    }
    case "cut-off":
      return ledger.beginRun(start);
    case "interrupt":
      await ledger.endRun(run, "interrupted", summaryOf(start));
      return ledger.beginRun(start);
    case "reopen-failed":
      return ledger.reopenFailed(run);
  }
}

function positionsOf(outcomes: Awaited<ReturnType<Ledger["record"]>>): unknown {
  return outcomes.map(({ accepted, repeated, problems }) => [
    accepted,
    repeated,
    problems.map(({ position }) => position),
  ]);
}

async function countsAddUp(ledger: Ledger): Promise<void> {
  const rows = await gathered(ledger.query.entities(run));
  const of = (state: string): number => rows.filter((row) => row.state === state).length;
  expect((await ledger.query.run(run))?.counts).toEqual({
    entities: rows.length - of("open"),
    succeeded: of("succeeded"),
    failed: of("failed"),
    invalid: of("invalid"),
    skipped: of("skipped"),
    retried: rows.filter(({ attempts }) => attempts > 1).length,
    attempts: rows.reduce((sum, { attempts }) => sum + attempts, 0),
  });
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
}
