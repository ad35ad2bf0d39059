import { describe, expect, it } from "vitest";
import type { DispatchCosts } from "../ports.ts";
import {
  isWorthAlone,
  isWorthSharing,
  isWorthTogether,
  laneHere,
  partCount,
  shareOfThreads,
  togetherMs,
} from "./decision.ts";

const warm: DispatchCosts = {
  threads: 2,
  roundTripMs: 0.02,
  perTaskMs: 0.005,
  spawnMs: 0,
  perMegabyteMs: 0.2,
};
const cold = { ...warm, spawnMs: 35 };

describe("decisions", () => {
  it.each([
    ["50 round trips", warm, 1, 0, true],
    ["less", warm, 0.99, 0, false],
    ["its columns' way is 0.2 ms more", warm, 10, 1e6, false],
    ["50 of both", warm, 11, 1e6, true],
    ["less than a thread takes to come", cold, 34, 0, false],
    ["more than that", cold, 36, 0, true],
    ["no thread", { ...warm, threads: 0 }, 1000, 0, false],
  ])("[EX15] alone: %s", (_, costs, ms, bytes, isSent) => {
    expect(isWorthAlone(costs, { ms, bytes })).toBe(isSent);
  });

  it("[EX16] the threads take the spawn, the work at 0.8 of their speed, and the way", () => {
    const amount = { ms: 160, tasks: 100, bytes: 5e6 };
    expect(togetherMs(cold, amount)).toBeCloseTo(35 + 100 + 0.5 + 1);
    expect(togetherMs(warm, amount, 1)).toBeCloseTo(160 / 2.6 + 0.5 + 1);
    // Until the threads are there this one works alone.
    expect(togetherMs({ ...cold, spawnMs: 1e6 }, amount, 1)).toBeCloseTo(160 + 1.5);
  });

  it.each([
    ["a batch of 2 ms on threads that are there", warm, 2, 20, 0, true],
    ["one of 1 ms saves no 20 round trips", warm, 1, 10, 0, false],
    ["one of 120 ms does not pay for threads to come", cold, 120, 20, 0, false],
    ["one of 300 ms does", cold, 300, 20, 0, true],
    ["one thread beside this one, which does nothing", { ...warm, threads: 1 }, 1000, 20, 0, false],
    ["one thread, and this one", { ...warm, threads: 1 }, 1000, 20, 1, true],
    ["tasks that cost as much as their work", warm, 5, 1000, 0, false],
    ["columns that take longer than the work", { ...warm, perMegabyteMs: 100 }, 50, 10, 0, false],
  ])("[EX16] together: %s", (_, costs, ms, tasks, lane, isSent) => {
    expect(isWorthTogether(costs, { ms, tasks, bytes: 1e6 }, lane)).toBe(isSent);
  });

  it("[EX18] all end at the same time, what the threads have to do already included", () => {
    const share = shareOfThreads(warm, 260, 0, 1);
    expect(share / 1.6).toBeCloseTo(260 - share);
    const rest = shareOfThreads(warm, 260, 100, 1);
    expect((rest + 100) / 1.6).toBeCloseTo(260 - rest);
    expect(shareOfThreads(cold, 10, 0, 1)).toBe(0);
    expect(shareOfThreads(warm, 10, 0, 0)).toBe(10);
    expect([laneHere(warm, undefined), laneHere(warm, 8)]).toEqual([1, 1]);
    expect([laneHere(warm, 2), laneHere(warm, 1)]).toEqual([expect.closeTo(0.4), 0.25]);
  });

  it("[EX18] what ends no sooner stays here", () => {
    const all = { tasks: 1, bytes: 0, openMs: 0, hereMs: 20 };
    expect(isWorthSharing(warm, { ...all, ms: 10, longestMs: 10 })).toBe(true);
    expect(isWorthSharing(warm, { ...all, ms: 19, longestMs: 19 })).toBe(false);
    expect(isWorthSharing(warm, { ...all, ms: 10, longestMs: 10, openMs: 30 })).toBe(false);
    expect(isWorthSharing(cold, { ...all, ms: 10, longestMs: 10 })).toBe(false);
  });

  it("[EX15] [EX16] [EX18] [EX20] costs that are no numbers send nothing, and cut nothing", () => {
    const unknown = { ...warm, roundTripMs: Number.NaN, perTaskMs: Number.NaN, spawnMs: Number.NaN };
    const amount = { ms: 1000, tasks: 10, bytes: 0 };
    expect(isWorthAlone(unknown, amount)).toBe(false);
    expect(isWorthTogether(unknown, amount)).toBe(false);
    expect(isWorthSharing(unknown, { ...amount, hereMs: 2000, openMs: 0, longestMs: 100 })).toBe(false);
    expect(partCount(unknown, 100, 100, { lane: 0, ownMs: 0 })).toBe(1);
    expect(partCount({ ...warm, threads: 0 }, 0, 0, { lane: 0, ownMs: 0 })).toBe(1);
  });

  it("[EX20] parts are about three a thread, and never so small that tasks cost more than 5 %", () => {
    const here = { lane: 0, ownMs: 0.005 };
    expect(partCount(warm, 100, 100, here)).toBe(6);
    expect(partCount(warm, 100, 100, { ...here, lane: 1 })).toBe(9);
    expect(partCount(warm, 50, 100, here)).toBe(3);
    expect(partCount(warm, 1, 300, here)).toBe(1);
    expect(partCount(warm, 0.6, 0.6, here)).toBe(3);
  });
});
