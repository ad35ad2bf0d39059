import { describe, expect, it } from "vitest";
import type { BatchEvent } from "./api.ts";
import type { RunId } from "./entity.ts";
import {
  begunIn,
  numbered,
  type ScriptedBatch,
  type ScriptedBatchOptions,
  scriptedBatch,
  summaryOf,
} from "./fixtures/scripted-batch.ts";
import { startBatch } from "./run-batch.ts";

const told = <Kind extends BatchEvent["kind"]>({ events }: ScriptedBatch, kind: Kind) =>
  events.filter((event): event is Extract<BatchEvent, { readonly kind: Kind }> => event.kind === kind);

const statesOf = async ({ request }: ScriptedBatch): Promise<Record<string, string>> => {
  const states: Record<string, string> = {};
  for await (const page of request.ledger.query.entities((await lastRun(request)) as never))
    for (const { key, state, attempts } of page) states[key] = `${state} ${attempts}`;
  return states;
};
const lastRun = async ({ ledger }: ScriptedBatch["request"]) => (await ledger.query.run("last"))?.run;

describe("a run", () => {
  it("goes over all rows and says what came of them", async () => {
    const batch = scriptedBatch({ records: 30 });
    const summary = await summaryOf(batch);
    expect(summary).toMatchObject({ state: "succeeded", entities: 30, succeeded: 30, actualMs: 30 });
    expect(begunIn(batch).flatMap(({ keys }) => keys)).toEqual(numbered(30).map(({ id }) => id));
    expect(batch.events.map(({ kind }) => kind).filter((kind) => kind !== "progress")).toEqual([
      "began",
      "planned",
      "ended",
    ]);
  });

  it("[BA15] what is bad alone fails, and nothing beside it", async () => {
    const bad: Record<string, "fail" | "throw" | "crash" | "memory" | "refuse"> = {
      p3: "fail",
      p13: "throw",
      p14: "crash",
      p21: "memory",
      p22: "refuse",
      p33: "refuse",
    };
    const batch = scriptedBatch({
      records: 40,
      request: { chunkEntities: 8 },
      script: (key) => ({ kind: bad[key] ?? "succeed" }),
    });
    expect(await summaryOf(batch)).toMatchObject({ succeeded: 34, failed: 4, invalid: 2, state: "failed" });
    const states = await statesOf(batch);
    for (const { id } of numbered(40)) {
      const kind = bad[id as string];
      expect(states[id as string]).toBe(
        `${kind === undefined ? "succeeded" : kind === "refuse" ? "invalid" : "failed"} 1`,
      );
    }
  });

  it("[BA16] splitting a chunk is no attempt, being lost alone is one", async () => {
    const batch = scriptedBatch({
      records: 40,
      policy: { retry: { attemptsMax: 2, firstMs: 1, factor: 1, longestMs: 1, jitter: 0 } },
      script: (key) => ({ kind: key === "p30" ? "crash" : "succeed" }),
    });
    expect(await summaryOf(batch)).toMatchObject({ succeeded: 39, failed: 1, retried: 1 });
    const states = await statesOf(batch);
    expect(states["p30"]).toBe("failed 2");
    expect(Object.values(states).filter((state) => state === "succeeded 1")).toHaveLength(39);
  });

  it("[BA17] an entity that takes longer than the timeout alone has timed out; slow chunks are split", async () => {
    const batch = scriptedBatch({
      records: 40,
      policy: { timeoutMs: 100 },
      request: { chunkEntities: 8 },
      script: (key) => (key === "p31" ? { kind: "hang" } : { kind: "succeed", ms: 30 }),
    });
    expect(await summaryOf(batch)).toMatchObject({ succeeded: 39, failed: 1 });
    const { begun } = batch.runners.at(-1) as (typeof batch.runners)[number];
    for (const [i, { atMs }] of begun.entries())
      expect((begun[i + 1]?.atMs ?? atMs) - atMs).toBeLessThanOrEqual(100);
    const [failure] = await batch.request.ledger.query.failures({ limit: 9 });
    expect(failure).toMatchObject({ key: "p31", code: "timed-out" });
  });

  it("[BA72] no chunk is planned, and none of the sample taken, that takes more than a quarter of the timeout", async () => {
    for (const [entityMs, chunkMs] of [
      [0.5, 1],
      [20, 0],
      [60, 0],
    ] as const) {
      const batch = scriptedBatch({ records: 4000, entityMs, chunkMs, policy: { timeoutMs: 100 } });
      const { chunkEntities: _, ...request } = batch.request;
      const summary = await summaryOf({ ...batch, request });
      expect(summary).toMatchObject({ succeeded: 4000, retried: 0 });
      const sizes = begunIn(batch).map(({ keys }) => keys.length);
      for (const size of sizes) if (size > 1) expect(size * entityMs + chunkMs).toBeLessThanOrEqual(25 + 1);
      expect(Math.max(...sizes)).toBe(entityMs < 1 ? 47 : 1);
      expect(told(batch, "notice")).toEqual([]);
    }
  });

  it("[BA72] a chunk size that was asked for and cannot hold is told", async () => {
    const policy = { timeoutMs: 200 };
    const noticesOf = async (chunkEntities: number): Promise<readonly string[]> => {
      const batch = scriptedBatch({ records: 60, entityMs: 50, policy, request: { chunkEntities } });
      expect(await summaryOf(batch)).toMatchObject({ succeeded: 60 });
      return told(batch, "notice").map(({ message }) => message);
    };
    expect(await noticesOf(6)).toEqual([expect.stringContaining("chunks of 6 entities take up to 300 ms")]);
    expect(await noticesOf(3)).toEqual([]);
  });

  it("[BA22] begins so much later", async () => {
    const batch = scriptedBatch({ records: 3, policy: { delayMs: 600_000 } });
    const { actualMs, run } = await summaryOf(batch);
    expect(begunIn(batch)[0]?.atMs).toBe(600_000);
    const wallMs = (await batch.request.ledger.query.run(run as RunId))?.wallMs;
    expect([actualMs, wallMs].map((ms) => ms !== undefined && ms < 10_000)).toEqual([true, true]);
  });

  it("[BA6] counts a row with a key of an earlier block as none", async () => {
    const batch = scriptedBatch({ records: 20 });
    const { request, clock } = batch;
    const source = {
      ...request.source,
      rows: undefined,
      blocks: async function* () {
        yield* request.source.blocks();
        for await (const { table, keys, deepKeys, problems } of scriptedBatch({
          records: 1,
        }).request.source.blocks())
          yield { table, keys, deepKeys, problems, positions: [20] };
      },
    };
    const run = startBatch({ ...request, source });
    expect(await clock.runUntil(run.summary)).toMatchObject({ entities: 20, succeeded: 20 });
    expect(run.progress()).toMatchObject({ entities: 20, succeeded: 20 });
  });

  it("a plan alone records nothing", async () => {
    const batch = scriptedBatch({ records: 300, request: { isPlanOnly: true, strategy: "auto" } });
    expect(await summaryOf(batch)).toMatchObject({ run: "", succeeded: 15 });
    expect(told(batch, "planned")).toHaveLength(1);
    expect(await batch.request.ledger.query.runs({})).toEqual([]);
  });

  it("[BA71] a plan alone looks in the ledger for what is unchanged, and records nothing there", async () => {
    const { clock, request } = scriptedBatch({ records: 300 });
    await clock.runUntil(startBatch(request).summary);
    const rows = await request.ledger.query.runs({});
    const plan = { isPlanOnly: true, strategy: "auto", skipUnchanged: true, ledger: request.ledger } as const;
    const same = scriptedBatch({ clock, records: 300, request: plan });
    await summaryOf(same);
    const [planned] = told(same, "planned");
    expect(planned?.plan).toMatchObject({ expectedUnchanged: 300, reason: { code: "too-few", entities: 0 } });
    expect(begunIn(same)).toEqual([]);
    // Every other row is another one.
    const records = numbered(300).map((record, i) => ({ ...record, size: i % 2 }));
    const half = scriptedBatch({ clock, records, request: plan });
    await summaryOf(half);
    expect(told(half, "planned")[0]?.plan.measures.sample.unchangedShare).toBe(0);
    const grown = scriptedBatch({ clock, records: 600, request: plan });
    await summaryOf(grown);
    const { expectedUnchanged = 0, predictions = [] } = told(grown, "planned")[0]?.plan ?? {};
    expect(expectedUnchanged).toBeGreaterThan(250);
    expect(predictions[0]?.wallMs).toBeLessThan(600 - expectedUnchanged);
    expect(await request.ledger.query.runs({})).toEqual(rows);
  });
});

