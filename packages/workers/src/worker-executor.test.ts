import { type Column, columnFrom, errorValue, sameColumn, withOrigin } from "@reckon/value";
import { afterEach, describe, expect, it } from "vitest";
import type { WorkerEvent, WorkerExecutor } from "./api.ts";
import { cellsOf, closeAll, open, run } from "./fixtures/executors.ts";
import { kernelFor, never, shape, task, taskOf, whole } from "./fixtures/tasks.ts";
import type { TestPayload } from "./fixtures/test-program.ts";

afterEach(closeAll);

const thirdsOf = [1, 2, 3, 4, 5, 6].map((cell) => Math.cbrt(cell) / 3);

describe("computing", () => {
  it("[WK1] a kernel with `remote` is computed on a thread, and any other in place", async () => {
    const executor = open();
    expect(cellsOf(await run(executor, task("thirds")))).toEqual(thirdsOf);
    const local = taskOf({ compute: ([read], out) => out.set(0, (read as Column).get(1)) });
    expect(executor.submit(local, never)).toMatchObject({ kind: "done" });
    expect(executor.counts()).toMatchObject({ done: 1, spawned: 1 });
  });

  it("[WK2] threads are made when there is work for them, and no more than there may be", async () => {
    const executor = open({ threads: 2 });
    expect(executor.counts()).toMatchObject({ spawned: 0, threads: [] });
    await run(executor, task("thirds"));
    expect(executor.counts().spawned).toBe(1);
    await Promise.all(Array.from({ length: 50 }, () => run(executor, task("spin", 1))));
    expect(executor.counts()).toMatchObject({ spawned: 2, done: 51 });
  });

  it("[WK3] what is submitted in one turn travels together", async () => {
    const executor = open();
    const kernel = kernelFor({ kind: "thirds" });
    for (let i = 0; i < 50; i++) await run(executor, taskOf(kernel));
    const before = executor.counts().frames;
    await Promise.all(Array.from({ length: 200 }, () => run(executor, taskOf(kernel))));
    expect(executor.counts().frames - before).toBeLessThan(50);
  });
});

