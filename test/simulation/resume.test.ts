import { hostname } from "node:os";
import {
  createMemoryLedger,
  createSimulatedClock,
  type EntityRecord,
  type RunId,
  type ScriptedTry,
  scriptedProgram,
} from "@reckon/batch";
import fc from "fast-check";
import { expect, it } from "vitest";
import { cases } from "../properties/cases.ts";
import { beginScripted, contentOf, runScripted } from "./scripted-run.ts";

/** A lease holds until its last millisecond. */
const leaseMs = 30_001;
const records = (count: number): EntityRecord[] => Array.from({ length: count }, (_, i) => ({ id: `p${i}` }));

/** Some of everything, the same for the same entity and attempt. */
function mixedScript(key: string, attempt: number): ScriptedTry {
  const number = Number(key.slice(1));
  switch (number % 23) {
    case 3:
      return { kind: attempt < 3 ? "fail" : "succeed" };
    case 7:
      return { kind: "fail" };
    case 11:
      return { kind: attempt === 1 ? "crash" : "succeed" };
    case 13:
      return { kind: "refuse" };
    case 17:
      return { kind: "throw" };
    case 19:
      return { kind: attempt === 2 ? "succeed" : "hang" };
    default:
      return { kind: "succeed", ms: number % 4, value: number * 1.5 };
  }
}

const policy = { timeoutMs: 40 };

async function quietContent(count: number): Promise<unknown> {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  const { run } = await runScripted({ clock, ledger, records: records(count), script: mixedScript, policy });
  return contentOf(ledger, run);
}

it("[BA31] killed, interrupted and resumed at any points, a run ends with the ledger of a quiet one, and nothing that has ended runs again", async () => {
  const quiet = await quietContent(120);
  let resumedInMidRun = 0;
  const ending = fc.record({ afterMs: fc.integer({ min: 0, max: 400 }), isKill: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(ending, { minLength: 1, maxLength: 5 }), async (endings) => {
      const clock = createSimulatedClock();
      const ledger = createMemoryLedger({ clock });
      const options = { clock, ledger, records: records(120), script: mixedScript, policy };
      const ended = new Map<string, string>();
      for (const { afterMs, isKill } of endings) {
        const session = beginScripted(options);
        session.summary.catch(() => undefined);
        await clock.advance(afterMs);
        if (isKill) session.kill();
        else {
          session.interrupt(10);
          await clock.advance(20);
          await session.summary;
        }
        for (const { begun } of session.runners)
          for (const { keys } of begun) for (const key of keys) expect(ended.get(key)).toBeUndefined();
        await noteEnded();
        await clock.advance(leaseMs);
        if (await isThrough()) break;
        if (ended.size > 0) resumedInMidRun++;
      }
      const run = (await ledger.query.run("last"))?.run as string;
      if (await isThrough()) {
        expect(await contentOf(ledger, run)).toEqual(quiet);
        return;
      }
      const session = beginScripted(options);
      const summary = await clock.runUntil(session.summary);
      for (const { begun } of session.runners)
        for (const { keys } of begun) for (const key of keys) expect(ended.get(key)).toBeUndefined();
      expect(await contentOf(ledger, summary.run)).toEqual(quiet);
      expect(await ledger.query.runs({})).toHaveLength(1);

      async function isThrough(): Promise<boolean> {
        const state = (await ledger.query.run("last"))?.state;
        return state === "succeeded" || state === "failed";
      }
      async function noteEnded(): Promise<void> {
        const run = (await ledger.query.run("last"))?.run;
        if (run === undefined) return;
        for await (const page of ledger.query.results(run as RunId))
          for (const { key, state } of page) ended.set(key, state);
      }
    }),
    cases(40),
  );
  expect(resumedInMidRun).toBeGreaterThan(0);
});

