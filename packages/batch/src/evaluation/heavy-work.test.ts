import { type Executor, inlineExecutor, type Task } from "@reckon/engine";
import { Column } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { HeavyWork } from "./heavy-work.ts";

describe("HeavyWork", () => {
  it("[BA40] times calls of half a millisecond and more, and those of heavy formulas, by the clock it is given", async () => {
    let now = 0;
    let takesMs = 0;
    let gives: unknown = 1;
    const work = new HeavyWork(() => now);
    const runner = work.calls({
      call: () => {
        now += takesMs;
        return gives;
      },
    });
    const call = (ms: number, weight?: "heavy"): unknown => {
      takesMs = ms;
      const called = { name: "m.f", call: () => 1, policy: {}, weight };
      return runner.call(called as never, [], undefined);
    };
    expect(call(0.4)).toBe(1);
    expect(work.time()).toEqual({ ms: 0, calls: 0, undeclaredMs: 0 });
    call(7);
    call(0.5);
    call(0.25, "heavy");
    expect(work.time()).toEqual({ ms: 7.75, calls: 3, undeclaredMs: 7.5 });
    gives = Promise.reject(new Error("later"));
    const later = call(0) as Promise<unknown>;
    now += 2.25;
    await expect(later).rejects.toThrow("later");
    expect(work.time()).toEqual({ ms: 10, calls: 4, undeclaredMs: 9.75 });
  });

  it("[BA40] times what the engine hands to its executor, with the calls in it once", async () => {
    let now = 0;
    const work = new HeavyWork(() => now);
    const runner = work.calls({
      call: () => {
        now += 3;
        return 1;
      },
    });
    const executor: Executor = work.executor(inlineExecutor);
    const shape = { outer: 1, periods: 1 };
    const task: Task = {
      id: 0,
      name: "heavy",
      kernel: {
        compute: () => {
          now += 1;
          runner.call({} as never, [], undefined);
        },
      },
      inputs: [],
      out: new Column(shape),
      box: { outerFrom: 0, outerTo: 1, from: 0, to: 1 },
    };
    const outcome = await executor.submit(task, new AbortController().signal);
    expect(outcome.kind).toBe("done");
    expect(work.time()).toEqual({ ms: 4, calls: 1, undeclaredMs: 0 });
  });
});
