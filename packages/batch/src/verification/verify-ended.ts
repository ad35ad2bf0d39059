/**
 * Verifies a run at the end of its session. The ledger has its end by then, whatever comes of this; what comes of it is put beside
 * that end, unless somebody has gone on with the run meanwhile.
 */
import type { BatchRequest } from "../api.ts";
import { BatchError } from "../batch-error.ts";
import type { StrategyName } from "../batch-plan.ts";
import type { ChunkRunner } from "../chunk-runner.ts";
import type { RunId } from "../entity.ts";
import { threadRunnerOf } from "../scheduling/open-carrier.ts";
import type { BatchSummary } from "../summary.ts";
import { verifyRun } from "./verify-run.ts";

/** The summary with what the verification says, where one is asked for. */
export async function verifyEnded(
  request: BatchRequest,
  summary: BatchSummary,
  strategy: StrategyName,
  signal: AbortSignal,
): Promise<BatchSummary> {
  const { ledger, verify: size, program, source, random, sideRows, policy } = request;
  if (size === undefined) return summary;
  const runner = runnerApart(request, strategy);
  const { timeoutMs } = policy;
  try {
    const verify = await verifyRun({
      ledger,
      run: summary.run as RunId,
      program,
      source,
      size,
      random,
      ...(sideRows === undefined ? {} : { rowsFor: (keys) => sideRows.rowsFor(keys) }),
      ...(runner === undefined ? {} : { runner }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      signal,
    });
    const verified = { ...summary, verify };
    await keep(request, verified);
    return verified;
  } finally {
    await runner?.close();
  }
}

/** What was computed where it could end a thread is not verified where it could end the process. Absent: in place. */
function runnerApart(request: BatchRequest, strategy: StrategyName): ChunkRunner | undefined {
  const { program, policy, runners } = request;
  const { timeoutMs, memoryMb } = policy;
  const isApart = strategy === "threads" || strategy === "cluster";
  const mayEnd = isApart || timeoutMs !== undefined || memoryMb !== undefined;
  if (runners !== undefined || program.modules.length === 0 || !mayEnd) return undefined;
  // Nothing is taken from the cache.
  return threadRunnerOf({ ...request, cache: "off" }, 1);
}

/** Nobody has the run by now: what ended it may say more. */
async function keep({ ledger }: BatchRequest, summary: BatchSummary): Promise<void> {
  const run = summary.run as RunId;
  if ((await ledger.query.run(run))?.sessions !== summary.sessions) return;
  try {
    await ledger.endRun(run, summary.state, summary);
  } catch (error) {
    if (!(error instanceof BatchError) || error.code !== "taken-over") throw error;
  }
}