it("[BA32] with another program, or another row that had been computed, another run begins, and says why", async () => {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  const options = { clock, ledger, records: records(100), entityMs: 10 };
  const first = beginScripted(options);
  await clock.advance(200);
  first.interrupt(0);
  const { run } = await clock.runUntil(first.summary);

  await clock.advance(2000);
  const program = { ...scriptedProgram, key: "1".repeat(64) };
  const second = beginScripted({ ...options, request: { program } });
  await clock.advance(100);
  second.interrupt(0);
  const other = await clock.runUntil(second.summary);
  expect(other.run).not.toBe(run);
  expect(second.events.find(({ kind }) => kind === "notice")).toMatchObject({
    message: expect.stringContaining("the model, or what it is computed with, has changed"),
  });

  await clock.advance(2000);
  const changed = records(100);
  changed[0] = { id: "p0", minutes: 7 };
  const third = beginScripted({ ...options, request: { program }, records: changed });
  const last = await clock.runUntil(third.summary);
  expect(last).toMatchObject({ state: "succeeded", succeeded: 100 });
  expect(last.run).not.toBe(other.run);
  expect(third.events.find(({ kind }) => kind === "notice")).toMatchObject({
    message: expect.stringContaining("rows of records have changed"),
  });
});

it("[BA32] with rows in another order, or a failed one corrected, another run begins", async () => {
  for (const change of [
    (rows: EntityRecord[]) => rows.reverse(),
    (rows: EntityRecord[]) => rows.with(2, { id: "p2", minutes: 7 }),
  ]) {
    const clock = createSimulatedClock();
    const ledger = createMemoryLedger({ clock });
    const script = (key: string): ScriptedTry => ({ kind: key === "p2" ? "fail" : "succeed" });
    const options = { clock, ledger, script, entityMs: 30 };
    const first = beginScripted({ ...options, records: records(100) });
    await clock.advance(900);
    first.interrupt(0);
    const before = await clock.runUntil(first.summary);
    expect(before).toMatchObject({ state: "interrupted", failed: 1 });
    await clock.advance(2000);
    const second = beginScripted({ ...options, records: change(records(100)) });
    expect((await clock.runUntil(second.summary)).run).not.toBe(before.run);
  }
});

it("[BA33] failed entities are run again with fresh attempts, the others are not", async () => {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  let isMended = false;
  const script = (key: string): ScriptedTry => {
    const number = Number(key.slice(1));
    return { kind: number % 10 === 4 && (!isMended || number === 24) ? "fail" : "succeed" };
  };
  const options = { clock, ledger, records: records(100), script };
  const first = await runScripted(options);
  expect(first).toMatchObject({ state: "failed", failed: 10 });

  isMended = true;
  const session = beginScripted({ ...options, request: { resume: "retry-failed" } });
  const second = await clock.runUntil(session.summary);
  expect(second).toMatchObject({ run: first.run, failed: 1, succeeded: 99 });
  const begun = session.runners.flatMap((runner) => runner.begun.flatMap(({ keys }) => keys));
  const failed = records(100)
    .map(({ id }) => id as string)
    .filter((id) => Number(id.slice(1)) % 10 === 4);
  expect(begun.filter((key) => key !== "p24").sort()).toEqual(failed.filter((key) => key !== "p24").sort());
  expect(begun.filter((key) => key === "p24")).toHaveLength(3);
  const states = new Map<string, number>();
  for await (const page of ledger.query.entities(first.run as RunId))
    for (const { key, attempts } of page) states.set(key, attempts);
  expect([states.get("p4"), states.get("p24"), states.get("p5")]).toEqual([4, 6, 1]);

  const third = await runScripted({ ...options, request: { resume: "never" } });
  expect(third.run).not.toBe(first.run);
  expect(third).toMatchObject({ succeeded: 99, failed: 1 });
  const none = beginScripted({
    ...options,
    request: { resume: "retry-failed", program: { ...scriptedProgram, axis: "club" } },
  });
  await expect(clock.runUntil(none.summary)).rejects.toMatchObject({ code: "unknown-run" });
});

