/**
 * From a sample to a plan: measures what the choice needs, and nothing where nothing is to be chosen, so that a run of a few
 * milliseconds starts no threads and asks no queue.
 */
import type { ClusterPort } from "../api.ts";
import type { BatchPlan, SampleMeasure } from "../batch-plan.ts";
import { isTooShortToChoose, type PlanOptions, planBatch, unmeasuredMachine } from "./choose.ts";
import { keptMachine, type MachineLedger, measureMachine } from "./measure-machine.ts";

/** Measuring takes a second or so: nobody waits for that to save a part of less. */
const unmeasuredMsMin = 1_000;

export interface PlanRequest {
  readonly sample: SampleMeasure;
  /** All, the sample included. */
  readonly entities: number;
  readonly isEstimated: boolean;
  readonly ledger: MachineLedger;
  readonly queue?: Pick<ClusterPort, "measure">;
  readonly pricePerCpuSecond?: number;
  readonly options: PlanOptions;
  /** Milliseconds since 1970, for the age of what was measured. */
  readonly nowMs: number;
}

/**
 * Rejects as `measureMachine`, the queue and `planBatch` do.
 *
 * @example
 * ```ts
 * const plan = await planRun({ sample, entities: 300, isEstimated: false, ledger, options: { strategy: "auto" }, nowMs: Date.now() });
 * ```
 */
export async function planRun(request: PlanRequest): Promise<BatchPlan> {
  const { sample, entities, isEstimated, ledger, queue, pricePerCpuSecond, options, nowMs } = request;
  const isShort = (workMsMin?: number): boolean => isTooShortToChoose(sample, entities, workMsMin);
  const kept = isShort() ? undefined : await keptMachine(ledger, nowMs);
  const workMsMin = kept === undefined ? unmeasuredMsMin : undefined;
  const asksQueue = queue !== undefined && (!isShort(workMsMin) || options.strategy === "cluster");
  const machine = kept ?? (isShort(workMsMin) ? unmeasuredMachine : await measureMachine(ledger, nowMs));
  return planBatch(
    {
      entities,
      isEstimated,
      sample,
      machine,
      ...(asksQueue ? { cluster: await queue.measure() } : {}),
      ...(pricePerCpuSecond === undefined ? {} : { pricePerCpuSecond }),
    },
    workMsMin === undefined ? options : { ...options, workMsMin },
  );
}
