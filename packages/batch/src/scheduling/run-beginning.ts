/**
 * Which run it is: a further session of one that is not finished, or another one.
 *
 *   1. The newest run of this model, scenario, axis and source is looked up (`auto`: if it is unfinished; `retry-failed`: in any case).
 *   2. Its program has to be the same, and its source: what has ended has to be found in the source as it was. That is one
 *      pass over the rows, before anything is computed. If something has changed another run begins, and a notice says why.
 *      The rows of what failed or was invalid may have been corrected where it is run again: they need only be where they were.
 *   3. Its lease is taken, a session begins.
 */
import { resolve } from "node:path";
import type { BatchRequest } from "../api.ts";
import { BatchError } from "../batch-error.ts";
import type { BatchPlan } from "../batch-plan.ts";
import type { RunId } from "../entity.ts";
import { newRunId } from "../ledger/run-id.ts";
import type { FinishedEntity, Ledger, RunCounts, RunRow } from "../ledger.ts";
import { RunLease } from "./run-lease.ts";
import { runStart } from "./run-start.ts";

export interface RunBeginning {
  readonly run: RunId;
  readonly lease: RunLease;
  /** Of a session before; absent: the run begins. */
  readonly resumed?: ResumedRun;
}

interface ResumedRun {
  readonly counts: RunCounts;
  /** Of all sessions before. */
  readonly wallMs: number;
  /** Absent: it was interrupted before there was one. */
  readonly plan: BatchPlan | undefined;
}

/** Runs of one model and axis that are looked at for one of the same scenario and source. */
const runsLookedAt = 100;
const namesTried = 100;
/** So long a look at the rows that have ended says nothing. */
const quietLookMs = 1_000;

export async function beginRun(
  request: BatchRequest,
  onNotice: (message: string) => void,
  onLeaseLost: (error: BatchError) => void,
  isStopped: () => boolean = () => false,
): Promise<RunBeginning> {
  const { ledger, clock, resume } = request;
  const row = resume === "never" ? undefined : await earlierRun(request);
  if (row !== undefined) {
    const pass = await lookAtRows(request, row, onNotice, isStopped);
    if (typeof pass !== "string") {
      const lease = await RunLease.take(ledger, row.run, clock, onLeaseLost);
      try {
        // Another process may have gone on with it before its lease ran out.
        const details = await ledger.query.run(row.run);
        await lease.ledger.beginRun(runStart(request, row.run));
        if (resume === "retry-failed" && !isStopped()) await lease.ledger.reopenFailed(row.run);
        if (pass.corrected > 0) await reopenCorrected(request, row, lease.ledger, isStopped);
        const { counts = row.counts, wallMs = row.wallMs } = (await ledger.query.run(row.run)) ?? {};
        return { run: row.run, lease, resumed: { counts, wallMs, plan: details?.plan } };
      } catch (error) {
        lease.stop();
        throw error;
      }
    }
    onNotice(`run ${row.run} is not resumed: ${pass}; another run begins`);
  } else if (resume === "retry-failed")
    throw new BatchError("unknown-run", "there is no run of this model, scenario, axis and source to retry");
  const run = await freeRunId(request);
  await ledger.beginRun(runStart(request, run));
  return { run, lease: await RunLease.take(ledger, run, clock, onLeaseLost) };
}

/** Equal seeds may give equal names within a second; the run that has the name is another one. */
async function freeRunId({ ledger, clock, random }: BatchRequest): Promise<RunId> {
  for (let tries = 1; tries < namesTried; tries++) {
    const run = newRunId(clock, random);
    if ((await ledger.query.run(run)) === undefined) return run;
  }
  return newRunId(clock, random);
}

async function earlierRun({ program, source, ledger, resume }: BatchRequest): Promise<RunRow | undefined> {
  const { scenario, axis } = program;
  const modelPath = resolve(program.model.source);
  if (resume === "auto")
    return await ledger.unfinishedRun({ modelPath, scenario, axis, source: source.name });
  const rows = await ledger.query.runs({ model: modelPath, axis, limit: runsLookedAt });
  return rows.find((row) => row.scenario === scenario && row.source === source.name);
}

/**
 * Why the run cannot go on, as far as was looked before it was stopped; or, where it can, how many entities were invalid whose rows have
 * changed since. Where it takes long that is told: nothing else is, before it is through.
 */
async function lookAtRows(
  request: BatchRequest,
  row: RunRow,
  onNotice: (message: string) => void,
  isStopped: () => boolean,
): Promise<string | { readonly corrected: number }> {
  if (row.programKey !== request.program.key) return "the model, or what it is computed with, has changed";
  const { succeeded, failed, invalid, skipped } = row.counts;
  const ended = succeeded + failed + invalid + skipped;
  let [found, corrected] = [0, 0];
  if (ended === 0) return { corrected };
  const { clock } = request;
  let tellAtMs = clock.now() + quietLookMs;
  for await (const block of request.source.blocks()) {
    // It is left as it is: nothing begins that would have to fit.
    if (isStopped()) return { corrected: 0 };
    const finished = await request.ledger.finished(row.run, block.keys);
    for (const [i, key] of block.keys.entries()) {
      const entity = finished.get(key);
      if (entity === undefined || entity.position !== block.positions[i]) continue;
      const isAlike = entity.deepKey === block.deepKeys[i];
      const isCorrected = !isAlike && isRunAgain(request, entity);
      if (isAlike || isCorrected) found++;
      if (isCorrected && entity.state === "invalid") corrected++;
    }
    if (found === ended) return { corrected };
    if (clock.now() < tellAtMs) continue;
    tellAtMs = Number.POSITIVE_INFINITY;
    onNotice(
      `looking first whether the rows of ${row.source} are as they were, for ${ended} entities of run ${row.run}`,
    );
  }
  return `rows of ${row.source} have changed that had been computed`;
}

function isRunAgain({ resume }: BatchRequest, { state }: FinishedEntity): boolean {
  return resume === "retry-failed" && (state === "failed" || state === "invalid");
}

/** A second pass, a block at a time: nobody knows how many there are. Those that it does not come to stay for the next time. */
async function reopenCorrected(
  { source }: BatchRequest,
  { run }: RunRow,
  ledger: Ledger,
  isStopped: () => boolean,
): Promise<void> {
  for await (const { keys, positions, deepKeys } of source.blocks()) {
    if (isStopped()) return;
    const finished = await ledger.finished(run, keys);
    const corrected = keys.filter((key, i) => {
      const entity = finished.get(key);
      return (
        entity?.state === "invalid" && entity.position === positions[i] && entity.deepKey !== deepKeys[i]
      );
    });
    if (corrected.length > 0) await ledger.reopenInvalid(run, corrected);
  }
}
