/**
 * What every `Ledger` must do. Tests of a kind call this with a way to open an empty one, whose clock stands where it is
 * put.
 */
import { BatchError, type Ledger, type RunId } from "@reckon/batch";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ledgerRunsContract } from "./ledger-runs-contract.ts";
import {
  bytesOf,
  day,
  deepKeyOf,
  gathered,
  keyOf,
  minute,
  recordOf,
  runStart,
  type Sample,
} from "./ledger-samples.ts";
import type { LedgerKind } from "./ledger-under-test.ts";

const one = runStart(1);
const { run } = one;

export function ledgerContract(name: string, kind: LedgerKind): void {
  let ledger: Ledger;
  let clock: { ms: number };
  const put = async (...samples: readonly Sample[]) => ledger.record(run, samples.map(recordOf), "me");
  const counts = async (of: RunId = run) => (await ledger.query.run(of))?.counts;
  const states = async (of: RunId = run) =>
    Object.fromEntries((await gathered(ledger.query.entities(of))).map(({ key, state }) => [key, state]));

  describe(`a ledger ${name}`, () => {
    beforeEach(async () => {
      ({ ledger, clock } = await kind.open());
      clock.ms = day;
      await ledger.beginRun(one);
      await ledger.holdRun(run, "me", minute);
    });
    afterAll(() => kind.end());

    describe("records", () => {
      it("[LE4] puts in entities, attempts, chunks, workers and counts together", async () => {
        const outcomes = await put(
          { of: [0, 1, 2], ends: { 1: "open" }, checksFailed: 2 },
          { of: [3, 4], ends: { 3: "invalid", 4: "failed" }, figures: { worker: "thread 1", cpuMs: 5 } },
        );
        expect(outcomes).toEqual([
          { accepted: 2, repeated: 0, problems: [], chunk: expect.any(Number) },
          { accepted: 2, repeated: 0, problems: [], chunk: expect.any(Number) },
        ]);
        expect(await counts()).toEqual({
          entities: 4,
          succeeded: 2,
          failed: 1,
          invalid: 1,
          skipped: 0,
          retried: 0,
          attempts: 5,
        });
        const details = await ledger.query.run(run);
        expect(details).toMatchObject({ cpuMs: 29, memoryPeakBytes: 50_000_000, checksFailed: 4 });
        expect(details?.workers).toEqual([
          {
            worker: "main",
            chunks: 1,
            entities: 3,
            cpuMs: 24,
            memoryPeakBytes: 5e7,
            lastSeenAtMs: day + 1030,
          },
          {
            worker: "thread 1",
            chunks: 1,
            entities: 2,
            cpuMs: 5,
            memoryPeakBytes: 5e7,
            lastSeenAtMs: day + 1020,
          },
        ]);
        const attempts = await gathered(ledger.query.attempts(run));
        expect(attempts.map(({ key, attempt, outcome }) => [key, attempt, outcome])).toEqual([
          [keyOf(1), 1, "failed"],
          [keyOf(4), 1, "failed"],
        ]);
      });

      it("[LE4] puts in all records or none", async () => {
        const wrong = { ...recordOf({ of: [1] }), deepKeys: ["00"], positions: [Number.NaN] };
        const before = await counts();
        await expect(ledger.record("no such run" as RunId, [recordOf({ of: [0] })])).rejects.toMatchObject({
          code: "unknown-run",
        });
        if (name !== "in memory") {
          await expect(ledger.record(run, [recordOf({ of: [0] }), wrong], "me")).rejects.toBeInstanceOf(
            BatchError,
          );
          expect(await states()).toEqual({});
        }
        expect(await counts()).toEqual(before);
      });

      it("[LE5] leaves alone what has ended, and the counts, when a record comes again", async () => {
        await put({ of: [0, 1], ends: { 1: "failed" } });
        const before = await ledger.query.run(run);
        expect(await put({ of: [0, 1] })).toEqual([{ accepted: 0, repeated: 2, problems: [] }]);
        expect(await put({ of: [0, 1], attempt: 2, chunk: "late" })).toEqual([
          { accepted: 0, repeated: 2, problems: [] },
        ]);
        expect(await ledger.query.run(run)).toEqual(before);
        expect(await states()).toEqual({ [keyOf(0)]: "succeeded", [keyOf(1)]: "failed" });
      });

      it("[LE5] takes of a record what has not ended, under the name of a chunk that it has", async () => {
        await put({ of: [0, 1] });
        expect(await put({ of: [0, 1, 2], chunk: "c0-a1", block: Uint8Array.of(9) })).toEqual([
          { accepted: 1, repeated: 2, problems: [], chunk: expect.any(Number) },
        ]);
        const rows = await gathered(ledger.query.results(run));
        const blocks = await ledger.query.blocks(rows.map(({ chunk }) => chunk));
        expect(blocks.map((block) => block && [...block])).toEqual([
          [...bytesOf([0, 1])],
          [...bytesOf([0, 1])],
          [9],
        ]);
        expect(rows.map(({ chunkRow }) => chunkRow)).toEqual([0, 1, 2]);
      });

      it("[LE29] counts what was spent on a chunk that came to nothing, once", async () => {
        const spent: Sample = { of: [], chunk: "c9-a1", figures: { worker: "thread 1", cpuMs: 7 } };
        expect(await put(spent, { of: [0] })).toMatchObject([{ accepted: 0, repeated: 0 }, { accepted: 1 }]);
        await put(spent);
        expect(await counts()).toMatchObject({ entities: 1, attempts: 1 });
        const details = await ledger.query.run(run);
        expect(details?.cpuMs).toBe(15);
        expect(details?.workers).toMatchObject([
          { worker: "main", chunks: 1, entities: 1 },
          { worker: "thread 1", chunks: 1, entities: 0, cpuMs: 7 },
        ]);
      });

      it("[LE6] keeps every attempt of entities that failed, in order, and takes none twice", async () => {
        await put({ of: [0, 1], ends: { 0: "open", 1: "open" }, message: "first" });
        await put({ of: [0], attempt: 2, ends: { 0: "open" }, code: "timed-out", message: "second" });
        expect(await put({ of: [0], attempt: 1, chunk: "late", message: "late" })).toEqual([
          { accepted: 0, repeated: 1, problems: [], open: [{ row: 0, attempts: 2 }] },
        ]);
        await put({ of: [0], attempt: 3, figures: { worker: "thread 2" } });
        await put({ of: [1], attempt: 2, ends: { 1: "failed" }, code: "lost", message: "gone" });
        expect(await ledger.attempts(run, [keyOf(0), keyOf(1), keyOf(2)])).toEqual(
          new Map([
            [keyOf(0), { all: 3, before: 0 }],
            [keyOf(1), { all: 2, before: 0 }],
          ]),
        );
        const attempts = await gathered(ledger.query.attempts(run));
        expect(
          attempts
            .map(({ key, attempt, outcome, message, worker }) => [key, attempt, outcome, message, worker])
            .sort(),
        ).toEqual([
          [keyOf(0), 1, "failed", "first", "main"],
          [keyOf(0), 2, "timed-out", "second", "main"],
          [keyOf(0), 3, "succeeded", undefined, "thread 2"],
          [keyOf(1), 1, "failed", "first", "main"],
          [keyOf(1), 2, "lost", "gone", "main"],
        ]);
        expect(await counts()).toMatchObject({
          entities: 2,
          succeeded: 1,
          failed: 1,
          retried: 2,
          attempts: 5,
        });
      });

      it.each([
        ["first", [0, 7]],
        ["last", [7, 0]],
      ])("[LE7] lets the earlier of two rows with one key stand when it is computed %s", async (_, order) => {
        const samples = order.map((n) => ({
          of: [n, n + 1],
          keys: ["twice", keyOf(n + 1)],
          message: `of ${n}`,
        }));
        const [first] = await put(samples[0] as Sample);
        const [second] = await put({ ...(samples[1] as Sample), checksFailed: 1 });
        expect([first?.problems, second?.problems.map(({ position }) => position)]).toEqual([[], [7]]);
        expect((await gathered(ledger.query.problems(run))).map(({ position }) => position)).toEqual([7]);
        expect((await ledger.finished(run, ["twice"])).get("twice")).toMatchObject({
          position: 0,
          deepKey: deepKeyOf(0),
        });
        expect(await counts()).toMatchObject({ entities: 3, succeeded: 3, attempts: 3 });
        const positions = (await gathered(ledger.query.results(run))).map(({ position }) => position);
        expect(positions).toEqual([0, 1, 8]);
      });

      it("[LE7] finds two rows with one key in one record", async () => {
        const [outcome] = await put({ of: [3, 2, 5], keys: ["a", "a", "b"], ends: { 3: "open" } });
        expect(outcome?.problems.map(({ position }) => position)).toEqual([3]);
        expect(await counts()).toMatchObject({ entities: 2, succeeded: 2 });
        expect(await gathered(ledger.query.attempts(run))).toEqual([]);
      });

      it("[LE7] tells how a row had ended that is no entity after all, and forgets rows that are entities by now", async () => {
        await put({ of: [7], keys: [keyOf(1)], ends: { 7: "failed" } });
        const [outcome] = await put({ of: [1] });
        expect(outcome).toMatchObject({ accepted: 1, displaced: ["failed"], problems: [{ position: 7 }] });
        await ledger.recordProblems(run, [{ position: 9, line: 0, message: "no key" }], "me");
        await ledger.forgetProblems(run, [1, 9], "me");
        expect(await gathered(ledger.query.problems(run))).toMatchObject([{ position: 7 }]);
        await expect(ledger.forgetProblems(run, [7], "you")).rejects.toMatchObject({ code: "taken-over" });
      });

      it("keeps odd keys and messages apart", async () => {
        const keys = [
          "\ud800",
          "\udc00",
          "\ufffd",
          "\u0000",
          "",
          "\\ud800",
          "\\u005c",
          "'",
          '"',
          "a\\b",
          "日本",
          "𝒳",
        ];
        const of = keys.map((_, i) => i);
        const message = "a \u0000 and a \ud800";
        await put({ of, keys, ends: { 0: "failed" }, message });
        const rows = await gathered(ledger.query.results(run));
        expect(rows.map(({ key }) => key)).toEqual(keys);
        expect(rows[0]?.errorMessage).toBe(message);
        expect([...(await ledger.finished(run, keys)).keys()].sort()).toEqual([...keys].sort());
        expect(await put({ of, keys })).toEqual([{ accepted: 0, repeated: keys.length, problems: [] }]);
      });
    });

    describe("reads", () => {
      it("tells which entities have ended, and where their values are", async () => {
        await put({ of: [0, 1, 2], ends: { 1: "open", 2: "invalid" } });
        const found = await ledger.finished(run, [keyOf(2), keyOf(1), keyOf(0), "nobody"]);
        expect([...found.keys()].sort()).toEqual([keyOf(0), keyOf(2)]);
        expect(found.get(keyOf(2))).toMatchObject({
          position: 2,
          state: "invalid",
          deepKey: deepKeyOf(2),
          chunkRow: 2,
        });
        expect(await ledger.finished(run, [])).toEqual(new Map());
      });

      it("gives results, entities and problems in the order of the source, from anywhere, over many pages", async () => {
        const all = Array.from({ length: 10_000 }, (_, i) => i);
        for (const part of [2, 0, 1, 3])
          await put({ of: all.filter((n) => n % 4 === part), chunk: `part ${part}`, ends: { 77: "open" } });
        const rest = all.filter((n) => n !== 77);
        expect((await gathered(ledger.query.results(run))).map(({ position }) => position)).toEqual(rest);
        expect((await gathered(ledger.query.results(run, 9000))).map(({ key }) => key)).toEqual(
          all.slice(9000).map(keyOf),
        );
        expect((await gathered(ledger.query.entities(run))).map(({ position }) => position)).toEqual(all);
        const problems = all.map((n) => ({
          position: 20_000 - n,
          line: 20_002 - n,
          message: "the key is blank",
        }));
        await ledger.recordProblems(run, problems, "me");
        await ledger.recordProblems(run, problems.slice(0, 10), "me");
        expect(await gathered(ledger.query.problems(run))).toEqual(problems.toReversed());
        expect(await gathered(ledger.query.problems(run, 19_999))).toEqual(problems.slice(0, 2).toReversed());
      });

      it("gives every attempt, over many pages", async () => {
        const all = Array.from({ length: 3000 }, (_, i) => i);
        const ends = Object.fromEntries(all.map((n) => [n, "open" as const]));
        for (const attempt of [1, 2, 3]) await put({ of: all, attempt, ends });
        const attempts = await gathered(ledger.query.attempts(run));
        expect(attempts).toHaveLength(9000);
        expect(new Set(attempts.map(({ position, attempt }) => position * 3 + attempt)).size).toBe(9000);
      });

      it("gives blocks by their numbers, in that order", async () => {
        await put({ of: [0] }, { of: [1], block: null, ends: { 1: "invalid" } }, { of: [2] });
        const [zero, none, two] = (await gathered(ledger.query.results(run))).map(({ chunk }) => chunk);
        const numbers = [two, zero, two, none, 999_999_999] as number[];
        const blocks = await ledger.query.blocks(numbers);
        expect(blocks.map((block) => block && [...block])).toEqual([
          [...bytesOf([2])],
          [...bytesOf([0])],
          [...bytesOf([2])],
          undefined,
          undefined,
        ]);
        expect(await ledger.query.blocks([])).toEqual([]);
      });

      it("tells of entities what computing them took", async () => {
        const figures = { worker: "host-a/1 thread 2", startedAtMs: day + 5, durationMs: 30, cacheHits: 4 };
        await put({ of: [0, 1], waitMs: 7, ends: { 1: "failed" }, code: "#NUM!", message: "no", figures });
        const [first, second] = await gathered(ledger.query.entities(run));
        expect(first).toMatchObject({
          key: keyOf(0),
          state: "succeeded",
          attempts: 1,
          durationMs: 15,
          worker: "host-a/1 thread 2",
          startedAtMs: day + 5,
          waitMs: 7,
          cacheHits: 4,
          errorCode: undefined,
        });
        expect(second).toMatchObject({
          state: "failed",
          errorCode: "#NUM!",
          errorMessage: "no",
          errorAttribute: "round.total",
        });
      });
    });

    ledgerRunsContract(() => ({ ledger, clock }));
  });
}