describe("trying again", () => {
  const retry = { attemptsMax: 4, firstMs: 100, factor: 3, longestMs: 500, jitter: 0.5 };

  it("[BA19] waits are min(longest, first × factor^(k−1)) less at most the jitter, and others run meanwhile", async () => {
    const batch = scriptedBatch({
      records: 60,
      policy: { retry },
      request: { chunkEntities: 1 },
      entityMs: 20,
      script: (key) => ({ kind: key === "p12" ? "fail" : "succeed" }),
    });
    expect(await summaryOf(batch)).toMatchObject({ failed: 1, succeeded: 59, retried: 1 });
    const waits = told(batch, "entity-failed").map(({ againInMs }) => againInMs);
    expect(waits).toHaveLength(4);
    expect(waits[3]).toBeUndefined();
    for (const [i, longest] of [100, 300, 500].entries()) {
      expect(waits[i]).toBeLessThanOrEqual(longest);
      expect(waits[i]).toBeGreaterThanOrEqual(longest / 2);
    }
    const all = begunIn(batch);
    const tries = all.filter(({ keys }) => keys.includes("p12")).map(({ atMs }) => atMs);
    expect(tries).toHaveLength(4);
    for (let i = 1; i < 3; i++) {
      const waited = (tries[i] as number) - (tries[i - 1] as number);
      expect(waited).toBeGreaterThanOrEqual((waits[i - 1] as number) + 20);
      const between = all.filter(
        ({ atMs }) => atMs > (tries[i - 1] as number) && atMs < (tries[i] as number),
      );
      expect(between.length).toBeGreaterThan(0);
    }
  });

  it("what is invalid is never tried again", async () => {
    const batch = scriptedBatch({
      records: 20,
      policy: { retry },
      script: (key) => ({ kind: key === "p15" ? "refuse" : "succeed" }),
    });
    expect(await summaryOf(batch)).toMatchObject({ invalid: 1, retried: 0, state: "failed" });
  });
});

