/**
 * Records of chunks into the ledger, all of them in one transaction (LE4).
 *
 *   1. The run's row is taken: whoever else records for it waits, and is refused if it does not have the run (LE25).
 *   2. What the run has of the entities is read, and what changes decided (`merge-records.ts`).
 *   3. Chunks are put in with their values, then entities, attempts, problems, the workers' sums, and the run's counts.
 *
 * First attempts are put in without looking: as a rule nobody has recorded them, and the index on the keys says when somebody
 * has. Then nothing was written, and it is done again with looking.
 *
 * Cost: a row an entity; a look-up an entity where one was tried before.
 */
import { BatchError } from "../batch-error.ts";
import type { RowProblem, RunId } from "../entity.ts";
import type { ChunkRecord, FinishedEntity, RecordOutcome } from "../ledger.ts";
import { statement } from "./dialect.ts";
import {
  type InsertShape,
  type LedgerConnection,
  type LedgerDatabase,
  maybeNumber,
  maybeText,
  numberOf,
  type SqlRow,
  type SqlValue,
  textOf,
} from "./ledger-database.ts";
import {
  type AttemptChange,
  type CountChanges,
  type EntityChange,
  type KeptChunk,
  type KnownEntity,
  mergeRecords,
  mergeTaken,
} from "./merge-records.ts";
import { refuseOther } from "./run-owner.ts";
import { readText, storedText } from "./stored-text.ts";

const takeRun = statement(
  ({ forUpdate }) =>
    `SELECT state, owner, counted_at_ms, cpu_ms, price_per_cpu_second FROM runs WHERE run_id = :run ${forUpdate}`,
);
const knownEntities = statement(
  ({ byKey }) => `SELECT e.entity_key, e.position, e.state, e.attempts, e.checks_failed ${byKey("keys")}`,
);
const knownChunks = statement(
  ({ given }) => `SELECT c.chunk FROM ${given("names")} CROSS JOIN chunks AS c
  WHERE c.run_id = :run AND c.chunk = given.value`,
);
const dropAttempts = statement(
  ({ isIn }) => `DELETE FROM attempts WHERE run_id = :run AND ${isIn("entity_key", "keys")}`,
);
const dropProblemsAt = statement(
  ({ isInNumbers }) =>
    `DELETE FROM row_problems WHERE run_id = :run AND ${isInNumbers("position", "positions")}`,
);
const addCounts = statement(
  () => `UPDATE runs SET
    entities = entities + :entities, succeeded = succeeded + :succeeded, failed = failed + :failed,
    invalid = invalid + :invalid, skipped = skipped + :skipped, retried = retried + :retried,
    attempts = attempts + :attempts, checks_failed = checks_failed + :checksFailed,
    cpu_ms = :cpuMs, cost = :cost, wall_ms = wall_ms + :sinceMs, counted_at_ms = :now,
    memory_peak_bytes = CASE WHEN memory_peak_bytes < :memory THEN :memory ELSE memory_peak_bytes END
  WHERE run_id = :run`,
);

