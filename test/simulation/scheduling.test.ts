/**
 * The whole of scheduling against everything that may happen, by seeds: a failing one is replayed by its number.
 */
import {
  type BatchEvent,
  createMemoryLedger,
  createSimulatedClock,
  type EntityRecord,
  type Ledger,
  openLedger,
  type RunId,
  type ScriptedTry,
  seededRandom,
} from "@reckon/batch";
import { describe, expect, it } from "vitest";
import { openChaoticQueue } from "./chaotic-queue.ts";
import { beginScripted, contentOf, runScripted } from "./scripted-run.ts";

const leaseMs = 30_001;
const seeds = Array.from({ length: Number(process.env["RECKON_CASES"] ?? 25) }, (_, i) => i + 1);

/** By seed, entity and attempt, whatever else happens. */
function scriptOf(seed: number): (key: string, attempt: number) => ScriptedTry {
  return (key, attempt) => {
    const random = seededRandom(seed * 7919 + Number(key.slice(1)) * 31 + attempt * 1009);
    const kind = random();
    const ms = Math.floor(random() * 6);
    if (kind < 0.1) return { kind: "fail", ms };
    if (kind < 0.12) return { kind: "crash", ms };
    if (kind < 0.14) return { kind: "memory", ms };
    if (kind < 0.16) return { kind: "throw", ms };
    if (kind < 0.18) return { kind: "hang" };
    // What does not fit never does.
    if (seededRandom(seed * 31 + Number(key.slice(1)))() < 0.04) return { kind: "refuse", ms };
    return { kind: "succeed", ms, value: Number(key.slice(1)) * 1.5 };
  };
}

/** Some rows are no entities: a blank key, and one that is there already. */
function recordsOf(count: number): EntityRecord[] {
  const records: EntityRecord[] = Array.from({ length: count }, (_, i) => ({ id: `p${i}` }));
  records[11] = { id: null };
  records[23] = { id: "p5" };
  return records;
}

const policy = { timeoutMs: 40 };

async function quiet(seed: number, count: number): Promise<unknown> {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  const { run } = await runScripted({
    clock,
    ledger,
    records: recordsOf(count),
    script: scriptOf(seed),
    policy,
    request: { strategy: "sequential" },
  });
  return await contentOf(ledger, run);
}

async function countsAddUp(ledger: Ledger): Promise<void> {
  const details = await ledger.query.run("last");
  if (details === undefined) return;
  const { entities, succeeded, failed, invalid, skipped } = details.counts;
  expect(succeeded + failed + invalid + skipped).toBe(entities);
  const keys = new Set<string>();
  let rows = 0;
  for await (const page of ledger.query.results(details.run as RunId))
    for (const { key } of page) {
      rows++;
      keys.add(key);
    }
  expect([rows, keys.size]).toEqual([entities, entities]);
}

