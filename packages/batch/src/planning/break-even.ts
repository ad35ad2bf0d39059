/**
 * From how many entities on a strategy would be chosen before `sequential`, with entities like those of the sample: all that there are, those
 * of the sample included.
 *
 *   1. Of so many the sample is as large as it would be, and the same share is unchanged.
 *   2. Doubling, until it pays; never, if it does not with 100 million entities.
 *   3. Halving the way between the last two.
 *
 * With few and long entities more of them may pay less for a moment (3 on 2 threads take as long as 4): the least number is
 * exact where it pays from there up to the double, else it is one from which on it does. Cost: some 50 predictions.
 */
import type { BatchMeasures, Prediction, StrategyName } from "../batch-plan.ts";
import { sampleEntities } from "./measure-sample.ts";
import { fits, type PredictOptions, predictStrategy } from "./predict.ts";
import { entitiesMin, isPaying, isPayingAtLeast, workMsMinDefault } from "./saving.ts";

const entitiesMax = 1e8;

export function breakEven(
  strategy: StrategyName,
  measures: BatchMeasures,
  given: Omit<PredictOptions, "entities">,
): number | undefined {
  const pays = (all: number): boolean => {
    const options = { ...given, entities: leftOf(all, measures) };
    if (options.entities < entitiesMin) return false;
    const alone = predictStrategy("sequential", measures, options) as Prediction;
    const other = predictStrategy(strategy, measures, options);
    if (other === undefined || alone.wallMs < workMsMinDefault || !fits(other, measures)) return false;
    return isPaying(other.wallMs, alone.wallMs) && isPayingAtLeast(other, measures, options);
  };
  let high = entitiesMin;
  while (!pays(high)) {
    high *= 2;
    if (high > entitiesMax) return undefined;
  }
  let low = high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (pays(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** How many of so many would be computed after the sample. */
function leftOf(all: number, { entities, sample }: BatchMeasures): number {
  const grown = Math.ceil(sample.entities * Math.max(1, all / Math.max(1, entities)));
  const after = all - Math.min(grown, sampleEntities(all));
  return after - Math.round(after * sample.unchangedShare);
}
