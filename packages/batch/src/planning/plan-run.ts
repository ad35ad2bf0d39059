/**
 * From a sample to a plan: measures what the choice needs, and nothing where nothing is to be chosen, so that a run of a few
 * milliseconds starts no threads and asks no queue.
 */
import type { ClusterPort } from "../api.ts";
import type { BatchPlan, SampleMeasure } from "../batch-plan.ts";
import { isTooShortToChoose, type PlanOptions, planBatch, unmeasuredMachine } from "./choose.ts";
import { type MachineLedger, measureMachine } from "./measure-machine.ts";

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
  const isShort = isTooShortToChoose(sample, entities);
  const asksQueue = queue !== undefined && (!isShort || options.strategy === "cluster");
  const machine = isShort ? unmeasuredMachine : await measureMachine(ledger, nowMs);
  return planBatch(
    {
      entities,
      isEstimated,
      sample,
      machine,
      ...(asksQueue ? { cluster: await queue.measure() } : {}),
      ...(pricePerCpuSecond === undefined ? {} : { pricePerCpuSecond }),
    },
    options,
  );
}
