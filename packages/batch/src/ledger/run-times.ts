/**
 * Durations and waits of a run's computed entities (LE14): not of those that took the values of an equal one. Those that were found beside what they need: p50, p95, p99 in
 * proportion between two neighbours. Kept in the run's row when it ends, so that lists of runs need no entities.
 */
import type { RunId } from "../entity.ts";
import type { Quantiles } from "../ledger.ts";
import { statement } from "./dialect.ts";
import { type LedgerConnection, numberOf, type SqlRow, type Statement } from "./ledger-database.ts";

export const runTimes: Statement = statement(
  ({ percentile }) => `SELECT count(*) AS computed,
    ${percentile("e.duration_ms", 0.5)} AS duration_p50_ms, ${percentile("e.duration_ms", 0.95)} AS duration_p95_ms,
    ${percentile("e.duration_ms", 0.99)} AS duration_p99_ms, max(e.duration_ms) AS duration_max_ms,
    ${percentile("c.wait_ms", 0.5)} AS wait_p50_ms, ${percentile("c.wait_ms", 0.95)} AS wait_p95_ms,
    ${percentile("c.wait_ms", 0.99)} AS wait_p99_ms, max(c.wait_ms) AS wait_max_ms
  FROM entities AS e JOIN chunks AS c ON c.chunk_id = e.chunk_id
  WHERE e.run_id = :run AND e.state IN ('succeeded', 'failed') AND e.attempts > 0`,
);

export interface RunTimes {
  readonly durationMs: Quantiles;
  readonly waitMs: Quantiles;
}

/** Cost: the run's entities. */
export async function timesOf(connection: LedgerConnection, run: RunId): Promise<RunTimes> {
  const [row] = await connection.all(runTimes, { run });
  return timesIn(row ?? {});
}

/** Out of a row with the columns of the statement; without entities all of them are 0. */
export function timesIn(row: SqlRow): RunTimes {
  return { durationMs: quantiles(row, "duration"), waitMs: quantiles(row, "wait") };
}

function quantiles(row: SqlRow, what: "duration" | "wait"): Quantiles {
  return {
    count: numberOf(row, "computed"),
    p50: numberOf(row, `${what}_p50_ms`),
    p95: numberOf(row, `${what}_p95_ms`),
    p99: numberOf(row, `${what}_p99_ms`),
    max: numberOf(row, `${what}_max_ms`),
  };
}
