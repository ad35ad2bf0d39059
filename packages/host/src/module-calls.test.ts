import { type DispatchCosts, memoBytes } from "@reckon/engine";
import { CallGroup, type ModuleFunction } from "@reckon/formula";
import type { CalledFunction } from "@reckon/plan";
import type { Column, Scalar } from "@reckon/value";
import type { CallOutcome, CallRequest } from "@reckon/workers";
import { describe, expect, it } from "vitest";
import { hostedFunctions } from "./hosted-function.ts";
import { ModuleCalls, type ModuleCallsOptions } from "./module-calls.ts";
import type { ThreadAnswer, ThreadCall } from "./module-thread.ts";

/** Calls that wait until the test answers them; functions are told what they take by a clock that the test moves. */
class World {
  readonly sent: {
    call: ThreadCall;
    request: CallRequest;
    signal: AbortSignal | undefined;
    answer: Answer;
  }[] = [];
  readonly notices: string[] = [];
  readonly kept = new Map<string, Column>();
  /** Under which calls were looked up. */
  readonly names: string[] = [];
  measured = 0;
  /** Of the modules made from now on. */
  hash = "h1";
  costs: DispatchCosts | undefined = {
    threads: 4,
    roundTripMs: 0.1,
    perTaskMs: 0.01,
    spawnMs: 0,
    perMegabyteMs: 0,
  };
  private time = 0;

  runner(without: { sender?: true; memoStore?: true } = {}, onPlace?: () => void): ModuleCalls {
    const options: ModuleCallsOptions = {
      now: () => this.time,
      onNotice: (notice) => this.notices.push(notice),
      ...(without.memoStore === true ? {} : { memoStore: this.store }),
      ...(without.sender === true ? {} : { sender: this.sender }),
      ...(onPlace === undefined ? {} : { onPlace }),
    };
    return new ModuleCalls(options);
  }

  /** A function of a module that takes so long, by the clock. */
  hosted(ms: number, call: (...args: Scalar[]) => unknown, unknown: readonly string[] = []): ModuleFunction {
    const timed = (...args: Scalar[]): unknown => {
      this.time += ms;
      return call(...args);
    };
    const closure = { hash: this.hash, unknown, files: [] };
    const module = { path: "/models/tax.ts", source: "tax.ts", closure, loadMs: 1 };
    return hostedFunctions(module, { net: timed as never }).net as ModuleFunction;
  }

  private readonly store: NonNullable<ModuleCallsOptions["memoStore"]> = {
    get: (key) => {
      this.names.push(key.name);
      return this.kept.get(textOf(memoBytes(key)));
    },
    put: (key, column) => {
      this.kept.set(textOf(memoBytes(key)), column);
    },
  };

  private readonly sender: NonNullable<ModuleCallsOptions["sender"]> = {
    call: (request, signal) =>
      new Promise((resolve) => {
        const answer: Answer = (outcome) => resolve(outcome);
        this.sent.push({ call: request.args[0] as ThreadCall, request, signal, answer });
      }),
    costs: () => this.costs,
    measureCosts: async () => {
      this.measured++;
      this.costs = { threads: 4, roundTripMs: 0.1, perTaskMs: 0.01, spawnMs: 0, perMegabyteMs: 0 };
      return this.costs;
    },
  };
}

type Answer = (outcome: CallOutcome) => void;

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function called(call: ModuleFunction, more: Partial<CalledFunction> = {}): CalledFunction {
  return { name: "tax.net", call, policy: { retries: 0 }, ...more };
}

function done(answer: ThreadAnswer): CallOutcome {
  return { kind: "done", value: answer, costMs: 1 };
}

