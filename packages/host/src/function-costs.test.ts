import { describe, expect, it } from "vitest";
import { FunctionCost, isWorthSending } from "./function-costs.ts";

const costs = { threads: 2, roundTripMs: 0.1, perTaskMs: 0.02, spawnMs: 0, perMegabyteMs: 0 };

describe("what functions cost", () => {
  it("[MO6] is known after three calls, or one long one", () => {
    const quick = new FunctionCost();
    for (const ms of [5, 5]) quick.add(ms);
    expect(quick.isWorth).toBe(false);
    quick.add(5);
    expect(quick.isWorth).toBe(true);
    const long = new FunctionCost();
    long.add(200);
    expect(long.isWorth).toBe(true);
    expect(new FunctionCost(5).isWorth).toBe(true);
  });

  it("[MO6] a first call that has to warm up does not make a function slow", () => {
    const light = new FunctionCost();
    for (const ms of [15, 0.01, 0.01, 0.01, 30, 0.01, 0.01]) {
      light.add(ms);
      expect(light.isWorth).toBe(false);
    }
    for (let i = 0; i < 20; i++) light.add(5);
    expect(light.isWorth).toBe(true);
  });

  it("[MO12] light functions are timed now and then", () => {
    const light = new FunctionCost();
    for (let i = 0; i < 3; i++) light.add(0.001);
    const passed = Array.from({ length: 160 }, () => light.isPassed).filter(Boolean).length;
    expect(passed).toBe(150);
    for (const ms of [Number.NaN, -1]) light.add(ms);
    expect(light.estimate).toBe(0.001);
  });

  it.each([
    ["many long calls", { count: 300, ms: 3000, loadMs: 50 }, costs, true],
    ["few short ones", { count: 10, ms: 6, loadMs: 0 }, costs, false],
    ["many that cost less than sending", { count: 1000, ms: 20, loadMs: 0 }, costs, false],
    [
      "what a thread would need longer to start for",
      { count: 10, ms: 100, loadMs: 0 },
      { ...costs, spawnMs: 80 },
      false,
    ],
    ["one long call", { count: 1, ms: 100, loadMs: 0 }, costs, true],
    ["one short call", { count: 1, ms: 3, loadMs: 0 }, costs, false],
    ["many calls for one thread", { count: 100, ms: 3, loadMs: 0 }, { ...costs, threads: 1 }, false],
  ])("[MO6] %s", (_what, batch, measured, isWorth) => {
    expect(isWorthSending(batch, measured)).toBe(isWorth);
  });
});