describe("scheduling", () => {
  it.each(seeds)(
    "[BA25] [BA26] [BA31] [LE6] ends every entity once in whatever way things go wrong, as in a quiet run (seed %i)",
    async (seed) => {
      const count = 60 + (seed % 5) * 20;
      const expected = await quiet(seed, count);
      const random = seededRandom(seed);
      const clock = createSimulatedClock();
      // The oracle has the ledger in memory; every third one is held against it in SQLite.
      const ledger = seed % 3 === 0 ? await openLedger("memory", { clock }) : createMemoryLedger({ clock });
      const script = scriptOf(seed);
      const queue = openChaoticQueue({ clock, random, script, workers: 3, chaos: 1 });
      const ends: string[] = [];
      for (let session = 0; session < 40; session++) {
        const isLast = session >= 6;
        const isHalting = !isLast && random() < 0.3;
        const run = beginScripted({
          clock,
          ledger,
          records: recordsOf(count),
          script,
          seed: session,
          policy: {
            ...policy,
            ...(isHalting ? { halt: { when: random() < 0.5 ? "soon" : "now", fail: { count: 3 } } } : {}),
          },
          request: { strategy: random() < 0.7 ? "cluster" : "threads", queue: queue.connect() },
        });
        const ended = run.summary.then(
          ({ state }) => state,
          (error: unknown) => (error instanceof Error ? error.message : "?"),
        );
        if (!isLast) {
          await clock.advance(random() * 800);
          if (random() < 0.5) run.kill();
          else run.interrupt(random() * 100);
          await clock.advance(leaseMs);
          ends.push(await Promise.race([ended, Promise.resolve("killed")]));
        } else ends.push(await clock.runUntil(ended));
        await countsAddUp(ledger);
        const last = ends.at(-1) as string;
        expect(last).toMatch(/^(succeeded|failed|halted|interrupted|killed)$/);
        if (last === "succeeded" || last === "failed") break;
      }
      expect(["succeeded", "failed"]).toContain(ends.at(-1));
      const run = (await ledger.query.run("last"))?.run as string;
      expect(await contentOf(ledger, run)).toEqual(expected);
      expect(await ledger.query.runs({})).toHaveLength(1);
      await queue.close();
      await ledger.close();
    },
  );

  it("[BA27] equal seeds give the same schedule, event by event", async () => {
    const schedule = async (seed: number): Promise<unknown> => {
      const clock = createSimulatedClock();
      const ledger = createMemoryLedger({ clock });
      const events: { readonly atMs: number; readonly event: BatchEvent }[] = [];
      const session = beginScripted({
        clock,
        ledger,
        records: recordsOf(150),
        script: scriptOf(3),
        policy,
        seed,
        request: { onEvent: (event) => events.push({ atMs: clock.now(), event }) },
      });
      await clock.runUntil(session.summary);
      const begun = session.runners.flatMap((runner) => runner.begun);
      return JSON.parse(JSON.stringify([begun, events]).replaceAll(/\d{8}T\d{6}-[0-9a-f]{6}/g, "run"));
    };
    const first = await schedule(4);
    expect(await schedule(4)).toEqual(first);
    expect(await schedule(5)).not.toEqual(first);
  });

  it("[BA30] a queue that answers nothing any more does not keep a run from ending", async () => {
    const clock = createSimulatedClock();
    const ledger = createMemoryLedger({ clock });
    const script = (): ScriptedTry => ({ kind: "succeed", ms: 30 });
    const queue = openChaoticQueue({ clock, random: () => 1, script, workers: 2, chaos: 0 });
    const port = queue.connect();
    let isHanging = false;
    const hanging = <Arguments extends unknown[], Answer>(ask: (...given: Arguments) => Promise<Answer>) => {
      return (...given: Arguments): Promise<Answer> =>
        isHanging ? new Promise<Answer>(() => undefined) : ask(...given);
    };
    const { jobs } = port;
    const session = beginScripted({
      clock,
      ledger,
      records: recordsOf(80),
      script,
      request: {
        strategy: "cluster",
        queue: {
          ...port,
          jobs: {
            ...jobs,
            enqueue: hanging(jobs.enqueue),
            withdraw: hanging(jobs.withdraw),
            cancel: hanging(jobs.cancel),
            forget: hanging(jobs.forget),
          },
        },
        chunkEntities: 2,
      },
      policy: { rate: { jobsMax: 20, perMs: 1000 } },
    });
    await clock.advance(1600);
    isHanging = true;
    const stoppedMs = clock.now();
    session.interrupt(5000);
    expect(await clock.runUntil(session.summary)).toMatchObject({ state: "interrupted" });
    expect(clock.now() - stoppedMs).toBeLessThanOrEqual(10_500);
    await queue.close();
  });

  it("[BA29] what a queue has forgotten while it was away is sent again, and answers that came meanwhile are taken", async () => {
    const clock = createSimulatedClock();
    const ledger = createMemoryLedger({ clock });
    const script = (): ScriptedTry => ({ kind: "succeed", ms: 15 });
    const queue = openChaoticQueue({ clock, random: () => 1, script, workers: 2, chaos: 0 });
    const port = queue.connect();
    const listeners = new Set<Parameters<typeof port.jobs.events>[0]>();
    let isDeaf = false;
    const jobs: typeof port.jobs = {
      ...port.jobs,
      events: (listener) => {
        listeners.add(listener);
        return port.jobs.events((event) => {
          if (!isDeaf) listener(event);
        });
      },
    };
    const session = beginScripted({
      clock,
      ledger,
      records: recordsOf(80),
      script,
      request: { strategy: "cluster", queue: { ...port, jobs }, chunkEntities: 2 },
    });
    await clock.advance(600);
    isDeaf = true;
    const waiting = (await jobs.counts()).waiting;
    expect(waiting).toBeGreaterThan(0);
    // Some of what is in hand is computed unheard, the rest is forgotten.
    await clock.advance(150);
    const ids = [...Array(40)].map((_, i) => `${(session.events[0] as { run: string }).run}-c${i}-a1`);
    await jobs.withdraw(ids as never);
    await clock.advance(600);
    expect((await jobs.counts()).active + (await jobs.counts()).waiting).toBe(0);
    isDeaf = false;
    for (const listener of listeners) listener({ kind: "connected", message: "there again" });
    const summary = await clock.runUntil(session.summary);
    expect(summary).toMatchObject({ state: "succeeded", succeeded: 78 });
    // What is in the ledger is forgotten on the queue.
    expect(await jobs.counts()).toMatchObject({ waiting: 0, active: 0, finished: 0 });
    const computed = queue.runners.flatMap(({ begun }) => begun.flatMap(({ keys }) => keys));
    expect(computed).toHaveLength(new Set(computed).size);
    await queue.close();
  });
});
