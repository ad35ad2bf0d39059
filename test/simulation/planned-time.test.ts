/** What a plan predicts against the run that follows it, on a clock that is simulated: the scheduler itself, not a model of it. */
import {
  type BatchPlan,
  type BatchSummary,
  createMemoryLedger,
  createRecordSource,
  createScriptedRunner,
  createSimulatedClock,
  type MachineMeasure,
  scriptedProgram,
  seededRandom,
  startBatch,
} from "@reckon/batch";
import { createRuntime } from "@reckon/host";
import { expect, it } from "vitest";

/** Threads that share nothing, as workers do that have a machine each. */
const machine: MachineMeasure = {
  cores: 20,
  speedUps: Array.from({ length: 20 }, (_, i) => i + 1),
  spawnMs: 0,
  importMs: 0,
  perTaskMs: 0,
  perMegabyteMs: 0,
  threadBytes: 0,
  freeBytes: 1e12,
};

/** A run of so many entities on a machine of 20 threads: its plan and its summary. */
async function planned(
  entities: number,
  msOf: (key: string) => number,
): Promise<{ readonly plan: BatchPlan; readonly summary: BatchSummary }> {
  const clock = createSimulatedClock();
  const plans: BatchPlan[] = [];
  const batch = startBatch({
    program: scriptedProgram,
    source: createRecordSource(Array.from({ length: entities }, (_, i) => ({ id: `p${i}` }))),
    ledger: createMemoryLedger({ clock }),
    policy: { retry: { attemptsMax: 1, firstMs: 0, factor: 1, longestMs: 0, jitter: 0 } },
    strategy: "auto",
    resume: "never",
    machine,
    runners: (_, concurrency) =>
      createScriptedRunner({
        clock,
        concurrency,
        script: (key) => ({ kind: "succeed", ms: msOf(key) }),
      }),
    runtime: createRuntime({ threads: 0, cache: "off" }),
    clock,
    random: seededRandom(1),
    onEvent: (event) => {
      if (event.kind === "planned") plans.push(event.plan);
    },
  });
  const summary = await clock.runUntil(batch.summary);
  return { plan: plans[0] as BatchPlan, summary };
}

it("[BA43] 200 entities of 15 s on 20 threads: predicted, chosen and run within 10 % of 150 s behind the sample", async () => {
  const { plan, summary } = await planned(200, () => 15_000);
  expect(plan.measures.sample).toMatchObject({ entities: 1, wallMs: 15_000 });
  expect(plan.chosen).toMatchObject({ strategy: "threads", concurrency: 20, chunkEntities: 1 });
  expect(plan.chosen.wallMs).toBeCloseTo(150_000, 0);
  expect(summary).toMatchObject({ succeeded: 200, predictedMs: plan.predictedMs });
  expect(Math.abs(summary.actualMs - plan.predictedMs)).toBeLessThan(0.1 * summary.actualMs);
});

it("[BA43] the prediction holds where entities spread and chunks hold several", async () => {
  const random = seededRandom(9);
  const times = new Map<string, number>();
  const msOf = (key: string): number => {
    const ms = times.get(key) ?? Math.round(20 + 20 * random());
    times.set(key, ms);
    return ms;
  };
  const { plan, summary } = await planned(3_000, msOf);
  expect(plan.chosen.strategy).toBe("threads");
  expect(summary.succeeded).toBe(3_000);
  expect(Math.abs(summary.actualMs - plan.predictedMs)).toBeLessThan(0.1 * summary.actualMs);
});
