import { describe, expect, it } from "vitest";
import type { BatchMeasures, MachineMeasure, SampleMeasure } from "../batch-plan.ts";
import { isTooShortToChoose, planBatch, unmeasuredMachine } from "./choose.ts";
import { planText } from "./plan-text.ts";

const sample: SampleMeasure = {
  entities: 10,
  chunks: 6,
  wallMs: 100,
  chunkMs: 0.5,
  entityMs: 10,
  entityMsMax: 12,
  entityMsSpread: 0,
  entityMsError: 0.1,
  saturation: 1,
  heavyShare: 0,
  callsAtOnce: 1,
  rowMs: 0.002,
  bytesPerEntity: 200,
  memoryPeakBytes: 100e6,
  cacheHitShare: 0,
  unchangedShare: 0,
};
const machine: MachineMeasure = {
  cores: 2,
  speedUps: [1, 1.9],
  spawnMs: 40,
  perTaskMs: 0.05,
  perMegabyteMs: 0.3,
  importMs: 60,
  threadBytes: 40e6,
  freeBytes: 4e9,
};
const cluster = { threads: 20, workers: 5, perJobMs: 0.1, roundTripMs: 2, chunkMsMin: 10 };

function measures(entities: number, changes: Partial<SampleMeasure> = {}, more: Partial<BatchMeasures> = {}) {
  return { entities, isEstimated: false, sample: { ...sample, ...changes }, machine, ...more };
}
const auto = { strategy: "auto" } as const;

