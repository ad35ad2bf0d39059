import { effect } from "@preact/signals-core";
import type { Scalar } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { EngineOptions } from "../api.ts";
import { createEngine } from "../engine.ts";
import { formula, input, kernel, now, set } from "../fixtures/columns.ts";
import type { Task, TaskOutcome } from "../ports.ts";

const one = { outer: 1, periods: 1 };

/** An engine whose clock moves only when a formula says so. */
function timed(options: EngineOptions = {}) {
  let ms = 0;
  const engine = createEngine({ isChecked: true, clock: { now: () => ms }, lazyAboveMs: 100, ...options });
  const take = (cost: number): void => {
    ms += cost;
  };
  return { engine, take };
}

describe("laziness by cost", () => {
  it("[RC35] puts off what is known to be costly until somebody asks", () => {
    const { engine, take } = timed();
    const cost = engine.input(150);
    let runs = 0;
    const slow = engine.computed([cost], (value) => {
      runs++;
      take(value);
      return value;
    });
    const behind = engine.computed([slow], (value) => value + 1);
    const aside = engine.computed([cost], (value) => value * 2);
    expect([runs, slow.status.value, behind.value]).toEqual([1, "fresh", 151]);
    cost.set(160);
    expect([runs, slow.status.value, behind.status.value, aside.value]).toEqual([1, "stale", "stale", 320]);
    expect([slow.value, runs, behind.value]).toEqual([160, 2, 161]);
    expect([slow.status.value, behind.status.value]).toEqual(["fresh", "fresh"]);
    // Each time a quarter of the way: below the limit again.
    for (let i = 0; i < 2; i++) {
      cost.set(i);
      slow.value;
    }
    expect(engine.costOf(slow.id)).toBeLessThan(100);
    cost.set(7);
    expect([slow.status.value, behind.status.value]).toEqual(["fresh", "fresh"]);
  });

  it("[RC35] is not for what is watched, for another formula, or without the limit", () => {
    const { engine, take } = timed();
    const a = input(engine, "a", 1, 2, 3);
    const shape = { outer: 1, periods: 3 };
    const slow = formula(engine, "slow", shape, [now(a)], (read) => {
      take(50);
      return read(0) as Scalar;
    });
    expect(engine.costOf(slow)).toBe(150);
    const stop = effect(() => {
      engine.signalOf(slow).value;
    });
    set(engine, a, 0, 10);
    expect(engine.statusOf(slow)).toBe("fresh");
    stop();
    set(engine, a, 0, 20, 20, 20);
    expect(engine.statusOf(slow)).toBe("stale");
    engine.replace(slow, {
      name: "slow",
      shape,
      precedents: [now(a)],
      kernel: kernel(shape, (read) => read(0) as Scalar),
    });
    expect(engine.statusOf(slow)).toBe("fresh");
    set(engine, a, 0, 30);
    expect(engine.statusOf(slow)).toBe("fresh");
    const other = timed({ lazyAboveMs: undefined as unknown as number });
    const b = other.engine.input(1000);
    const c = other.engine.computed([b], (value) => {
      other.take(value);
      return value;
    });
    b.set(2000);
    expect(c.status.value).toBe("fresh");
  });

  it("[RC35] holds for work that was done elsewhere", async () => {
    let answer: ((outcome: TaskOutcome) => void) | undefined;
    let sent: Task | undefined;
    const { engine } = timed({
      executor: {
        submit: (task) => {
          sent = task;
          return new Promise((resolve) => {
            answer = resolve;
          });
        },
        close: async () => undefined,
      },
    });
    const a = input(engine, "a", 1);
    const work = { ...kernel(one, (read) => read(0) as Scalar), weight: "heavy" as const };
    const slow = engine.addFormula({ name: "slow", shape: one, precedents: [now(a)], kernel: work });
    answer?.({ kind: "done", out: (sent as Task).out, costMs: 38_000 });
    await engine.settled();
    sent = undefined;
    set(engine, a, 0, 2);
    expect([engine.statusOf(slow), sent]).toEqual(["stale", undefined]);
    engine.refresh([slow]);
    expect([engine.statusOf(slow), sent !== undefined]).toEqual(["pending", true]);
  });

  it("[RC36] says what refreshing would take, each stale node once", () => {
    const { engine, take } = timed();
    const a = engine.input(1);
    const slow = engine.computed([a], (value) => {
      take(200);
      return value;
    });
    const left = engine.computed([slow], (value) => {
      take(10);
      return value;
    });
    const right = engine.computed([slow], (value) => {
      take(20);
      return value;
    });
    const overlay = engine.overlay("scenario");
    expect(engine.refreshMs()).toBe(0);
    a.set(2);
    expect([engine.refreshMs(), engine.refreshMs([left.id]), engine.refreshMs([a.id])]).toEqual([
      230, 210, 0,
    ]);
    expect(overlay.refreshMs([right.id])).toBe(220);
    expect(slow.status.value).toBe("stale");
    engine.refresh([right.id]);
    expect([engine.refreshMs(), left.status.value]).toEqual([0, "fresh"]);
  });
});
