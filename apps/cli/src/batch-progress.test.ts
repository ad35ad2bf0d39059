import type { BatchProgress } from "@reckon/batch";
import { expect, it } from "vitest";
import { barText, ProgressBar } from "./batch-progress.ts";

const progress: BatchProgress = {
  entities: 5900,
  succeeded: 5797,
  failed: 3,
  invalid: 0,
  skipped: 0,
  retried: 1,
  attempts: 5801,
  ofEntities: 10_000,
  active: 2,
  waiting: 4,
  entitiesPerSecond: 1240,
  etaMs: 3600,
};

it("[CL81] tells bar, share, entities, entities a second, time left and failures", () => {
  const text = barText(progress, 90);
  expect(text).toBe(
    `reckon: ${"█".repeat(14)}${"░".repeat(10)}  58 %  5,800 of 10,000 · 1,240/s · 4 s left · 3 failed`,
  );
  expect(barText({ ...progress, ofEntities: undefined, etaMs: undefined }, 90)).toBe(
    "reckon: 5,800 · 1,240/s · 3 failed",
  );
});

it("[CL81] is never wider than the window", () => {
  for (let width = 1; width < 120; width++)
    expect(barText(progress, width).length).toBeLessThanOrEqual(width);
});

it("[CL81] is drawn at most ten times a second in the width of the moment, and wiped", () => {
  const written: string[] = [];
  let now = 0;
  let width = 90;
  const bar = new ProgressBar({
    write: (text) => void written.push(text),
    width: () => width,
    now: () => now,
  });
  bar.draw(progress);
  now = 50;
  bar.draw(progress);
  width = 30;
  now = 100;
  bar.draw(progress);
  bar.wipe();
  bar.wipe();
  expect(written).toHaveLength(3);
  expect(written.map((text) => text.length < 60)).toEqual([false, true, true]);
  // What a narrower window has broken off is wiped from where the line begins.
  for (const text of written.slice(0, 2)) {
    expect(text.startsWith("\r")).toBe(true);
    expect(text.endsWith("\u001b[J\u001b[?7h\r")).toBe(true);
  }
  expect(written[2]).toBe("\r\u001b[J");
});
