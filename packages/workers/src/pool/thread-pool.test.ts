import { afterEach, describe, expect, it } from "vitest";
import type { WorkerEvent } from "../api.ts";
import { closeAll, open, run } from "../fixtures/executors.ts";
import { kernelFor, task, taskOf } from "../fixtures/tasks.ts";
import { ThreadedExecutor } from "../worker-executor.ts";

afterEach(closeAll);

describe("threads", () => {
  it("[WK14] a thread is replaced after so many tasks, between them", async () => {
    const executor = open({ recycleAfter: 10 });
    const tasks = Array.from({ length: 45 }, () => run(executor, task("thirds")));
    expect((await Promise.all(tasks)).every(({ kind }) => kind === "done")).toBe(true);
    // The last one has five tasks.
    expect(executor.counts()).toMatchObject({ recycled: 4, spawned: 5, respawned: 0 });
  });

  it("[WK14] a thread whose heap nears its limit is replaced before it gets there", async () => {
    const executor = open({ memoryMb: 200 });
    for (let i = 0; i < 320; i++) {
      expect(await run(executor, task("hoards"))).toMatchObject({ kind: "done" });
    }
    expect(executor.counts()).toMatchObject({ done: 320, lost: 0 });
    expect(executor.counts().recycled).toBeGreaterThan(0);
  });

  it("[WK15] a thread that a task has ended is replaced at once, also many times", async () => {
    const executor = open();
    for (let i = 0; i < 8; i++) expect(await run(executor, task("exits"))).toMatchObject({ kind: "lost" });
    expect(await run(executor, task("thirds"))).toMatchObject({ kind: "done" });
    expect(executor.counts()).toMatchObject({ lost: 8, respawned: 8 });
  });

  it("[WK15] where threads end by themselves they are made later and later, until work goes on without", async () => {
    const began = performance.now();
    const events: WorkerEvent[] = [];
    const fatal = new URL("../fixtures/fatal-program.ts", import.meta.url).href;
    const executor = new ThreadedExecutor({ threads: 1, onEvent: (event) => events.push(event) }, fatal);
    const inPlace = { ...kernelFor({ kind: "thirds" }), compute: () => undefined };
    const module = new URL("../fixtures/test-module.ts", import.meta.url);
    const outcomes = await Promise.all([
      run(executor, taskOf(inPlace)),
      executor.call({ module, name: "same", args: [1] }),
    ]);
    expect(outcomes).toMatchObject([{ kind: "done" }, { kind: "refused" }]);
    expect(events.map((event) => event.kind)).toEqual(Array.from({ length: 5 }, () => "ended"));
    // After the second, third and fourth end.
    expect(performance.now() - began).toBeGreaterThan(0.9 * (50 + 100 + 200));
    expect(executor.counts()).toMatchObject({ inPlace: 1, refused: 1, running: 0 });
    await executor.close();
  });

  it.each([
    ["./program.ts", "no absolute address"],
    ["https://example.com/program.ts", "no file"],
    [new URL("./missing.ts", import.meta.url).href, "does not exist"],
  ])("[WK16] a program at %s is refused before a thread hears of it", async (address, words) => {
    const executor = open();
    expect(await run(executor, taskOf(kernelFor({ kind: "thirds" }, address)))).toMatchObject({
      kind: "failed",
      message: expect.stringContaining(words),
    });
    expect(executor.counts().spawned).toBe(0);
  });
});

it("[WK19] closing ends threads that are still starting, and answers what waits for them", async () => {
  const events: WorkerEvent[] = [];
  const executor = open({ threads: 2, onEvent: (event) => events.push(event) });
  const waiting = [run(executor, task("thirds")), run(executor, task("endless"))];
  // The threads are asked for at the end of this turn.
  await Promise.resolve();
  expect(executor.counts()).toMatchObject({ spawned: 2, queued: 2 });
  await executor.close();
  expect((await Promise.all(waiting)).map(({ kind }) => kind)).toEqual(["cancelled", "cancelled"]);
  expect(events).toMatchObject([
    { kind: "ended", why: "closed" },
    { kind: "ended", why: "closed" },
  ]);
  expect(executor.counts()).toMatchObject({ running: 0, queued: 0, threads: [] });
  expect(await run(executor, task("thirds"))).toMatchObject({ kind: "cancelled" });
});