function given(value: unknown, ms = 5): CallOutcome {
  return done({ kind: "given", value, ms });
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const heavy = { weight: "heavy" } as const;

describe("the runner of calls", () => {
  it("[MO6] [MO12] calls light functions at once, and neither looks them up nor sends them", () => {
    const world = new World();
    const runner = world.runner();
    const light = called(world.hosted(0.01, (x) => (x as number) + 1));
    for (let i = 0; i < 100; i++) expect(runner.call(light, [i], undefined)).toBe(i + 1);
    expect(runner.counts()).toMatchObject({ calls: 100, inPlace: 100, sent: 0, reused: 0 });
    expect(world.kept.size).toBe(0);
  });

  it("[MO6] calls a slow function of a light formula in place", () => {
    const world = new World();
    const runner = world.runner();
    const slow = called(
      world.hosted(100, (x) => x),
      { weight: "light" },
    );
    for (let i = 0; i < 5; i++) expect(runner.call(slow, [1], undefined)).toBe(1);
    expect([world.sent.length, world.kept.size]).toEqual([0, 0]);
  });

  it("[MO6] [MO7] sends all calls of a heavy formula in one turn", async () => {
    const world = new World();
    const runner = world.runner();
    const slow = called(
      world.hosted(1, (x) => x),
      heavy,
    );
    const answers = Array.from({ length: 300 }, (_, i) => runner.call(slow, [i], undefined));
    expect(world.sent).toHaveLength(0);
    await Promise.resolve();
    expect(world.sent).toHaveLength(300);
    expect(world.sent[7]?.call).toEqual({
      path: "/models/tax.ts",
      hash: "h1",
      name: "net",
      args: [7],
      timeoutMs: undefined,
    });
    for (const [i, { answer }] of world.sent.entries()) answer(given(i * 2));
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 300 }, (_, i) => i * 2));
  });

  it("[MO6] sends what takes long as measured, when there is enough of it", async () => {
    const world = new World();
    const runner = world.runner({ memoStore: true });
    const slow = called(world.hosted(10, (x) => x));
    expect([1, 2, 3].map((x) => runner.call(slow, [x], undefined))).toEqual([1, 2, 3]);
    const two = [4, 5].map((x) => runner.call(slow, [x], undefined));
    expect(await Promise.all(two)).toEqual([4, 5]);
    expect(world.sent).toHaveLength(0);
    const many = Array.from({ length: 100 }, (_, x) => runner.call(slow, [x], undefined));
    await turn();
    expect(world.sent).toHaveLength(100);
    for (const { answer, call } of world.sent) answer(given(call.args[0]));
    expect((await Promise.all(many))[99]).toBe(99);
  });

  it("[MO4] the first calls, by which a function is known to take long, are kept as well", async () => {
    const world = new World();
    const first = world.runner({ sender: true });
    const slow = called(world.hosted(10, (x) => x));
    for (const x of [1, 2, 3]) first.call(slow, [x], undefined);
    expect(world.kept.size).toBe(3);
    const light = called(world.hosted(0.01, (x) => x));
    for (const x of [4, 5, 6]) first.call(light, [x], undefined);
    expect(world.kept.size).toBe(3);
    const second = world.runner({ sender: true });
    const again = called(
      world.hosted(10, (x) => x),
      heavy,
    );
    expect([1, 2, 3].map((x) => second.call(again, [x], undefined))).toEqual([1, 2, 3]);
    expect(second.counts().reused).toBe(3);
  });

  it("[MO13] measures what sending costs when something is first worth it", async () => {
    const world = new World();
    world.costs = undefined;
    const runner = world.runner();
    const slow = called(world.hosted(10, (x) => x));
    for (let x = 0; x < 3; x++) runner.call(slow, [x], undefined);
    await runner.call(slow, [3], undefined);
    expect(world.measured).toBe(0);
    const many = Array.from({ length: 100 }, (_, x) => runner.call(slow, [10 + x], undefined));
    await turn();
    expect([world.measured, world.sent.length]).toEqual([1, 100]);
    for (const { answer } of world.sent) answer(given(0));
    await Promise.all(many);
  });

  it("[MO4] answers from what was kept, whatever module and function are called in the model", async () => {
    const world = new World();
    const first = world.runner();
    const slow = world.hosted(1, (x) => x);
    const answer = first.call(called(slow, heavy), [1, "a", null], undefined);
    await turn();
    world.sent[0]?.answer(given("text"));
    expect(await answer).toBe("text");
    const second = world.runner();
    const again = called(
      world.hosted(1, (x) => x),
      { ...heavy, name: "levy.other" },
    );
    expect(second.call(again, [1, "a", null], undefined)).toBe("text");
    for (const args of [
      [1, "a"],
      [1, "a", 0],
      [1, "b", null],
      [1, "a", ""],
      ["a", 1, null],
      [-1, "a", null],
    ])
      expect(second.call(again, args, undefined)).toBeInstanceOf(Promise);
    expect(second.counts()).toMatchObject({ calls: 7, reused: 1 });
  });

  it.each([
    ["an error", given(Number.NaN)],
    ["no single value", given([])],
    ["an error value", given({ kind: "error", code: "#N/A" })],
    ["a failure", done({ kind: "failed", message: "no", ms: 5 })],
    ["a lost thread", { kind: "lost", message: "the thread ended" } as const],
  ])("[MO4] %s is not kept", async (_what, outcome) => {
    const world = new World();
    const runner = world.runner();
    const answer = runner.call(
      called(
        world.hosted(1, (x) => x),
        heavy,
      ),
      [1],
      undefined,
    );
    await turn();
    world.sent[0]?.answer(outcome);
    await Promise.resolve(answer).catch(() => undefined);
    expect(world.kept.size).toBe(0);
  });

  it("[MO5] equal calls under way are one call", async () => {
    const world = new World();
    const runner = world.runner({ memoStore: true });
    const slow = called(
      world.hosted(1, (x) => x),
      heavy,
    );
    const answers = [1, 2, 1, 1, 0, -0].map((x) => runner.call(slow, [x], undefined));
    await turn();
    expect(world.sent.map(({ call }) => call.args[0])).toEqual([1, 2, 0, -0]);
    const late = runner.call(slow, [1], undefined);
    for (const { answer, call } of world.sent) answer(given(call.args[0]));
    expect(await Promise.all([...answers, late])).toEqual([1, 2, 1, 1, 0, -0, 1]);
  });

  it("[MO5] texts that are the same one after the other are other arguments", async () => {
    const world = new World();
    const runner = world.runner({ memoStore: true });
    const slow = called(
      world.hosted(1, (x) => x),
      heavy,
    );
    for (const args of [["at", "b"], ["a", "tb"], ["n1;"], [1], ["1"], [""], [null], ["y;"], [true]])
      void runner.call(slow, args, undefined);
    await turn();
    expect(world.sent).toHaveLength(9);
  });

  it("[MO5] a formula that waits longer, or tries again, does not get the failure of one that does not", async () => {
    const world = new World();
    const runner = world.runner({ memoStore: true });
    const call = world.hosted(1, (x) => x);
    const policies = [{ retries: 0, timeoutMs: 20 }, { retries: 0 }, { retries: 2 }];
    const answers = policies.map((policy) => runner.call(called(call, { ...heavy, policy }), [1], undefined));
    const failed = expect(answers[0]).rejects.toThrow("no answer within 0.02 s");
    await turn();
    expect(world.sent.map(({ call: { timeoutMs } }) => timeoutMs)).toEqual([20, undefined, undefined]);
    const [hasty, patient, stubborn] = world.sent;
    hasty?.answer({ kind: "timed-out", message: "too late" });
    patient?.answer(given(7));
    stubborn?.answer(done({ kind: "failed", message: "no", ms: 1 }));
    await turn();
    world.sent[3]?.answer(given(8));
    await failed;
    expect([await answers[1], await answers[2]]).toEqual([7, 8]);
  });

  it("[MO2] [MO5] a function without a version is called as often as it is asked, and the user is told why", async () => {
    const world = new World();
    const runner = world.runner();
    const slow = called(
      world.hosted(1, (x) => x, ["tax.ts reads the clock (Date.now) in line 3"]),
      heavy,
    );
    const answers = [1, 1].map((x) => runner.call(slow, [x], undefined));
    await turn();
    expect(world.sent).toHaveLength(2);
    for (const [i, { answer }] of world.sent.entries()) answer(given(i));
    expect(await Promise.all(answers)).toEqual([0, 1]);
    world.hash = "h2";
    const edited = world.hosted(1, (x) => x, ["tax.ts reads the clock (Date.now) in line 3"]);
    void runner.call(called(edited, heavy), [1], undefined);
    expect(world.kept.size).toBe(0);
    expect(world.notices).toEqual([
      "results of tax.ts are not kept for other runs: tax.ts reads the clock (Date.now) in line 3",
    ]);
  });

  it("[MO9] tries again after a failure, a lost thread and a missed time, and the last one stands", async () => {
    const world = new World();
    const runner = world.runner();
    const policy = { retries: 3, timeoutMs: 5000 };
    const answer = runner.call(
      called(
        world.hosted(1, (x) => x),
        { ...heavy, policy },
      ),
      [1],
      undefined,
    );
    const failed = Promise.resolve(answer).catch((problem: Error) => problem.message);
    for (const [i, outcome] of [
      done({ kind: "failed", message: "no", ms: 1 }),
      { kind: "lost", message: "it ended" } as const,
      { kind: "timed-out", message: "too long" } as const,
      { kind: "timed-out", message: "too long" } as const,
    ].entries()) {
      await turn();
      expect(world.sent).toHaveLength(i + 1);
      world.sent[i]?.answer(outcome);
    }
    expect(await failed).toBe("no answer within 5 s");
    expect(world.sent[0]?.call.timeoutMs).toBe(5000);
    expect(world.sent[0]?.request.timeoutMs).toBeGreaterThan(5000);
  });

  it.each([
    ["finds other files", 1, done({ kind: "changed" })],
    ["has no room", 2, { kind: "refused", message: "too much waits" } as const],
    ["cannot run the program", 2, { kind: "failed", message: "no such file" } as const],
  ])("[MO11] a thread that %s leaves the call to be made in place", async (_what, times, outcome) => {
    const world = new World();
    const runner = world.runner();
    const slow = called(
      world.hosted(1, (x) => (x as number) * 3),
      heavy,
    );
    const answer = runner.call(slow, [2], undefined);
    await turn();
    world.sent[0]?.answer(outcome);
    expect(await answer).toBe(6);
    expect(world.kept.size).toBe(1);
    void runner.call(slow, [3], undefined);
    await turn();
    expect(world.sent).toHaveLength(times);
  });

  it("[MO8] a thread that had to load the module first is asked again", async () => {
    const world = new World();
    const runner = world.runner();
    const answer = runner.call(
      called(
        world.hosted(1, (x) => x),
        heavy,
      ),
      [2],
      undefined,
    );
    for (const outcome of [done({ kind: "ready" }), done({ kind: "ready" }), given(9)]) {
      await turn();
      world.sent.at(-1)?.answer(outcome);
    }
    expect([await answer, world.sent.length]).toEqual([9, 3]);
  });

  it("[MO11] threads that never have the module loaded are no place for a call", async () => {
    const world = new World();
    const runner = world.runner();
    const answer = runner.call(
      called(
        world.hosted(1, (x) => x),
        heavy,
      ),
      [2],
      undefined,
    );
    for (let i = 0; i < 200; i++) {
      await turn();
      world.sent.at(-1)?.answer(done({ kind: "ready" }));
    }
    expect([await answer, world.sent.length]).toEqual([2, 100]);
  });

  it("[MO10] a call is cancelled when nobody waits for it any more", async () => {
    const world = new World();
    const runner = world.runner();
    const slow = called(
      world.hosted(1, (x) => x),
      heavy,
    );
    const [one, other] = [new CallGroup(), new CallGroup()];
    const answers = [one, other].map((group) => runner.call(slow, [1], group) as Promise<unknown>);
    const unsent = runner.call(slow, [2], one) as Promise<unknown>;
    const outcomes = Promise.allSettled([...answers, unsent]);
    one.cancel();
    await turn();
    expect([runner.counts().sent, world.sent.map(({ call }) => call.args[0])]).toEqual([1, [1]]);
    expect(world.sent[0]?.signal?.aborted).toBe(false);
    other.cancel();
    expect(world.sent[0]?.signal?.aborted).toBe(true);
    expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    const again = runner.call(slow, [1], undefined);
    await turn();
    expect(world.sent).toHaveLength(2);
    world.sent[0]?.answer(given("old"));
    world.sent[1]?.answer(given("young"));
    expect(await again).toBe("young");
    expect(runner.counts().cancelled).toBe(2);
  });

  it("[MO14] counts what became of calls, and says before it runs one here", async () => {
    const world = new World();
    let places = 0;
    const runner = world.runner({}, () => places++);
    const slow = called(
      world.hosted(4, (x) => x),
      { ...heavy, attribute: "a.y" },
    );
    const group = new CallGroup();
    const answers = [1, 2, 2, 3].map((x) => runner.call(slow, [x], group));
    await turn();
    expect(world.sent.map(({ request }) => request.label)).toEqual(Array(3).fill("a.y (tax.net)"));
    expect([world.names, places]).toEqual([Array(3).fill("a.y (tax.net)"), 0]);
    world.sent[0]?.answer(given(1));
    world.sent[1]?.answer(given(2));
    world.sent[2]?.answer({ kind: "refused", message: "too much waits" });
    await Promise.all(answers);
    expect(places).toBe(1);
    runner.call(slow, [1], new CallGroup());
    expect(runner.counts()).toMatchObject({
      made: 3,
      formulas: 2,
      awaited: 1,
      shared: 1,
      reused: 1,
      sentMs: 10,
      hereMs: 4,
    });
  });

  it("[MO6] calls a function that answers later in place, at most 64 at a time", async () => {
    const world = new World();
    const runner = world.runner();
    const open: (() => void)[] = [];
    const later = called(world.hosted(100, (x) => new Promise((resolve) => open.push(() => resolve(x)))));
    const group = new CallGroup();
    const answers = Array.from({ length: 100 }, (_, x) => runner.call(later, [x], group) as Promise<unknown>);
    expect(open).toHaveLength(64);
    open[0]?.();
    expect(await answers[0]).toBe(0);
    await turn();
    expect(open).toHaveLength(65);
    const rest = Promise.allSettled(answers);
    group.cancel();
    for (const answer of open) answer();
    await turn();
    for (const answer of open) answer();
    expect((await rest).filter(({ status }) => status === "rejected")).toHaveLength(35);
    expect(world.sent).toHaveLength(0);
  });

  it("[MO4] a store that throws or rejects is a miss", async () => {
    const world = new World();
    const broken = (): never => {
      throw new Error("no disk");
    };
    const rejecting = (): Promise<never> => Promise.reject(new Error("no server"));
    for (const memoStore of [
      { get: broken, put: broken },
      { get: rejecting, put: rejecting },
    ]) {
      const runner = new ModuleCalls({ now: () => 0, memoStore });
      expect(
        await runner.call(
          called(
            world.hosted(1, () => 7),
            heavy,
          ),
          [],
          undefined,
        ),
      ).toBe(7);
    }
  });
});