describe("order and speed", () => {
  it("[BA20] entities begin by priority, blanks last, equal ones in the order of the source", async () => {
    const records = numbered(50).map(({ id }, i) => ({ id: id as string, rank: i % 7 === 0 ? null : i % 5 }));
    const batch = scriptedBatch({ records, priority: "rank", request: { chunkEntities: 3 } });
    await summaryOf(batch);
    const expected = records
      .map(({ id, rank }, i) => ({ id, rank: rank ?? Number.POSITIVE_INFINITY, i }))
      .sort((a, b) => (a.rank === b.rank ? a.i - b.i : a.rank - b.rank));
    expect(begunIn(batch).flatMap(({ keys }) => keys)).toEqual(expected.map(({ id }) => id));
  });

  it("[BA21] no more entities begin in any second than the rate has", async () => {
    const batch = scriptedBatch({
      records: 100,
      entityMs: 3,
      policy: { rate: { jobsMax: 10, perMs: 1000 } },
      request: { strategy: "threads", concurrency: 3, chunkEntities: 4 },
      script: (key) => ({ kind: key === "p50" ? "crash" : "succeed" }),
    });
    expect(await summaryOf(batch)).toMatchObject({ succeeded: 99 });
    const all = begunIn(batch);
    for (const { atMs } of all) {
      const within = all.filter((other) => other.atMs >= atMs && other.atMs < atMs + 1000);
      expect(within.reduce((sum, { keys }) => sum + keys.length, 0)).toBeLessThanOrEqual(10);
    }
  });

  it("[BA21] holds for the sample as well", async () => {
    const batch = scriptedBatch({
      records: 1000,
      entityMs: 1,
      policy: { rate: { jobsMax: 20, perMs: 1000 } },
      request: { chunkEntities: 50 },
    });
    expect(await summaryOf(batch)).toMatchObject({ succeeded: 1000 });
    const all = begunIn(batch);
    for (const { atMs } of all) {
      const within = all.filter((other) => other.atMs >= atMs && other.atMs < atMs + 1000);
      expect(within.reduce((sum, { keys }) => sum + keys.length, 0)).toBeLessThanOrEqual(20);
    }
    expect(batch.clock.now()).toBeLessThan(52_000);
  });

  /** Of 60 entities each kind is computed once, wherever it comes up again; `kindOf` gives the kinds. */
  async function equalBatch(
    kindOf: (i: number) => number,
    changes: Partial<ScriptedBatchOptions> = {},
  ): Promise<ScriptedBatch> {
    const records = Array.from({ length: 60 }, (_, i) => ({ id: `p${i}`, kind: kindOf(i) }));
    const { createRecordSource } = await import("./doubles/record-source.ts");
    const source = createRecordSource(records, { deepKey: ({ kind }) => String(kind).padStart(32, "0") });
    const { request, ...rest } = changes;
    return scriptedBatch({
      records,
      entityMs: 20,
      ...rest,
      request: { strategy: "threads", concurrency: 4, chunkEntities: 2, source, ...request },
    });
  }
  const begunKeys = (batch: ScriptedBatch): readonly string[] => begunIn(batch).flatMap(({ keys }) => keys);

  it("[BA23] an entity whose deep key the run has computed is not computed, in the sample and far behind it", async () => {
    // By turns, and then a whole round again when everything has long been written.
    const batch = await equalBatch((i) => (i < 50 ? i % 4 : i - 50));
    const summary = await summaryOf(batch);
    expect(summary).toMatchObject({ succeeded: 60, deduplicated: 50, state: "succeeded" });
    expect([...begunKeys(batch)].sort()).toEqual(
      ["p0", "p1", "p2", "p3", "p54", "p55", "p56", "p57", "p58", "p59"].sort(),
    );
    const details = await batch.request.ledger.query.run("last");
    expect(details).toMatchObject({ counts: { succeeded: 60, attempts: 10, retried: 0 } });
    expect(details?.durationMs).toMatchObject({ count: 10, p50: 20 });
  });

  it("[BA23] one that is equal to one that failed is computed itself, and so is every one with isEachComputed", async () => {
    const batch = await equalBatch((i) => (i < 12 ? i : 12 + (i % 3)), {
      script: (key) => (Number(key.slice(1)) % 3 === 1 ? { kind: "fail" } : { kind: "succeed" }),
    });
    expect(await summaryOf(batch)).toMatchObject({ succeeded: 40, failed: 20, deduplicated: 30 });
    expect(begunKeys(batch).filter((key) => Number(key.slice(1)) % 3 === 1)).toHaveLength(20);
    const each = await equalBatch((i) => i % 4, { request: { isEachComputed: true } });
    expect(await summaryOf(each)).toMatchObject({ succeeded: 60, deduplicated: 0 });
    expect(begunKeys(each)).toHaveLength(60);
  });

  it("[BA23] what an earlier session has computed is taken as well", async () => {
    const first = await equalBatch((i) => i % 20);
    const run = startBatch(first.request);
    await first.clock.advance(230);
    run.interrupt(0);
    await first.clock.runUntil(run.summary);
    const before = new Set(begunKeys(first));
    expect(before.size).toBeLessThan(20);
    const second = await equalBatch((i) => i % 20, {
      clock: first.clock,
      request: { ledger: first.request.ledger },
    });
    const summary = await summaryOf(second);
    expect(summary).toMatchObject({ succeeded: 60, deduplicated: 40, run: run.run });
    expect([...new Set([...before, ...begunKeys(second)])]).toHaveLength(20);
  });

  it("[BA23] light entities are computed, equal or not: looking for equal ones would take longer", async () => {
    const batch = await equalBatch((i) => i % 4, { entityMs: 0.1 });
    const { succeeded, deduplicated } = await summaryOf(batch);
    expect(succeeded).toBe(60);
    // Those of the sample, of which nobody knew.
    expect(deduplicated).toBe(6);
  });

  it("[BA12] no more chunks are in hand than twice the concurrency, and rows are read only for these", async () => {
    const batch = scriptedBatch({
      records: 6000,
      request: { strategy: "threads", concurrency: 3, chunkEntities: 8 },
    });
    let read = 0;
    const { request, clock } = batch;
    const source = {
      ...request.source,
      blocks: async function* (options?: object) {
        for await (const block of request.source.blocks({ ...options, rowsMax: 8 })) {
          read += block.keys.length;
          yield block;
        }
      },
    };
    const run = startBatch({ ...request, source });
    const samples: number[] = [];
    const watch = (): void => {
      const { active, waiting, succeeded } = run.progress();
      if (told(batch, "planned").length > 0) expect(active + waiting).toBeLessThanOrEqual(6 * 8);
      samples.push(read - succeeded);
      if (succeeded < 6000) clock.after(7, watch);
    };
    clock.after(7, watch);
    await clock.runUntil(run.summary);
    // A page of 4,096 entities, and what is in hand.
    expect(Math.max(...samples)).toBeLessThanOrEqual(4096 + 6 * 8);
    expect(samples.length).toBeGreaterThan(50);
  });
});

