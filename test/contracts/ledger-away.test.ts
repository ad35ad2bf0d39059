/** A ledger on a PostgreSQL that goes away while a run is held, and is there again; or is not. */
import { openLedger, systemClock } from "@reckon/batch";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { recordOf, runStart, stateOf, summaryOf } from "./ledger-samples.ts";
import { missingFor, startPostgres, statement, type TestServer } from "./servers.ts";
import { Wire } from "./wire.ts";

const missing = missingFor("postgres");
const start = runStart(1);
const { run } = start;
const clock = { date: () => Date.UTC(2026, 10, 21, 15) };
const records = [
  recordOf({ of: [0, 1, 2], ends: { 1: "open" } }),
  recordOf({ of: [3, 4], ends: { 4: "failed" } }),
  recordOf({ of: [1], attempt: 2 }),
];

it("has its server on a build server", () => {
  if (process.env.CI === "true") expect(missing).toBeUndefined();
});

// Skipped where the server is not installed; .ci/run installs it.
describe.skipIf(missing !== undefined)("a ledger on PostgreSQL", () => {
  let server: TestServer;
  let wire: Wire;
  let notices: string[];

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.end());
  beforeEach(async () => {
    statement(server, "SET client_min_messages TO warning; DROP SCHEMA IF EXISTS reckon CASCADE");
    wire = await Wire.to(server.url);
    notices = [];
  });
  afterEach(() => wire.close());

  const open = (isPatient = true) => {
    const patience = { clock: systemClock, onNotice: (message: string) => void notices.push(message) };
    return openLedger(wire.url, { clock, ...(isPatient ? { patience } : {}) });
  };

  /** What a ledger holds that was never away. */
  const undisturbed = async (): Promise<unknown> => {
    const ledger = await openLedger("memory", { clock });
    await ledger.beginRun(start);
    await ledger.holdRun(run, "owner", 30_000);
    for (const record of records) await ledger.record(run, [record], "owner");
    await ledger.endRun(run, "failed", summaryOf(start), "owner");
    const state = await stateOf(ledger, run);
    await ledger.close();
    return state;
  };

  it("[LE26] goes on when its server was stopped and started again, and tells once that it waited", async () => {
    const ledger = await open();
    await ledger.beginRun(start);
    await ledger.holdRun(run, "owner", 30_000);
    const [first, ...others] = records;
    if (first === undefined) throw new Error("there is no record");
    await ledger.record(run, [first], "owner");
    await server.stop();
    const rest = (async () => {
      for (const record of others) await ledger.record(run, [record], "owner");
    })();
    const held = ledger.keepRun(run, "owner", 30_000);
    while (notices.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await server.start();
    await rest;
    expect(await held).toBe(true);
    await ledger.endRun(run, "failed", summaryOf(start), "owner");
    expect(await stateOf(ledger, run)).toEqual(await undisturbed());
    await ledger.close();
    expect(notices).toEqual([
      expect.stringMatching(/^The ledger postgres:\S+ does not answer: it is waited for, up to 60 seconds$/),
      expect.stringMatching(/^The ledger postgres:\S+ is there again$/),
    ]);
    expect(notices.join()).not.toContain("right");
  });

  it.each(["record", "end"])(
    "[LE27] has a %s once that was committed although nobody heard of it",
    async (what) => {
      const ledger = await open();
      await ledger.beginRun(start);
      await ledger.holdRun(run, "owner", 30_000);
      for (const record of records) {
        const lost = what === "record" ? wire.loseAnswerTo("COMMIT") : Promise.resolve();
        await ledger.record(run, [record], "owner");
        await lost;
      }
      const lost = what === "end" ? wire.loseAnswerTo("COMMIT") : Promise.resolve();
      await ledger.endRun(run, "failed", summaryOf(start), "owner");
      await lost;
      expect(await stateOf(ledger, run)).toEqual(await undisturbed());
      await ledger.close();
      expect(notices.length).toBe(what === "record" ? 6 : 2);
    },
  );

  it("[LE26] fails at once where nothing was computed yet, and where nobody waits", async () => {
    for (const isPatient of [true, false]) {
      const ledger = await open(isPatient);
      await ledger.beginRun(start, isPatient ? undefined : "owner");
      await ledger.holdRun(run, "owner", 30_000);
      await server.stop();
      try {
        const refused = isPatient ? ledger.finished(run, ["a"]) : ledger.record(run, [...records], "owner");
        await expect(refused).rejects.toMatchObject({
          code: "ledger",
          message: expect.stringMatching(/^The ledger \S+ does not answer; check/),
        });
      } finally {
        await server.start();
      }
      await ledger.close();
    }
    expect(notices).toEqual([]);
  });
});