it.each([
  [0, 4],
  [4, 0],
  [2, 1],
])("[BA33] attempts are fresh with other retries than before: %i, then %i", async (before, after) => {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  const script = (key: string): ScriptedTry => ({ kind: key === "p4" ? "fail" : "succeed" });
  const ofRetries = (retries: number) => ({
    retry: { attemptsMax: retries + 1, firstMs: 100, factor: 2, longestMs: 1000, jitter: 0 },
  });
  const options = { clock, ledger, records: records(20), script };
  const first = await runScripted({ ...options, policy: ofRetries(before) });
  const attempts = async () => (await ledger.attempts(first.run as RunId, ["p4"])).get("p4")?.all;
  expect(await attempts()).toBe(before + 1);
  const session = beginScripted({
    ...options,
    policy: ofRetries(after),
    request: { resume: "retry-failed" },
  });
  // Once it has failed the first time of its round, the run is interrupted: the round goes on where it was.
  if (after > 1) {
    await clock.advance(50);
    session.interrupt(0);
    expect(await clock.runUntil(session.summary)).toMatchObject({ state: "interrupted" });
    expect(await attempts()).toBe(before + 2);
    await clock.advance(60_000);
    await runScripted({ ...options, policy: ofRetries(after) });
  } else await clock.runUntil(session.summary);
  expect(await attempts()).toBe(before + 1 + after + 1);
});

it("[BA33] a failed entity whose row was corrected is run again in the same run, alone; where another row differs another run begins", async () => {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  let isMended = false;
  const script = (key: string): ScriptedTry => ({ kind: key === "p24" && !isMended ? "fail" : "succeed" });
  const options = { clock, ledger, records: records(60), script };
  const first = await runScripted(options);
  expect(first).toMatchObject({ state: "failed", failed: 1 });

  isMended = true;
  const changed = (at: string): EntityRecord[] =>
    records(60).map((record) => (record.id === at ? { ...record, x: 1 } : record));
  const other = beginScripted({ ...options, records: changed("p5"), request: { resume: "retry-failed" } });
  expect((await clock.runUntil(other.summary)).run).not.toBe(first.run);

  isMended = false;
  await clock.advance(1000);
  const failing = await runScripted({ ...options, request: { resume: "never" } });
  isMended = true;
  const session = beginScripted({ ...options, records: changed("p24"), request: { resume: "retry-failed" } });
  expect(await clock.runUntil(session.summary)).toMatchObject({ run: failing.run, succeeded: 60, failed: 0 });
  expect(session.runners.flatMap((runner) => runner.begun.flatMap(({ keys }) => keys))).toEqual(["p24"]);
  const deepKeys = new Set<string>();
  for await (const page of ledger.query.entities(failing.run as RunId))
    for (const { deepKey } of page) deepKeys.add(deepKey);
  expect(deepKeys.size).toBe(60);
});

it("[BA33] invalid entities whose rows were corrected are run again with the failed ones; those that were not stay", async () => {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  let corrected: readonly string[] = [];
  const script = (key: string): ScriptedTry =>
    corrected.includes(key)
      ? { kind: "succeed" }
      : { kind: ["p3", "p33"].includes(key) ? "refuse" : key === "p24" ? "fail" : "succeed" };
  const options = { clock, ledger, records: records(60), script };
  const first = await runScripted(options);
  expect(first).toMatchObject({ state: "failed", failed: 1, invalid: 2 });

  corrected = ["p33", "p24"];
  const rows = records(60).map((record) => (record.id === "p33" ? { ...record, x: 1 } : record));
  const session = beginScripted({ ...options, records: rows, request: { resume: "retry-failed" } });
  const summary = await clock.runUntil(session.summary);
  expect(summary).toMatchObject({ run: first.run, state: "failed", succeeded: 59, failed: 0, invalid: 1 });
  const begun = session.runners.flatMap((runner) => runner.begun.flatMap(({ keys }) => keys));
  expect(begun.sort()).toEqual(["p24", "p33"]);
  const { entities } = (await contentOf(ledger, first.run)) as {
    entities: { key: string; state: string; attempts: number }[];
  };
  expect(entities.filter(({ attempts, state }) => attempts !== 1 || state !== "succeeded")).toMatchObject([
    { key: "p3", state: "invalid", attempts: 1 },
    { key: "p24", state: "succeeded", attempts: 4 },
  ]);

  // Without the option the run is as it was, and a corrected row is a reason for another one.
  const plain = await runScripted({ ...options, records: rows });
  expect(plain.run).not.toBe(first.run);
});

