/** Leases of runs in a ledger on PostgreSQL, where processes of several machines meet. */
import { openLedger } from "@reckon/batch";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runStart } from "./ledger-samples.ts";
import { missingFor, startPostgres, statement, type TestServer } from "./servers.ts";

const missing = missingFor("postgres");
const start = runStart(1);
const { run } = start;

it("has its server on a build server", () => {
  if (process.env.CI === "true") expect(missing).toBeUndefined();
});

// Skipped where the server is not installed; .ci/run installs it.
describe.skipIf(missing !== undefined)("leases on PostgreSQL", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.end());
  beforeEach(() => {
    statement(server, "SET client_min_messages TO warning; DROP SCHEMA IF EXISTS reckon CASCADE");
  });

  const withClockOff = (ms: number) => openLedger(server.url, { clock: { date: () => Date.now() + ms } });

  it("[LE30] go by the clock of the server, whatever time it is where a process runs", async () => {
    const one = await withClockOff(0);
    await one.beginRun(start);
    expect(await one.holdRun(run, "one", 600_000)).toBe(true);
    for (const ms of [3_600_000, -3_600_000]) {
      const other = await withClockOff(ms);
      expect(await other.holdRun(run, "other", 600_000)).toBe(false);
      expect((await other.query.runs({})).map(({ state, owner }) => [state, owner])).toEqual([
        ["running", "one"],
      ]);
      expect((await other.forget({ runs: [run] })).kept).toEqual([{ run, because: "held" }]);
      await other.close();
    }
    expect(await one.keepRun(run, "one", -1)).toBe(true);
    const late = await withClockOff(-3_600_000);
    expect(await late.holdRun(run, "late", 600_000)).toBe(true);
    expect((await one.query.run(run))?.owner).toBe("late");
    await late.close();
    await one.close();
  });

  it("[LE30] are kept while the thread that conducts the run stands still", async () => {
    const ledger = await withClockOff(-3_600_000);
    await ledger.beginRun(start);
    await ledger.holdRun(run, "one", 600_000);
    const untilMs = () => Number(statement(server, "SELECT owner_until_ms FROM reckon.runs"));
    const stop = ledger.guardRun?.(run, "one", 600_000, 10);
    // Nothing but a thread does anything meanwhile.
    for (let last = untilMs(), kept = 0; kept < 2; ) {
      const next = untilMs();
      if (next > last) kept++;
      last = next;
    }
    stop?.();
    expect(await ledger.holdRun(run, "two", 600_000)).toBe(false);
    await ledger.close();
  });
});
