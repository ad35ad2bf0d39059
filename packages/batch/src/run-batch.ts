/** Runs a batch. */
import { hostname } from "node:os";
import { parseModel } from "@reckon/model";
import type { BatchProgress, BatchRequest, BatchRun } from "./api.ts";
import { BatchError } from "./batch-error.ts";
import type { ChunkOutcome, EntityBlock, EntityChunk, EntityOutcome, RunId } from "./entity.ts";
import type { ChunkRecord, RunCounts, RunStart } from "./ledger.ts";
import { formChunks } from "./scheduling/chunk-forming.ts";
import type { BatchSummary } from "./summary.ts";

const leaseMs = 30_000;

/**
 * Begins, or resumes, the run that is asked for. Everything that goes wrong with entities is in the summary; the promise rejects
 * with `BatchError` where the run itself cannot go on. What was recorded then stays.
 */
export function startBatch(request: BatchRequest): BatchRun {
  const { clock, random } = request;
  const started = new Date(clock.date()).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  const run = `${started}-${Math.floor(random() * 2 ** 24)
    .toString(16)
    .padStart(6, "0")}` as RunId;
  const stop = new AbortController();
  const counts = { entities: 0, succeeded: 0, failed: 0, invalid: 0, skipped: 0, retried: 0, attempts: 0 };
  const progress = (): BatchProgress => ({
    ...counts,
    ofEntities: request.source.rows,
    active: 0,
    waiting: 0,
    entitiesPerSecond: 0,
    etaMs: undefined,
  });
  return {
    run,
    summary: conduct(request, run, counts, stop.signal),
    progress,
    interrupt: () => stop.abort(),
  };
}

async function conduct(
  request: BatchRequest,
  run: RunId,
  counts: Writable<RunCounts>,
  signal: AbortSignal,
): Promise<BatchSummary> {
  const { ledger, clock, source, onEvent } = request;
  const startedMs = clock.now();
  await ledger.beginRun(runStart(request, run));
  await ledger.holdRun(run, `${hostname()}/${process.pid}`, leaseMs);
  onEvent?.({ kind: "began", run, isResumed: false, finishedBefore: 0 });
  const runner = request.runners?.("sequential", 1);
  if (runner === undefined) throw new BatchError("misuse", "no runner was given");
  let number = 0;
  for await (const block of source.blocks({ rowsMax: request.chunkEntities ?? 4096 })) {
    if (block.problems.length > 0) await ledger.recordProblems(run, block.problems);
    const chunks = formChunks(block, { chunkEntities: request.chunkEntities ?? 4096, firstNumber: number });
    number += chunks.length;
    for (const chunk of chunks) {
      if (signal.aborted) break;
      const sideTables = request.sideRows?.rowsFor(chunk.keys) ?? {};
      const outcome = await runner.run({ ...chunk, sideTables }, { signal });
      await ledger.record(run, [recordOf(chunk, outcome, block)]);
    }
  }
  await runner.close();
  const ended = await ledger.query.run(run);
  if (ended === undefined) throw new BatchError("ledger", "the run is not in the ledger any more");
  Object.assign(counts, ended.counts);
  const { succeeded, failed, invalid, retried, skipped, entities } = ended.counts;
  const summary: BatchSummary = {
    run,
    state: signal.aborted ? "interrupted" : failed + invalid > 0 ? "failed" : "succeeded",
    entities,
    succeeded,
    failed,
    invalid,
    retried,
    skipped,
    strategy: "sequential",
    concurrency: 1,
    predictedMs: 0,
    actualMs: clock.now() - startedMs,
    cpuMs: ended.cpuMs,
    checksFailed: ended.checksFailed,
  };
  await ledger.endRun(run, summary.state, summary);
  onEvent?.({ kind: "ended", summary });
  return summary;
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

function recordOf(chunk: EntityChunk, outcome: ChunkOutcome, block: EntityBlock): ChunkRecord {
  const deepKeys = new Map(block.positions.map((position, i) => [position, block.deepKeys[i] as string]));
  const none = { worker: "main", startedAtMs: 0, durationMs: 0, cpuMs: 0, memoryPeakBytes: 0 };
  const message = outcome.kind === "done" ? "" : outcome.message;
  const outcomes =
    outcome.kind === "done"
      ? outcome.entities
      : chunk.keys.map((): EntityOutcome => ({ kind: "failed", code: outcome.kind, message }));
  return {
    chunk: chunk.id,
    attempt: chunk.attempt,
    keys: chunk.keys,
    positions: chunk.positions,
    deepKeys: chunk.positions.map((position) => deepKeys.get(position) as string),
    ended: outcomes.map(({ kind }) => kind),
    outcomes,
    ...(outcome.kind === "done" ? { block: outcome.block } : {}),
    figures: outcome.kind === "done" ? outcome.figures : { ...none, cacheHits: 0, cacheLookUps: 0 },
    waitMs: 0,
  };
}

function runStart({ program, source, policy, clock }: BatchRequest, run: RunId): RunStart {
  const header = parseModel(program.model.source, program.model.text)
    .items.map(({ declaration }) => declaration)
    .find((declaration) => declaration?.kind === "model");
  return {
    run,
    model: header?.name.text ?? program.model.source,
    modelPath: program.model.source,
    scenario: program.scenario,
    axis: program.axis,
    source: source.name,
    programKey: program.key,
    policy,
    startedAtMs: clock.date(),
    versions: { reckon: "0.1.0", engine: "0.1.0", node: process.versions.node, v8: process.versions.v8 },
    machine: `${process.platform} ${process.arch}`,
  };
}