const chunkRows: InsertShape = {
  table: "chunks",
  columns: [
    ["run_id", "text"],
    ["chunk", "text"],
    ["entities", "integer"],
    ["worker", "text"],
    ["started_at_ms", "bigint"],
    ["ended_at_ms", "bigint"],
    ["duration_ms", "double precision"],
    ["wait_ms", "double precision"],
    ["cpu_ms", "double precision"],
    ["memory_peak_bytes", "bigint"],
    ["cache_hits", "bigint"],
    ["cache_look_ups", "bigint"],
    ["block", "bytea"],
  ],
  conflict: "",
  returning: "chunk_id",
};
const entityRows: InsertShape = {
  table: "entities",
  columns: [
    ["run_id", "text"],
    ["entity_key", "text"],
    ["position", "bigint"],
    ["state", "text"],
    ["attempts", "integer"],
    ["deep_key", "bytea"],
    ["chunk_id", "bigint"],
    ["chunk_row", "integer"],
    ["duration_ms", "double precision"],
    ["error_code", "text"],
    ["error_message", "text"],
    ["error_attribute", "text"],
    ["checks_failed", "integer"],
  ],
  conflict: `ON CONFLICT (run_id, entity_key) DO UPDATE SET position = excluded.position, state = excluded.state,
    attempts = excluded.attempts, deep_key = excluded.deep_key, chunk_id = excluded.chunk_id, chunk_row = excluded.chunk_row,
    duration_ms = excluded.duration_ms, error_code = excluded.error_code, error_message = excluded.error_message,
    error_attribute = excluded.error_attribute, checks_failed = excluded.checks_failed,
    attempts_before = CASE WHEN entities.position = excluded.position THEN entities.attempts_before ELSE 0 END`,
};
/** Puts in what is not there. */
const unseenRows: InsertShape = { ...entityRows, conflict: "ON CONFLICT (run_id, entity_key) DO NOTHING" };
const attemptRows: InsertShape = {
  table: "attempts",
  columns: [
    ["run_id", "text"],
    ["entity_key", "text"],
    ["attempt", "integer"],
    ["outcome", "text"],
    ["worker", "text"],
    ["started_at_ms", "bigint"],
    ["duration_ms", "double precision"],
    ["wait_ms", "double precision"],
    ["error_code", "text"],
    ["error_attribute", "text"],
    ["message", "text"],
  ],
  conflict: "ON CONFLICT (run_id, entity_key, attempt) DO NOTHING",
};
const problemRows: InsertShape = {
  table: "row_problems",
  columns: [
    ["run_id", "text"],
    ["position", "bigint"],
    ["line", "bigint"],
    ["message", "text"],
  ],
  conflict: "ON CONFLICT (run_id, position) DO NOTHING",
};
const workerRows: InsertShape = {
  table: "workers",
  columns: [
    ["run_id", "text"],
    ["worker", "text"],
    ["chunks", "bigint"],
    ["entities", "bigint"],
    ["cpu_ms", "double precision"],
    ["memory_peak_bytes", "bigint"],
    ["first_seen_at_ms", "bigint"],
    ["last_seen_at_ms", "bigint"],
  ],
  conflict: `ON CONFLICT (run_id, worker) DO UPDATE SET chunks = workers.chunks + excluded.chunks,
    entities = workers.entities + excluded.entities, cpu_ms = workers.cpu_ms + excluded.cpu_ms,
    memory_peak_bytes = CASE WHEN workers.memory_peak_bytes < excluded.memory_peak_bytes
      THEN excluded.memory_peak_bytes ELSE workers.memory_peak_bytes END,
    first_seen_at_ms = CASE WHEN workers.first_seen_at_ms > excluded.first_seen_at_ms
      THEN excluded.first_seen_at_ms ELSE workers.first_seen_at_ms END,
    last_seen_at_ms = CASE WHEN workers.last_seen_at_ms < excluded.last_seen_at_ms
      THEN excluded.last_seen_at_ms ELSE workers.last_seen_at_ms END`,
};
const takenRows: InsertShape = {
  table: "values_taken",
  columns: [
    ["run_id", "text"],
    ["from_run_id", "text"],
  ],
  conflict: "ON CONFLICT (run_id, from_run_id) DO NOTHING",
};
const runsOfChunks = statement(
  ({ isInNumbers }) => `SELECT DISTINCT run_id FROM chunks WHERE ${isInNumbers("chunk_id", "chunks")}`,
);

/** A run, the time, and who writes. */
export interface Recording {
  readonly run: RunId;
  readonly now: number;
  readonly writer: string | undefined;
}

/** Takes a transaction back: an entity that nobody was to have recorded is there. */
const isRecorded = new BatchError("ledger", "an entity was recorded before");

/** All of them in one transaction. */
export async function recordChunks(
  database: LedgerDatabase,
  recording: () => Recording,
  records: readonly ChunkRecord[],
): Promise<readonly RecordOutcome[]> {
  const put = (isUnseen: boolean): Promise<readonly RecordOutcome[]> =>
    database.transaction((connection) => putRecords(connection, recording(), records, isUnseen));
  if (records.some(({ attempt }) => attempt > 1)) return await put(false);
  try {
    return await put(true);
  } catch (error) {
    if (error !== isRecorded) throw error;
    return await put(false);
  }
}

/** `isUnseen`: whether all entities are taken for ones that the run does not have. */
async function putRecords(
  connection: LedgerConnection,
  { run, now, writer }: Recording,
  records: readonly ChunkRecord[],
  isUnseen: boolean,
): Promise<readonly RecordOutcome[]> {
  const row = await rowOf(connection, run, writer);
  const keys = isUnseen ? [] : records.flatMap((record) => record.keys);
  const known = await knownOf(connection, run, keys);
  const names = await connection.all(knownChunks, { run, names: records.map(({ chunk }) => chunk) });
  const merged = mergeRecords(records, known, new Set(names.map((each) => textOf(each, "chunk"))));
  const { chunks, entities, attempts, displaced, counts } = merged;
  const chunkIds = await putChunks(connection, run, chunks);
  const put = await putEntities(
    connection,
    { run, into: isUnseen ? unseenRows : entityRows },
    entities,
    chunkIds,
  );
  if (isUnseen && put < entities.length) throw isRecorded;
  if (displaced.length > 0) await connection.run(dropAttempts, { run, keys: displaced.map(storedText) });
  await putAttempts(connection, run, attempts);
  await putProblems(connection, run, merged.problems);
  await putWorkers(connection, run, chunks);
  await putCounts(connection, { run, now, writer }, row, counts, chunks);
  return merged.outcomes.map((outcome, i) => {
    const place = merged.places[i];
    return place === undefined ? outcome : { ...outcome, chunk: chunkIds[place] as number };
  });
}

