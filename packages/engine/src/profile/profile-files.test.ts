import { columnFrom } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { every, formula, lag, mutual, now } from "../fixtures/columns.ts";
import { TestClock } from "../fixtures/simulated-executor.ts";
import { loopEngine } from "../fixtures/timed.ts";
import type { NodeId } from "../formula-node.ts";
import { chromeTraceOf } from "./chrome-trace.ts";
import type { Profile } from "./profile.ts";
import { createProfiler } from "./profiler.ts";
import { speedscopeOf } from "./speedscope.ts";

const one = { outer: 1, periods: 1 };
const cell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };

describe("profiles as files", () => {
  /** A profile with a loop, a recurrence, several levels, phases and a wait. */
  function rich(): Profile {
    const clock = new TestClock();
    const { engine, rate } = loopEngine(clock);
    const shape = { outer: 1, periods: 3 };
    const [sum] = mutual(engine, shape, ["sum"], ([self]) => [
      {
        precedents: [lag(self as NodeId), now(rate)],
        kernel: {
          compute: ([past, read], out, box) => {
            for (let t = box.from; t < box.to; t++) {
              clock.spend(0.3);
              out.set(t, (t === 0 ? 0 : (past?.numbers[t - 1] ?? 0)) + (read?.numbers[t] ?? 0));
            }
          },
        },
      },
    ]);
    formula(engine, "all", one, [every(sum as NodeId)], () => clock.spend(0.7, clock.ms));
    const profiler = createProfiler(clock);
    profiler.begin("parse", "model");
    clock.spend(1.1);
    profiler.end();
    profiler.follow(engine);
    for (let i = 1; i < 4; i++) engine.setCells(rate, cell, columnFrom(one, [i / 10]));
    return profiler.stop();
  }

  it("[PF9] for Speedscope open and close in balance, with times that never go back and named frames", () => {
    const profile = rich();
    const file = speedscopeOf("model", [
      { name: "opening", profile },
      { name: "edit", profile },
    ]);
    expect(file.$schema).toBe("https://www.speedscope.app/file-format-schema.json");
    expect(file.profiles.map(({ name, type, unit }) => [name, type, unit])).toEqual([
      ["opening", "evented", "milliseconds"],
      ["edit", "evented", "milliseconds"],
    ]);
    for (const { events, startValue, endValue } of file.profiles) {
      const open: number[] = [];
      let time = startValue;
      for (const { type, frame, at } of events) {
        expect(at).toBeGreaterThanOrEqual(time);
        time = at;
        expect(file.shared.frames[frame]?.name).toBeTruthy();
        if (type === "O") open.push(frame);
        else expect(open.pop()).toBe(frame);
      }
      expect(open).toEqual([]);
      expect(time).toBe(endValue);
      expect(events).toHaveLength(2 * profile.spans.length);
    }
    // Both profiles share their frames.
    expect(new Set(file.shared.frames.map(({ name }) => name)).size).toBe(file.shared.frames.length);
    expect(JSON.parse(JSON.stringify(file))).toEqual(file);
  });

  it("[PF10] for Chrome are complete events that nest, in microseconds, each profile a thread", () => {
    const profile = rich();
    const { traceEvents } = chromeTraceOf("model", [
      { name: "opening", profile },
      { name: "edit", profile },
    ]);
    const threads = traceEvents.filter(({ name }) => name === "thread_name");
    expect(threads.map(({ tid }) => tid)).toEqual([1, 2]);
    for (const { tid } of threads) {
      const spans = traceEvents.flatMap((event) => (event.ph === "X" && event.tid === tid ? [event] : []));
      expect(spans).toHaveLength(profile.spans.length);
      const open: number[] = [];
      let time = 0;
      for (const { name, cat, ts, dur } of spans) {
        expect(name && cat).toBeTruthy();
        expect(ts).toBeGreaterThanOrEqual(time);
        expect(dur).toBeGreaterThanOrEqual(0);
        time = ts;
        while (open.length > 0 && (open.at(-1) as number) <= ts + 1e-9) open.pop();
        if (open.length > 0) expect(ts + dur).toBeLessThanOrEqual((open.at(-1) as number) + 1e-6);
        open.push(ts + dur);
      }
    }
    expect(Math.max(...traceEvents.map(({ ts }) => ts)) / 1000).toBeLessThanOrEqual(
      Math.max(...profile.spans.map(({ to }) => to)),
    );
  });
});
