import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import type { SampleMeasure } from "../batch-plan.ts";
import { planBatch, unmeasuredMachine } from "./choose.ts";
import type { MachineLedger } from "./measure-machine.ts";
import { planRun } from "./plan-run.ts";

const sample: SampleMeasure = {
  entities: 10,
  chunks: 10,
  wallMs: 1,
  chunkMs: 0.05,
  entityMs: 0.05,
  entityMsMax: 0.05,
  entityMsSpread: 0,
  entityMsError: 0,
  saturation: 1,
  heavyShare: 0,
  callsAtOnce: 1,
  rowMs: 0,
  bytesPerEntity: 100,
  memoryPeakBytes: 1,
  cacheHitShare: 0,
  unchangedShare: 0,
};
const untouched: MachineLedger = {
  measures: () => Promise.reject(new Error("nothing is measured")),
  recordMeasures: () => Promise.reject(new Error("nothing is measured")),
};
const queue = { measure: () => Promise.reject(new Error("nobody is asked")) };
const request = { sample, isEstimated: false, ledger: untouched, queue, nowMs: 0 };

describe("planRun", () => {
  it("[BA38] [BA61] measures no threads and asks no queue where nothing is to be chosen", async () => {
    const plan = await planRun({ ...request, entities: 40, options: { strategy: "auto" } });
    expect(plan.reason.code).toBe("too-short");
    const declared = await planRun({ ...request, entities: 40, options: { strategy: "threads" } });
    expect(declared.chosen).toMatchObject({ strategy: "threads", concurrency: availableParallelism() });
  });

  it("[BA61] measures them where something is, and not for less than a second of work", async () => {
    const empty = { ...untouched, measures: () => Promise.resolve(new Map()) };
    const brief = await planRun({
      ...request,
      ledger: empty,
      entities: 10_000,
      options: { strategy: "auto" },
    });
    expect(brief.reason.code).toBe("too-short");
    const asked = planRun({ ...request, entities: 100_000, options: { strategy: "auto" } });
    await expect(asked).rejects.toThrow("nothing is measured");
    const remote = planRun({ ...request, entities: 40, options: { strategy: "cluster" } });
    await expect(remote).rejects.toThrow("nobody is asked");
  });

  it("[BA61] nobody waits for measuring where it is decided already; a plan alone measures", async () => {
    const kept: string[] = [];
    const ledger = {
      measures: () => Promise.resolve(new Map()),
      recordMeasures: () => Promise.reject(new Error("nothing is measured")),
    };
    const long = { ...request, ledger, entities: 1_000_000 };
    for (const strategy of ["sequential", "threads"] as const) {
      const { chosen, predictions } = await planRun({ ...long, options: { strategy } });
      kept.push(chosen.strategy);
      expect(predictions.map((each) => each.strategy)).toEqual(
        strategy === "sequential" ? ["sequential"] : ["sequential", "threads"],
      );
    }
    expect(kept).toEqual(["sequential", "threads"]);
    // What the first thread took to open the program the others take as well.
    const msOf = async (openingMs: number): Promise<number> => {
      const options = { strategy: "threads", concurrency: 2 } as const;
      return (await planRun({ ...long, sample: { ...long.sample, openingMs }, options })).chosen.wallMs;
    };
    expect((await msOf(400)) - (await msOf(0))).toBeGreaterThan(150);
    let settled = 0;
    const threads = { opened: 0, settle: async () => void settled++ };
    const { queue: _, ...alone } = { ...long, threads, measureMsMax: 0 };
    for (const isPlanOnly of [false, true])
      await planRun({ ...alone, options: { strategy: "threads" }, isPlanOnly });
    expect(settled).toBe(1);
  });

  it("[BA64] threads that are open are waited for before the machine is measured, and predicted to begin at once", async () => {
    const done: string[] = [];
    const ledger = {
      measures: async () => new Map(),
      recordMeasures: () => Promise.reject(new Error("nothing is measured")),
    };
    const threads = { opened: 2, settle: async () => void done.push("settled") };
    const { queue: _, ...long } = { ...request, ledger, entities: 100_000, threads, measureMsMax: 0 };
    await planRun({ ...long, options: { strategy: "sequential" } });
    expect(done).toEqual([]);
    const { measures } = await planRun({ ...long, options: { strategy: "auto" } });
    expect(done).toEqual(["settled"]);
    expect(measures.threadsOpened).toBe(2);
    const at = (threadsOpened: number): number =>
      planBatch(
        {
          ...measures,
          threadsOpened,
          machine: { ...unmeasuredMachine, cores: 2, speedUps: [1, 1.9], spawnMs: 40, importMs: 60 },
        },
        { strategy: "threads", concurrency: 2 },
      ).chosen.wallMs;
    expect(at(0) - at(2)).toBeGreaterThan(90);
    expect(at(0)).toBeGreaterThan(at(1));
    expect(at(1)).toBeGreaterThan(at(2));
  });

  it("[BA61] measuring that takes too long is given up, and nothing is kept of it", async () => {
    let records = 0;
    const notices: string[] = [];
    const ledger = {
      measures: () => Promise.resolve(new Map()),
      recordMeasures: async () => void records++,
    };
    const request = {
      sample,
      isEstimated: false,
      ledger,
      nowMs: 0,
      entities: 100_000_000,
      measureMsMax: 0,
      onNotice: (message: string) => void notices.push(message),
    };
    const plan = await planRun({ ...request, options: { strategy: "auto" } });
    expect(plan.chosen.strategy).toBe("sequential");
    expect(plan.measures.machine).toBe(unmeasuredMachine);
    expect(notices).toEqual([
      expect.stringMatching(/^measuring what threads do here was given up after 0\.0 s/),
    ]);
    const asked = await planRun({ ...request, options: { strategy: "threads" } });
    expect(asked.chosen).toMatchObject({ strategy: "threads", concurrency: availableParallelism() });
    expect(records).toBe(0);
  });
});
