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
