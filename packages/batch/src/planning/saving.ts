/**
 * When another strategy is worth it: what starting threads and a wrong prediction can cost has to be saved.
 *
 * A sample may have been measured badly: it is short, or others had the cores meanwhile. So another strategy has to save something at the unfavourable
 * end of what the sample says as well, where entities take as little CPU time as its range allows.
 */
import type { BatchMeasures, Prediction } from "../batch-plan.ts";
import { type PredictOptions, predictStrategy } from "./predict.ts";

/** With less left nothing else is looked at. */
export const entitiesMin = 2;
export const workMsMinDefault = 100;
const savedMsMin = 50;
const savedShareMin = 0.05;
/** So many standard errors hold 95 %. */
const errorFactor = 1.96;

/** What has to be saved of a time. */
export function neededMs(wallMs: number): number {
  return Math.max(savedMsMin, savedShareMin * wallMs);
}

export function isPaying(wallMs: number, sequentialMs: number): boolean {
  return sequentialMs - wallMs > neededMs(sequentialMs);
}

/** Whether something is saved with the least that an entity may take by the sample. */
export function isPayingAtLeast(
  other: Prediction,
  measures: BatchMeasures,
  options: PredictOptions,
): boolean {
  const { sample } = measures;
  const { entityMs, entityMsError, chunkMs, cpuShare = 1 } = sample;
  const { entityMsLeast = (entityMs - errorFactor * entityMsError) * cpuShare } = sample;
  const least = {
    ...measures,
    sample: {
      ...sample,
      chunkMs: chunkMs * cpuShare,
      entityMs: Math.max(0, entityMsLeast),
      entityMsError: 0,
    },
  };
  const { strategy, concurrency, chunkEntities } = other;
  const alone = predictStrategy("sequential", least, options);
  const as = predictStrategy(strategy, least, { ...options, concurrency, chunkEntities });
  if (alone === undefined || as === undefined) return false;
  return as.wallMs < alone.wallMs;
}
