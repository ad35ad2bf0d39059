import { describe, expect, it } from "vitest";
import { durationText, workText } from "./work-progress.ts";

describe("how far work is, in words", () => {
  it.each([
    [300, "less than 1 s"],
    [1_400, "1 s"],
    [98_000, "98 s"],
    [120_000, "2 min"],
    [8_000_000, "2 h"],
  ])("[CL73] %d ms are %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it("[CL73] says what is done and what is left, as far as that is known", () => {
    const now = { done: 3, total: 12, elapsedMs: 7_000, threads: [], queued: 0 };
    expect(workText({ ...now, leftMs: 40_000 })).toBe("3 of 12 heavy formulas, about 40 s left");
    expect(workText({ ...now, leftMs: 400 })).toBe("3 of 12 heavy formulas, less than 1 s left");
    expect(workText({ ...now, done: 0, total: 1 })).toBe("0 of 1 heavy formula, 7 s so far");
  });
});
