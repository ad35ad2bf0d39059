/**
 * From a sample to a plan: measures what the choice needs, and nothing where nothing is to be chosen, so that a run of a few
 * milliseconds starts no threads and asks no queue.
 */
import { availableParallelism } from "node:os";
import type { ClusterPort } from "../api.ts";
import { BatchError } from "../batch-error.ts";
import type { BatchPlan, MachineMeasure, SampleMeasure } from "../batch-plan.ts";
import { isTooShortToChoose, type PlanOptions, planBatch, unmeasuredMachine } from "./choose.ts";
import { keptMachine, type MachineLedger, measureMachine } from "./measure-machine.ts";

/** Measuring takes a second or so: nobody waits for that to save a part of less. */
const unmeasuredMsMin = 1_000;
/** It is given up after this, or a tenth of what is left to be done: on a machine that has no time for it there is little to gain. */
const measureMsMax = 2_000;
const measureShareMax = 0.1;
/** Timers count no further. */
const timerMsMax = 2 ** 31 - 1;

export interface PlanRequest {
  readonly sample: SampleMeasure;
  /** All, the sample included. */
  readonly entities: number;
  readonly isEstimated: boolean;
  readonly ledger: MachineLedger;
  readonly queue?: Pick<ClusterPort, "measure">;
  readonly pricePerCpuSecond?: number;
  readonly options: PlanOptions;
  /** Nothing follows: all strategies are told of, also where one was asked for. */
  readonly isPlanOnly?: boolean;
  /** Threads of this process that have the program open, or are at it. Absent: none. */
  readonly threads?: { readonly opened: number; readonly settle: () => Promise<void> };
  /** Hears when measuring the machine was given up. */
  readonly onNotice?: (message: string) => void;
  /** Milliseconds since 1970, for the age of what was measured. */
  readonly nowMs: number;
  /** How long measuring the machine may take; absent: 2 seconds, or a tenth of the work that is left. */
  readonly measureMsMax?: number;
}

/**
 * Rejects as `measureMachine`, the queue and `planBatch` do.
 *
 * @example
 * ```ts
 * const sample = {
 *   entities: 15, chunks: 5, wallMs: 610, chunkMs: 1, entityMs: 40, entityMsMax: 45, entityMsSpread: 4, entityMsError: 1,
 *   saturation: 1, heavyShare: 0, callsAtOnce: 1, rowMs: 0.01, bytesPerEntity: 24, memoryPeakBytes: 0,
 *   cacheHitShare: 0, unchangedShare: 0,
 * };
 * const ledger = createMemoryLedger({ clock: systemClock });
 * const request = { sample, entities: 16, isEstimated: false, ledger, options: { strategy: "auto" as const } };
 * const plan = await planRun({ ...request, nowMs: Date.now() });
 * plan.reason.code; // "too-few"
 * ```
 */
export async function planRun(request: PlanRequest): Promise<BatchPlan> {
  const { sample, entities, isEstimated, ledger, queue, pricePerCpuSecond, options, nowMs } = request;
  const isShort = (workMsMin?: number): boolean => isTooShortToChoose(sample, entities, workMsMin);
  const kept = isShort() ? undefined : await keptMachine(ledger, nowMs);
  const workMsMin = kept === undefined ? unmeasuredMsMin : undefined;
  // Who has decided waits for no measuring.
  const isDecided = options.strategy !== "auto" && request.isPlanOnly !== true;
  const isMeasured = kept === undefined && !isDecided && !isShort(workMsMin);
  // Opening threads takes cores from what is measured.
  if (isMeasured) await request.threads?.settle();
  const threadsOpened = request.threads?.opened ?? 0;
  const isOpen = !isShort(workMsMin) && (kept !== undefined || !isDecided);
  const asksQueue = queue !== undefined && (isOpen || options.strategy === "cluster");
  const machine = kept ?? (isMeasured ? await measuredMachine(request) : assumedMachine(options, sample));
  return planBatch(
    {
      entities,
      isEstimated,
      sample,
      machine,
      ...(threadsOpened === 0 ? {} : { threadsOpened }),
      ...(asksQueue ? { cluster: await queue.measure() } : {}),
      ...(pricePerCpuSecond === undefined ? {} : { pricePerCpuSecond }),
    },
    {
      ...options,
      ...(workMsMin === undefined ? {} : { workMsMin }),
      ...(kept === undefined && isDecided ? { isDecided } : {}),
    },
  );
}

/**
 * Nothing is known: a strategy that was asked for uses all cores, and nothing else is looked at. Where it is threads the sample was computed on
 * one, and the others take as long to open the program.
 */
function assumedMachine({ strategy }: PlanOptions, { openingMs = 0 }: SampleMeasure): MachineMeasure {
  if (strategy === "auto") return unmeasuredMachine;
  const cores = availableParallelism();
  const importMs = strategy === "threads" ? openingMs : 0;
  return { ...unmeasuredMachine, cores, importMs, speedUps: Array.from({ length: cores }, (_, i) => i + 1) };
}

/** The machine's constants; where measuring them takes too long nothing is known of it. */
async function measuredMachine(request: PlanRequest): Promise<MachineMeasure> {
  const { sample, entities, ledger, nowMs } = request;
  const workMs = (entities - sample.entities) * sample.entityMs;
  const limitMs = request.measureMsMax ?? Math.max(measureMsMax, workMs * measureShareMax);
  const signal = AbortSignal.timeout(Math.ceil(Math.min(limitMs, timerMsMax)));
  try {
    return await measureMachine(ledger, nowMs, undefined, signal);
  } catch (cause) {
    if (!(signal.aborted && cause instanceof BatchError && cause.code === "misuse")) throw cause;
    request.onNotice?.(
      `measuring what threads do here was given up after ${(limitMs / 1000).toFixed(1)} s: the machine is busy, and the plan knows nothing of threads this time`,
    );
    return assumedMachine(request.options, sample);
  }
}
