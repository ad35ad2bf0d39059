/**
 * What is written of a run itself: its begin, who holds it, its plan, its end.
 *
 * Wall time is counted on by every write from the last one, while the same owner holds the run: pauses between sessions, and
 * what passed after a kill, are left out.
 */
import { BatchError } from "../batch-error.ts";
import type { BatchPlan } from "../batch-plan.ts";
import type { RunId } from "../entity.ts";
import type { RunStart, RunState } from "../ledger.ts";
import type { BatchSummary } from "../summary.ts";
import { statement } from "./dialect.ts";
import { type LedgerConnection, numberOf, type Statement } from "./ledger-database.ts";
import type { Recording } from "./record-chunks.ts";
import { timesOf } from "./run-times.ts";

const begin = statement(
  ({
    json,
  }) => `INSERT INTO runs (run_id, model, model_path, scenario, axis, source, program_key, state, started_at_ms,
    counted_at_ms, reckon_version, engine_version, node_version, v8_version, machine, policy_json)
  VALUES (:run, :model, :modelPath, :scenario, :axis, :source, :programKey, 'running', :startedAtMs,
    :now, :reckon, :engine, :node, :v8, :machine, ${json("policy")})
  ON CONFLICT (run_id) DO UPDATE SET state = 'running', sessions = runs.sessions + 1, ended_at_ms = NULL,
    counted_at_ms = excluded.counted_at_ms, policy_json = excluded.policy_json, summary_json = NULL, ${noTimes()}`,
);
const hold = statement(
  () => `UPDATE runs SET
    wall_ms = wall_ms + CASE WHEN state = 'running' AND owner = :owner AND :isKept = 1 AND counted_at_ms < :now
      THEN :now - counted_at_ms ELSE 0 END,
    counted_at_ms = :now, owner = :owner, owner_until_ms = :until
  WHERE run_id = :run AND (owner IS NULL OR owner = :owner OR owner_until_ms < :now)`,
);
const isThere = statement(() => "SELECT count(*) AS n FROM runs WHERE run_id = :run");
const setPlan = statement(
  ({
    json,
  }) => `UPDATE runs SET strategy = :strategy, concurrency = :concurrency, chunk_entities = :chunkEntities,
    predicted_ms = :predictedMs, price_per_cpu_second = :price, cost = cpu_ms / 1000 * CAST(:price AS double precision), plan_json = ${json("plan")}
  WHERE run_id = :run`,
);
const reopen = statement(() => "UPDATE entities SET state = 'open' WHERE run_id = :run AND state = 'failed'");
const uncount = statement(
  () => "UPDATE runs SET entities = entities - :reopened, failed = failed - :reopened WHERE run_id = :run",
);
const end = statement(
  ({ json }) => `UPDATE runs SET state = :state, ended_at_ms = :now, owner = NULL, owner_until_ms = NULL,
    wall_ms = wall_ms + CASE WHEN state = 'running' AND counted_at_ms < :now THEN :now - counted_at_ms ELSE 0 END,
    counted_at_ms = :now, summary_json = ${json("summary")}, computed = :computed,
    duration_p50_ms = :durationP50, duration_p95_ms = :durationP95, duration_p99_ms = :durationP99,
    duration_max_ms = :durationMax, wait_p50_ms = :waitP50, wait_p95_ms = :waitP95, wait_p99_ms = :waitP99,
    wait_max_ms = :waitMax
  WHERE run_id = :run`,
);

function noTimes(): string {
  const columns = ["duration", "wait"].flatMap((what) =>
    ["p50", "p95", "p99", "max"].map((of) => `${what}_${of}_ms`),
  );
  return ["computed", ...columns].map((column) => `${column} = NULL`).join(", ");
}

export async function recordBegin(connection: LedgerConnection, start: RunStart, now: number): Promise<void> {
  const {
    versions,
    policy,
    run,
    model,
    modelPath,
    scenario,
    axis,
    source,
    programKey,
    startedAtMs,
    machine,
  } = start;
  const what = { run, model, modelPath, scenario, axis, source, programKey, machine };
  await connection.run(begin, {
    ...what,
    ...versions,
    startedAtMs: Math.round(startedAtMs),
    now,
    policy: JSON.stringify(policy),
  });
}

/** Whether `owner` has it now. What passed before it is let go of (`forMs` below 0) is no wall time: nobody was at it. */
export async function recordHold(
  connection: LedgerConnection,
  { run, now }: Recording,
  owner: string,
  forMs: number,
): Promise<boolean> {
  const held = await connection.run(hold, {
    run,
    now,
    owner,
    until: Math.round(now + forMs),
    isKept: forMs < 0 ? 0 : 1,
  });
  if (held === 0) await requireRun(connection, run);
  return held > 0;
}

export async function recordPlan(connection: LedgerConnection, run: RunId, plan: BatchPlan): Promise<void> {
  const { strategy, concurrency, chunkEntities } = plan.chosen;
  await changeRun(connection, setPlan, run, {
    strategy,
    concurrency,
    chunkEntities,
    predictedMs: plan.predictedMs,
    price: plan.measures.pricePerCpuSecond ?? null,
    plan: JSON.stringify(plan),
  });
}

/** How many were reopened. */
export async function recordReopened(connection: LedgerConnection, run: RunId): Promise<number> {
  await requireRun(connection, run);
  const reopened = await connection.run(reopen, { run });
  await connection.run(uncount, { run, reopened });
  return reopened;
}

export async function recordEnd(
  connection: LedgerConnection,
  { run, now }: Recording,
  state: RunState,
  summary: BatchSummary,
): Promise<void> {
  const { durationMs, waitMs } = await timesOf(connection, run);
  await changeRun(connection, end, run, {
    state,
    now,
    summary: JSON.stringify(summary),
    computed: durationMs.count,
    durationP50: durationMs.p50,
    durationP95: durationMs.p95,
    durationP99: durationMs.p99,
    durationMax: durationMs.max,
    waitP50: waitMs.p50,
    waitP95: waitMs.p95,
    waitP99: waitMs.p99,
    waitMax: waitMs.max,
  });
}

async function changeRun(
  connection: LedgerConnection,
  change: Statement,
  run: RunId,
  values: Readonly<Record<string, string | number | null>>,
): Promise<void> {
  const changed = await connection.run(change, { run, ...values });
  if (changed === 0) await requireRun(connection, run);
}

async function requireRun(connection: LedgerConnection, run: RunId): Promise<void> {
  const [row] = await connection.all(isThere, { run });
  if (row === undefined || numberOf(row, "n") === 0)
    throw new BatchError("unknown-run", `The ledger has no run ${run}.`);
}
