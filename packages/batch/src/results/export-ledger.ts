/**
 * What a ledger has, as a file: entities of a run with their values, attempts of a run, or runs.
 *
 * Entities come as the result file of their run would (result-file.ts): which attributes there are is told by the values
 * themselves, so that neither model nor program is needed. Attempts and runs have a column for each that the ledger's table has, under
 * its name. Memory: a page.
 */
import { createRowSink, type RowFormat, type RowSink, RowTrouble } from "@reckon/tables";
import type { Scalar } from "@reckon/value";
import { BatchError } from "../batch-error.ts";
import type { RunId } from "../entity.ts";
import { decodeBlock } from "../evaluation/result-block.ts";
import type { AttemptRow, LedgerQueries, RunFilter, RunRow } from "../ledger.ts";
import type { WantedAttribute } from "../program.ts";
import { createResultFile } from "./result-file.ts";

/** Blocks that are looked at together for the first that has values. */
const chunksLookedAt = 16;

export type LedgerExport =
  | { readonly of: "entities" | "attempts"; readonly run: RunId }
  | { readonly of: "runs"; readonly filter: RunFilter };

/**
 * Writes the file, whole or not at all. Rejects with `BatchError`: `unknown-run`, `results`, `ledger`.
 *
 * @example
 * ```ts
 * await exportLedger(ledger.query, { of: "attempts", run }, "attempts.parquet", "parquet");
 * ```
 */
export async function exportLedger(
  query: LedgerQueries,
  what: LedgerExport,
  path: string,
  format: RowFormat,
): Promise<void> {
  if (what.of === "runs") {
    const rows = query.runs(what.filter);
    return writeRows(path, format, runColumns, inOnePage(rows));
  }
  const run = await query.run(what.run);
  if (run === undefined) throw new BatchError("unknown-run", `The ledger has no run ${what.run}.`);
  if (what.of === "attempts") return writeRows(path, format, attemptColumns, query.attempts(what.run));
  const wanted = await wantedOf(query, what.run);
  const file = await createResultFile(path, format, { axis: run.axis, wanted }, query, what.run);
  try {
    await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** The attributes of the first block that there is; all blocks of a run have the same. */
async function wantedOf(query: LedgerQueries, run: RunId): Promise<readonly WantedAttribute[]> {
  for await (const rows of query.results(run)) {
    const chunks = [...new Set(rows.map(({ chunk }) => chunk))];
    for (let at = 0; at < chunks.length; at += chunksLookedAt)
      for (const bytes of await query.blocks(chunks.slice(at, at + chunksLookedAt))) {
        const block = bytes === undefined ? undefined : decodeBlock(bytes);
        if (block !== undefined) return block.attributes;
      }
  }
  return [];
}

/** The columns of a file, and what stands in them. */
type ExportColumns<Row> = Readonly<Record<string, (row: Row) => string | number | undefined>>;

const runColumns: ExportColumns<RunRow> = {
  run_id: ({ run }) => run,
  model: ({ model }) => model,
  model_path: ({ modelPath }) => modelPath,
  scenario: ({ scenario }) => scenario,
  axis: ({ axis }) => axis,
  source: ({ source }) => source,
  program_key: ({ programKey }) => programKey,
  state: ({ state }) => state,
  strategy: ({ strategy }) => strategy,
  concurrency: ({ concurrency }) => concurrency,
  chunk_entities: ({ chunkEntities }) => chunkEntities,
  sessions: ({ sessions }) => sessions,
  started_at_ms: ({ startedAtMs }) => startedAtMs,
  ended_at_ms: ({ endedAtMs }) => endedAtMs,
  wall_ms: ({ wallMs }) => wallMs,
  predicted_ms: ({ predictedMs }) => predictedMs,
  cpu_ms: ({ cpuMs }) => cpuMs,
  memory_peak_bytes: ({ memoryPeakBytes }) => memoryPeakBytes,
  cost: ({ cost }) => cost,
  entities: ({ counts }) => counts.entities,
  succeeded: ({ counts }) => counts.succeeded,
  failed: ({ counts }) => counts.failed,
  invalid: ({ counts }) => counts.invalid,
  skipped: ({ counts }) => counts.skipped,
  retried: ({ counts }) => counts.retried,
  attempts: ({ counts }) => counts.attempts,
  checks_failed: ({ checksFailed }) => checksFailed,
};

const attemptColumns: ExportColumns<AttemptRow> = {
  entity_key: ({ key }) => key,
  position: ({ position }) => position,
  attempt: ({ attempt }) => attempt,
  outcome: ({ outcome }) => outcome,
  worker: ({ worker }) => worker,
  started_at_ms: ({ startedAtMs }) => startedAtMs,
  duration_ms: ({ durationMs }) => durationMs,
  wait_ms: ({ waitMs }) => waitMs,
  error_code: ({ errorCode }) => errorCode,
  error_attribute: ({ errorAttribute }) => errorAttribute,
  message: ({ message }) => message,
};

async function* inOnePage<Row>(rows: Promise<readonly Row[]>): AsyncGenerator<readonly Row[]> {
  yield await rows;
}

async function writeRows<Row>(
  path: string,
  format: RowFormat,
  columns: ExportColumns<Row>,
  pages: AsyncIterable<readonly Row[]>,
): Promise<void> {
  let sink: RowSink | undefined;
  try {
    sink = await createRowSink(path, format, Object.keys(columns));
    for await (const rows of pages)
      await sink.write(Object.values(columns).map((of) => rows.map((row): Scalar => of(row) ?? null)));
    await sink.finish();
  } catch (cause) {
    await sink?.discard();
    if (cause instanceof RowTrouble) throw new BatchError("results", cause.message, cause);
    throw cause;
  }
}