/** Inside a transaction: entities whose values the ledger has, of an earlier run or of an equal entity. */
export async function recordTaken(
  connection: LedgerConnection,
  { run, now, writer }: Recording,
  taken: readonly FinishedEntity[],
  state: "skipped" | "succeeded",
): Promise<readonly RowProblem[]> {
  const row = await rowOf(connection, run, writer);
  const known = await knownOf(
    connection,
    run,
    taken.map(({ key }) => key),
  );
  const { entities, problems, displaced, counts } = mergeTaken(taken, known, state);
  const chunkIds = taken.map(({ chunk }) => chunk);
  await putEntities(connection, { run, into: entityRows }, entities, chunkIds);
  if (displaced.length > 0) await connection.run(dropAttempts, { run, keys: displaced.map(storedText) });
  await putProblems(connection, run, problems);
  const found = await connection.all(runsOfChunks, { chunks: [...new Set(chunkIds)] });
  const sources = found.map((each) => textOf(each, "run_id")).filter((source) => source !== run);
  await connection.insert({ into: takenRows, rows: sources.length, columns: [{ all: run }, sources] });
  await putCounts(connection, { run, now, writer }, row, counts, []);
  return problems;
}

/** Inside a transaction: rows that are no entities. */
export async function recordProblems(
  connection: LedgerConnection,
  { run, writer }: Pick<Recording, "run" | "writer">,
  problems: readonly RowProblem[],
): Promise<void> {
  await rowOf(connection, run, writer);
  await putProblems(connection, run, problems);
}

/** Inside a transaction: rows that are entities after all. */
export async function dropProblems(
  connection: LedgerConnection,
  { run, writer }: Pick<Recording, "run" | "writer">,
  positions: readonly number[],
): Promise<void> {
  await rowOf(connection, run, writer);
  await connection.run(dropProblemsAt, { run, positions: [...positions] });
}

async function putProblems(
  connection: LedgerConnection,
  run: RunId,
  problems: readonly RowProblem[],
): Promise<void> {
  await connection.insert({
    into: problemRows,
    rows: problems.length,
    columns: [
      { all: run },
      problems.map(({ position }) => position),
      problems.map(({ line }) => line),
      problems.map(({ message }) => storedText(message)),
    ],
  });
}

async function rowOf(connection: LedgerConnection, run: RunId, writer: string | undefined): Promise<SqlRow> {
  const [row] = await connection.all(takeRun, { run });
  if (row === undefined) throw new BatchError("unknown-run", `The ledger has no run ${run}.`);
  refuseOther(run, maybeText(row, "owner"), writer);
  return row;
}

async function knownOf(
  connection: LedgerConnection,
  run: RunId,
  keys: readonly string[],
): Promise<ReadonlyMap<string, KnownEntity>> {
  if (keys.length === 0) return new Map();
  const rows = await connection.all(knownEntities, { run, keys: keys.map(storedText) });
  return new Map(
    rows.map((row) => [
      readText(textOf(row, "entity_key")),
      {
        position: numberOf(row, "position"),
        state: textOf(row, "state") as KnownEntity["state"],
        attempts: numberOf(row, "attempts"),
        checksFailed: numberOf(row, "checks_failed"),
      },
    ]),
  );
}

async function putChunks(
  connection: LedgerConnection,
  run: RunId,
  chunks: readonly KeptChunk[],
): Promise<readonly number[]> {
  const figures = chunks.map(({ record }) => record.figures);
  const { returned } = await connection.insert({
    into: chunkRows,
    rows: chunks.length,
    columns: [
      { all: run },
      chunks.map(({ name }) => name),
      chunks.map(({ entities }) => entities),
      figures.map(({ worker }) => storedText(worker)),
      figures.map(({ startedAtMs }) => Math.round(startedAtMs)),
      figures.map(({ startedAtMs, durationMs }) => Math.round(startedAtMs + durationMs)),
      figures.map(({ durationMs }) => durationMs),
      chunks.map(({ record }) => record.waitMs),
      figures.map(({ cpuMs }) => cpuMs),
      figures.map(({ memoryPeakBytes }) => Math.round(memoryPeakBytes)),
      figures.map(({ cacheHits }) => cacheHits),
      figures.map(({ cacheLookUps }) => cacheLookUps),
      chunks.map(({ record }) => record.block ?? null),
    ],
  });
  return returned.map(Number);
}

