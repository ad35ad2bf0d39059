/** A whole batch whose ledger is on a PostgreSQL that is stopped and started again in mid-run. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingFor, startPostgres, type TestServer } from "../contracts/servers.ts";
import { calls, overStores, storesPlace, summaryOf } from "./batch-place.ts";

const missing = missingFor("postgres");

it("has its server on a build server", () => {
  if (process.env.CI === "true") expect(missing).toBeUndefined();
});

// Skipped where the server is not installed; .ci/run installs it.
describe.skipIf(missing !== undefined)("a batch with its ledger on PostgreSQL", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.end());

  it("[LE26] goes on when the server is there again: every entity is computed once, and the file is the same", async () => {
    const place = storesPlace({ stores: 60, ms: 20 });
    const args = [...overStores, "--strategy", "sequential", "--chunk", "1"];
    const running = place.start([...args, "--ledger", server.url, "--out", "away.csv"]);
    await running.output(/"succeeded":[1-9]/);
    await server.stop();
    await running.message(/does not answer: it is waited for, up to 60 seconds\n/);
    await server.start();
    const { code, stdout, stderr } = await running.wait();
    expect([code, summaryOf(stdout)]).toMatchObject([0, { state: "succeeded", succeeded: 60, sessions: 1 }]);
    expect(stderr).toContain("is there again\n");
    expect(stderr).not.toContain("right");
    expect(calls(place)).toHaveLength(60);
    expect(place.reckon([...args, "--ledger", "off", "--out", "here.csv"]).code).toBe(0);
    expect(readFileSync(place.path("away.csv"), "utf8")).toBe(readFileSync(place.path("here.csv"), "utf8"));
  });
});
