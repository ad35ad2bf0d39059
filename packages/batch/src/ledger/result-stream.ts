/**
 * Rows of a run in the order of the source, page by page: each page is a statement of its own that goes on where the last one
 * ended, so that nothing is held open while a run is written to, and memory is that of a page.
 */
import type { RowProblem, RunId } from "../entity.ts";
import type { AttemptRow, EntityRow, EntityState, ResultRow } from "../ledger.ts";
import { statement } from "./dialect.ts";
import { finishedIn, hexOfAll } from "./ended-entities.ts";
import {
  type LedgerConnection,
  maybeText,
  numberOf,
  type SqlRow,
  type SqlValue,
  type Statement,
  textOf,
} from "./ledger-database.ts";
import { readText } from "./stored-text.ts";

const rowsMax = 4096;
const blocksMax = 64;

export const resultRows: Statement = statement(
  () => `SELECT entity_key, position, state, deep_key, chunk_id, chunk_row, checks_failed, error_code, error_message
  FROM entities
  WHERE run_id = :run AND position >= :from AND state <> 'open' ORDER BY position LIMIT ${rowsMax}`,
);
export const problemRows: Statement = statement(
  () => `SELECT position, line, message FROM row_problems
  WHERE run_id = :run AND position >= :from ORDER BY position LIMIT ${rowsMax}`,
);
export const entityRows: Statement = statement(
  () => `SELECT e.entity_key, e.position, e.state, e.deep_key, e.chunk_id, e.chunk_row, e.error_code, e.error_message,
    e.error_attribute, e.attempts, e.duration_ms, e.checks_failed, c.worker, c.started_at_ms, c.wait_ms, c.cache_hits
  FROM entities AS e CROSS JOIN chunks AS c
  WHERE c.chunk_id = e.chunk_id AND e.run_id = :run AND e.position >= :from ORDER BY e.position LIMIT ${rowsMax}`,
);
export const attemptRows: Statement = statement(
  () => `SELECT a.entity_key, (SELECT e.position FROM entities AS e WHERE e.run_id = a.run_id AND e.entity_key = a.entity_key) AS position,
    a.attempt, a.outcome, a.worker, a.started_at_ms, a.duration_ms, a.wait_ms,
    a.error_code, a.error_attribute, a.message
  FROM attempts AS a WHERE a.run_id = :run AND (a.entity_key > :key OR (a.entity_key = :key AND a.attempt > :attempt))
  ORDER BY a.entity_key, a.attempt LIMIT ${rowsMax}`,
);
const blockRows = statement(
  ({ isInNumbers }) => `SELECT chunk_id, block FROM chunks WHERE ${isInNumbers("chunk_id", "chunks")}`,
);

export function resultsOf(
  connection: LedgerConnection,
  run: RunId,
  from: number,
): AsyncIterable<readonly ResultRow[]> {
  return resultPages(connection, run, from);
}

async function* resultPages(
  connection: LedgerConnection,
  run: RunId,
  from: number,
): AsyncGenerator<readonly ResultRow[]> {
  for (let next = from; ; ) {
    const page = resultsIn(await connection.lists(resultRows, { run, from: next }));
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < rowsMax) return;
    next = last.position + 1;
  }
}

/** Rows in the order of the statement's columns. */
function resultsIn(rows: readonly (readonly SqlValue[])[]): readonly ResultRow[] {
  const deepKeys = hexOfAll(rows.map((row) => row[3]));
  return rows.map(([key, position, state, , chunk, chunkRow, checksFailed, code, message], i) => ({
    key: readText(key as string),
    position: position as number,
    state: state as EntityState,
    deepKey: deepKeys[i] as string,
    chunk: chunk as number,
    chunkRow: chunkRow as number,
    checksFailed: checksFailed as number,
    errorCode: code === null ? undefined : (code as string),
    errorMessage: message === null ? undefined : readText(message as string),
  }));
}

export function problemsOf(
  connection: LedgerConnection,
  run: RunId,
  from: number,
): AsyncIterable<readonly RowProblem[]> {
  const read = (row: SqlRow): RowProblem => ({
    position: numberOf(row, "position"),
    line: numberOf(row, "line"),
    message: readText(textOf(row, "message")),
  });
  return pages(connection, { statement: problemRows, read, run, from });
}

export function entitiesOf(connection: LedgerConnection, run: RunId): AsyncIterable<readonly EntityRow[]> {
  return pages(connection, { statement: entityRows, read: entityIn, run, from: 0 });
}

export async function* attemptsOf(
  connection: LedgerConnection,
  run: RunId,
): AsyncGenerator<readonly AttemptRow[]> {
  for (let [key, attempt] = ["", 0]; ; ) {
    const rows = await connection.all(attemptRows, { run, key, attempt });
    if (rows.length > 0) yield rows.map(attemptIn);
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsMax) return;
    key = textOf(last, "entity_key");
    attempt = numberOf(last, "attempt");
  }
}

export async function blocksOf(
  connection: LedgerConnection,
  chunks: readonly number[],
): Promise<readonly (Uint8Array | undefined)[]> {
  const found = new Map<number, Uint8Array>();
  const wanted = [...new Set(chunks)];
  for (let at = 0; at < wanted.length; at += blocksMax) {
    const rows = await connection.all(blockRows, { chunks: wanted.slice(at, at + blocksMax) });
    for (const { chunk_id, block } of rows)
      if (block instanceof Uint8Array) found.set(Number(chunk_id), block);
  }
  return chunks.map((chunk) => found.get(chunk));
}

interface Paged<T> {
  readonly statement: Statement;
  readonly read: (row: SqlRow) => T;
  readonly run: RunId;
  readonly from: number;
}

async function* pages<T extends { readonly position: number }>(
  connection: LedgerConnection,
  { statement: select, read, run, from }: Paged<T>,
): AsyncGenerator<readonly T[]> {
  for (let next = from; ; ) {
    const rows = await connection.all(select, { run, from: next });
    const page = rows.map(read);
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < rowsMax) return;
    next = last.position + 1;
  }
}

function entityIn(row: SqlRow): EntityRow {
  const message = maybeText(row, "error_message");
  return {
    ...finishedIn(row),
    errorCode: maybeText(row, "error_code"),
    errorMessage: message === undefined ? undefined : readText(message),
    state: textOf(row, "state") as EntityState | "open",
    attempts: numberOf(row, "attempts"),
    durationMs: numberOf(row, "duration_ms"),
    errorAttribute: maybeText(row, "error_attribute"),
    checksFailed: numberOf(row, "checks_failed"),
    worker: readText(textOf(row, "worker")),
    startedAtMs: numberOf(row, "started_at_ms"),
    waitMs: numberOf(row, "wait_ms"),
    cacheHits: numberOf(row, "cache_hits"),
  };
}

function attemptIn(row: SqlRow): AttemptRow {
  const message = maybeText(row, "message");
  return {
    key: readText(textOf(row, "entity_key")),
    position: numberOf(row, "position"),
    attempt: numberOf(row, "attempt"),
    outcome: textOf(row, "outcome") as AttemptRow["outcome"],
    worker: readText(textOf(row, "worker")),
    startedAtMs: numberOf(row, "started_at_ms"),
    durationMs: numberOf(row, "duration_ms"),
    waitMs: numberOf(row, "wait_ms"),
    errorCode: maybeText(row, "error_code"),
    errorAttribute: maybeText(row, "error_attribute"),
    message: message === undefined ? undefined : readText(message),
  };
}