/** How many rows were put in or changed. */
async function putEntities(
  connection: LedgerConnection,
  { run, into }: { readonly run: RunId; readonly into: InsertShape },
  entities: readonly EntityChange[],
  chunkIds: readonly number[],
): Promise<number> {
  const { rows } = await connection.insert({
    into,
    rows: entities.length,
    columns: [
      { all: run },
      entities.map(({ key }) => storedText(key)),
      entities.map(({ position }) => position),
      entities.map(({ state }) => state),
      entities.map(({ attempts }) => attempts),
      bytesOf(entities.map(({ deepKey }) => deepKey)),
      entities.map(({ chunk }) => chunkIds[chunk] as number),
      entities.map(({ chunkRow }) => chunkRow),
      entities.map(({ durationMs }) => durationMs),
      entities.map(({ errorCode }) => errorCode),
      entities.map(({ errorMessage }) => stored(errorMessage)),
      entities.map(({ errorAttribute }) => errorAttribute),
      entities.map(({ checksFailed }) => checksFailed),
    ],
  });
  return rows;
}

/** One buffer for all: a buffer a key would cost a tenth of what a row does. */
function bytesOf(deepKeys: readonly string[]): SqlValue[] {
  const all = Buffer.from(deepKeys.join(""), "hex");
  let end = 0;
  return deepKeys.map((key) => {
    const at = end;
    end += key.length / 2;
    return all.subarray(at, end);
  });
}

async function putAttempts(
  connection: LedgerConnection,
  run: RunId,
  attempts: readonly AttemptChange[],
): Promise<void> {
  await connection.insert({
    into: attemptRows,
    rows: attempts.length,
    columns: [
      { all: run },
      attempts.map(({ key }) => storedText(key)),
      attempts.map(({ attempt }) => attempt),
      attempts.map(({ outcome }) => outcome),
      attempts.map(({ record }) => storedText(record.figures.worker)),
      attempts.map(({ record }) => Math.round(record.figures.startedAtMs)),
      attempts.map(({ durationMs }) => durationMs),
      attempts.map(({ record }) => record.waitMs),
      attempts.map(({ errorCode }) => errorCode),
      attempts.map(({ errorAttribute }) => errorAttribute),
      attempts.map(({ message }) => stored(message)),
    ],
  });
}

function stored(text: string | null): string | null {
  return text === null ? null : storedText(text);
}

async function putWorkers(
  connection: LedgerConnection,
  run: RunId,
  chunks: readonly KeptChunk[],
): Promise<void> {
  const byName = Map.groupBy(chunks, ({ record }) => record.figures.worker);
  const groups = [...byName.values()];
  const figures = groups.map((group) => group.map(({ record }) => record.figures));
  await connection.insert({
    into: workerRows,
    rows: groups.length,
    columns: [
      { all: run },
      [...byName.keys()].map(storedText),
      groups.map((group) => group.length),
      groups.map((group) => sum(group.map(({ entities }) => entities))),
      figures.map((each) => sum(each.map(({ cpuMs }) => cpuMs))),
      figures.map((each) => Math.round(Math.max(...each.map(({ memoryPeakBytes }) => memoryPeakBytes)))),
      figures.map((each) => Math.round(Math.min(...each.map(({ startedAtMs }) => startedAtMs)))),
      figures.map((each) =>
        Math.round(Math.max(...each.map(({ startedAtMs, durationMs }) => startedAtMs + durationMs))),
      ),
    ],
  });
}

async function putCounts(
  connection: LedgerConnection,
  { run, now }: Recording,
  row: SqlRow,
  counts: CountChanges,
  chunks: readonly KeptChunk[],
): Promise<void> {
  const figures = chunks.map(({ record }) => record.figures);
  const cpuMs = numberOf(row, "cpu_ms") + sum(figures.map((each) => each.cpuMs));
  const price = maybeNumber(row, "price_per_cpu_second");
  await connection.run(addCounts, {
    run,
    ...counts,
    cpuMs,
    cost: price === undefined ? null : (cpuMs / 1000) * price,
    sinceMs: textOf(row, "state") === "running" ? Math.max(0, now - numberOf(row, "counted_at_ms")) : 0,
    now,
    memory: Math.round(Math.max(0, ...figures.map(({ memoryPeakBytes }) => memoryPeakBytes))),
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
