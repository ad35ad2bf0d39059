import { describe, expect, it } from "vitest";
import type { AdviceThresholds, BatchPlan, StrategyName } from "../batch-plan.ts";
import type { RunId } from "../entity.ts";
import type { RunDetails } from "../ledger.ts";
import { adviceText, advise } from "./advise.ts";
import { adviceDefaults, readThresholds } from "./thresholds.ts";

const day = 24 * 3_600_000;

interface Told {
  readonly strategy?: StrategyName;
  readonly wallMs?: number;
  readonly entities?: number;
  readonly failed?: number;
  readonly p99?: number;
  readonly cost?: number;
  readonly state?: RunDetails["state"];
  readonly predicted?: Partial<Record<StrategyName, number>>;
}

/** A run of 300 entities in a minute, begun on the given day. */
function run(atDay: number, told: Told = {}): RunDetails {
  const { strategy = "sequential", wallMs = 60_000, entities = 300, failed = 0, p99 = 250 } = told;
  const predictions = Object.entries(told.predicted ?? {}).map(([name, ms]) => ({
    strategy: name,
    wallMs: ms,
  }));
  const plan = { measures: { entities, sample: { entities: 0 } }, predictions } as unknown as BatchPlan;
  return {
    run: `run-${atDay}` as RunId,
    model: "points",
    modelPath: "/points.reckon",
    scenario: "base",
    axis: "player",
    source: "players.csv",
    state: told.state ?? "succeeded",
    owner: undefined,
    sessions: 1,
    strategy,
    concurrency: 1,
    chunkEntities: 1,
    startedAtMs: atDay * day,
    endedAtMs: atDay * day + wallMs,
    wallMs,
    predictedMs: undefined,
    cpuMs: wallMs,
    memoryPeakBytes: 0,
    cost: told.cost,
    counts: {
      entities,
      succeeded: entities - failed,
      failed,
      invalid: 0,
      skipped: 0,
      retried: 0,
      attempts: entities,
    },
    checksFailed: 0,
    programKey: "key",
    durationMs: { count: entities, p50: 100, p95: 200, p99, max: p99 },
    waitMs: { count: entities, p50: 0, p95: 0, p99: 0, max: 0 },
    failureShare: failed / entities,
    utilisation: 1,
    workers: [],
    plan: told.predicted === undefined ? undefined : plan,
    summary: undefined,
  };
}

/** Two runs a day for three days. */
const many = (told: Told): readonly RunDetails[] => [0, 0.5, 1, 1.5, 2, 2.5].map((at) => run(at, told));
const codes = (runs: readonly RunDetails[], changes: Partial<AdviceThresholds> = {}) =>
  advise(runs, { ...adviceDefaults, ...changes }).findings.map(({ code }) => code);

