import type { BatchSummary } from "@reckon/batch";
import { expect, it } from "vitest";
import { eventLine, exitOf, planExitOf, summaryLine } from "./batch-result.ts";

const good: BatchSummary = {
  run: "20261121T143000-4f2a91",
  state: "succeeded",
  entities: 3,
  succeeded: 3,
  failed: 0,
  invalid: 0,
  retried: 0,
  skipped: 0,
  deduplicated: 0,
  strategy: "sequential",
  concurrency: 1,
  predictedMs: 10,
  actualMs: 12,
  sessions: 1,
  sessionMs: 12,
  sessionEntities: 3,
  cpuMs: 11,
  checksFailed: 0,
};
const mismatch = { entity: "p1", attribute: "a.b", at: [], expected: "1", found: "2", worker: "main" };
const verify = {
  sampled: 1,
  ofEntities: 3,
  strata: { slowest: 1, retried: 0, cached: 0, "first-of-worker": 0, random: 0 },
  mismatches: [mismatch],
  detectableShare: 1,
  toleratedCells: 0,
};

it("[BA58] the exit code is the first that applies", () => {
  expect(exitOf(good)).toBe(0);
  const bad = { ...good, checksFailed: 1 };
  expect(exitOf(bad)).toBe(1);
  const failed = { ...bad, failed: 1 };
  expect([exitOf(failed), exitOf({ ...bad, invalid: 1 })]).toEqual([3, 3]);
  const different = { ...failed, verify };
  expect(exitOf(different)).toBe(4);
  expect(exitOf({ ...failed, verify: { ...verify, mismatches: [] } })).toBe(3);
  expect(exitOf({ ...different, state: "halted" })).toBe(5);
  expect(exitOf({ ...different, state: "interrupted" })).toBe(130);
});

it("[BA58] a plan is good, unless it was interrupted or halted on its way", () => {
  expect(planExitOf({ ...good, failed: 1, checksFailed: 1 })).toBe(0);
  expect([planExitOf({ ...good, state: "interrupted" }), planExitOf({ ...good, state: "halted" })]).toEqual([
    130, 5,
  ]);
});

it("[BA57] events and the summary are a line each", () => {
  expect(eventLine({ kind: "notice", message: "two\nlines" })).toBe(
    '{"event":"notice","message":"two\\nlines"}\n',
  );
  expect(eventLine({ kind: "ended", summary: good })).toBeUndefined();
  expect(JSON.parse(summaryLine(good))).toEqual(good);
});
