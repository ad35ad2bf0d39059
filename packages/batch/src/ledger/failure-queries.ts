/** Entities that failed most often, with what was said last (LE18): from their attempts, so that one that succeeded in the end counts. */
import type { FailureRow, RunFilter } from "../ledger.ts";
import { statement } from "./dialect.ts";
import { type LedgerConnection, maybeText, numberOf, type Statement, textOf } from "./ledger-database.ts";
import { chosenRuns, filterParameters } from "./run-queries.ts";
import { readText } from "./stored-text.ts";

export const failureRows: Statement = statement(
  (pieces) => `WITH chosen AS (
    SELECT run_id FROM runs WHERE ${chosenRuns(pieces)}
  ), failed AS (
    SELECT entity_key, run_id, attempt, started_at_ms, error_code, error_attribute, message,
      row_number() OVER (PARTITION BY entity_key ORDER BY started_at_ms DESC, run_id DESC, attempt DESC) AS back
    FROM attempts WHERE outcome <> 'succeeded' AND run_id IN (SELECT run_id FROM chosen)
  )
  SELECT entity_key, count(*) AS failures, count(DISTINCT run_id) AS runs, max(started_at_ms) AS last_at_ms,
    max(CASE WHEN back = 1 THEN error_code END) AS error_code,
    max(CASE WHEN back = 1 THEN error_attribute END) AS error_attribute,
    max(CASE WHEN back = 1 THEN message END) AS message
  FROM failed GROUP BY entity_key
  ORDER BY count(*) DESC, max(started_at_ms) DESC, entity_key LIMIT :limit`,
);

export async function queryFailures(
  connection: LedgerConnection,
  filter: RunFilter & { readonly limit: number },
): Promise<readonly FailureRow[]> {
  const rows = await connection.all(failureRows, filterParameters(filter));
  return rows.map((row) => ({
    key: readText(textOf(row, "entity_key")),
    failures: numberOf(row, "failures"),
    runs: numberOf(row, "runs"),
    code: textOf(row, "error_code"),
    message: readText(textOf(row, "message")),
    attribute: maybeText(row, "error_attribute"),
    lastAtMs: numberOf(row, "last_at_ms"),
  }));
}