describe("advise", () => {
  it("[BA46] says nothing from too few runs, and counts only those that ended and computed", () => {
    expect(codes([])).toEqual(["too-little-history"]);
    const some = [run(0), run(1), run(2, { state: "interrupted" }), run(3, { entities: 0 })];
    const advice = advise(some, adviceDefaults);
    expect(advice).toMatchObject({ runs: 2, findings: [{ code: "too-little-history" }] });
    expect(adviceText(advice)).toBe("too little history: 2 runs have ended, and 3 say something");
  });

  it("[BA46] puts failures first, then outliers, then cost, then the strategy", () => {
    const bad = many({ failed: 9, p99: 5_000 }).map((each, i) => ({ ...each, cpuMs: 60_000 * (1 + i) }));
    expect(codes(bad)).toEqual(["fix-failures", "look-at-outliers", "cost-rises", "stay-sequential"]);
    expect(codes(many({ failed: 3 }))).toEqual(["stay-sequential"]);
    expect(codes(many({ failed: 4 }))).toEqual(["fix-failures", "stay-sequential"]);
    expect(codes(many({ p99: 1_000 }))).toEqual(["stay-sequential"]);
    expect(codes(many({ p99: 1_001 }))).toEqual(["look-at-outliers", "stay-sequential"]);
  });

  it("[BA46] compares the cost of an entity in the last third of the runs with the first", () => {
    const costs = (last: number) => [1, 1, 5, 5, last, last].map((cost, i) => run(i, { cost }));
    expect(codes(costs(1.5))).toEqual(["stay-sequential"]);
    expect(codes(costs(1.6))).toEqual(["cost-rises", "stay-sequential"]);
  });

  it("[BA47] advises the strategy that saves most by what was measured, and by predictions where one never ran", () => {
    const runs = [
      ...many({ predicted: { threads: 1, cluster: 20_000 } }),
      run(1, { strategy: "threads", wallMs: 32_000 }),
    ];
    const { findings } = advise(runs, adviceDefaults);
    // Predicted to take a millisecond, but that was measured otherwise.
    expect(findings[0]).toMatchObject({ code: "use-cluster", figures: { speedUp: 3 } });
    const nearer = [
      ...many({ predicted: { cluster: 40_000 } }),
      run(1, { strategy: "threads", wallMs: 32_000 }),
    ];
    expect(advise(nearer, adviceDefaults).findings[0]).toMatchObject({
      code: "use-threads",
      figures: { speedUp: 60_000 / 32_000 },
    });
  });

  it("[BA47] stays where a threshold is not passed", () => {
    const runs = many({ predicted: { threads: 32_000 } });
    expect(codes(runs)).toEqual(["use-threads"]);
    expect(codes(runs, { speedUpMin: 1.9 })).toEqual(["stay-sequential"]);
    // 28 s less, 2.4 times a day.
    expect(codes(runs, { savedMsPerDayMin: 67_000 })).toEqual(["use-threads"]);
    expect(codes(runs, { savedMsPerDayMin: 68_000 })).toEqual(["stay-sequential"]);
    expect(codes(many({ strategy: "threads", predicted: { cluster: 59_000 } }))).toEqual(["keep"]);
  });

  it("[BA47] stays sequential with too few entities, or where runs are short", () => {
    const predicted = { threads: 1_000 };
    const few = many({ entities: 29, predicted });
    expect(adviceText(advise(few, adviceDefaults))).toBe(
      "stay sequential: a run has 29 entities, fewer than 30",
    );
    const short = many({ wallMs: 9_000, predicted });
    expect(adviceText(advise(short, adviceDefaults))).toBe(
      "stay sequential: a run takes 9.0 s that way, less than 10.0 s",
    );
  });

  it("[BA48] tells total, saved, speed-up, runs a day, failures, and the days that a cluster takes to pay", () => {
    const advice = advise(many({ failed: 3, predicted: { cluster: 20_000 } }), {
      ...adviceDefaults,
      engineeringCost: 1_000,
      waitingCostPerHour: 50,
    });
    const [finding] = advice.findings;
    expect(finding?.figures).toMatchObject({
      totalMs: 360_000,
      entities: 300,
      runsPerDay: 2.4,
      failureShare: 0.01,
      speedUp: 3,
    });
    expect(finding?.figures.savedMsPerDay).toBeCloseTo(96_000, 6);
    expect(finding?.figures.daysToBreakEven).toBeCloseTo(1_000 / ((96 / 3_600) * 50), 6);
    expect(adviceText(advice)).toBe(
      "use cluster: 96 s a day less than sequential, 3.00 times as fast as predicted; setting it up is paid for by saved waiting after 750 days; 6 runs took 6 min, 2.4 a day, 1.0 % of the entities failed",
    );
    expect(
      advise(many({ predicted: { threads: 32_000 } }), adviceDefaults).findings[0]?.figures,
    ).not.toHaveProperty("daysToBreakEven");
  });

  it("[BA48] takes thresholds from a configuration, each may be left out, and refuses unknown ones", () => {
    expect(readThresholds(undefined)).toEqual(adviceDefaults);
    expect(readThresholds({ runsMin: 7 })).toEqual({ ...adviceDefaults, runsMin: 7 });
    expect(readThresholds({ runMin: 7 })).toMatchObject({
      problem: expect.stringContaining("no threshold runMin"),
    });
    expect(readThresholds({ runsMin: "7" })).toEqual({
      problem: "runsMin of advise has to be a number that is not below 0",
    });
    for (const config of [null, [], 3]) expect(readThresholds(config)).toHaveProperty("problem");
  });
});
