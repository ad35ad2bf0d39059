/**
 * What the runs of one model and axis have in common, as figures: the left side of the decision table.
 *
 *   1. Runs that have ended and computed something count, oldest first. The strategy of the newest is the one in use.
 *   2. Of every strategy, the time of an entity: the median over its runs, or, where it never ran, of what plans have predicted for it.
 *   3. Days are those between the first and the last run, at least one.
 */
import type { StrategyName } from "../batch-plan.ts";
import type { RunDetails } from "../ledger.ts";

export interface StrategyFigures {
  readonly strategy: StrategyName;
  /** Wall time of an entity that was computed. */
  readonly msPerEntity: number;
  readonly isMeasured: boolean;
}

export interface RunHistory {
  readonly runs: number;
  readonly current: StrategyFigures;
  /** All that are known, the one in use among them. */
  readonly strategies: readonly StrategyFigures[];
  /** Computed entities of a run, the mean. */
  readonly entities: number;
  readonly totalMs: number;
  readonly runsPerDay: number;
  readonly failureShare: number;
  /** p99 of the time of entities by their p50, the median over runs. */
  readonly p99Ratio: number;
  readonly p99Ms: number;
  /** What an entity costs in the last third of the runs, by the first third; 1 where there are less than three. */
  readonly costRatio: number;
}

const dayMs = 24 * 3_600_000;
const names: readonly StrategyName[] = ["sequential", "inside", "threads", "cluster"];

/** `undefined` where no run counts. */
export function historyOf(runs: readonly RunDetails[]): RunHistory | undefined {
  const ended = runs
    .filter((run) => hasEnded(run) && computed(run) > 0 && run.wallMs > 0)
    .toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  const newest = ended.at(-1);
  if (newest === undefined) return undefined;
  const strategies = names
    .map((strategy) => figuresOf(strategy, ended))
    .filter((figures) => figures !== undefined);
  const inUse = newest.strategy ?? "sequential";
  const current = strategies.find(({ strategy }) => strategy === inUse);
  if (current === undefined) return undefined;
  const failed = sum(ended, ({ counts }) => counts.failed);
  const ratios = ended
    .filter(({ durationMs }) => durationMs.p50 > 0)
    .map(({ durationMs }) => durationMs.p99 / durationMs.p50);
  const days = Math.max(1, (newest.startedAtMs - (ended[0] ?? newest).startedAtMs) / dayMs);
  return {
    runs: ended.length,
    current,
    strategies,
    entities: sum(ended, computed) / ended.length,
    totalMs: sum(ended, ({ wallMs }) => wallMs),
    runsPerDay: ended.length / days,
    failureShare: failed / Math.max(1, sum(ended, computed)),
    p99Ratio: ratios.length === 0 ? 1 : median(ratios),
    p99Ms: median(ended.map(({ durationMs }) => durationMs.p99)),
    costRatio: costRatioOf(ended),
  };
}

function hasEnded({ state }: RunDetails): boolean {
  return state === "succeeded" || state === "failed" || state === "halted";
}

function computed({ counts }: RunDetails): number {
  return counts.succeeded + counts.failed;
}

function figuresOf(strategy: StrategyName, runs: readonly RunDetails[]): StrategyFigures | undefined {
  const own = runs.filter((run) => (run.strategy ?? "sequential") === strategy);
  if (own.length > 0)
    return { strategy, msPerEntity: median(own.map((run) => run.wallMs / computed(run))), isMeasured: true };
  const predicted = runs.flatMap(({ plan }) => {
    const left = plan === undefined ? 0 : plan.measures.entities - plan.measures.sample.entities;
    const found = plan?.predictions.find((each) => each.strategy === strategy);
    return found === undefined || left <= 0 ? [] : [found.wallMs / left];
  });
  return predicted.length === 0 ? undefined : { strategy, msPerEntity: median(predicted), isMeasured: false };
}

/** By cost where every run has one, else by CPU time. */
function costRatioOf(runs: readonly RunDetails[]): number {
  const third = Math.floor(runs.length / 3);
  if (third === 0) return 1;
  const hasCost = runs.every(({ cost }) => cost !== undefined && cost > 0);
  const each = (run: RunDetails): number => (hasCost ? (run.cost ?? 0) : run.cpuMs) / computed(run);
  const first = median(runs.slice(0, third).map(each));
  const last = median(runs.slice(-third).map(each));
  return first > 0 ? last / first : 1;
}

function sum(runs: readonly RunDetails[], of: (run: RunDetails) => number): number {
  return runs.reduce((all, run) => all + of(run), 0);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
