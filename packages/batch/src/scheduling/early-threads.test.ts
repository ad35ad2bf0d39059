import { describe, expect, it } from "vitest";
import type { StrategyName } from "../batch-plan.ts";
import type { EntityChunk } from "../entity.ts";
import type { ThreadRunner } from "../evaluation/thread-runner.ts";
import { chunkOf } from "../fixtures/batch-folder.ts";
import { EarlyThreads } from "./early-threads.ts";

interface Doings {
  readonly early: EarlyThreads;
  readonly done: string[];
}

/** What is done to threads of a machine with so many cores. */
function earlyOf(strategy: StrategyName | "auto", { cores = 4, concurrency = 0 } = {}): Doings {
  const done: string[] = [];
  const runner = (threads: number): ThreadRunner => {
    done.push(`made ${threads}`);
    return {
      concurrency: threads,
      opened: threads,
      open: async (_: EntityChunk, atOnce) => void done.push(`open ${atOnce}`),
      settle: async () => void done.push("settle"),
      resize: (count) => void done.push(`resize ${count}`),
      run: async () => ({ kind: "cancelled", message: "" }),
      close: async () => void done.push("close"),
    };
  };
  const given = concurrency === 0 ? {} : { concurrency };
  return { early: new EarlyThreads({ strategy, runner, cores, ...given }), done };
}

const chunk = chunkOf([{ id: "p0" }]);

describe("threads beside the sample", () => {
  it("[BA64] begin with the first chunk where they were asked for, one less at a time than there are cores", async () => {
    const { early, done } = earlyOf("threads", { concurrency: 6 });
    await early.see(chunk, 0);
    await early.see(chunk, 9_999);
    expect(done).toEqual(["made 6", "open 3"]);
    expect(early.opened).toBe(6);
  });

  it("[BA64] begin by themselves once a second of work is left", async () => {
    const { early, done } = earlyOf("auto");
    await early.see(chunk, 999);
    expect([early.opened, done]).toEqual([0, []]);
    await early.see(chunk, 1_000);
    expect(done).toEqual(["made 4", "open 3"]);
  });

  it("[BA64] never begin for another strategy, nor on one core", async () => {
    for (const { early, done } of [
      earlyOf("sequential"),
      earlyOf("inside"),
      earlyOf("cluster"),
      earlyOf("threads", { cores: 1 }),
    ]) {
      await early.see(chunk, 1e9);
      expect([done, early.take(2)]).toEqual([[], undefined]);
      await early.close();
    }
  });

  it("[BA64] are as many as the plan takes, or ended", async () => {
    const taken = earlyOf("threads");
    await taken.early.see(chunk, 0);
    expect(taken.early.take(2)).toBeDefined();
    await taken.early.close();
    expect(taken.done).toEqual(["made 4", "open 3", "resize 2"]);

    const left = earlyOf("auto");
    await left.early.see(chunk, 5_000);
    await left.early.settle();
    await left.early.close();
    expect(left.done).toEqual(["made 4", "open 3", "settle", "close"]);
    expect(left.early.opened).toBe(0);
  });

  it("[BA64] compute the sample as well where they are asked to, as many chunks at once as have a core", () => {
    expect(earlyOf("auto").early.sampleAtOnce).toBe(1);
    for (const [cores, concurrency, atOnce] of [
      [4, 6, 4],
      [4, 2, 2],
      [1, 3, 1],
    ] as const) {
      const { early, done } = earlyOf("threads", { cores, concurrency });
      early.forSample();
      expect([early.sampleAtOnce, done]).toEqual([atOnce, [`made ${concurrency}`]]);
    }
  });
});
