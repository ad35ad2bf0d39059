/**
 * `reckon runs export`: values, entities, attempts or runs as files for other programs. Everything goes through a sink of rows, a page
 * at a time; what is meant for standard output, or is to be one JSON array, is written beside the system's temporary files first.
 */
import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import {
  BatchError,
  createResultFile,
  decodeBlock,
  type Ledger,
  type RunId,
  type RunRow,
  type WantedAttribute,
} from "@reckon/batch";
import { createRowSink, type RowFormat, RowTrouble, WaitingFile } from "@reckon/tables";
import type { Scalar } from "@reckon/value";
import { fileOfLedger } from "./ledger-place.ts";
import type { Output } from "./output.ts";
import { filesOfModel, filesOfRows, ownFileProblem } from "./own-files.ts";
import { fileProblem } from "./profile-file.ts";
import type { RunsRequest } from "./runs-request.ts";
import { unknownRun } from "./unknown-run.ts";

/** Models of more runs than this are not asked what they read. */
const runsLookedAtMax = 1000;

type ExportRequest = Extract<RunsRequest, { readonly action: "export" }>;

/**
 * Writes what is asked for. Rejects with `BatchError` where there is no such run, or the file cannot be written, or is one that
 * the runs stand on.
 */
export async function exportRuns(request: ExportRequest, ledger: Ledger, output: Output): Promise<void> {
  const { path, format } = request;
  if (path !== undefined) await refuseOwnFile(path, request, ledger);
  try {
    if (path !== undefined && format !== "json") return await writeRows(request, ledger, path, format);
    const folder = await mkdtemp(join(tmpdir(), "reckon-export-"));
    try {
      const rows = join(folder, "rows");
      await writeRows(request, ledger, rows, format === "json" ? "jsonl" : format);
      await (path === undefined ? print(rows, format, output) : writeArray(rows, path));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } catch (cause) {
    if (cause instanceof RowTrouble) throw new BatchError("misuse", cause.message, cause);
    throw cause;
  }
}

async function refuseOwnFile(path: string, request: ExportRequest, ledger: Ledger): Promise<void> {
  const runs = await ledger.query.runs({ limit: runsLookedAtMax });
  const models = [...new Set(runs.map(({ modelPath }) => modelPath))];
  const rows = [...new Set(runs.map(({ source }) => source))].filter((source) => isAbsolute(source));
  const problem =
    (await fileProblem(path)) ??
    (await ownFileProblem(path, {
      read: [...(await Promise.all(models.map(filesOfModel))).flat(), ...rows.flatMap(filesOfRows)],
      reader: "a model with runs in this ledger",
      ledger: fileOfLedger(request.ledger),
    }));
  if (problem !== undefined) throw new BatchError("misuse", problem);
}

function writeRows(request: ExportRequest, ledger: Ledger, path: string, format: RowFormat): Promise<void> {
  switch (request.what) {
    case "values":
      return writeValues(request, ledger, path, format);
    case "entities":
      return writeEntities(request, ledger, path, format);
    case "attempts":
      return writeAttempts(request, ledger, path, format);
    case "runs":
      return writeRuns(request, ledger, path, format);
  }
}

async function runOf({ run }: ExportRequest, ledger: Ledger): Promise<RunRow> {
  const found = await ledger.query.run(run);
  if (found !== undefined) return found;
  throw new BatchError("unknown-run", await unknownRun(run, ledger));
}

async function writeValues(
  request: ExportRequest,
  ledger: Ledger,
  path: string,
  format: RowFormat,
): Promise<void> {
  const { run, axis } = await runOf(request, ledger);
  const wanted = await wantedOf(ledger, run);
  const file = await createResultFile(path, format, { axis, wanted }, ledger.query, run);
  try {
    await file.finish();
  } catch (cause) {
    await file.discard();
    throw cause;
  }
}

/** The attributes whose values a run has: those of its first block; none where nothing has values. */
async function wantedOf({ query }: Ledger, run: RunId): Promise<readonly WantedAttribute[]> {
  for await (const page of query.results(run)) {
    const chunks = [...new Set(page.map(({ chunk }) => chunk))];
    for (const chunk of chunks) {
      const [block] = await query.blocks([chunk]);
      const read = block === undefined ? undefined : decodeBlock(block);
      if (read !== undefined) return read.attributes;
    }
  }
  return [];
}

/** The columns of a page of rows, by name and how a row has it. */
type Columns<Row> = Readonly<Record<string, (row: Row) => Scalar | undefined>>;

async function writePages<Row>(
  path: string,
  format: RowFormat,
  columns: Columns<Row>,
  pages: AsyncIterable<readonly Row[]>,
): Promise<void> {
  const sink = await createRowSink(path, format, Object.keys(columns));
  const read = Object.values(columns);
  try {
    for await (const page of pages)
      await sink.write(read.map((cell) => page.map((row) => cell(row) ?? null)));
    await sink.finish();
  } catch (cause) {
    await sink.discard();
    throw cause;
  }
}

async function writeEntities(
  request: ExportRequest,
  ledger: Ledger,
  path: string,
  format: RowFormat,
): Promise<void> {
  const { run, axis } = await runOf(request, ledger);
  const pages = ledger.query.entities(run);
  type Row = typeof pages extends AsyncIterable<readonly (infer Each)[]> ? Each : never;
  const columns: Columns<Row> = {
    [axis]: ({ key }) => key,
    position: ({ position }) => position,
    state: ({ state }) => state,
    attempts: ({ attempts }) => attempts,
    duration_ms: ({ durationMs }) => durationMs,
    wait_ms: ({ waitMs }) => waitMs,
    worker: ({ worker }) => worker,
    started_at_ms: ({ startedAtMs }) => startedAtMs,
    cache_hits: ({ cacheHits }) => cacheHits,
    checks_failed: ({ checksFailed }) => checksFailed,
    error_code: ({ errorCode }) => errorCode,
    error_message: ({ errorMessage }) => errorMessage,
    error_attribute: ({ errorAttribute }) => errorAttribute,
    deep_key: ({ deepKey }) => deepKey,
  };
  await writePages(path, format, columns, pages);
}

async function writeAttempts(
  request: ExportRequest,
  ledger: Ledger,
  path: string,
  format: RowFormat,
): Promise<void> {
  const { run, axis } = await runOf(request, ledger);
  const pages = ledger.query.attempts(run);
  type Row = typeof pages extends AsyncIterable<readonly (infer Each)[]> ? Each : never;
  const columns: Columns<Row> = {
    [axis]: ({ key }) => key,
    position: ({ position }) => position,
    attempt: ({ attempt }) => attempt,
    outcome: ({ outcome }) => outcome,
    duration_ms: ({ durationMs }) => durationMs,
    wait_ms: ({ waitMs }) => waitMs,
    worker: ({ worker }) => worker,
    started_at_ms: ({ startedAtMs }) => startedAtMs,
    error_code: ({ errorCode }) => errorCode,
    error_attribute: ({ errorAttribute }) => errorAttribute,
    message: ({ message }) => message,
  };
  await writePages(path, format, columns, pages);
}

const runColumns: Columns<RunRow> = {
  run: ({ run }) => run,
  model: ({ model }) => model,
  model_path: ({ modelPath }) => modelPath,
  scenario: ({ scenario }) => scenario,
  axis: ({ axis }) => axis,
  source: ({ source }) => source,
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
  program_key: ({ programKey }) => programKey,
};

async function writeRuns(
  { filter }: ExportRequest,
  ledger: Ledger,
  path: string,
  format: RowFormat,
): Promise<void> {
  const runs = await ledger.query.runs(filter);
  async function* pages(): AsyncGenerator<readonly RunRow[]> {
    yield runs;
  }
  await writePages(path, format, runColumns, pages());
}

/** Copies the file to standard output, as fast as that is read. */
async function print(path: string, format: ExportRequest["format"], output: Output): Promise<void> {
  if (format === "json") {
    for await (const piece of arrayPieces(path)) {
      output.data(piece);
      await output.drained();
    }
    return;
  }
  for await (const piece of createReadStream(path, "utf8")) {
    output.data(piece as string);
    await output.drained();
  }
}

/** Under another name until it is complete, as the other forms are. */
async function writeArray(rows: string, path: string): Promise<void> {
  const file = await WaitingFile.create(path);
  try {
    for await (const piece of arrayPieces(rows)) await file.write(Buffer.from(piece));
    await file.finish();
  } finally {
    await file.discard();
  }
}

const pieceLines = 1000;

/** Lines end at a line feed only: other separators of lines may stand in JSON as they are. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of createReadStream(path, "utf8")) {
    const lines = (rest + (piece as string)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
  }
  if (rest !== "") yield rest;
}

/** JSON lines as one array. */
async function* arrayPieces(path: string): AsyncGenerator<string> {
  let piece = "[";
  let count = 0;
  for await (const line of linesOf(path)) {
    piece += `${count === 0 ? "\n" : ",\n"}  ${line}`;
    count += 1;
    if (count % pieceLines !== 0) continue;
    yield piece;
    piece = "";
  }
  yield `${piece}${count === 0 ? "]\n" : "\n]\n"}`;
}
