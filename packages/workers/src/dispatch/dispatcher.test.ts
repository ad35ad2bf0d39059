import { afterEach, describe, expect, it } from "vitest";
import { closeAll, open, run } from "../fixtures/executors.ts";
import { kernelFor, task, taskOf } from "../fixtures/tasks.ts";
import type { TestKind } from "../fixtures/test-program.ts";
import { ThreadedExecutor } from "../worker-executor.ts";

afterEach(closeAll);

const module = new URL("../fixtures/test-module.ts", import.meta.url);

describe("blame", () => {
  async function besideOthers(bad: TestKind): Promise<{ kinds: string[]; spawned: number }> {
    const executor = open();
    const outcomes = await Promise.all(
      (["later", bad, "later", "later"] as const).map((kind) => run(executor, task(kind, 50))),
    );
    return { kinds: outcomes.map(({ kind }) => kind), spawned: executor.counts().spawned };
  }

  it("[WK9] of several that wait only the one is lost that threw, at once", async () => {
    const kinds = ["done", "lost", "done", "done"];
    expect(await besideOthers("throws beside")).toEqual({ kinds, spawned: 2 });
  });

  it("[WK12] of several that wait each runs again alone where nobody knows which one threw", async () => {
    const kinds = ["done", "lost", "done", "done"];
    expect(await besideOthers("throws unseen")).toEqual({ kinds, spawned: 3 });
  });

  it("[WK9] what waits alone is not blamed for what finished work left behind, until eight threads have ended", async () => {
    const executor = open();
    const waiting = run(executor, task("never"));
    for (let ended = 1; ended < 8; ended++) {
      expect((await run(executor, task("throws late"))).kind).toBe("done");
      while (executor.counts().spawned === ended) await new Promise((resolve) => setImmediate(resolve));
    }
    // The eighth thread computes, and has the waiting task in hand.
    expect((await run(executor, task("thirds"))).kind).toBe("done");
    expect(executor.counts()).toMatchObject({ lost: 0, running: 1 });
    await run(executor, task("throws late"));
    expect(await waiting).toMatchObject({ kind: "lost", message: expect.stringContaining("too late") });
  });

  it("[WK12] a program that ends threads while it is loaded is given up after the second", async () => {
    const executor = open();
    const fatal = new URL("../fixtures/fatal-program.ts", import.meta.url).href;
    const tasks = Array.from({ length: 30 }, (_, i) =>
      run(executor, taskOf(kernelFor({ kind: "spin", amount: i }, fatal))),
    );
    const outcomes = await Promise.all([...tasks, run(executor, task("thirds"))]);
    expect(outcomes.map(({ kind }) => kind)).toEqual([...Array.from({ length: 30 }, () => "lost"), "done"]);
    expect(executor.counts().spawned).toBeLessThan(6);
  });
});