describe("planBatch", () => {
  it("[BA38] takes threads where they save more than 50 ms and 5 %", () => {
    const plan = planBatch(measures(310), auto);
    expect(plan.chosen).toMatchObject({ strategy: "threads", concurrency: 2 });
    expect(plan.reason.code).toBe("fastest");
    expect(plan.predictions[0]?.strategy).toBe("sequential");
    expect(plan.predictedMs).toBe(sample.wallMs + plan.chosen.wallMs);
  });

  it("[BA38] stays sequential where less than two entities or 100 ms of work are left, and looks at nothing else", () => {
    for (const [entities, code] of [
      [10, "too-few"],
      [11, "too-few"],
      [19, "too-short"],
    ] as const) {
      const plan = planBatch(measures(entities), auto);
      expect(plan.reason.code).toBe(code);
      expect(plan.predictions.map((each) => each.strategy)).toEqual(["sequential"]);
      expect(isTooShortToChoose(sample, entities)).toBe(true);
    }
    expect(isTooShortToChoose(sample, 21)).toBe(false);
  });

  it("[BA38] stays sequential where another saves less than 50 ms, or less than 5 %", () => {
    const slow = { ...machine, speedUps: [1, 1.04] };
    expect(planBatch(measures(1000, { chunkMs: 0 }, { machine: slow }), auto).reason.code).toBe(
      "saves-too-little",
    );
    const faster = { ...machine, speedUps: [1, 1.12] };
    expect(planBatch(measures(1000, { chunkMs: 0 }, { machine: faster }), auto).chosen.strategy).toBe(
      "threads",
    );
    const plan = planBatch(measures(32), auto);
    const [alone, threads] = plan.predictions;
    expect(threads?.wallMs).toBeLessThan(alone?.wallMs ?? 0);
    expect(plan.reason.code).toBe("saves-too-little");
    expect(plan.chosen).toBe(alone);
    expect(plan.predictions).toHaveLength(2);
  });

  it("[BA38] stays sequential where nothing is saved if entities take as little as the sample allows", () => {
    const reasonOf = (changes: Partial<SampleMeasure>, entities = 210) => {
      const plan = planBatch(
        measures(entities, { chunkMs: 0, entityMs: 2, entityMsError: 0, ...changes }),
        auto,
      );
      if (plan.reason.code === "uncertain") {
        expect(plan.chosen.strategy).toBe("sequential");
        expect(planText(plan)).toContain(
          "by the sample, and nothing if entities take as little as it allows",
        );
      }
      return plan.reason.code;
    };
    expect(reasonOf({})).toBe("fastest");
    // Three quarters of its time others had the cores.
    expect(reasonOf({ cpuShare: 0.25 })).toBe("uncertain");
    // It was short, and what it says may be four times too much.
    expect(reasonOf({ entityMsError: 0.75 })).toBe("uncertain");
    // With more of them threads pay even then.
    expect(reasonOf({ cpuShare: 0.25, entityMsError: 0.5 }, 30_000)).toBe("fastest");
  });

  it("[BA38] does what the user says, with the concurrency and chunk that were given", () => {
    const plan = planBatch(measures(20), { strategy: "threads", concurrency: 3, chunkEntities: 2 });
    expect(plan.reason).toEqual({ code: "declared" });
    expect(plan.chosen).toMatchObject({ strategy: "threads", concurrency: 3, chunkEntities: 2 });
    const inside = planBatch(measures(300), { strategy: "inside" });
    expect(inside.chosen.strategy).toBe("inside");
    expect(() => planBatch(measures(20), { strategy: "cluster" })).toThrow(/needs a queue/);
  });

  it("[BA37] no strategy is predicted to end before the rate lets the last entities begin", () => {
    const rate = { jobsMax: 20, perMs: 1000 };
    const plan = planBatch(measures(310), { ...auto, rate });
    // 300 are left, and ten of the sample have begun in the first second.
    for (const { wallMs, wallMsLow } of plan.predictions) {
      expect(wallMs).toBe(15_000);
      expect(wallMsLow).toBe(15_000);
    }
    expect(plan.chosen.strategy).toBe("sequential");
    expect(planBatch(measures(310), { ...auto, rate: { jobsMax: 500, perMs: 1000 } }).chosen.strategy).toBe(
      "threads",
    );
    // One chunk of eleven fits into twenty.
    const alone = { strategy: "sequential", rate, chunkEntities: 11 } as const;
    expect(planBatch(measures(310), alone).chosen.wallMs).toBe(28_000);
  });

  it("[BA39] does not choose what needs more than 80 % of the free memory", () => {
    const tight = measures(310, {}, { machine: { ...machine, freeBytes: 99e6 } });
    const plan = planBatch(tight, auto);
    expect(plan.chosen.strategy).toBe("sequential");
    expect(plan.reason).toMatchObject({ code: "no-memory", freeBytes: 99e6 });
    const enough = measures(310, {}, { machine: { ...machine, freeBytes: 101e6 } });
    expect(planBatch(enough, auto).chosen.strategy).toBe("threads");
  });

  it("[BA39] takes fewer threads where all of them need too much", () => {
    const eight = { ...machine, cores: 8, speedUps: [1, 2, 3, 4, 5, 6, 7, 8], freeBytes: 210e6 };
    const { chosen } = planBatch(measures(1000, {}, { machine: eight }), auto);
    expect(chosen).toMatchObject({ strategy: "threads", concurrency: 4 });
  });

  it("[BA40] predicts `inside` where heavy calls take part, and not elsewhere", () => {
    const names = (heavyShare: number) =>
      planBatch(measures(300, { heavyShare, callsAtOnce: 4 }), auto).predictions.map((each) => each.strategy);
    expect(names(0)).toEqual(["sequential", "threads"]);
    expect(names(0.9)).toEqual(["sequential", "inside", "threads"]);
  });

  it("[BA40] with a timeout predicts `inside` only where it is asked for, as one call after another", () => {
    const heavy = measures(300, { heavyShare: 0.9, callsAtOnce: 4 });
    const timed = { timeoutMs: 60_000 } as const;
    const names = planBatch(heavy, { ...auto, ...timed }).predictions.map((each) => each.strategy);
    expect(names).toEqual(["sequential", "threads"]);
    const { chosen, predictions } = planBatch(heavy, { strategy: "inside", concurrency: 4, ...timed });
    expect(chosen).toMatchObject({ strategy: "inside", concurrency: 1, wallMs: predictions[0]?.wallMs });
  });

  it("[BA40] calls that no formula declares heavy are predicted on threads only where the host sends them", () => {
    const wallMs = (entityMs: number, undeclaredShare: number): number => {
      const work = { heavyShare: 1, callsAtOnce: 1, entityMs, chunkMs: 0, undeclaredShare };
      return planBatch(measures(310, work), { strategy: "inside", concurrency: 2 }).chosen.wallMs / entityMs;
    };
    expect(wallMs(10, 0)).toBeLessThan(180);
    // Eight of 10 ms save too little together, eight of 100 ms do not.
    expect(wallMs(10, 1)).toBeGreaterThan(299);
    expect(wallMs(100, 1)).toBeLessThan(180);
  });

  it("[BA40] predicts entities that wait with more of them at once than there are cores", () => {
    const waiting = planBatch(measures(1000, { saturation: 0.02, entityMs: 100 }), auto);
    expect(waiting.chosen.strategy).toBe("threads");
    expect(waiting.chosen.concurrency).toBeGreaterThan(20);
    expect(waiting.chosen.wallMs).toBeLessThan(99_000 / 20);
    const busy = planBatch(measures(1000, { saturation: 0.6, entityMs: 100 }), auto);
    expect(busy.chosen.concurrency).toBe(2);
  });

  it("[BA41] tells the least number from which a strategy would be chosen", () => {
    for (const more of [{}, { cluster }]) {
      const { breakEven } = planBatch(measures(310, {}, more), auto);
      const [first] = breakEven;
      const from = first?.entities ?? 0;
      expect(from).toBeGreaterThan(20);
      // All that there are, the sample of ten among them; alone with sequential.
      const at = (all: number) => planBatch(measures(all), auto).chosen.strategy;
      expect(at(from)).toBe("threads");
      for (let all = Math.max(12, from - 20); all < from; all++) expect(at(all)).toBe("sequential");
    }
    const fromOf = (changes: Partial<SampleMeasure>) =>
      planBatch(measures(1000, changes), auto).breakEven[0]?.entities ?? 0;
    // Of so few the sample would have ten, not fifty.
    expect(fromOf({ entities: 50 })).toBe(fromOf({}));
    // Half of them are computed, and have to be as many.
    expect(fromOf({ unchangedShare: 0.5 }) - 10).toBeGreaterThan(1.8 * (fromOf({}) - 10));
    expect(fromOf({ unchangedShare: 1 })).toBe(0);
    const light = planBatch(measures(1e6, { entityMs: 0.0001, entityMsError: 0, rowMs: 0.01 }), auto);
    expect(light.breakEven).toEqual([{ strategy: "threads", entities: undefined }]);
  });

  it("[BA45] CPU time is what the sample took of it, however long others made it wait", () => {
    const all = { strategy: "sequential" } as const;
    const alone = planBatch(measures(1010, { chunkMs: 0, rowMs: 0 }), all).chosen;
    const beside = planBatch(measures(1010, { chunkMs: 0, rowMs: 0, cpuShare: 0.25 }), all).chosen;
    expect([alone.cpuMs, beside.cpuMs, beside.wallMs]).toEqual([10_000, 2_500, alone.wallMs]);
  });

  it("[BA45] CPU time and cost are those of the chunks, as in a summary, whatever reading the rows and starting threads take", () => {
    const cluster = { threads: 20, workers: 5, perJobMs: 5, roundTripMs: 2, chunkMsMin: 10 };
    const told = { cluster, pricePerCpuSecond: 1 };
    const { predictions } = planBatch(measures(1010, { chunkMs: 0, rowMs: 5 }, told), auto);
    expect(predictions.map(({ strategy, cpuMs, cost }) => [strategy, cpuMs, cost])).toEqual([
      ["sequential", 10_000, 10],
      ["threads", 10_000, 10],
      ["cluster", 10_000, 10],
    ]);
  });

  it("[BA45] tells the cost: CPU seconds times the price", () => {
    const plan = planBatch(measures(310, {}, { pricePerCpuSecond: 0.05 }), auto);
    for (const { cost, cpuMs } of plan.predictions) expect(cost).toBeCloseTo((cpuMs / 1000) * 0.05, 12);
    // 300 of 10 ms, and at most 5 % for opening.
    expect(Math.abs((plan.predictions[0]?.cost ?? 0) - 0.154)).toBeLessThan(0.004);
    expect(planBatch(measures(310), auto).chosen.cost).toBeUndefined();
  });

  it("counts what is unchanged as done, and does not predict it", () => {
    const plan = planBatch(measures(1010, { unchangedShare: 0.9, cacheHitShare: 0.5 }), auto);
    expect(plan.expectedUnchanged).toBe(900);
    expect(plan.expectedCacheHits).toBe(50);
    expect(plan.predictions[0]?.wallMs).toBeLessThan(1200);
  });

  it("holds the true time in its range where the sample spreads", () => {
    const { chosen } = planBatch(measures(310), auto);
    expect(chosen.wallMsLow).toBeLessThan(chosen.wallMs);
    expect(chosen.wallMsHigh).toBeGreaterThan(chosen.wallMs);
  });

  it("needs no measured machine where nothing is to be chosen", () => {
    const plan = planBatch({ ...measures(12), machine: unmeasuredMachine }, auto);
    expect(plan.chosen.strategy).toBe("sequential");
  });
});

it("[QU14] a limit of the queue is in the prediction of `cluster`, as it counts chunks, and in no other", () => {
  const options = { strategy: "auto", chunkEntities: 1 } as const;
  const limited = { ...cluster, limit: { jobsMax: 2, perMs: 1000 } };
  const [free, held] = [cluster, limited].map((each) =>
    planBatch(measures(210, {}, { cluster: each }), options),
  );
  const timeOf = (plan: typeof free, name: string): number | undefined =>
    plan?.predictions.find(({ strategy }) => strategy === name)?.wallMs;
  // The last two of 200 begin in the hundredth second.
  expect(timeOf(held, "cluster")).toBe(99_000);
  expect(timeOf(free, "cluster")).toBeLessThan(1000);
  expect(timeOf(held, "threads")).toBe(timeOf(free, "threads"));
  expect([free, held].map((plan) => plan?.chosen.strategy)).toEqual(["cluster", "threads"]);
});
