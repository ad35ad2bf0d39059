import { afterEach, describe, expect, it } from "vitest";
import type { WorkerEvent } from "../api.ts";
import { closeAll, open, run } from "../fixtures/executors.ts";
import { kernelFor, task, taskOf } from "../fixtures/tasks.ts";

afterEach(closeAll);

const module = new URL("../fixtures/test-module.ts", import.meta.url);

describe("timeouts", () => {
  it("[WK10] a task past its timeout is `timed-out`, its thread replaced, and others are done", async () => {
    const executor = open({ taskTimeoutMs: 50 });
    const outcomes = await Promise.all(
      [task("thirds"), task("endless"), task("copy")].map((work) => run(executor, work)),
    );
    expect(outcomes).toMatchObject([
      { kind: "done" },
      { kind: "timed-out", message: "it took more than 50 ms" },
      { kind: "done" },
    ]);
    expect(executor.counts()).toMatchObject({ timedOut: 1, spawned: 2, respawned: 1, movedOn: 0 });
  });

  it("[WK10] what importing takes is none of its time", async () => {
    const executor = open({ taskTimeoutMs: 200 });
    const slow = new URL("../fixtures/slow-program.ts", import.meta.url).href;
    const outcome = await run(executor, taskOf(kernelFor({ kind: "thirds" }, slow)));
    expect([outcome.kind, executor.counts().spawned]).toEqual(["done", 1]);
  });

  it("[WK10] a task that only waits past its timeout is forgotten, and its thread stays", async () => {
    const executor = open({ taskTimeoutMs: 20 });
    expect(await run(executor, task("never"))).toMatchObject({ kind: "timed-out" });
    expect(await run(executor, task("thirds"))).toMatchObject({ kind: "done" });
    expect(executor.counts()).toMatchObject({ spawned: 1 });
  });

  it("[WK10] a call that goes on for ever after it waited takes its thread with it", async () => {
    const events: WorkerEvent[] = [];
    const executor = open({ onEvent: (event) => events.push(event), cancelGraceMs: 20 });
    const call = { module, name: "endless", args: [], timeoutMs: 50, label: "prices.endless" };
    expect(await executor.call(call)).toMatchObject({ kind: "timed-out" });
    expect(await executor.call({ module, name: "same", args: [1] })).toMatchObject({ kind: "done" });
    const told = events.map((event) => (event.kind === "ended" ? event.why : event.kind));
    expect(told).toEqual(["spawned", "timed-out", "timed-out", "spawned"]);
    expect(events[1]).toMatchObject({ task: "prices.endless" });
  });
});

describe("cancelling", () => {
  it("[WK11] what was not started never runs", async () => {
    const executor = open();
    await run(executor, task("thirds"));
    const controller = new AbortController();
    const long = run(executor, task("spin", 50));
    const superseded = Array.from({ length: 20 }, () => run(executor, task("exits"), controller.signal));
    // Some are with the thread by then, others in the queue.
    await Promise.resolve();
    controller.abort();
    const outcomes = await Promise.all(superseded);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["cancelled"]));
    expect(await long).toMatchObject({ kind: "done" });
    expect(executor.counts()).toMatchObject({ cancelled: 20, spawned: 1, running: 0, queued: 0 });
  });

  it("[WK11] what runs is answered at once, and goes on while nothing waits", async () => {
    const executor = open({ cancelGraceMs: 1 });
    await run(executor, task("thirds"));
    const controller = new AbortController();
    const work = task("spin", 400);
    const long = run(executor, work, controller.signal);
    await until(() => executor.counts().threads[0]?.runs !== undefined);
    controller.abort();
    expect(await long).toMatchObject({ kind: "cancelled" });
    expect(executor.counts().threads[0]).toMatchObject({ runs: "task" });
    await until(() => executor.counts().threads[0]?.tasks === 0);
    expect(executor.counts()).toMatchObject({ spawned: 1, done: 1 });
    // Its answer has come meanwhile: somebody else may have the column by now.
    expect([Array.from(work.out.numbers), executor.histograms().run.count]).toEqual([[0, 0, 0, 0, 0, 0], 1]);
  });

  it("[WK11] what goes on while others wait ends with its thread", async () => {
    const executor = open({ cancelGraceMs: 5 });
    const controller = new AbortController();
    const endless = run(executor, task("endless"), controller.signal);
    const others = Array.from({ length: 10 }, () => run(executor, task("thirds")));
    await until(() => executor.counts().threads[0]?.runs !== undefined);
    controller.abort();
    expect(await endless).toMatchObject({ kind: "cancelled" });
    expect((await Promise.all(others)).every(({ kind }) => kind === "done")).toBe(true);
    expect(executor.counts()).toMatchObject({ cancelled: 1, lost: 0, spawned: 2 });
  });

  it("[WK11] a late result is dropped", async () => {
    const executor = open();
    const controller = new AbortController();
    const late = taskOf(kernelFor({ kind: "later", amount: 500 }));
    const outcome = run(executor, late, controller.signal);
    await until(() => executor.counts().threads[0]?.waiting === 1);
    controller.abort();
    expect(await outcome).toMatchObject({ kind: "cancelled" });
    await run(executor, task("later", 700));
    expect(Array.from(late.out.numbers)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

/** Lets everything else go on until the claim holds. */
async function until(claim: () => boolean): Promise<void> {
  while (!claim()) await new Promise((resolve) => setImmediate(resolve));
}