describe("giving up", () => {
  const failing = (key: string) => ({ kind: Number(key.slice(1)) % 4 === 3 ? "fail" : "succeed" }) as const;

  it("[BA24] halts once so many have failed, finishes what is under way, and can be resumed", async () => {
    const batch = scriptedBatch({
      records: 200,
      script: failing,
      policy: { halt: { when: "soon", fail: { count: 5 } } },
      request: { strategy: "threads", concurrency: 3, chunkEntities: 4 },
    });
    const summary = await summaryOf(batch);
    expect(summary.state).toBe("halted");
    expect(summary.failed).toBeGreaterThanOrEqual(5);
    expect(summary.failed).toBeLessThanOrEqual(8);
    expect(told(batch, "halting")[0]?.message).toMatch(/^5 entities have failed/);
    const begun = begunIn(batch).flatMap(({ keys }) => keys);
    expect(begun).toHaveLength(summary.entities);
    const again = await summaryOf({
      ...batch,
      request: { ...batch.request, policy: { ...batch.request.policy, halt: undefined } as never },
    });
    expect(again).toMatchObject({ run: summary.run, state: "failed", entities: 200, failed: 50 });
    expect(begunIn(batch).flatMap(({ keys }) => keys)).toHaveLength(200);
  });

  it("[BA24] is not halted where nothing was left to begin", async () => {
    const batch = scriptedBatch({
      records: 20,
      script: (key) => ({ kind: key === "p19" ? "fail" : "succeed" }),
      policy: { halt: { when: "soon", fail: { count: 1 } } },
      request: { strategy: "threads", concurrency: 4, chunkEntities: 4 },
    });
    expect(await summaryOf(batch)).toMatchObject({ entities: 20, failed: 1, state: "failed" });
    expect(told(batch, "halting")).toHaveLength(1);
  });

  it("[BA24] a share is looked at from three failures on; `now` gives up what is under way", async () => {
    const batch = scriptedBatch({
      records: 200,
      entityMs: 50,
      script: (key) =>
        key === "p0" || key === "p1" || key === "p40" ? { kind: "fail", ms: 1 } : { kind: "succeed" },
      policy: { halt: { when: "now", fail: { share: 0.05 } } },
      request: { strategy: "threads", concurrency: 3, chunkEntities: 4 },
    });
    const summary = await summaryOf(batch);
    expect(summary).toMatchObject({ state: "halted", failed: 3 });
    expect(begunIn(batch).flatMap(({ keys }) => keys).length).toBeGreaterThan(summary.entities);
  });

  it("[BA30] an interruption begins nothing more, leaves what is under way its time, and ends it then", async () => {
    const slow = scriptedBatch({
      records: 100,
      entityMs: 1000,
      request: { strategy: "threads", concurrency: 2, chunkEntities: 4 },
    });
    const run = startBatch(slow.request);
    await slow.clock.advance(20_500);
    const begun = begunIn(slow).length;
    run.interrupt(5000);
    const summary = await slow.clock.runUntil(run.summary);
    expect(begunIn(slow)).toHaveLength(begun);
    expect(summary.state).toBe("interrupted");
    expect(summary.entities).toBeGreaterThan(0);
    expect(summary.open).toBe(100 - summary.entities);
    expect(slow.clock.now()).toBeLessThanOrEqual(25_500);
    const resumed = await summaryOf(slow);
    expect(resumed).toMatchObject({ run: summary.run, state: "succeeded", succeeded: 100 });
    expect(resumed.open).toBeUndefined();
  });

  it("[BA30] whatever it is doing: waiting to begin, or computing the sample", async () => {
    for (const [delayMs, afterMs] of [
      [60_000, 1000],
      [0, 300],
    ] as const) {
      const batch = scriptedBatch({ records: 300, entityMs: 100, policy: { delayMs } });
      const run = startBatch(batch.request);
      await batch.clock.advance(afterMs);
      run.interrupt(5000);
      const summary = await batch.clock.runUntil(run.summary);
      expect(summary.state).toBe("interrupted");
      expect(batch.clock.now()).toBeLessThan(afterMs + 1000);
      expect(summary.entities).toBeLessThan(6);
      expect(await summaryOf(batch)).toMatchObject({ run: summary.run, state: "succeeded", succeeded: 300 });
    }
  });

  it("[BA69] [BA70] a resumed run is kept under what computes it now, and says that chunks stay", async () => {
    const batch = scriptedBatch({
      records: 60,
      entityMs: 20,
      request: { strategy: "threads", concurrency: 2 },
    });
    const run = startBatch(batch.request);
    await batch.clock.advance(300);
    run.interrupt(0);
    await batch.clock.runUntil(run.summary);
    const { ledger } = batch.request;
    expect(await ledger.query.run("last")).toMatchObject({ strategy: "threads", concurrency: 2 });
    const changes = {
      strategy: "sequential",
      concurrency: 1,
      chunkEntities: 7,
      pricePerCpuSecond: 1,
    } as const;
    await summaryOf({ ...batch, request: { ...batch.request, ...changes } });
    expect(await ledger.query.run("last")).toMatchObject({
      run: run.run,
      strategy: "sequential",
      concurrency: 1,
      chunkEntities: 4,
      plan: { measures: { pricePerCpuSecond: 1 } },
    });
    expect(told(batch, "planned").map(({ goesOn }) => goesOn)).toEqual([
      undefined,
      { strategy: "sequential", concurrency: 1 },
    ]);
    expect(told(batch, "notice").map(({ message }) => message)).toEqual([
      "chunks stay at 4 entities, as the run was begun: 7 would be another run",
    ]);
  });

  it("a ledger that cannot be written ends the run", async () => {
    const batch = scriptedBatch({ records: 100 });
    const { ledger } = batch.request;
    const failing = {
      ...ledger,
      record: () => Promise.reject(new Error("the disk is full")),
    };
    const run = startBatch({ ...batch.request, ledger: failing });
    await expect(batch.clock.runUntil(run.summary)).rejects.toThrow("the disk is full");
  });
});
