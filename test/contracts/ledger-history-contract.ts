/** What every ledger must know of earlier runs: unchanged entities, comparisons, failures; and how it forgets. Part of `ledger-contract.ts`. */
import type { RunId, RunStart } from "@reckon/batch";
import { expect, it } from "vitest";
import {
  bytesOf,
  day,
  deepKeyOf,
  gathered,
  keyOf,
  minute,
  planOf,
  recordOf,
  runStart,
  summaryOf,
} from "./ledger-samples.ts";
import type { LedgerUnderTest } from "./ledger-under-test.ts";

const { run } = runStart(1);

export function ledgerHistoryContract(under: () => LedgerUnderTest): void {
  const begun = async (n: number, changes: Parameters<typeof runStart>[1] = {}): Promise<RunId> => {
    const start = runStart(n, changes);
    under().clock.ms = start.startedAtMs;
    await under().ledger.beginRun(start);
    return start.run;
  };

  it("[LE13] find what the newest of the last ten runs like this one computed under the same deep key", async () => {
    const { ledger } = under();
    await ledger.record(run, [recordOf({ of: [0, 1, 2, 3, 4], ends: { 3: "failed", 4: "invalid" } })], "me");
    const two = await begun(2);
    await ledger.record(two, [recordOf({ of: [1], deepKeys: [deepKeyOf(77)], block: Uint8Array.of(2) })]);
    await ledger.record(two, [recordOf({ of: [6, 0], chunk: "newer" })]);
    const three = await begun(3);
    const wanted = [0, 1, 2, 3, 4, 5].map((n) => ({ key: keyOf(n), deepKey: deepKeyOf(n === 2 ? 99 : n) }));
    const found = await ledger.unchanged(three, wanted);
    expect([...found.keys()].sort()).toEqual([keyOf(0), keyOf(1)]);
    // Both runs have it: row 0 in the older one.
    expect(found.get(keyOf(0))?.chunkRow).toBe(1);
    const again = await ledger.unchanged(three, [{ key: keyOf(1), deepKey: deepKeyOf(77) }]);
    expect(again.get(keyOf(1))?.chunk).not.toBe(found.get(keyOf(1))?.chunk);
    expect(await ledger.unchanged(three, [])).toEqual(new Map());
    for (const other of [{ scenario: "high" }, { axis: "store" }, { modelPath: "/other" }]) {
      const like = await begun(4 + Object.keys(other).join("").length, other);
      expect(await ledger.unchanged(like, wanted)).toEqual(new Map());
    }
    // Not its own ones.
    expect(await ledger.unchanged(run, [{ key: keyOf(2), deepKey: deepKeyOf(2) }])).toEqual(new Map());
  });

  it("[LE13] find nothing without values, and nothing older than ten runs", async () => {
    const { ledger } = under();
    const wanted = [{ key: keyOf(0), deepKey: deepKeyOf(0) }];
    await ledger.record(run, [recordOf({ of: [0], block: null })], "me");
    const two = await begun(2);
    expect(await ledger.unchanged(two, wanted)).toEqual(new Map());
    await ledger.record(two, [recordOf({ of: [0] })]);
    for (let n = 3; n <= 12; n++) expect((await ledger.unchanged(await begun(n), wanted)).size).toBe(1);
    expect(await ledger.unchanged(await begun(13), wanted)).toEqual(new Map());
  });

  it("[LE13] keep what was skipped, with the values of the run that computed it, over any number of runs", async () => {
    const { ledger } = under();
    await ledger.record(run, [recordOf({ of: [0, 1, 2] })], "me");
    let last = run;
    for (const n of [2, 3]) {
      last = await begun(n);
      const wanted = [0, 1].map((i) => ({ key: keyOf(i), deepKey: deepKeyOf(i) }));
      const found = [...(await ledger.unchanged(last, wanted)).values()];
      const moved = found.map((entity) => ({ ...entity, position: entity.chunkRow + 10 * n }));
      await ledger.recordUnchanged(last, moved);
      await ledger.recordUnchanged(last, moved);
      await ledger.record(last, [recordOf({ of: [10 * n], keys: [keyOf(0)], chunk: "late" })]);
    }
    expect((await ledger.query.run(last))?.counts).toMatchObject({
      entities: 2,
      skipped: 2,
      succeeded: 0,
      attempts: 0,
    });
    const rows = await gathered(ledger.query.results(last));
    expect(rows.map(({ key, position, state, chunkRow }) => [key, position, state, chunkRow])).toEqual([
      [keyOf(0), 30, "skipped", 0],
      [keyOf(1), 31, "skipped", 1],
    ]);
    const [block] = await ledger.query.blocks(rows.map(({ chunk }) => chunk));
    expect([...(block ?? [])]).toEqual([...bytesOf([0, 1, 2])]);
    expect((await ledger.query.run(last))?.durationMs.count).toBe(0);
  });

  it("[LE7] [LE13] tell rows of one key among those that are unchanged as well", async () => {
    const { ledger } = under();
    await ledger.record(run, [recordOf({ of: [0, 1, 2] })], "me");
    const two = await begun(2);
    const found = await ledger.unchanged(
      two,
      [0, 1].map((n) => ({ key: keyOf(n), deepKey: deepKeyOf(n) })),
    );
    const at = (position: number, n: number) =>
      [...found.values()].filter(({ key }) => key === keyOf(n)).map((entity) => ({ ...entity, position }));
    await ledger.recordUnchanged(two, [...at(5, 0), ...at(3, 1)]);
    await ledger.recordUnchanged(two, [...at(7, 0), ...at(2, 1)]);
    const rows = await gathered(ledger.query.results(two));
    expect(rows.map(({ key, position }) => [key, position])).toEqual([
      [keyOf(1), 2],
      [keyOf(0), 5],
    ]);
    expect(await gathered(ledger.query.problems(two))).toEqual([
      { position: 3, line: 0, message: `The key "${keyOf(1)}" is that of row 3 already.` },
      { position: 7, line: 0, message: `The key "${keyOf(0)}" is that of row 6 already.` },
    ]);
  });

  it("[LE17] are compared by model, axis, strategy and concurrency", async () => {
    const { ledger, clock } = under();
    const ran = async (
      n: number,
      strategy: "sequential" | "threads",
      wallMs: number,
      predicted: number,
      changes: Partial<RunStart> = {},
    ) => {
      const start = runStart(n, changes);
      const of = await begun(n, changes);
      await ledger.recordPlan(
        of,
        planOf(strategy, { concurrency: strategy === "threads" ? 2 : 1, wallMs: predicted }, 2),
      );
      const figures = { durationMs: wallMs, cpuMs: 500 };
      const ends = n === 3 ? { 3: "failed" as const } : {};
      clock.ms += wallMs;
      await ledger.record(of, [recordOf({ of: [0, 1, 2, 3], figures, ends })]);
      await ledger.endRun(
        of,
        n === 3 ? "failed" : "succeeded",
        summaryOf(start, { strategy, actualMs: wallMs, cost: 1 }),
      );
    };
    expect(await ledger.query.compare({})).toEqual([]);
    await ran(2, "sequential", 1000, 900);
    await ran(3, "sequential", 3000, 3000);
    await ran(4, "threads", 500, 1000);
    const { model, modelPath, axis } = runStart(2);
    const matter = { model, modelPath, axis };
    expect(await ledger.query.compare({ axis: "player" })).toEqual([
      {
        ...matter,
        strategy: "sequential",
        concurrency: 1,
        runs: 2,
        entityMsP50: 500,
        wallMsPerEntity: 500,
        failureShare: 0.125,
        speedUp: 1,
        predictionErrorShare: expect.closeTo(0.05, 12),
        costPerEntity: 0.25,
      },
      {
        ...matter,
        strategy: "threads",
        concurrency: 2,
        runs: 1,
        entityMsP50: 125,
        wallMsPerEntity: 125,
        failureShare: 0,
        speedUp: 4,
        predictionErrorShare: 1,
        costPerEntity: 0.25,
      },
    ]);
    expect(await ledger.query.compare({ sinceMs: day + 4 * minute })).toMatchObject([
      { strategy: "threads", speedUp: undefined },
    ]);
    expect(await ledger.query.compare({ axis: "store" })).toEqual([]);
    const other = { modelPath: "/other/points.reckon" };
    await ran(5, "threads", 800, 800, other);
    await ran(6, "sequential", 8000, 8000, { axis: "store" });
    await ran(7, "threads", 2000, 2000, { axis: "store" });
    const all = await ledger.query.compare({});
    expect(all.map((row) => [row.modelPath, row.axis, row.strategy, row.speedUp])).toEqual([
      [modelPath, axis, "sequential", 1],
      [modelPath, axis, "threads", 4],
      [modelPath, "store", "sequential", 1],
      [modelPath, "store", "threads", 4],
      [other.modelPath, axis, "threads", undefined],
    ]);
  });

  it("[LE18] tell which entities failed most often, and what was said last", async () => {
    const { ledger } = under();
    const at = (startedAtMs: number) => ({ figures: { startedAtMs } });
    await ledger.record(
      run,
      [
        recordOf({
          of: [0, 1, 2],
          ends: { 0: "open", 1: "failed" },
          code: "#NUM!",
          message: "old",
          ...at(day),
        }),
        recordOf({ of: [0], attempt: 2, ends: { 0: "open" }, message: "older", ...at(day + 1) }),
        recordOf({ of: [0], attempt: 3, ...at(day + 2) }),
      ],
      "me",
    );
    const two = await begun(2, { model: "loans", modelPath: "/models/loans.reckon" });
    await ledger.record(two, [
      recordOf({
        of: [0, 3],
        ends: { 0: "failed", 3: "invalid" },
        code: "lost",
        message: "newest",
        ...at(day + 3),
      }),
    ]);
    const [zero, one_] = [
      {
        key: keyOf(0),
        failures: 3,
        runs: 2,
        code: "lost",
        message: "newest",
        attribute: "round.total",
        lastAtMs: day + 3,
      },
      {
        key: keyOf(1),
        failures: 1,
        runs: 1,
        code: "#NUM!",
        message: "old",
        attribute: "round.total",
        lastAtMs: day,
      },
    ];
    expect(await ledger.query.failures({ limit: 10 })).toEqual([zero, one_]);
    expect(await ledger.query.failures({ limit: 1 })).toEqual([zero]);
    expect(await ledger.query.failures({ limit: 10, model: "points" })).toMatchObject([
      { key: keyOf(0), failures: 2, runs: 1, message: "older" },
      { key: keyOf(1) },
    ]);
  });

  it("[LE22] are forgotten, but not while they are held, and not while their values are somebody's", async () => {
    const { ledger, clock } = under();
    await ledger.record(run, [recordOf({ of: [0, 1], ends: { 1: "failed" } })], "me");
    const two = await begun(2);
    const unchanged = await ledger.unchanged(two, [{ key: keyOf(0), deepKey: deepKeyOf(0) }]);
    await ledger.recordUnchanged(two, [...unchanged.values()]);
    const three = await begun(3);
    await ledger.record(three, [recordOf({ of: [5] })]);
    await ledger.recordProblems(three, [{ position: 1, line: 3, message: "blank" }]);
    clock.ms = day + 10 * minute;
    await ledger.holdRun(three, "me", minute);
    expect(await ledger.forget({ beforeMs: day })).toEqual({ forgotten: [], kept: [] });
    expect(await ledger.forget({ runs: [run, three, "none" as RunId] })).toEqual({
      forgotten: [],
      kept: expect.arrayContaining([
        { run, because: "values-taken" },
        { run: three, because: "held" },
      ]) as unknown,
    });
    const [row] = await gathered(ledger.query.results(two));
    expect(await ledger.query.blocks([row?.chunk as number])).toEqual([expect.anything()]);
    clock.ms += 2 * minute;
    const outcome = await ledger.forget({ beforeMs: day + 4 * minute });
    expect([[...outcome.forgotten].sort(), outcome.kept]).toEqual([[run, two, three], []]);
    expect(await ledger.query.runs({})).toEqual([]);
    for (const each of [run, two, three]) {
      expect(await ledger.query.run(each)).toBeUndefined();
      expect(await gathered(ledger.query.problems(each))).toEqual([]);
    }
    expect(await ledger.query.failures({ limit: 5 })).toEqual([]);
    expect(await ledger.query.blocks([row?.chunk as number])).toEqual([undefined]);
  });

  it("have constants of the machine beside them", async () => {
    const { ledger, clock } = under();
    expect(await ledger.measures("linux x64, 2 cores")).toEqual(new Map());
    await ledger.recordMeasures("linux x64, 2 cores", { spawn_ms: 30, speed_up_2: 1.9 });
    clock.ms += 1000;
    await ledger.recordMeasures("linux x64, 2 cores", { spawn_ms: 31 });
    await ledger.recordMeasures("another", { spawn_ms: 1 });
    expect(await ledger.measures("linux x64, 2 cores")).toEqual(
      new Map([
        ["spawn_ms", { value: 31, measuredAtMs: day + 1000 }],
        ["speed_up_2", { value: 1.9, measuredAtMs: day }],
      ]),
    );
  });
}
