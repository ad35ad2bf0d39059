/**
 * Removes runs with all that they have (LE22).
 *
 * A run stays while somebody holds it, and while a run that stays has taken values of it: their blocks are in its chunks. The
 * second is asked again until nothing more stays, since each run that stays may be the taker of another.
 */
import type { RunId } from "../entity.ts";
import type { ForgetFilter, ForgetOutcome } from "../ledger.ts";
import { statement } from "./dialect.ts";
import { type LedgerConnection, textOf } from "./ledger-database.ts";

const these = statement(
  ({ isIn }) => `SELECT run_id FROM runs WHERE ${isIn("run_id", "runs")} ORDER BY started_at_ms, run_id`,
);
const before = statement(
  () => "SELECT run_id FROM runs WHERE started_at_ms < :before ORDER BY started_at_ms, run_id",
);
const held = statement(() => "SELECT run_id FROM runs WHERE owner_until_ms >= :now");
const taken = statement(() => "SELECT run_id, from_run_id FROM values_taken");
const removals = ["entities", "attempts", "row_problems", "workers", "values_taken", "chunks", "runs"].map(
  (table) => statement(({ isIn }) => `DELETE FROM ${table} WHERE ${isIn("run_id", "runs")}`),
);

/** Inside a transaction. */
export async function forgetRuns(
  connection: LedgerConnection,
  which: ForgetFilter,
  now: number,
): Promise<ForgetOutcome> {
  const rows =
    "runs" in which
      ? await connection.all(these, { runs: which.runs })
      : await connection.all(before, { before: which.beforeMs });
  const wanted = rows.map((row) => textOf(row, "run_id") as RunId);
  const isHeld = new Set((await connection.all(held, { now })).map((row) => textOf(row, "run_id")));
  const kept: { run: RunId; because: "held" | "values-taken" }[] = [];
  const going = new Set(wanted);
  for (const run of wanted) if (isHeld.has(run)) keep(run, "held");
  const links = (await connection.all(taken)).map((row) => ({
    taker: textOf(row, "run_id") as RunId,
    source: textOf(row, "from_run_id") as RunId,
  }));
  for (let staying = kept.length - 1; staying !== kept.length; ) {
    staying = kept.length;
    for (const { taker, source } of links)
      if (going.has(source) && !going.has(taker)) keep(source, "values-taken");
  }
  const forgotten = [...going];
  if (forgotten.length > 0)
    for (const removal of removals) await connection.run(removal, { runs: forgotten });
  return { forgotten, kept };

  function keep(run: RunId, because: "held" | "values-taken"): void {
    going.delete(run);
    kept.push({ run, because });
  }
}