describe("columns", () => {
  const here = { attribute: "a.b", at: ["2026-01", "EU"] };

  it("[WK4] every kind of cell arrives as it was sent, there and back", async () => {
    const detailed = errorValue("#N/A", "no such key");
    const cells = [
      -0,
      "a\ud800",
      true,
      null,
      withOrigin(detailed, here),
      withOrigin(errorValue("#NUM!"), here),
    ];
    const outcome = await run(open(), taskOf(kernelFor({ kind: "copy" }), cells));
    expect(cellsOf(outcome)).toEqual(cells);
    expect(outcome.kind === "done" && sameColumn(outcome.out, columnFrom(shape, cells))).toBe(true);
  });

  it("[WK5] only the cells of the box come back", async () => {
    const work = { ...task("thirds"), box: { outerFrom: 1, outerTo: 2, from: 1, to: 2 } };
    for (let cell = 0; cell < 6; cell++) work.out.set(cell, "before");
    expect(cellsOf(await run(open(), work))).toEqual([
      "before",
      "before",
      "before",
      "before",
      thirdsOf[4],
      "before",
    ]);
  });

  it("[WK6] a draft that is read travels, one that is not does not", async () => {
    const out = columnFrom(shape, [1, 2, 3, 4, 5, 6]);
    const executor = open();
    const more = kernelFor({ kind: "more" });
    const read = await run(executor, { id: 1, name: "more", kernel: more, inputs: [out], out, box: whole });
    expect(cellsOf(read)).toEqual([2, 3, 4, 5, 6, 7]);
    const other = columnFrom(shape, [1, 2, 3, 4, 5, 6]);
    const unread = { id: 2, name: "more", kernel: more, inputs: [], out: other, box: whole };
    expect(cellsOf(await run(executor, unread))).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

/** Whatever happened, the next task is computed. */
async function goesOn(executor: WorkerExecutor): Promise<void> {
  expect(await run(executor, task("thirds"))).toMatchObject({ kind: "done" });
}

describe("going wrong", () => {
  it.each<[TestPayload["kind"], string]>([
    ["throws", "no luck"],
    ["rejects", "no luck"],
    ["symbols", "cannot be sent"],
    ["no kernel", "no kernel"],
    ["cannot be made", "not made"],
  ])("[WK7] a task that %s is `failed`, and its thread goes on", async (kind, words) => {
    const executor = open();
    const outcomes = await Promise.all([run(executor, task(kind)), run(executor, task("thirds"))]);
    expect(outcomes).toMatchObject([
      { kind: "failed", message: expect.stringContaining(words) },
      { kind: "done" },
    ]);
    await goesOn(executor);
    expect(executor.counts()).toMatchObject({ spawned: 1, failed: 1, lost: 0 });
  });

  it("[WK7] a program that does not load fails its tasks", async () => {
    const executor = open();
    const bad = new URL("./fixtures/bad-program.ts", import.meta.url).href;
    const outcomes = await Promise.all([
      run(executor, taskOf(kernelFor({ kind: "thirds" }, bad))),
      run(executor, task("thirds")),
      run(executor, taskOf(kernelFor({ kind: "copy" }, bad))),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["failed", "done", "failed"]);
    expect(outcomes[0]).toMatchObject({ message: expect.stringContaining("bad at once") });
    await goesOn(executor);
  });

  it.each<[TestPayload["kind"], string]>([
    ["exits", "exited with code 3"],
    ["throws beside", "beside"],
    ["fills", "it used more than 32 MB of memory (ask for more)"],
  ])("[WK8] a task that %s is `lost`, and its neighbours run elsewhere", async (kind, words) => {
    const events: WorkerEvent[] = [];
    const executor = open({
      memoryMb: 32,
      memoryHint: "ask for more",
      onEvent: (event) => events.push(event),
    });
    const before = [run(executor, task("thirds")), run(executor, task(kind))];
    const outcomes = await Promise.all([...before, run(executor, task("copy")), run(executor, task("more"))]);
    expect(outcomes).toMatchObject([
      { kind: "done" },
      { kind: "lost", message: expect.stringContaining(words) },
      { kind: "done" },
      { kind: "done" },
    ]);
    await goesOn(executor);
    expect(executor.counts()).toMatchObject({ lost: 1, spawned: 2, respawned: 1 });
    expect(events.map((event) => event.kind)).toEqual(["spawned", "lost", "ended", "spawned"]);
  });

  it("[WK9] a throw after the result ends the thread and nothing else", async () => {
    const executor = open();
    const outcomes = await Promise.all([
      run(executor, task("throws late")),
      run(executor, task("later", 30)),
    ]);
    expect(outcomes[0]).toMatchObject({ kind: "done" });
    await goesOn(executor);
  });
});

const module = new URL("./fixtures/test-module.ts", import.meta.url);

describe("calls", () => {
  it("[WK17] a module's function is called with what it was given, and gives what it gave", async () => {
    const executor = open();
    const call = (name: string, ...args: unknown[]): Promise<unknown> =>
      executor.call({ module, name, args });
    const given = [-0, Number.NaN, "\ud800", null, undefined, 12n, errorValue("#N/A", "why"), [1, { a: 2 }]];
    for (const value of given) expect(await call("same", value)).toMatchObject({ kind: "done", value });
    expect(await call("later", 1, 2)).toMatchObject({ kind: "done", value: 3, costMs: expect.any(Number) });
  });

  it.each([
    ["throws", "no luck"],
    ["rejects", "no luck"],
    ["givesFunction", "cannot be sent"],
    ["missing", "not exported"],
    ["toString", "not exported"],
  ])("[WK17] a call of %s is `failed`, and its neighbours are done", async (name, words) => {
    const executor = open();
    const outcomes = await Promise.all(
      ["same", name, "later"].map((called) => executor.call({ module, name: called, args: [1, 1] })),
    );
    expect(outcomes).toMatchObject([
      { kind: "done", value: 1 },
      { kind: "failed", message: expect.stringContaining(words) },
      { kind: "done", value: 2 },
    ]);
  });

  it("[WK17] what cannot be cloned is not sent, and its neighbours are", async () => {
    const executor = open();
    const outcomes = await Promise.all(
      [1, () => 1, 2].map((arg) => executor.call({ module, name: "same", args: [arg] })),
    );
    expect(outcomes).toMatchObject([
      { kind: "done", value: 1 },
      { kind: "failed", message: expect.stringContaining("could not be sent") },
      { kind: "done", value: 2 },
    ]);
  });

  it("[WK17] a kernel that travelled with what cannot be cloned travels again", async () => {
    const executor = open();
    const outcomes = await Promise.all([
      run(executor, task("thirds")),
      executor.call({ module, name: "same", args: [() => 1] }),
    ]);
    expect(outcomes).toMatchObject([{ kind: "done" }, { kind: "failed" }]);
  });
});
