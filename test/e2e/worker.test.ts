import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { type JobId, systemClock } from "@reckon/batch";
import { createBullmqJobEngine, protocolVersion } from "@reckon/cluster";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingFor, startPostgres, startRedis, type TestServer } from "../contracts/servers.ts";
import { overStores, storesPlace, summaryOf } from "./batch-place.ts";
import type { Place } from "./command-line.ts";

const kinds = [
  ["redis", startRedis],
  ["postgres", startPostgres],
] as const;

describe.each(kinds)("with %s", (kind, start) => {
  const missing = missingFor(kind);
  it("has its programs on a build server", () => {
    if (process.env.CI === "true") expect(missing).toBeUndefined();
  });

  // Skipped where the server is not installed; .ci/run installs it.
  describe.skipIf(missing !== undefined)("a worker", () => workerTests(start));
});

function workerTests(start: () => Promise<TestServer>): void {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server?.end());

  it("[CL84] computes what a batch sends, the same values as here, and ends with what it did", async () => {
    const place = storesPlace({ stores: 40 });
    expect(place.reckon([...overStores, "--strategy", "sequential", "--out", "here.csv"]).code).toBe(0);
    const worker = place.start(["worker", "--queue", server.url, "--allow-unsigned", "--threads", "2"]);
    await worker.message(/ is ready on \S+ with 2 threads\n/);
    const args = [
      ...overStores,
      "--no-resume",
      "--strategy",
      "cluster",
      "--queue",
      server.url,
      "--out",
      "there.csv",
    ];
    const { code, stdout, stderr } = place.reckon(args);
    expect([code, summaryOf(stdout)]).toMatchObject([0, { strategy: "cluster", succeeded: 40 }]);
    expect(readFileSync(place.path("there.csv"), "utf8")).toBe(readFileSync(place.path("here.csv"), "utf8"));
    const ended = await worker.end("SIGTERM");
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/reckon: computed \d+ entities in \d+ chunks?\n$/);
    expect(stderr + ended.stderr).not.toContain("right");
    expect(stderr).toContain("is not signed");
  });

  it("[CL84] takes bundles that are signed by a key that it trusts, and says what it refuses", async () => {
    const place = storesPlace({ stores: 40 });
    const key = makeKey(place, "mine.pem");
    mkdirSync(place.path("trusted"));
    renameSync(place.path("mine.pub.pem"), place.path("trusted/mine.pub.pem"));
    const worker = place.start(["worker", "--queue", server.url, "--keys", "trusted", "--threads", "1"]);
    await worker.message(/ is ready on /);
    const args = [...overStores, "--no-resume", "--strategy", "cluster", "--queue", server.url];
    const signed = place.reckon(args, { env: { RECKON_SIGNING_KEY: key } });
    expect([signed.code, signed.stderr]).toEqual([0, ""]);
    const unsigned = place.start(args);
    await worker.message(/refused a bundle/);
    place.start(["worker", "--queue", server.url, "--allow-unsigned", "--threads", "1"]);
    const { code, stderr } = await unsigned.wait();
    expect(code).toBe(0);
    expect(stderr).toContain("is not signed (RECKON_SIGNING_KEY names no key)");
  });

  it("[CL85] [QU14] --limit sets what the queue gives out to all runs together, and each run says so", async () => {
    const place = storesPlace();
    const limit = (...rest: string[]) => place.reckon(["worker", "--queue", server.url, "--limit", ...rest]);
    const shown = server.url.replace(/[^/]+@/, "").replace(/(:\d+)\/.*$/, "$1");
    try {
      expect(limit("1200/min")).toMatchObject({
        code: 0,
        stdout: `the queue at ${shown} has a limit of 1200/min, in chunks, for all runs together\n`,
      });
      const worker = place.start(["worker", "--queue", server.url, "--allow-unsigned", "--threads", "1"]);
      await worker.message(/ is ready on /);
      const { code, stderr } = place.reckon([
        ...overStores,
        ...["--no-resume", "--strategy", "cluster", "--queue", server.url],
      ]);
      expect(code).toBe(0);
      expect(stderr).toContain(`The queue at ${shown} gives out 20 chunks a second at most`);
    } finally {
      expect(limit("off", "--json")).toMatchObject({ code: 0, stdout: '{"limit":null}\n' });
    }
  });

  it("[CL87] a worker whose events nobody reads any more ends, and another one takes what is left", async () => {
    const place = storesPlace({ stores: 40 });
    const work = ["worker", "--queue", server.url, "--allow-unsigned", "--threads", "1"];
    const unread = place.start([...work, "--json"]);
    await unread.output("\n");
    unread.closeOutput();
    const batch = place.start([...overStores, "--strategy", "cluster", "--queue", server.url]);
    const ended = await unread.wait();
    expect([ended.code, ended.stderr]).toEqual([
      0,
      expect.stringMatching(/reckon: computed \d+ entities in \d+ chunks?\n$/),
    ]);
    const other = place.start(work);
    await other.message(/ is ready on /);
    const { code, stdout } = await batch.wait();
    expect([code, summaryOf(stdout)]).toMatchObject([0, { succeeded: 40 }]);
  });

  it("[CL85] --dead and --requeue say what there is", () => {
    const place = storesPlace();
    const dead = place.reckon(["worker", "--queue", server.url, "--dead"]);
    expect([dead.code, dead.stdout, dead.stderr]).toEqual([0, "", "reckon: there are no dead letters\n"]);
    expect(place.json(["worker", "--queue", server.url, "--dead", "--json"])).toEqual([]);
    expect(place.reckon(["worker", "--queue", server.url, "--requeue"]).stdout).toBe("put 0 back\n");
  });

  it("[CL85] --dead lists what ended one worker after the other, with its entities, and --requeue puts it back", async () => {
    const v8 = process.versions.v8.split(".").slice(0, 2).join("_");
    const queue = `reckon-${protocolVersion}-e0_1-v${v8}`;
    const engine = await createBullmqJobEngine({ url: server.url, clock: systemClock, queue, lostMax: 0 });
    const keys = ["s1", "s2", "s3", "s4", "s5", "s6", "s7"];
    const table = { source: "stores.csv", rows: 0, columns: [], lines: [] };
    const inline = { id: "c0-a1", attempt: 1, keys, positions: keys.map((_, i) => i), table, sideTables: {} };
    const body = Buffer.from(
      JSON.stringify({ protocol: protocolVersion, run: "r", bundle: "b", chunk: { inline } }),
    );
    const [begun, dead] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    engine.events(({ kind }) => void (kind === "dead" && dead.resolve()));
    const consumption = await engine.consume(
      () => {
        begun.resolve();
        return new Promise<Uint8Array>(() => undefined);
      },
      { concurrency: 1, worker: "w" },
    );
    await engine.enqueue([{ id: "r-c0-a1" as JobId, group: "r", body, priority: 0 }]);
    await begun.promise;
    await consumption.stop(0);
    await dead.promise;
    await engine.close();
    const place = storesPlace();
    const list = ["worker", "--queue", server.url, "--dead"];
    expect(place.reckon(list).stdout).toMatch(
      /^r-c0-a1 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}lost once {2}s1, s2, s3, s4, s5 and 2 more\n$/,
    );
    expect(place.json([...list, "--json"])).toMatchObject([{ id: "r-c0-a1", run: "r", entities: keys }]);
    expect(place.reckon(["worker", "--queue", server.url, "--requeue"]).stdout).toBe("put 1 back\n");
    expect(place.json([...list, "--json"])).toEqual([]);
  });
}

