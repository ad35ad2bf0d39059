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
import { type Pieces, statement } from "./dialect.ts";
import { type LedgerConnection, maybeText, numberOf, type Statement } from "./ledger-database.ts";
import type { Recording } from "./record-chunks.ts";
import { refuseOther } from "./run-owner.ts";
import { timesOf } from "./run-times.ts";
import { storedText } from "./stored-text.ts";

/** Keys that one statement looks for. */
const keysMax = 8192;

const begin = statement(
  ({
    json,
  }) => `INSERT INTO runs (run_id, model, model_path, scenario, axis, source, program_key, state, started_at_ms,
    counted_at_ms, reckon_version, engine_version, node_version, v8_version, machine, policy_json)
  VALUES (:run, :model, :modelPath, :scenario, :axis, :source, :programKey, 'running', :startedAtMs,
    :now, :reckon, :engine, :node, :v8, :machine, ${json("policy")})
  ON CONFLICT (run_id) DO UPDATE SET state = 'running', sessions = runs.sessions + 1, ended_at_ms = NULL,
    counted_at_ms = excluded.counted_at_ms, policy_json = excluded.policy_json, summary_json = NULL, ${noTimes()}
  WHERE runs.owner IS NOT DISTINCT FROM :writer`,
);
const hold = statement(
  () => `UPDATE runs SET
    wall_ms = wall_ms + CASE WHEN state = 'running' AND owner = :owner AND :isKept = 1 AND counted_at_ms < :now
      THEN :now - counted_at_ms ELSE 0 END,
    counted_at_ms = :now, owner = :owner, owner_until_ms = :until
  WHERE run_id = :run AND (owner = :owner OR :isTaking = 1 AND (owner IS NULL OR owner_until_ms < :leaseNow))`,
);
const ownerOf = statement(({ forUpdate }) => `SELECT owner FROM runs WHERE run_id = :run ${forUpdate}`);
const isOwned = "run_id = :run AND owner IS NOT DISTINCT FROM :writer";
const setPlan = statement(
  ({
    json,
  }) => `UPDATE runs SET strategy = :strategy, concurrency = :concurrency, chunk_entities = :chunkEntities,
    predicted_ms = :predictedMs, price_per_cpu_second = :price, cost = cpu_ms / 1000 * CAST(:price AS double precision), plan_json = ${json("plan")}
  WHERE ${isOwned}`,
);
const reopen = statement(
  () =>
    "UPDATE entities SET state = 'open', attempts_before = attempts WHERE run_id = :run AND state = 'failed'",
);
const uncountFailed = statement(
  () => "UPDATE runs SET entities = entities - :reopened, failed = failed - :reopened WHERE run_id = :run",
);
const dropProblems = statement(() => "DELETE FROM row_problems WHERE run_id = :run");
const invalidOf = ({ isIn }: Pieces): string =>
  `run_id = :run AND state = 'invalid' AND ${isIn("entity_key", "keys")}`;
const invalidTries = statement(
  (pieces) => `SELECT sum(attempts) AS attempts, sum(CASE WHEN attempts > 1 THEN 1 ELSE 0 END) AS retried
  FROM entities WHERE ${invalidOf(pieces)}`,
);
const reopenInvalid = statement(
  (pieces) =>
    `UPDATE entities SET state = 'open', attempts = 0, attempts_before = 0 WHERE ${invalidOf(pieces)}`,
);
const uncountInvalid = statement(
  () => `UPDATE runs SET entities = entities - :reopened, invalid = invalid - :reopened,
    attempts = attempts - :attempts, retried = retried - :retried WHERE run_id = :run`,
);
const end = statement(
  ({ json }) => `UPDATE runs SET state = :state, ended_at_ms = :now, owner = NULL, owner_until_ms = NULL,
    wall_ms = wall_ms + CASE WHEN state = 'running' AND counted_at_ms < :now THEN :now - counted_at_ms ELSE 0 END,
    counted_at_ms = :now, summary_json = ${json("summary")}, computed = :computed,
    duration_p50_ms = :durationP50, duration_p95_ms = :durationP95, duration_p99_ms = :durationP99,
    duration_max_ms = :durationMax, wait_p50_ms = :waitP50, wait_p95_ms = :waitP95, wait_p99_ms = :waitP99,
    wait_max_ms = :waitMax
  WHERE ${isOwned}`,
);
/** The same end, by somebody whose commit was not heard of. */
const isEnded = statement(
  ({ json }) => `SELECT count(*) AS n FROM runs
  WHERE run_id = :run AND state = :state AND owner IS NULL AND summary_json = ${json("summary")}`,
);

