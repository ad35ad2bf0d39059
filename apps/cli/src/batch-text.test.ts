import type { BatchSummary } from "@reckon/batch";
import { expect, it } from "vitest";
import { summaryText } from "./batch-text.ts";

const place = { model: "shops.reckon", axis: "shop", isRemembered: true };
const summary: BatchSummary = {
  run: "20261121T143000-4f2a91",
  state: "succeeded",
  entities: 100,
  succeeded: 100,
  failed: 0,
  invalid: 0,
  retried: 0,
  skipped: 0,
  deduplicated: 0,
  strategy: "threads",
  concurrency: 4,
  predictedMs: 3_000,
  actualMs: 2_500,
  sessions: 1,
  sessionMs: 2_500,
  sessionEntities: 100,
  cpuMs: 9_000,
  checksFailed: 0,
};
const rowsOf = (changes: Partial<BatchSummary>): readonly string[] =>
  summaryText({ ...summary, ...changes }, place)
    .split("\n")
    .map((line) => line.trim());

it("[BA44] [BA57] time is that of the whole run, as what was predicted; a session of several has its own line", () => {
  expect(rowsOf({})).toContain("time      2.50 s, predicted 3.00 s");
  const rows = rowsOf({ sessions: 3, sessionMs: 400, sessionEntities: 12 });
  expect(rows).toContain("time          2.50 s in 3 sessions, predicted 3.00 s");
  expect(rows).toContain("this session  12 entities in 400 ms");
  expect(rowsOf({ sessions: 2, sessionEntities: 1 })).toContain("this session  1 entity in 2.50 s");
});

it("[BA57] what was never chosen or predicted is not told", () => {
  const rows = rowsOf({ state: "interrupted", strategy: null, concurrency: null, predictedMs: null });
  expect(rows).toContain("time      2.50 s");
  expect(rows.join("\n")).not.toMatch(/strategy|predicted|null/);
});

it("[BA25] says how many entities are left, or that some are", () => {
  const cut = { state: "interrupted", entities: 21, succeeded: 21 } as const;
  expect(rowsOf({ ...cut, open: 39 })).toContain("entities  60: 21 succeeded, 39 not yet");
  expect(rowsOf(cut)).toContain("entities  21: 21 succeeded, the rest not yet");
  expect(rowsOf({ ...cut, state: "halted", open: 0 })).toContain("entities  21: 21 succeeded");
  expect(rowsOf({})).toContain("entities  100: 100 succeeded");
});

it("[BA51] of a sample that holds all entities it is certain what would have been found", () => {
  const strata = { cached: 0, "first-of-worker": 0, random: 100, retried: 0, slowest: 0 };
  const verify = {
    sampled: 100,
    ofEntities: 100,
    mismatches: [],
    detectableShare: 0.01,
    toleratedCells: 0,
    strata,
  };
  expect(rowsOf({ verify })).toContain(
    "compared  100 of 100 computed again, the same bits; one that was wrong would have been found for certain",
  );
  expect(rowsOf({ verify: { ...verify, sampled: 10, detectableShare: 0.25 } })).toContain(
    "compared  10 of 100 computed again, the same bits; had 25 % been wrong, one would have been found with 95 %",
  );
});
