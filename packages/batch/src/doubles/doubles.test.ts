import { expect, it } from "vitest";
import type { ChunkOutcome, EntityBlock } from "../entity.ts";
import { decodeBlock } from "../evaluation/result-block.ts";
import { formChunks } from "../scheduling/chunk-forming.ts";
import { createRecordSource } from "./record-source.ts";
import { createScriptedRunner, type ScriptedTry } from "./scripted-runner.ts";
import { seededRandom } from "./seeded-random.ts";
import { createSimulatedClock } from "./simulated-clock.ts";

const never = new AbortController().signal;

it("[BA59] a simulated clock fires in the order of times, and says when nothing can happen any more", async () => {
  const clock = createSimulatedClock(1000);
  const fired: string[] = [];
  const say = (what: string) => () => fired.push(`${what} ${clock.now()} ${clock.date()}`);
  clock.after(30, say("c"));
  clock.after(10, () => {
    say("a")();
    clock.after(10, say("b"));
  });
  clock.after(30, say("d"));
  const untime = clock.after(15, say("never"));
  untime();
  await clock.advance(29);
  expect(fired).toEqual(["a 10 1010", "b 20 1020"]);
  expect([clock.now(), clock.timers()]).toEqual([29, 2]);
  await clock.advance(1);
  expect(fired.slice(2)).toEqual(["c 30 1030", "d 30 1030"]);
  await expect(clock.runUntil(new Promise(() => undefined))).rejects.toThrow("stands still");
  const late = new Promise<string>((resolve) => clock.after(5, () => resolve("late")));
  expect(await clock.runUntil(late)).toBe("late");
});

it("[BA59] a source of records has a block's rows, and tells those that are no entities", async () => {
  const records = [
    { id: "a", n: 1, rank: 2 },
    { id: null },
    { id: "b", n: true },
    { id: "a", n: 4 },
    { id: "c" },
  ];
  const source = createRecordSource(records, { priority: "rank", name: "players.csv" });
  const blocks: EntityBlock[] = [];
  for await (const block of source.blocks({ rowsMax: 3 })) blocks.push(block);
  expect(blocks.map(({ keys, positions }) => [keys, positions])).toEqual([
    [
      ["a", "b"],
      [0, 2],
    ],
    [["c"], [4]],
  ]);
  expect(blocks.map(({ priorities }) => priorities)).toEqual([
    [2, Number.POSITIVE_INFINITY],
    [Number.POSITIVE_INFINITY],
  ]);
  expect(blocks.flatMap(({ problems }) => problems.map(({ position, line }) => [position, line]))).toEqual([
    [1, 3],
    [3, 5],
  ]);
  expect(blocks[0]?.table.columns.map(({ name, values }) => [name, values])).toEqual([
    ["id", ["a", "b"]],
    ["n", [1, true]],
    ["rank", [2, null]],
  ]);
  expect(new Set(blocks.flatMap(({ deepKeys }) => deepKeys)).size).toBe(3);
});

it("[BA59] a scripted runner fails, hangs, crashes and takes long as its script says", async () => {
  const clock = createSimulatedClock();
  const script = (key: string, attempt: number): ScriptedTry => {
    if (key === "long") return { kind: "succeed", ms: 60, value: "at last" };
    if (key === "once") return attempt === 1 ? { kind: "fail", message: "not yet" } : { kind: "succeed" };
    return { kind: key } as ScriptedTry;
  };
  const runner = createScriptedRunner({ clock, script, concurrency: 2 });
  const outcomeOf = async (keys: readonly string[], attempt = 1, signal = never): Promise<ChunkOutcome> => {
    const source = createRecordSource(keys.map((id) => ({ id })));
    for await (const block of source.blocks()) {
      const [chunk] = formChunks(block, { chunkEntities: 10, firstNumber: 0 });
      if (chunk !== undefined)
        return await clock.runUntil(runner.run({ ...chunk, attempt }, { signal, timeoutMs: 50 }));
    }
    throw new Error("no chunk");
  };
  for (const [key, kind] of [
    ["throw", "failed"],
    ["crash", "lost"],
    ["memory", "lost"],
    ["refuse", "refused"],
    ["hang", "timed-out"],
    ["long", "timed-out"],
  ] as const)
    expect([key, (await outcomeOf(["succeed", key])).kind]).toEqual([key, kind]);
  const first = await outcomeOf(["succeed", "once"]);
  expect(first).toMatchObject({
    kind: "done",
    entities: [{ kind: "succeeded" }, { kind: "failed", message: "not yet" }],
  });
  const second = await outcomeOf(["once"], 2);
  expect(second.kind === "done" && decodeBlock(second.block)?.get(0, 0, 0)).toBe(4);
  const abort = new AbortController();
  clock.after(5, () => abort.abort());
  expect((await outcomeOf(["hang"], 1, abort.signal)).kind).toBe("cancelled");
  expect(runner.begun).toHaveLength(9);
});

it("seeded chance is the same for the same seed, and spread evenly", () => {
  const take = (seed: number): number[] => Array.from({ length: 10_000 }, seededRandom(seed));
  expect(take(5)).toEqual(take(5));
  expect(take(5)).not.toEqual(take(6));
  const counts = new Array<number>(10).fill(0);
  for (const number of take(1)) counts[Math.floor(number * 10)] = (counts[Math.floor(number * 10)] ?? 0) + 1;
  expect(Math.min(...counts)).toBeGreaterThan(850);
  expect(Math.max(...counts)).toBeLessThan(1150);
});