it("[BA34] a second process is refused with who has the run; a killed one's lease runs out after 30 seconds", async () => {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  const options = { clock, ledger, records: records(2000), entityMs: 100 };
  const first = beginScripted(options);
  await clock.advance(45_000);
  const owner = (await ledger.query.run("last"))?.owner as string;
  expect(owner).toContain(`/${process.pid}/`);
  const second = beginScripted(options);
  await expect(clock.runUntil(second.summary)).rejects.toMatchObject({
    code: "run-held",
    message: expect.stringContaining(owner),
  });
  first.kill();
  await clock.advance(19_000);
  await expect(clock.runUntil(beginScripted(options).summary)).rejects.toMatchObject({ code: "run-held" });
  await clock.advance(11_000);
  const third = beginScripted(options);
  await clock.advance(1000);
  expect(third.events[0]).toMatchObject({ kind: "began", isResumed: true });
  third.interrupt(0);
  await clock.runUntil(third.summary);
});

it("[BA34] the lease of a process of this machine that is gone is taken over at once", async () => {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  const options = { clock, ledger, records: records(2000), entityMs: 100 };
  const first = beginScripted(options);
  await clock.advance(2000);
  first.kill();
  const { run } = (await ledger.query.run("last")) as { run: RunId };
  const nobody = 2 ** 31 - 2;
  for (const [owner, isFree] of [
    [`elsewhere/${nobody}/1`, false],
    [`${hostname()}/${nobody}/1`, true],
  ] as const) {
    await clock.advance(leaseMs);
    expect(await ledger.holdRun(run, owner, 30_000)).toBe(true);
    const session = beginScripted(options);
    session.summary.catch(() => undefined);
    await clock.advance(100);
    expect([owner, session.events[0]?.kind]).toEqual([owner, isFree ? "began" : undefined]);
    session.kill();
  }
});

it("[BA34] who has lost the lease stops", async () => {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  const keepRun: typeof ledger.keepRun = async (run, owner, forMs) =>
    clock.now() < 25_000 && (await ledger.keepRun(run, owner, forMs));
  const session = beginScripted({
    clock,
    ledger: { ...ledger, keepRun },
    records: records(2000),
    entityMs: 100,
  });
  await expect(clock.runUntil(session.summary)).rejects.toMatchObject({ code: "taken-over" });
  expect(clock.now()).toBeLessThan(31_000);
});

it("[BA35] what an earlier run has computed under the same keys is skipped, and only what has changed is computed", async () => {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  const script = (key: string): ScriptedTry => ({
    kind: key === "p9" ? "fail" : "succeed",
    value: key.length * 2,
  });
  const options = { clock, ledger, records: records(60), script };
  await runScripted(options);
  await clock.advance(1000);
  const changed = records(60);
  changed[17] = { id: "p17", minutes: 3 };
  changed.reverse();
  const session = beginScripted({ ...options, records: changed, request: { skipUnchanged: true } });
  const summary = await clock.runUntil(session.summary);
  expect(summary).toMatchObject({ entities: 60, skipped: 58, succeeded: 1, failed: 1, state: "failed" });
  const begun = session.runners.flatMap((runner) => runner.begun.flatMap(({ keys }) => keys));
  expect([...new Set(begun)].sort()).toEqual(["p17", "p9"]);
  const { entities } = (await contentOf(ledger, summary.run)) as {
    entities: { key: string; position: number; value: number }[];
  };
  expect(entities.find(({ key }) => key === "p21")).toMatchObject({ position: 38, value: 6 });
});

it("[BA60] a resumed run forms the same chunks, whatever size is asked for then", async () => {
  const ids = async (interruptAtMs: number | undefined, chunkEntities: number): Promise<Set<string>> => {
    const clock = createSimulatedClock();
    const ledger = createMemoryLedger({ clock });
    const options = { clock, ledger, records: records(200), entityMs: 5, request: { chunkEntities: 7 } };
    const first = beginScripted(options);
    const runners = [...[]] as (typeof first.runners)[number][];
    if (interruptAtMs !== undefined) {
      await clock.advance(interruptAtMs);
      first.interrupt(0);
    }
    await clock.runUntil(first.summary);
    runners.push(...first.runners);
    if (interruptAtMs !== undefined) {
      const again = beginScripted({ ...options, request: { chunkEntities } });
      await clock.runUntil(again.summary);
      runners.push(...again.runners);
    }
    return new Set(runners.flatMap(({ begun }) => begun.map(({ id }) => id)));
  };
  const quiet = await ids(undefined, 7);
  expect(quiet.has("c5-a1")).toBe(true);
  expect(await ids(150, 3)).toEqual(quiet);
});
