import { createSimulatedClock } from "@reckon/batch";
import { beforeEach, expect, it } from "vitest";
import type { WorkerSign } from "../server/server-store.ts";
import { Refusals } from "./refusals.ts";

const refusal = { code: "unsigned", message: "it is not signed" } as const;
const clock = createSimulatedClock();
let signs: WorkerSign[] | undefined;
let looks: number;
let refusals: Refusals;

const sign = (worker: string, refuses: readonly string[], queue = "q"): WorkerSign => ({
  ...{ worker, queue, engine: "0.1", v8: "13.6", threads: 1, startedAtMs: 0, chunks: 0, entities: 0 },
  refuses: refuses.map((address) => ({ address, reason: "" })),
});

beforeEach(() => {
  signs = [sign("a/1", [])];
  looks = 0;
  const store = {
    workers: async () => {
      looks += 1;
      if (signs === undefined) throw new Error("away");
      return signs;
    },
  };
  refusals = new Refusals({ store, clock, queue: "q", worker: "a/1", boundMs: 30_000 });
  refusals.add("x", refusal);
});

/** What becomes of a job of `x`, asked every two seconds. */
async function verdicts(times: number): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (let k = 0; k < times; k += 1) {
    found.push(await refusals.judge("x"));
    await clock.advance(2_000);
  }
  return found;
}

it("[QU2] passes jobs on, with longer and longer rests until something is computed", async () => {
  signs = [sign("a/1", ["x"]), sign("b/2", [])];
  expect(await verdicts(8)).toEqual(
    [250, 500, 1_000, 2_000, 4_000, 7_500, 7_500, 7_500].map((restMs) => ({ restMs })),
  );
  refusals.computed();
  expect(await verdicts(1)).toEqual([{ restMs: 250 }]);
});

it("[QU2] gives a bundle up that all at the queue have refused for the length of a lease", async () => {
  signs = [sign("a/1", []), sign("b/2", ["y", "x"]), sign("c/3", [], "another queue")];
  const all = await verdicts(18);
  expect(all.slice(0, 15).every((verdict) => verdict !== "by-all")).toBe(true);
  expect(all.slice(15)).toEqual(["by-all", "by-all", "by-all"]);
  signs = [sign("d/4", [])];
  expect(await verdicts(1)).toMatchObject([{}]);
});

it("[QU2] begins to count anew when somebody came, or nobody could be asked", async () => {
  for (const between of [[sign("b/2", [])], undefined]) {
    signs = [];
    expect(await verdicts(14)).not.toContain("by-all");
    signs = between;
    expect(await verdicts(1)).not.toContain("by-all");
    signs = [];
    expect(await verdicts(14)).not.toContain("by-all");
    signs = [sign("b/2", [])];
    await verdicts(1);
  }
});

it("asks who is there once a second at most, and tells the bundles refused last", async () => {
  await Promise.all([refusals.judge("x"), refusals.judge("x"), refusals.judge("x")]);
  expect(looks).toBe(1);
  for (let k = 0; k < 30; k += 1) refusals.add(`b${k}`, refusal);
  refusals.add("b29", { code: "unreadable", message: "another" });
  expect(refusals.told).toHaveLength(20);
  expect(refusals.told.at(-1)).toEqual({ address: "b29", reason: "it is not signed" });
});
