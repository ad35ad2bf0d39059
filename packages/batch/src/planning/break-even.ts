/**
 * From how many entities on a strategy would be chosen before `sequential`, with entities like those of the sample.
 *
 *   1. Doubling, until it pays; never, if it does not with 100 million entities.
 *   2. Halving the way between the last two.
 *
 * With few and long entities more of them may pay less for a moment (3 on 2 threads take as long as 4): the least number is
 * exact where it pays from there up to the double, else it is one from which on it does. Cost: some 50 predictions.
 */
import type { BatchMeasures, Prediction, StrategyName } from "../batch-plan.ts";
import { fits, type PredictOptions, predictStrategy } from "./predict.ts";
import { entitiesMin, isPaying, workMsMinDefault } from "./saving.ts";

const entitiesMax = 1e8;

export function breakEven(
  strategy: StrategyName,
  measures: BatchMeasures,
  given: Omit<PredictOptions, "entities">,
): number | undefined {
  const pays = (entities: number): boolean => {
    const options = { ...given, entities };
    const alone = predictStrategy("sequential", measures, options) as Prediction;
    const other = predictStrategy(strategy, measures, options);
    if (other === undefined || alone.wallMs < workMsMinDefault) return false;
    return fits(other, measures) && isPaying(other.wallMs, alone.wallMs);
  };
  let high = entitiesMin;
  while (!pays(high)) {
    high *= 2;
    if (high > entitiesMax) return undefined;
  }
  let low = high === entitiesMin ? high - 1 : high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (pays(middle)) high = middle;
    else low = middle;
  }
  return high;
}
