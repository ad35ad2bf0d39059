/**
 * What to do about a history, row by row:
 *
 *   failures above the share           fix failures first
 *   p99 above so many times p50        look at outliers first
 *   an entity costs more than before   find out why
 *   too few entities, or too short     stay sequential
 *   another strategy passes them all   use it
 *   otherwise                          stay with what is used
 *
 * The first three may apply together and come in this order; of the rest exactly one does.
 */
import { durationText } from "@reckon/host";
import type { AdviceFinding, AdviceThresholds, StrategyName } from "../batch-plan.ts";
import { timeText } from "../time-text.ts";
import type { RunHistory, StrategyFigures } from "./run-history.ts";

type Row = (history: RunHistory, thresholds: AdviceThresholds) => AdviceFinding | undefined;

/** All that apply, in the order in which they should be looked at. */
export const rows: readonly Row[] = [fixFailures, lookAtOutliers, costRises, strategy];

const hourMs = 3_600_000;

function fixFailures(history: RunHistory, { failureShareMax }: AdviceThresholds): AdviceFinding | undefined {
  const { failureShare } = history;
  if (failureShare <= failureShareMax) return undefined;
  return {
    code: "fix-failures",
    text: `fix failures first: ${percent(failureShare)} of the entities fail (more than ${percent(failureShareMax)}); \`reckon runs failures\` says which`,
    figures: { failureShare, failureShareMax },
  };
}

function lookAtOutliers(history: RunHistory, { p99RatioMax }: AdviceThresholds): AdviceFinding | undefined {
  const { p99Ratio, p99Ms } = history;
  if (p99Ratio <= p99RatioMax) return undefined;
  return {
    code: "look-at-outliers",
    text: `look at outliers first: one entity in a hundred takes ${timeText(p99Ms)} or more, ${p99Ratio.toFixed(1)} times as long as half of them; no strategy makes the longest one shorter`,
    figures: { p99Ratio, p99RatioMax, p99Ms },
  };
}

function costRises(history: RunHistory, { costRatioMax }: AdviceThresholds): AdviceFinding | undefined {
  const { costRatio } = history;
  if (costRatio <= costRatioMax) return undefined;
  return {
    code: "cost-rises",
    text: `find out why an entity costs ${costRatio.toFixed(2)} times what it did in the first runs`,
    figures: { costRatio, costRatioMax },
  };
}

function strategy(history: RunHistory, thresholds: AdviceThresholds): AdviceFinding {
  const { entities, current, strategies } = history;
  const plain = strategies.find((each) => each.strategy === "sequential") ?? current;
  const plainMs = plain.msPerEntity * entities;
  if (entities < thresholds.entitiesMin || plainMs < thresholds.wallMsMin) {
    const why =
      entities < thresholds.entitiesMin
        ? `a run has ${Math.round(entities)} entities, fewer than ${thresholds.entitiesMin}`
        : `a run takes ${timeText(plainMs)} that way, less than ${timeText(thresholds.wallMsMin)}`;
    return {
      code: "stay-sequential",
      text: `stay sequential: ${why}`,
      figures: figuresOf(history, plain, thresholds),
    };
  }
  const best = strategies
    .filter((each) => each !== current && passes(savingOf(history, each), thresholds))
    .toSorted((a, b) => a.msPerEntity - b.msPerEntity)[0];
  if (best === undefined)
    return {
      code: current.strategy === "sequential" ? "stay-sequential" : "keep",
      text: `stay with ${current.strategy}: nothing else saves enough; ${totalText(history)}`,
      figures: figuresOf(history, current, thresholds),
    };
  const figures = figuresOf(history, best, thresholds);
  return { code: codes[best.strategy], text: useText(history, best, figures), figures };
}

const codes: Readonly<Record<StrategyName, AdviceFinding["code"]>> = {
  sequential: "stay-sequential",
  inside: "use-inside",
  threads: "use-threads",
  cluster: "use-cluster",
};

interface Saving {
  readonly savedMsPerDay: number;
  readonly speedUp: number;
}

function savingOf({ current, entities, runsPerDay }: RunHistory, other: StrategyFigures): Saving {
  return {
    savedMsPerDay: (current.msPerEntity - other.msPerEntity) * entities * runsPerDay,
    speedUp: current.msPerEntity / Math.max(other.msPerEntity, Number.MIN_VALUE),
  };
}

function passes({ savedMsPerDay, speedUp }: Saving, thresholds: AdviceThresholds): boolean {
  return (
    savedMsPerDay > 0 && savedMsPerDay >= thresholds.savedMsPerDayMin && speedUp >= thresholds.speedUpMin
  );
}

function figuresOf(
  history: RunHistory,
  advised: StrategyFigures,
  { engineeringCost, waitingCostPerHour }: AdviceThresholds,
): Readonly<Record<string, number>> {
  const { savedMsPerDay, speedUp } = savingOf(history, advised);
  const earnedPerDay = (savedMsPerDay / hourMs) * waitingCostPerHour;
  return {
    totalMs: history.totalMs,
    entities: history.entities,
    runsPerDay: history.runsPerDay,
    failureShare: history.failureShare,
    savedMsPerDay,
    speedUp,
    ...(advised.strategy === "cluster" && advised !== history.current && earnedPerDay > 0
      ? { daysToBreakEven: engineeringCost / earnedPerDay }
      : {}),
  };
}

function useText(
  history: RunHistory,
  { strategy: name, isMeasured }: StrategyFigures,
  figures: Readonly<Record<string, number>>,
): string {
  const { savedMsPerDay = 0, speedUp = 1, daysToBreakEven } = figures;
  const back = name === "sequential" ? "go back to sequential" : `use ${name}`;
  const source = isMeasured ? "as measured" : "as predicted";
  const days =
    daysToBreakEven === undefined
      ? ""
      : `; setting it up is paid for by saved waiting after ${dayText(daysToBreakEven)}`;
  return `${back}: ${durationText(savedMsPerDay)} a day less than ${history.current.strategy}, ${speedUp.toFixed(2)} times as fast ${source}${days}; ${totalText(history)}`;
}

function totalText({ runs, totalMs, runsPerDay, failureShare }: RunHistory): string {
  return `${runs} runs took ${durationText(totalMs)}, ${runsPerDay.toFixed(1)} a day, ${percent(failureShare)} of the entities failed`;
}

function dayText(days: number): string {
  return days < 1 ? "less than a day" : `${Math.round(days).toLocaleString("en-US")} days`;
}

function percent(share: number): string {
  const value = share * 100;
  return `${value === 0 || value >= 10 ? value.toFixed(0) : value.toPrecision(2)} %`;
}