describe("queueing", () => {
  it("[WK13] of too many kernels run in place and calls are refused; `drained` tells when all were sent", async () => {
    const executor = open({ queueMax: 3 });
    const kernel = kernelFor({ kind: "thirds" });
    const here = { ...kernel, compute: () => undefined };
    const sent = Array.from({ length: 3 }, () => run(executor, taskOf(kernel)));
    expect(executor.submit(taskOf(here), new AbortController().signal)).toMatchObject({ kind: "done" });
    expect(await executor.call({ module, name: "same", args: [1] })).toMatchObject({ kind: "refused" });
    await executor.drained();
    expect(executor.counts()).toMatchObject({ queued: 0, inPlace: 1, refused: 1 });
    expect((await Promise.all(sent)).map(({ kind }) => kind)).toEqual(["done", "done", "done"]);
  });

  it("[WK13] `drained` resolves also when the last that waited is cancelled", async () => {
    const executor = open({ taskTimeoutMs: 60_000 });
    const endless = run(executor, task("endless"));
    const controller = new AbortController();
    const behind = run(executor, task("thirds"), controller.signal);
    await until(() => executor.counts().threads[0]?.runs !== undefined);
    const drained = executor.drained();
    controller.abort();
    await drained;
    expect((await behind).kind).toBe("cancelled");
    await executor.close();
    expect(await endless).toMatchObject({ kind: "cancelled" });
  });

  it("[WK3] an answer does not wait for a long task behind it", async () => {
    const executor = open();
    await run(executor, task("spin", 100));
    // What is known to be short waits for others that are.
    for (let i = 0; i < 20; i++) await run(executor, task("thirds"));
    const short = Array.from({ length: 2 }, () => run(executor, task("thirds")));
    const long = run(executor, task("spin", 100));
    await Promise.all(short);
    // All that one message answers is settled by now.
    expect(executor.counts().running).toBe(1);
    expect(await long).toMatchObject({ kind: "done" });
  });

  it("[WK22] a thread without work gets what another has not started", async () => {
    const executor = open({ threads: 2 });
    await run(executor, task("thirds"));
    expect(executor.counts().spawned).toBe(1);
    const controller = new AbortController();
    const endless = run(executor, task("endless"), controller.signal);
    // They stand behind it, on the one thread that is there.
    const others = Array.from({ length: 3 }, () => run(executor, task("thirds")));
    expect((await Promise.all(others)).map(({ kind }) => kind)).toEqual(["done", "done", "done"]);
    controller.abort();
    await endless;
    const { threads, movedOn, spawned } = executor.counts();
    expect({ movedOn, spawned }).toEqual({ movedOn: 3, spawned: 2 });
    expect(threads.map((thread) => thread.done)).toEqual([1, 3]);
  });

  it.each([1, 2])(
    "[WK25] tasks with others computed beside them make %i threads busy at most",
    async (threadsMax) => {
      const executor = open({ threads: 2 });
      await Promise.all([run(executor, task("spin", 20)), run(executor, task("spin", 20))]);
      expect(executor.counts().spawned).toBe(2);
      const done = () => executor.counts().threads.map((thread) => thread.done);
      const before = done();
      const { movedOn } = executor.counts();
      const tasks = Array.from({ length: 12 }, () => ({ ...task("spin", 20), threadsMax }));
      expect((await Promise.all(tasks.map((one) => run(executor, one)))).map(({ kind }) => kind)).toEqual(
        tasks.map(() => "done"),
      );
      const busy = done().filter((count, i) => count > (before[i] as number));
      expect(busy).toHaveLength(threadsMax);
      if (threadsMax === 1) expect(executor.counts().movedOn).toBe(movedOn);
    },
  );

  it("[WK25] one thread at most is made for tasks that may have one", async () => {
    const executor = open({ threads: 3 });
    const tasks = Array.from({ length: 6 }, () => ({ ...task("spin", 5), threadsMax: 1 }));
    await Promise.all(tasks.map((one) => run(executor, one)));
    expect(executor.counts().spawned).toBe(1);
  });

  it("[WK25] a task that stands behind an endless one does not wait for it", async () => {
    const executor = open({ threads: 2 });
    await run(executor, task("thirds"));
    const controller = new AbortController();
    const endless = run(executor, task("endless"), controller.signal);
    const behind = run(executor, { ...task("thirds"), threadsMax: 1 });
    expect((await behind).kind).toBe("done");
    controller.abort();
    expect((await endless).kind).toBe("cancelled");
  });

  it("[WK23] what waits for something else does not hold up its thread", async () => {
    const executor = open();
    const controller = new AbortController();
    const waiting = Array.from({ length: 20 }, () => run(executor, task("never"), controller.signal));
    expect(await run(executor, task("thirds"))).toMatchObject({ kind: "done" });
    controller.abort();
    expect((await Promise.all(waiting)).every(({ kind }) => kind === "cancelled")).toBe(true);
  });

  it("[WK20] counts and histograms tell what was done", async () => {
    const executor = open();
    await Promise.all([run(executor, task("thirds")), run(executor, task("spin", 20))]);
    await run(executor, task("throws"));
    expect(executor.counts()).toMatchObject({
      done: 2,
      failed: 1,
      running: 0,
      queued: 0,
      threads: [{ thread: 1, state: "idle", tasks: 0, waiting: 0, done: 3 }],
    });
    const { run: ran, wait } = executor.histograms();
    expect(ran).toMatchObject({ count: 2 });
    expect(ran.max).toBeGreaterThanOrEqual(19);
    expect(wait.count).toBe(3);
  });

  it("[WK21] costs are as given, then as measured", async () => {
    const costs = { threads: 1, roundTripMs: 1, perTaskMs: 1, spawnMs: 1, perMegabyteMs: 1 };
    expect(open().costs()).toBeUndefined();
    const executor = open({ costs });
    expect(executor.costs()).toEqual(costs);
    const measured = await executor.measureCosts();
    expect(Object.values(measured).every((cost) => Number.isFinite(cost) && cost >= 0)).toBe(true);
    expect(measured.perTaskMs).toBeLessThan(measured.roundTripMs);
    // Means are taken of what was asked for.
    expect([executor.counts().done, executor.histograms().run.count]).toEqual([0, 0]);
    expect(executor.histograms().wait.count).toBe(0);
    // The thread is there now.
    expect(executor.costs()).toEqual({ ...measured, spawnMs: 0 });
  });

  it("[WK21] what was not done by a thread is not what sending costs", async () => {
    const executor = open();
    const measuring = executor.measureCosts();
    const closing = executor.close();
    await expect(measuring).rejects.toThrow("closed");
    await closing;
    expect(executor.costs()).toBeUndefined();
    const fatal = new URL("../fixtures/fatal-program.ts", import.meta.url).href;
    const alone = new ThreadedExecutor({ threads: 1 }, fatal);
    await expect(alone.measureCosts()).rejects.toThrow("no thread");
    expect(alone.costs()).toBeUndefined();
    await alone.close();
  });

  it("[WK2] no number of threads is one", async () => {
    const executor = open({ threads: Number.NaN });
    expect(await run(executor, task("thirds"))).toMatchObject({ kind: "done" });
    expect(executor.counts().spawned).toBe(1);
  });
});

/** Lets everything else go on until the claim holds. */
async function until(claim: () => boolean): Promise<void> {
  while (!claim()) await new Promise((resolve) => setImmediate(resolve));
}
