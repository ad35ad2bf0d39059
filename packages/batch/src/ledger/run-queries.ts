/** Runs, and one run in detail. */
import type { BatchPlan, StrategyName } from "../batch-plan.ts";
import type { RunId } from "../entity.ts";
import type { RunDetails, RunFilter, RunRow, RunStart, RunState, WorkerRow } from "../ledger.ts";
import type { BatchSummary } from "../summary.ts";
import { type Pieces, statement } from "./dialect.ts";
import {
  type LedgerConnection,
  maybeJson,
  maybeNumber,
  maybeText,
  numberOf,
  type SqlParameters,
  type SqlRow,
  type Statement,
  textOf,
} from "./ledger-database.ts";
import { timesIn, timesOf } from "./run-times.ts";
import { readText } from "./stored-text.ts";

/** Larger than any number of runs. */
const noLimit = 2_147_483_647;

const columns = `run_id, model, model_path, scenario, axis, source, program_key,
    CASE WHEN state = 'running' AND (owner_until_ms IS NULL OR owner_until_ms < :now) THEN 'interrupted' ELSE state END AS state,
    CASE WHEN owner_until_ms >= :now THEN owner END AS owner, sessions, strategy, concurrency, chunk_entities,
    started_at_ms, ended_at_ms, wall_ms, cpu_ms, memory_peak_bytes, predicted_ms, cost,
    entities, succeeded, failed, invalid, skipped, retried, attempts, checks_failed`;
const moreColumns = `computed, duration_p50_ms, duration_p95_ms, duration_p99_ms, duration_max_ms,
    wait_p50_ms, wait_p95_ms, wait_p99_ms, wait_max_ms, plan_json, summary_json`;

/** What a filter leaves of `runs`; its parameters are those of `filterParameters`. */
export function chosenRuns({ isIn, isNone }: Pieces): string {
  return `(CAST(:model AS text) IS NULL OR model = :model OR model_path = :model)
    AND (CAST(:axis AS text) IS NULL OR axis = :axis)
    AND (CAST(:since AS bigint) IS NULL OR started_at_ms >= :since)
    AND (${isNone("runs")} OR ${isIn("run_id", "runs")})`;
}

export const runList: Statement = statement(
  (pieces) => `SELECT ${columns} FROM runs WHERE ${chosenRuns(pieces)}
  ORDER BY started_at_ms DESC, run_id DESC LIMIT :limit`,
);
export const runDetails: Statement = statement(
  () => `SELECT ${columns}, ${moreColumns} FROM runs WHERE run_id = :run`,
);
export const lastRun: Statement = statement(
  () => "SELECT run_id FROM runs ORDER BY started_at_ms DESC, run_id DESC LIMIT 1",
);
export const runWorkers: Statement = statement(
  () => `SELECT worker, chunks, entities, cpu_ms, memory_peak_bytes, last_seen_at_ms FROM workers
  WHERE run_id = :run ORDER BY worker`,
);
const newestLike = statement(
  () => `SELECT ${columns} FROM runs
  WHERE model_path = :modelPath AND scenario = :scenario AND axis = :axis AND source = :source
  ORDER BY started_at_ms DESC, run_id DESC LIMIT 1`,
);

export function filterParameters({ model, axis, sinceMs, limit, runs }: RunFilter): SqlParameters {
  return {
    model: model ?? null,
    axis: axis ?? null,
    since: sinceMs ?? null,
    runs: runs ?? null,
    limit: limit ?? noLimit,
  };
}

export async function queryRuns(
  connection: LedgerConnection,
  filter: RunFilter,
  now: number,
): Promise<readonly RunRow[]> {
  const rows = await connection.all(runList, { ...filterParameters(filter), now });
  return rows.map(runIn);
}

export async function unfinishedRun(
  connection: LedgerConnection,
  what: Pick<RunStart, "modelPath" | "scenario" | "axis" | "source">,
  now: number,
): Promise<RunRow | undefined> {
  const { modelPath, scenario, axis, source } = what;
  const [row] = await connection.all(newestLike, { modelPath, scenario, axis, source, now });
  const run = row === undefined ? undefined : runIn(row);
  return run === undefined || run.state === "succeeded" || run.state === "failed" ? undefined : run;
}

export async function queryRun(
  connection: LedgerConnection,
  which: RunId | "last",
  now: number,
): Promise<RunDetails | undefined> {
  const run = which === "last" ? (await connection.all(lastRun))[0]?.run_id : which;
  const [row] = run === undefined ? [] : await connection.all(runDetails, { run: run as string, now });
  if (row === undefined) return undefined;
  const plain = runIn(row);
  // A run that has not ended well has none in its row.
  const times = row.computed === null ? await timesOf(connection, plain.run) : timesIn(row);
  const { counts, cpuMs, wallMs, concurrency } = plain;
  const ended = counts.succeeded + counts.failed + counts.invalid + counts.skipped;
  const capacityMs = wallMs * concurrency;
  return {
    ...plain,
    ...times,
    failureShare: ended === 0 ? 0 : counts.failed / ended,
    utilisation: capacityMs === 0 ? 0 : cpuMs / capacityMs,
    workers: (await connection.all(runWorkers, { run: plain.run })).map(workerIn),
    plan: maybeJson(row, "plan_json") as BatchPlan | undefined,
    summary: maybeJson(row, "summary_json") as BatchSummary | undefined,
  };
}

function runIn(row: SqlRow): RunRow {
  return {
    run: textOf(row, "run_id") as RunId,
    model: textOf(row, "model"),
    modelPath: textOf(row, "model_path"),
    scenario: textOf(row, "scenario"),
    axis: textOf(row, "axis"),
    source: textOf(row, "source"),
    state: textOf(row, "state") as RunState,
    owner: maybeText(row, "owner"),
    sessions: numberOf(row, "sessions"),
    strategy: maybeText(row, "strategy") as StrategyName | undefined,
    concurrency: numberOf(row, "concurrency"),
    chunkEntities: numberOf(row, "chunk_entities"),
    startedAtMs: numberOf(row, "started_at_ms"),
    endedAtMs: maybeNumber(row, "ended_at_ms"),
    wallMs: numberOf(row, "wall_ms"),
    predictedMs: maybeNumber(row, "predicted_ms"),
    cpuMs: numberOf(row, "cpu_ms"),
    memoryPeakBytes: numberOf(row, "memory_peak_bytes"),
    cost: maybeNumber(row, "cost"),
    counts: {
      entities: numberOf(row, "entities"),
      succeeded: numberOf(row, "succeeded"),
      failed: numberOf(row, "failed"),
      invalid: numberOf(row, "invalid"),
      skipped: numberOf(row, "skipped"),
      retried: numberOf(row, "retried"),
      attempts: numberOf(row, "attempts"),
    },
    checksFailed: numberOf(row, "checks_failed"),
    programKey: textOf(row, "program_key"),
  };
}

function workerIn(row: SqlRow): WorkerRow {
  return {
    worker: readText(textOf(row, "worker")),
    chunks: numberOf(row, "chunks"),
    entities: numberOf(row, "entities"),
    cpuMs: numberOf(row, "cpu_ms"),
    memoryPeakBytes: numberOf(row, "memory_peak_bytes"),
    lastSeenAtMs: numberOf(row, "last_seen_at_ms"),
  };
}
