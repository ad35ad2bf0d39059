/**
 * What strategies took, for each model and axis, over the runs that have ended with all their entities (LE17).
 *
 * Time per entity is wall time by entities computed, those that were skipped, invalid or equal to another left out; a median is that of the runs' medians. A
 * speed-up is against all sequential runs of the same choice, model and axis together.
 */
import type { StrategyName } from "../batch-plan.ts";
import type { RunFilter, StrategyRow } from "../ledger.ts";
import { statement } from "./dialect.ts";
import { type LedgerConnection, maybeNumber, numberOf, type Statement, textOf } from "./ledger-database.ts";
import { chosenRuns, filterParameters } from "./run-queries.ts";

export const strategyRows: Statement = statement(
  (pieces) => `WITH chosen AS (
    SELECT * FROM runs WHERE state IN ('succeeded', 'failed') AND strategy IS NOT NULL AND ${chosenRuns(pieces)}
    ORDER BY started_at_ms DESC, run_id DESC LIMIT :limit
  ), one_by_one AS (
    SELECT model_path AS path, axis AS over_axis, sum(wall_ms) / nullif(sum(computed), 0) AS entity_ms
    FROM chosen WHERE strategy = 'sequential' GROUP BY model_path, axis
  )
  SELECT max(model) AS model, model_path, axis, strategy, concurrency, count(*) AS runs, ${pieces.percentile("duration_p50_ms", 0.5)} AS entity_ms_p50,
    sum(wall_ms) / nullif(sum(computed), 0) AS wall_ms_per_entity,
    1.0 * sum(failed) / nullif(sum(entities), 0) AS failure_share,
    max(entity_ms) / nullif(sum(wall_ms) / nullif(sum(computed), 0), 0) AS speed_up,
    avg(abs(wall_ms - predicted_ms) / nullif(wall_ms, 0)) AS prediction_error_share,
    sum(cost) / nullif(sum(CASE WHEN cost IS NOT NULL THEN computed END), 0) AS cost_per_entity
  FROM chosen LEFT JOIN one_by_one ON path = model_path AND over_axis = axis
  GROUP BY model_path, axis, strategy, concurrency ORDER BY model_path, axis, strategy, concurrency`,
);

export async function queryCompare(
  connection: LedgerConnection,
  filter: RunFilter,
): Promise<readonly StrategyRow[]> {
  const rows = await connection.all(strategyRows, filterParameters(filter));
  return rows.map((row) => ({
    model: textOf(row, "model"),
    modelPath: textOf(row, "model_path"),
    axis: textOf(row, "axis"),
    strategy: textOf(row, "strategy") as StrategyName,
    concurrency: numberOf(row, "concurrency"),
    runs: numberOf(row, "runs"),
    entityMsP50: numberOf(row, "entity_ms_p50"),
    wallMsPerEntity: numberOf(row, "wall_ms_per_entity"),
    failureShare: numberOf(row, "failure_share"),
    speedUp: maybeNumber(row, "speed_up"),
    predictionErrorShare: maybeNumber(row, "prediction_error_share"),
    costPerEntity: maybeNumber(row, "cost_per_entity"),
  }));
}