function makeKey(place: Place, name: string): string {
  expect(place.reckon(["worker", "--new-key", name]).code).toBe(0);
  return place.path(name);
}

describe("keys and refusals", () => {
  it("[CL85] --new-key writes a pair, and overwrites nothing", () => {
    const place = storesPlace();
    const { code, stdout } = place.reckon(["worker", "--new-key", "signing.pem"]);
    expect(code).toBe(0);
    expect(stdout).toContain("signing.pub.pem: goes to the workers");
    expect(readFileSync(place.path("signing.pem"), "utf8")).toContain("PRIVATE KEY");
    expect(statSync(place.path("signing.pem")).mode & 0o077).toBe(0);
    expect(readFileSync(place.path("signing.pub.pem"), "utf8")).toContain("PUBLIC KEY");
    const again = place.reckon(["worker", "--new-key", "signing.pem"]);
    expect([again.code, again.stderr]).toEqual([
      2,
      "reckon: cannot write signing.pem: it is there already\n",
    ]);
    rmSync(place.path("signing.pem"));
    expect(place.reckon(["worker", "--new-key", "signing.pem"]).stderr).toContain(
      "cannot write signing.pub.pem: it is there already",
    );
    expect(existsSync(place.path("signing.pem"))).toBe(false);
  });

  it("[CL84] of a folder of keys the public ones are taken, and what is none is named", () => {
    const place = storesPlace();
    place.reckon(["worker", "--new-key", "signing.pem"]);
    const work = ["worker", "--queue", "redis://127.0.0.1:1", "--keys", "."];
    const both = place.reckon(work).stderr;
    expect(both).toContain("signing.pem is a private key: it is not used");
    expect(both).toContain("cannot be reached");
    place.write("zero.pem", "no key\n");
    expect(place.reckon(work)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--keys .: zero.pem is not the PEM of an Ed25519 public key"),
    });
  });

  it.each([
    ["worker", "worker needs the address of a queue"],
    ["worker --queue redis://localhost:1", "name a folder of public keys with --keys"],
    ["worker --queue redis://localhost:1 --keys nowhere", "--keys nowhere: there is no such folder"],
    ["worker --queue localhost", "needs the address of a server"],
    ["worker --queue redis://u:secret@127.0.0.1:1 --allow-unsigned", "cannot be reached"],
    ["worker --queue redis://127.0.0.1:1 --dead --requeue", "exclude each other"],
    ["worker --queue redis://127.0.0.1:1 --allow-unsigned --threads off", "a worker computes on threads"],
    ["worker --queue redis://127.0.0.1:1 --limit many", "--limit many: write a rate, as in 100/s"],
    ["worker --queue redis://127.0.0.1:1 --limit off --dead", "exclude each other"],
  ])("[CL84] %s", (line, message) => {
    const { code, stdout, stderr } = storesPlace().reckon(line.split(" "));
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("secret");
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});
