/** What every ledger must do with runs: who holds them, sessions, lists, figures. Part of `ledger-contract.ts`. */
import type { BatchError, Ledger, RunId } from "@reckon/batch";
import { describe, expect, it } from "vitest";
import { ledgerHistoryContract } from "./ledger-history-contract.ts";
import {
  day,
  deepKeyOf,
  gathered,
  keyOf,
  minute,
  planOf,
  recordOf,
  runStart,
  type Sample,
  stateOf,
  summaryOf,
} from "./ledger-samples.ts";
import type { LedgerUnderTest } from "./ledger-under-test.ts";

const one = runStart(1);
const { run } = one;

export function ledgerRunsContract(under: () => LedgerUnderTest): void {
  const put = async (...samples: readonly Sample[]) =>
    under().ledger.record(run, samples.map(recordOf), "me");

  describe("runs", () => {
    it("[LE12] are held by one owner until that runs out", async () => {
      const { ledger, clock } = under();
      expect(await ledger.holdRun(run, "you", minute)).toBe(false);
      clock.ms += minute;
      expect(await ledger.holdRun(run, "me", minute)).toBe(true);
      clock.ms += minute;
      expect(await ledger.holdRun(run, "you", minute)).toBe(false);
      expect((await ledger.query.run(run))?.owner).toBe("me");
      clock.ms += 1;
      expect(await ledger.holdRun(run, "you", minute)).toBe(true);
      expect(await ledger.holdRun(run, "me", minute)).toBe(false);
      expect((await ledger.query.run(run))?.owner).toBe("you");
      await ledger.endRun(run, "interrupted", summaryOf(one), "you");
      expect(await ledger.holdRun(run, "me", minute)).toBe(true);
    });

    it("[LE12] are kept by their owner alone, also after the lease has run out", async () => {
      const { ledger, clock } = under();
      clock.ms += 2 * minute;
      expect(await ledger.keepRun(run, "me", minute)).toBe(true);
      expect(await ledger.keepRun(run, "you", minute)).toBe(false);
      clock.ms += 2 * minute;
      expect(await ledger.holdRun(run, "you", minute)).toBe(true);
      expect(await ledger.keepRun(run, "me", minute)).toBe(false);
      await ledger.endRun(run, "interrupted", summaryOf(one), "you");
      // Nobody has it: who had it before does not get it back by keeping it.
      expect(await ledger.keepRun(run, "me", minute)).toBe(false);
      expect(await ledger.keepRun(run, "me", -1)).toBe(false);
      expect((await ledger.query.run(run))?.owner).toBeUndefined();
      await expect(ledger.keepRun("no such run" as RunId, "me", minute)).rejects.toMatchObject({
        code: "unknown-run",
      });
    });

    it("[LE25] are written by who has them, and whatever another writes is refused whole", async () => {
      const { ledger, clock } = under();
      const plan = planOf("threads");
      const samples = [recordOf({ of: [0, 1], ends: { 0: "failed", 1: "invalid" } })];
      await ledger.record(run, samples, "me");
      const problem = [{ position: 9, line: 11, message: "blank" }];
      const taken = [...(await ledger.finished(run, [keyOf(0)])).values()];
      const writes = (owner: string | undefined): Readonly<Record<string, () => Promise<unknown>>> => ({
        beginRun: () => ledger.beginRun(one, owner),
        recordPlan: () => ledger.recordPlan(run, plan, owner),
        record: () => ledger.record(run, [recordOf({ of: [2, 3] })], owner),
        recordProblems: () => ledger.recordProblems(run, problem, owner),
        recordUnchanged: () => ledger.recordUnchanged(run, taken, owner),
        recordEqual: () => ledger.recordEqual(run, taken, owner),
        reopenFailed: () => ledger.reopenFailed(run, owner),
        reopenInvalid: () => ledger.reopenInvalid(run, [keyOf(1)], owner),
        endRun: () => ledger.endRun(run, "succeeded", summaryOf(one), owner),
      });
      const refused = async (owner: string | undefined) => {
        const before = await stateOf(ledger, run);
        for (const [name, write] of Object.entries(writes(owner)))
          expect([name, await write().catch((error: BatchError) => error.code)]).toEqual([
            name,
            "taken-over",
          ]);
        expect(await stateOf(ledger, run)).toEqual(before);
      };
      await refused("you");
      await refused(undefined);
      // Nobody has taken it yet, so it goes on though the lease has run out.
      clock.ms += 2 * minute;
      await ledger.recordProblems(run, problem, "me");
      await ledger.holdRun(run, "you", minute);
      await refused("me");
      await ledger.endRun(run, "interrupted", summaryOf(one), "you");
      await refused("me");
      for (const write of Object.values(writes(undefined))) await write();
      expect((await ledger.query.run(run))?.state).toBe("succeeded");
    });

    it("[LE15] are listed newest first, as they are chosen", async () => {
      const { ledger } = under();
      const others = [
        runStart(3, { axis: "store" }),
        runStart(2, { model: "loans", modelPath: "/models/loans.reckon" }),
        runStart(4),
      ];
      for (const each of others) await ledger.beginRun(each);
      const listed = async (filter: Parameters<Ledger["query"]["runs"]>[0]) =>
        (await ledger.query.runs(filter)).map((row) => Number(row.run.slice(-2)));
      expect(await listed({})).toEqual([4, 3, 2, 1]);
      expect(await listed({ limit: 2 })).toEqual([4, 3]);
      expect(await listed({ model: "points" })).toEqual([4, 3, 1]);
      expect(await listed({ model: "/models/loans.reckon" })).toEqual([2]);
      expect(await listed({ axis: "player", sinceMs: day + 2 * minute })).toEqual([4, 2]);
      expect(await listed({ runs: [run, others[0]?.run as RunId] })).toEqual([3, 1]);
      expect(await listed({ runs: [] })).toEqual([]);
      expect((await ledger.query.run("last"))?.run).toBe(others[2]?.run);
      expect(await ledger.query.run("20200101T000000-000000" as RunId)).toBeUndefined();
    });

    it("[LE15] that are marked running and held by nobody are shown as interrupted", async () => {
      const { ledger, clock } = under();
      const state = async () => (await ledger.query.runs({ limit: 1 }))[0];
      expect(await state()).toMatchObject({ state: "running", owner: "me" });
      clock.ms += minute + 1;
      expect(await state()).toMatchObject({ state: "interrupted", owner: undefined });
      expect((await ledger.query.run(run))?.state).toBe("interrupted");
      await ledger.holdRun(run, "you", minute);
      expect(await state()).toMatchObject({ state: "running", owner: "you" });
    });

    it("[LE12] that can be resumed are found: the newest of the model, scenario, axis and source", async () => {
      const { ledger, clock } = under();
      const { modelPath, scenario, axis, source } = one;
      const what = { modelPath, scenario, axis, source };
      const found = async () => (await ledger.unfinishedRun(what))?.run;
      expect(await found()).toBe(run);
      for (const other of [{ scenario: "high" }, { axis: "x" }, { source: "y.csv" }, { modelPath: "/z" }]) {
        expect(await ledger.unfinishedRun({ ...what, ...other })).toBeUndefined();
      }
      clock.ms += 2 * minute;
      expect((await ledger.unfinishedRun(what))?.state).toBe("interrupted");
      for (const state of ["halted", "interrupted"] as const) {
        await ledger.holdRun(run, "me", minute);
        await ledger.endRun(run, state, summaryOf(one), "me");
        expect(await found()).toBe(run);
      }
      const two = runStart(2);
      await ledger.beginRun(two);
      expect(await found()).toBe(two.run);
      for (const state of ["succeeded", "failed"] as const) {
        await ledger.endRun(two.run, state, summaryOf(two));
        expect(await found()).toBeUndefined();
      }
    });

    it("begin further sessions, whose wall times are added without the pauses", async () => {
      const { ledger, clock } = under();
      clock.ms += 5000;
      await put({ of: [0, 1], ends: { 1: "open" } });
      await ledger.endRun(run, "interrupted", summaryOf(one, { actualMs: 5000 }), "me");
      clock.ms += 60 * minute;
      await ledger.holdRun(run, "me", minute);
      await ledger.beginRun(one, "me");
      clock.ms += 2000;
      await put({ of: [1], attempt: 2 });
      expect(await ledger.query.run(run)).toMatchObject({
        state: "running",
        sessions: 2,
        endedAtMs: undefined,
      });
      await ledger.endRun(run, "succeeded", summaryOf(one, { actualMs: 2000 }), "me");
      expect(await ledger.query.run(run)).toMatchObject({
        state: "succeeded",
        sessions: 2,
        startedAtMs: one.startedAtMs,
        endedAtMs: clock.ms,
        wallMs: 7000,
        owner: undefined,
        counts: { entities: 2, succeeded: 2, retried: 1, attempts: 3 },
        summary: { actualMs: 2000 },
      });
    });

    it("[LE12] taken from an owner that is gone count no time since its last write", async () => {
      const { ledger, clock } = under();
      clock.ms += 5000;
      await ledger.holdRun(run, "me", minute);
      clock.ms += 20_000;
      expect(await ledger.keepRun(run, "me", -1)).toBe(true);
      expect(await ledger.holdRun(run, "you", minute)).toBe(true);
      await ledger.beginRun(one, "you");
      clock.ms += 2000;
      await ledger.endRun(run, "succeeded", summaryOf(one), "you");
      expect((await ledger.query.run(run))?.wallMs).toBe(7000);
    });

    it("open their failed entities again, whose attempts go on", async () => {
      const { ledger } = under();
      await put({ of: [0, 1, 2, 3], ends: { 1: "failed", 2: "invalid", 3: "failed" } });
      expect(await ledger.reopenFailed(run, "me")).toBe(2);
      expect((await ledger.query.run(run))?.counts).toMatchObject({
        entities: 2,
        succeeded: 1,
        failed: 0,
        invalid: 1,
      });
      expect([...(await ledger.finished(run, [0, 1, 2, 3].map(keyOf))).keys()].sort()).toEqual([
        keyOf(0),
        keyOf(2),
      ]);
      await put({ of: [1], attempt: 2 }, { of: [3], attempt: 2, ends: { 3: "failed" } });
      expect((await ledger.query.run(run))?.counts).toMatchObject({
        succeeded: 2,
        failed: 1,
        retried: 2,
        attempts: 6,
      });
      expect(await ledger.reopenFailed(run, "me")).toBe(1);
    });

    it("[BA33] know how many attempts entities had when they were opened again", async () => {
      const { ledger } = under();
      const had = (...of: number[]) => ledger.attempts(run, of.map(keyOf));
      await put(
        { of: [0, 1, 2], ends: { 0: "failed", 1: "open" } },
        { of: [1], attempt: 2, ends: { 1: "failed" } },
      );
      await ledger.reopenFailed(run, "me");
      await put({ of: [0], attempt: 2, ends: { 0: "open" } });
      expect(await had(0, 1)).toEqual(
        new Map([
          [keyOf(0), { all: 2, before: 1 }],
          [keyOf(1), { all: 2, before: 2 }],
        ]),
      );
      await put({ of: [0], attempt: 3, ends: { 0: "failed" } }, { of: [1], attempt: 3 });
      await ledger.reopenFailed(run, "me");
      expect(await had(0, 1, 2)).toEqual(
        new Map([
          [keyOf(0), { all: 3, before: 3 }],
          [keyOf(1), { all: 3, before: 2 }],
          [keyOf(2), { all: 1, before: 0 }],
        ]),
      );
    });

    it("open invalid entities again whose rows were corrected, as if they had never been tried", async () => {
      const { ledger } = under();
      await put({ of: [0, 1, 2, 3], ends: { 1: "failed", 2: "invalid", 3: "invalid" } });
      await ledger.recordProblems(run, [{ position: 9, line: 11, message: "blank" }], "me");
      expect(await ledger.reopenInvalid(run, [0, 1, 2, 7].map(keyOf), "me")).toBe(1);
      expect((await ledger.query.run(run))?.counts).toMatchObject({ entities: 3, invalid: 1, attempts: 3 });
      expect(await ledger.attempts(run, [2, 3].map(keyOf))).toEqual(
        new Map([[keyOf(3), { all: 1, before: 0 }]]),
      );
      await put({ of: [2], deepKeys: [deepKeyOf(99)] });
      const counts = { entities: 4, succeeded: 2, failed: 1, invalid: 1, retried: 0, attempts: 4 };
      expect((await ledger.query.run(run))?.counts).toMatchObject(counts);
      // Rows that were no entities are found again.
      await ledger.reopenFailed(run, "me");
      expect(await gathered(ledger.query.problems(run))).toEqual([]);
    });

    it("[LE28] keep entities that are equal to a computed one, with its values, and without an attempt", async () => {
      const { ledger } = under();
      const [first] = await ledger.record(run, [recordOf({ of: [0, 1], checksFailed: 2 })], "me");
      const chunk = first?.chunk as number;
      const equal = [5, 3].map((n) => ({
        key: keyOf(n),
        position: n,
        state: "succeeded" as const,
        deepKey: deepKeyOf(1),
        chunk,
        chunkRow: 1,
        checksFailed: 2,
      }));
      await ledger.recordEqual(run, equal, "me");
      await ledger.recordEqual(run, equal, "me");
      await put({ of: [3], chunk: "late" });
      const rows = await gathered(ledger.query.entities(run));
      expect(rows.map(({ key, state, attempts, durationMs }) => [key, state, attempts, durationMs])).toEqual([
        [keyOf(0), "succeeded", 1, 10],
        [keyOf(1), "succeeded", 1, 10],
        [keyOf(3), "succeeded", 0, 0],
        [keyOf(5), "succeeded", 0, 0],
      ]);
      expect(rows.map((row) => [row.chunk, row.chunkRow, row.worker])).toEqual(
        [0, 1, 1, 1].map((chunkRow) => [chunk, chunkRow, "main"]),
      );
      expect(await ledger.query.run(run)).toMatchObject({
        counts: { entities: 4, succeeded: 4, skipped: 0, retried: 0, attempts: 2 },
        durationMs: { count: 2, p50: 10 },
        checksFailed: 8,
      });
      // Another run may be forgotten, and this one as well: its values are its own.
      await ledger.endRun(run, "succeeded", summaryOf(one), "me");
      expect(await ledger.forget({ runs: [run] })).toEqual({ forgotten: [run], kept: [] });
    });

    it("[LE14] [LE16] tell percentiles of what was computed, in proportion between two", async () => {
      const { ledger } = under();
      const [open, invalid] = [{ 90: "open" as const }, { 91: "invalid" as const }];
      for (const [n, durationMs] of [40, 10, 30, 20].entries())
        await put({
          of: [n],
          waitMs: durationMs / 10,
          figures: { durationMs },
          ends: n === 2 ? { 2: "failed" } : {},
        });
      await put(
        { of: [90], ends: open, figures: { durationMs: 9e9 } },
        { of: [91], ends: invalid, figures: { durationMs: 9e9 } },
      );
      const expected = {
        count: 4,
        p50: 25,
        p95: expect.closeTo(38.5, 9),
        p99: expect.closeTo(39.7, 9),
        max: 40,
      };
      const waits = {
        count: 4,
        p50: 2.5,
        p95: expect.closeTo(3.85, 9),
        p99: expect.closeTo(3.97, 9),
        max: 4,
      };
      expect(await ledger.query.run(run)).toMatchObject({ durationMs: expected, waitMs: waits });
      await put({ of: [90], attempt: 2, ends: { 90: "failed" }, figures: { durationMs: 20 }, waitMs: 2 });
      await ledger.endRun(run, "failed", summaryOf(one), "me");
      expect((await ledger.query.run(run))?.durationMs).toMatchObject({ count: 5, p50: 20, max: 40 });
      await ledger.holdRun(run, "me", minute);
      await ledger.beginRun(one, "me");
      await put({ of: [92], figures: { durationMs: 50 } });
      expect((await ledger.query.run(run))?.durationMs).toMatchObject({ count: 6, p50: 25, max: 50 });
    });

    it("[LE16] tell failure share, utilisation, plan, times and cost", async () => {
      const { ledger, clock } = under();
      expect(await ledger.query.run(run)).toMatchObject({
        failureShare: 0,
        utilisation: 0,
        durationMs: { count: 0, p50: 0, p95: 0, p99: 0, max: 0 },
        strategy: undefined,
        predictedMs: undefined,
        cost: undefined,
        plan: undefined,
        summary: undefined,
      });
      const plan = planOf("threads", { concurrency: 2, chunkEntities: 16, wallMs: 1234.5 }, 0.5);
      await ledger.recordPlan(run, plan, "me");
      clock.ms += 2000;
      await put({ of: [0, 1, 2, 3], ends: { 3: "failed" }, figures: { cpuMs: 3000 } });
      const summary = summaryOf(one, { actualMs: 2000, cost: 1.5, strategy: "threads" });
      await ledger.endRun(run, "failed", summary, "me");
      expect(await ledger.query.run(run)).toMatchObject({
        failureShare: 0.25,
        utilisation: 0.75,
        strategy: "threads",
        concurrency: 2,
        chunkEntities: 16,
        predictedMs: 1234.5,
        wallMs: 2000,
        cost: 1.5,
        plan,
        summary,
      });
    });

    ledgerHistoryContract(under);
  });
}
