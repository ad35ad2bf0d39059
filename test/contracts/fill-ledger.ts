/** A ledger with a little of everything in it, always the same: two runs, of which the second takes values of the first. */
import type { BatchSummary, Ledger } from "@reckon/batch";
import { day, deepKeyOf, keyOf, planOf, recordOf, runStart, stateOf, summaryOf } from "./ledger-samples.ts";

const [one, two] = [runStart(1), runStart(2)];

export async function fillLedger(ledger: Ledger): Promise<void> {
  await ledger.beginRun(one);
  await ledger.recordPlan(one.run, planOf("threads", { concurrency: 2 }, 0.5));
  await ledger.recordProblems(one.run, [{ position: 9, line: 11, message: "the key is blank" }]);
  await ledger.record(one.run, [
    recordOf({ of: [0, 1, 2], ends: { 1: "open", 2: "invalid" }, figures: { worker: "thread 1" } }),
    recordOf({
      of: [3],
      ends: { 3: "failed" },
      code: "timed-out",
      figures: { worker: "thread 2", durationMs: 77 },
    }),
    recordOf({
      of: [1],
      attempt: 2,
      checksFailed: 1,
      figures: { worker: "thread 2", startedAtMs: day + 5000 },
    }),
  ]);
  await ledger.endRun(one.run, "failed", firstSummary());
  await ledger.beginRun(two);
  await ledger.recordPlan(two.run, planOf("sequential"));
  const unchanged = await ledger.unchanged(two.run, [{ key: keyOf(0), deepKey: deepKeyOf(0) }]);
  await ledger.recordUnchanged(two.run, [...unchanged.values()]);
  await ledger.record(two.run, [recordOf({ of: [3, 4], ends: { 4: "open" } })]);
  await ledger.recordMeasures("linux x64, 2 cores", { spawn_ms: 31, speed_up_2: 1.9 });
}

/** A summary is kept as it was written: the first ones said nothing of sessions and equal ones. */
function firstSummary(): BatchSummary {
  const summary: Partial<Record<keyof BatchSummary, unknown>> = {
    ...summaryOf(one, { state: "failed", succeeded: 2, failed: 1 }),
  };
  for (const name of ["deduplicated", "sessions", "sessionMs", "sessionEntities"] as const)
    delete summary[name];
  return summary as unknown as BatchSummary;
}

/** All that `fillLedger` has put in, as it can be read. */
export async function contentsOf(ledger: Ledger): Promise<unknown> {
  const { query } = ledger;
  return {
    runs: await query.runs({}),
    one: await stateOf(ledger, one.run),
    two: await stateOf(ledger, two.run),
    compared: await query.compare({}),
    failures: await query.failures({ limit: 10 }),
    measures: await ledger.measures("linux x64, 2 cores"),
  };
}
