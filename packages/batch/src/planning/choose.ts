/**
 * The plan of a run: predictions, and which of them it takes.
 *
 *   1. What the user says is done.
 *   2. With less than two entities or 100 ms of work left, nothing but `sequential` is looked at.
 *   3. Of the others that fit into memory the fastest is taken, if it saves more than 50 ms and more than 5 % of the time of
 *      `sequential`, and something if entities take as little as the sample allows; else it stays at that.
 *
 * Pure. Cost: some hundred predictions, for the break-evens.
 */
import { BatchError } from "../batch-error.ts";
import type {
  BatchMeasures,
  BatchPlan,
  ChoiceReason,
  MachineMeasure,
  Prediction,
  SampleMeasure,
  StrategyName,
} from "../batch-plan.ts";
import type { RateLimit } from "../job-engine.ts";
import { breakEven } from "./break-even.ts";
import { fits, type PredictOptions, predictAll, predictStrategy } from "./predict.ts";
import { entitiesMin, isPaying, isPayingAtLeast, neededMs, workMsMinDefault } from "./saving.ts";

export interface PlanOptions {
  readonly strategy: StrategyName | "auto";
  /** Absent: as predicted to be best. */
  readonly concurrency?: number;
  readonly chunkEntities?: number;
  /** No more entities may begin in a time; absent: as many as can. */
  readonly rate?: RateLimit;
  /** Entities may take so long: `inside` has its calls one after another then, and is only predicted where it is asked for. */
  readonly timeoutMs?: number;
  /** With less work left nothing but `sequential` is looked at; absent: 100. */
  readonly workMsMin?: number;
  /** Nothing but `sequential` and what was asked for is predicted: of the machine nothing is known. */
  readonly isDecided?: boolean;
}

/**
 * Predicts and chooses.
 *
 * Throws `BatchError` `misuse` where a strategy is asked for that nothing was measured for: `cluster` without a queue.
 *
 * @example
 * ```ts
 * const sample = {
 *   entities: 15, chunks: 5, wallMs: 610, chunkMs: 1, entityMs: 40, entityMsMax: 45, entityMsSpread: 4, entityMsError: 1,
 *   saturation: 1, heavyShare: 0, callsAtOnce: 1, rowMs: 0.01, bytesPerEntity: 24, memoryPeakBytes: 0,
 *   cacheHitShare: 0, unchangedShare: 0,
 * };
 * const machine = { ...unmeasuredMachine, cores: 2, speedUps: [1, 1.9], spawnMs: 40, importMs: 150 };
 * const plan = planBatch({ entities: 300, isEstimated: false, sample, machine }, { strategy: "auto" });
 * plan.chosen.strategy; // "threads"
 * planText(plan).split("\n")[0]; // "sample: 15 of 300 entities in 610 ms; 40.0 ms an entity, 1.0 ms a chunk"
 * ```
 */
export function planBatch(measures: BatchMeasures, options: PlanOptions): BatchPlan {
  const { strategy, workMsMin, isDecided = false, ...given } = options;
  const { sample } = measures;
  const after = Math.max(0, measures.entities - sample.entities);
  const expectedUnchanged = Math.round(after * sample.unchangedShare);
  const left: PredictOptions = { ...given, entities: after - expectedUnchanged };
  const alone = predictStrategy("sequential", measures, left) as Prediction;
  const short = strategy === "auto" ? shortReason(left.entities, alone, workMsMin) : undefined;
  const others = short === undefined && !isDecided ? predictAll(measures, left).slice(1) : [];
  const predictions = [alone, ...others];
  const { chosen, reason } =
    strategy !== "auto"
      ? { chosen: declared(strategy, predictions, measures, left), reason: { code: "declared" } as const }
      : short !== undefined
        ? { chosen: alone, reason: short }
        : choose(alone, others, measures, left);
  return {
    measures,
    predictions: predictions.includes(chosen) ? predictions : [...predictions, chosen],
    chosen,
    reason,
    predictedMs: sample.wallMs + chosen.wallMs,
    breakEven:
      short === undefined
        ? others.map((each) => ({
            strategy: each.strategy,
            entities: breakEven(each.strategy, measures, given),
          }))
        : [],
    expectedCacheHits: Math.round(left.entities * sample.cacheHitShare),
    expectedUnchanged,
  };
}

/** Whether so little is left that nothing is measured for a choice: any machine will do for `planBatch` then. */
export function isTooShortToChoose(sample: SampleMeasure, entities: number, workMsMin?: number): boolean {
  const left = Math.max(0, entities - sample.entities);
  const measures = { entities, isEstimated: false, sample, machine: unmeasuredMachine };
  const alone = predictStrategy("sequential", measures, { entities: left }) as Prediction;
  return shortReason(left, alone, workMsMin) !== undefined;
}

/** Stands where nothing was measured, since nothing is to be chosen. */
export const unmeasuredMachine: MachineMeasure = {
  cores: 1,
  speedUps: [1],
  spawnMs: 0,
  perTaskMs: 0,
  perMegabyteMs: 0,
  importMs: 0,
  threadBytes: 0,
  freeBytes: Number.MAX_SAFE_INTEGER,
};

function shortReason(
  entities: number,
  alone: Prediction,
  msMin: number = workMsMinDefault,
): ChoiceReason | undefined {
  if (entities < entitiesMin) return { code: "too-few", entities };
  if (alone.wallMs < msMin) return { code: "too-short", wallMs: alone.wallMs };
  return undefined;
}

function declared(
  strategy: StrategyName,
  predictions: readonly Prediction[],
  measures: BatchMeasures,
  left: PredictOptions,
): Prediction {
  const found =
    predictions.find((each) => each.strategy === strategy) ??
    predictStrategy(strategy, measures, left) ??
    // One core, or one entity: then it is what was asked for, once.
    predictStrategy(strategy, measures, { ...left, concurrency: 1 });
  if (found !== undefined) return found;
  throw new BatchError("misuse", `the strategy ${strategy} needs a queue, and none was given`);
}

function choose(
  alone: Prediction,
  others: readonly Prediction[],
  measures: BatchMeasures,
  left: PredictOptions,
): { readonly chosen: Prediction; readonly reason: ChoiceReason } {
  const fastest = (from: readonly Prediction[]): Prediction | undefined =>
    from.toSorted((a, b) => a.wallMs - b.wallMs)[0];
  const best = fastest(others.filter((each) => fits(each, measures)));
  if (best !== undefined && isPaying(best.wallMs, alone.wallMs)) {
    const savedMs = alone.wallMs - best.wallMs;
    if (!isPayingAtLeast(best, measures, left))
      return { chosen: alone, reason: { code: "uncertain", savedMs } };
    const ratio = alone.wallMs / Math.max(best.wallMs, Number.MIN_VALUE);
    return { chosen: best, reason: { code: "fastest", savedMs, ratio } };
  }
  const large = fastest(others.filter((each) => !fits(each, measures)));
  if (large !== undefined && isPaying(large.wallMs, alone.wallMs))
    return {
      chosen: alone,
      reason: { code: "no-memory", neededBytes: large.memoryBytes, freeBytes: measures.machine.freeBytes },
    };
  const savedMs = best === undefined ? 0 : alone.wallMs - best.wallMs;
  return { chosen: alone, reason: { code: "saves-too-little", savedMs, neededMs: neededMs(alone.wallMs) } };
}
