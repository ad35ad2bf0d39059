/** What is said at the end of a run: all from the ledger, so that it tells of the sessions before as well. */
import type { BatchRequest } from "../api.ts";
import { BatchError } from "../batch-error.ts";
import type { StrategyName } from "../batch-plan.ts";
import type { RunId } from "../entity.ts";
import type { Ledger } from "../ledger.ts";
import type { BatchSummary } from "../summary.ts";

export interface RunEnding {
  readonly run: RunId;
  /** Of the last session; null before it was chosen. */
  readonly strategy: StrategyName | null;
  readonly concurrency: number | null;
  /** Of the whole run, as `actualMs`. */
  readonly predictedMs: number | null;
  readonly actualMs: number;
  readonly sessionMs: number;
  /** Entities that had ended before this session. */
  readonly endedBefore: number;
  /** How many the source has, where they were counted. */
  readonly counted: number | undefined;
  /** Everything that the source has has ended. */
  readonly isComplete: boolean;
  readonly isHalted: boolean;
}

export async function summaryOf(
  { pricePerCpuSecond }: BatchRequest,
  ledger: Ledger,
  { run, isComplete, isHalted, endedBefore, counted, ...how }: RunEnding,
): Promise<BatchSummary> {
  const details = await ledger.query.run(run);
  if (details === undefined) throw new BatchError("ledger", `run ${run} is not in the ledger any more`);
  const { succeeded, failed, invalid, retried, skipped } = details.counts;
  const entities = succeeded + failed + invalid + skipped;
  const ended = failed + invalid > 0 ? "failed" : "succeeded";
  const open = isComplete || counted === undefined ? undefined : Math.max(0, counted - entities);
  return {
    run,
    state: isComplete ? ended : isHalted ? "halted" : "interrupted",
    entities,
    ...(open === undefined ? {} : { open }),
    succeeded,
    failed,
    invalid,
    retried,
    skipped,
    deduplicated: succeeded + failed - details.durationMs.count,
    ...how,
    sessions: details.sessions,
    sessionEntities: entities - endedBefore,
    cpuMs: details.cpuMs,
    ...(pricePerCpuSecond === undefined ? {} : { cost: (details.cpuMs / 1000) * pricePerCpuSecond }),
    checksFailed: details.checksFailed,
  };
}
