import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { every, formula, formulaNode, input, kernel, lag, mutual, now, set } from "../fixtures/columns.ts";
import type { NodeId } from "../formula-node.ts";
import type { Task, TaskOutcome } from "../ports.ts";

/** An engine whose clock moves only when a formula says so. */
function timed() {
  let ms = 100;
  let reads = 0;
  const engine = createEngine({
    isChecked: true,
    clock: {
      now: () => {
        reads++;
        return ms;
      },
    },
  });
  const take = (cost: number): void => {
    ms += cost;
  };
  return { engine, take, readCount: () => reads };
}

const one = { outer: 1, periods: 1 };

describe("costs", () => {
  it("[RC34] are a moving estimate of what a computation takes", () => {
    const { engine, take } = timed();
    const a = engine.input(8);
    const b = engine.computed([a], (value) => {
      take(value);
      return value;
    });
    expect([engine.costOf(a.id), engine.costOf(b.id)]).toEqual([undefined, 8]);
    a.set(16);
    expect(engine.costOf(b.id)).toBe(10);
    a.set(2);
    expect(engine.costOf(b.id)).toBe(8);
    const overlay = engine.overlay("scenario");
    set(overlay, a.id, 0, 4);
    expect([overlay.costOf(b.id), engine.costOf(b.id)]).toEqual([7, 7]);
  });

  it("[RC34] are nobody's without a clock, and change no value", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const b = engine.computed([a], (value) => value + 1);
    a.set(2);
    expect([engine.costOf(b.id), b.value]).toEqual([undefined, 3]);
  });

  it("[RC34] of light formulas are measured now and then only", () => {
    const { engine, readCount } = timed();
    const a = engine.input(0);
    const b = engine.computed([a], (value) => value + 1);
    const before = readCount();
    for (let i = 1; i <= 160; i++) a.set(i);
    expect(readCount() - before).toBe(2);
    expect([engine.costOf(b.id), b.value]).toEqual([0, 161]);
  });

  it("[RC34] cover columns, recurrences and loops, each member by itself", () => {
    const { engine, take } = timed();
    const shape = { outer: 1, periods: 4 };
    const a = input(engine, "a", 1, 2, 3, 4);
    const total = formula(engine, "total", one, [every(a)], () => {
      take(3);
      return 1;
    });
    const [sum] = mutual(engine, shape, ["sum"], ([self]) => [
      {
        precedents: [lag(self as NodeId), now(a)],
        kernel: kernel(shape, (read) => {
          take(1);
          return ((read(0, -1) as number | undefined) ?? 0) + (read(1) as number);
        }),
      },
    ]) as [NodeId];
    const [x, y] = mutual(engine, shape, ["x", "y"], ([first, second]) => [
      {
        precedents: [lag(second as NodeId)],
        kernel: kernel(shape, (read) => {
          take(10);
          return read(0, -1) ?? 1;
        }),
      },
      {
        precedents: [now(first as NodeId)],
        kernel: kernel(shape, (read) => {
          take(20);
          return read(0) ?? null;
        }),
      },
    ]) as [NodeId, NodeId];
    expect([total, sum, x, y].map(engine.costOf)).toEqual([3, 4, 40, 80]);
  });

  it("[RC34] of what is awaited run from start to answer, or are the executor's own", async () => {
    let ms = 0;
    const answers: (() => void)[] = [];
    const engine = createEngine({
      isChecked: true,
      clock: { now: () => ms },
      executor: {
        submit: (task: Task): Promise<TaskOutcome> =>
          new Promise((resolve) => {
            answers.push(() => resolve({ kind: "done", out: task.out, costMs: 5 }));
          }),
        close: async () => undefined,
      },
    });
    const awaited = engine.computed(
      [],
      () => new Promise<number>((resolve) => answers.push(() => resolve(1))),
    );
    const heavy = engine.addFormula({
      name: "heavy",
      shape: one,
      precedents: [],
      kernel: { weight: "heavy", compute: () => undefined },
    });
    ms += 30;
    for (const answer of answers) answer();
    await engine.settled();
    expect([engine.costOf(awaited.id), engine.costOf(heavy)]).toEqual([30, 5]);
  });

  it("[RC34] are forgotten when the formula is replaced or its row taken by another", () => {
    const { engine, take } = timed();
    const a = input(engine, "a", 1);
    const slow = formula(engine, "slow", one, [now(a)], () => {
      take(9);
      return 1;
    });
    expect(engine.costOf(slow)).toBe(9);
    engine.replace(
      slow,
      formulaNode("slow", one, [now(a)], () => {
        take(1);
        return 1;
      }),
    );
    expect(engine.costOf(slow)).toBe(1);
    engine.remove(slow);
    const next = engine.input(1);
    expect([next.id, engine.costOf(next.id)]).toEqual([slow, undefined]);
  });
});