function noTimes(): string {
  const columns = ["duration", "wait"].flatMap((what) =>
    ["p50", "p95", "p99", "max"].map((of) => `${what}_${of}_ms`),
  );
  return ["computed", ...columns].map((column) => `${column} = NULL`).join(", ");
}

export async function recordBegin(
  connection: LedgerConnection,
  start: RunStart,
  now: number,
  writer: string | undefined,
): Promise<void> {
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
  const begun = await connection.run(begin, {
    ...what,
    writer: writer ?? null,
    ...versions,
    startedAtMs: Math.round(startedAtMs),
    now,
    policy: JSON.stringify(policy),
  });
  if (begun === 0) await requireOwner(connection, run, writer);
}

/**
 * Whether `owner` has it now; `isTaking`: also where nobody has it. What passed before it is let go of (`forMs` below 0) is no
 * wall time: nobody was at it.
 */
export async function recordHold(
  connection: LedgerConnection,
  { run, now, leaseNow }: Recording & { readonly leaseNow: number },
  owner: string,
  forMs: number,
  isTaking: boolean,
): Promise<boolean> {
  const held = await connection.run(hold, {
    run,
    now,
    leaseNow,
    owner,
    until: Math.round(leaseNow + forMs),
    isKept: forMs < 0 ? 0 : 1,
    isTaking: isTaking ? 1 : 0,
  });
  if (held === 0) await ownerIn(connection, run);
  return held > 0;
}

export async function recordPlan(
  connection: LedgerConnection,
  { run, writer }: Pick<Recording, "run" | "writer">,
  plan: BatchPlan,
): Promise<void> {
  const { strategy, concurrency, chunkEntities } = plan.chosen;
  await changeRun(connection, setPlan, run, writer, {
    strategy,
    concurrency,
    chunkEntities,
    predictedMs: plan.predictedMs,
    price: plan.measures.pricePerCpuSecond ?? null,
    plan: JSON.stringify(plan),
  });
}

/** How many were reopened. Inside a transaction. */
export async function recordReopened(
  connection: LedgerConnection,
  { run, writer }: Pick<Recording, "run" | "writer">,
): Promise<number> {
  await requireOwner(connection, run, writer);
  const reopened = await connection.run(reopen, { run });
  await connection.run(uncountFailed, { run, reopened });
  await connection.run(dropProblems, { run });
  return reopened;
}

/** How many were reopened, of the invalid ones with these keys. Inside a transaction. */
export async function recordCorrected(
  connection: LedgerConnection,
  { run, writer }: Pick<Recording, "run" | "writer">,
  keys: readonly string[],
): Promise<number> {
  await requireOwner(connection, run, writer);
  let all = 0;
  for (let from = 0; from < keys.length; from += keysMax) {
    const some = { run, keys: keys.slice(from, from + keysMax).map(storedText) };
    const [row = {}] = await connection.all(invalidTries, some);
    const [attempts, retried] = [numberOf(row, "attempts"), numberOf(row, "retried")];
    const reopened = await connection.run(reopenInvalid, some);
    await connection.run(uncountInvalid, { run, reopened, attempts, retried });
    all += reopened;
  }
  return all;
}

/** Inside a transaction. */
export async function recordEnd(
  connection: LedgerConnection,
  { run, now, writer }: Recording,
  state: RunState,
  summary: BatchSummary,
): Promise<void> {
  const { durationMs, waitMs } = await timesOf(connection, run);
  const said = { state, summary: JSON.stringify(summary) };
  const [ended = {}] = await connection.all(isEnded, { run, ...said });
  if (numberOf(ended, "n") > 0) return;
  await changeRun(connection, end, run, writer, {
    ...said,
    now,
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

/** Refuses a writer that is not who has the run, and keeps it so until the transaction ends. */
async function requireOwner(
  connection: LedgerConnection,
  run: RunId,
  writer: string | undefined,
): Promise<void> {
  refuseOther(run, await ownerIn(connection, run), writer);
}

async function changeRun(
  connection: LedgerConnection,
  change: Statement,
  run: RunId,
  writer: string | undefined,
  values: Readonly<Record<string, string | number | null>>,
): Promise<void> {
  const changed = await connection.run(change, { run, writer: writer ?? null, ...values });
  if (changed === 0) await requireOwner(connection, run, writer);
}

/** Rejects where there is no such run. */
async function ownerIn(connection: LedgerConnection, run: RunId): Promise<string | undefined> {
  const [row] = await connection.all(ownerOf, { run });
  if (row === undefined) throw new BatchError("unknown-run", `The ledger has no run ${run}.`);
  return maybeText(row, "owner");
}
