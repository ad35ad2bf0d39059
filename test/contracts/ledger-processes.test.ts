/** Several processes on one ledger, and processes that are killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Ledger, openLedger, type RunId } from "@reckon/batch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gathered, recordOf, runStart } from "./ledger-samples.ts";
import { missingFor, startPostgres, statement, type TestServer } from "./servers.ts";

const program = fileURLToPath(new URL("./ledger-process.ts", import.meta.url));
const clock = { date: () => Date.now() };
const run = runStart(1).run;

function start(...args: (string | number)[]): ChildProcess {
  const all = ["--conditions=@reckon/source", program, ...args.map(String)];
  return spawn(process.execPath, all, { stdio: ["ignore", "pipe", "inherit"] });
}

/** Every line that it prints, until it has ended. */
async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of child.stdout ?? []) {
    const lines = (rest + String(piece)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

async function answerOf(child: ChildProcess): Promise<string[]> {
  const ended = new Promise((resolve) => child.on("close", resolve));
  const lines: string[] = [];
  for await (const line of linesOf(child)) lines.push(line);
  expect(await ended).toBe(0);
  return lines;
}

/** Kills it as soon as it prints `line`; what it had printed. */
async function killedAt(child: ChildProcess, line: string): Promise<string[]> {
  const ended = new Promise((resolve) => child.on("close", resolve));
  const lines: string[] = [];
  for await (const each of linesOf(child)) {
    lines.push(each);
    if (each === line) child.kill("SIGKILL");
  }
  await ended;
  expect(child.signalCode).toBe("SIGKILL");
  return lines;
}

/** What the ledger holds of the run; rows and counts agree, and chunks of `size` are whole. */
async function wholeChunks(ledger: Ledger, size: number, of: RunId = run): Promise<number> {
  const rows = await gathered(ledger.query.entities(of));
  const details = await ledger.query.run(of);
  const failed = rows.filter(({ state }) => state === "failed").length;
  expect(details?.counts).toMatchObject({
    entities: rows.length,
    failed,
    succeeded: rows.length - failed,
    attempts: rows.length,
  });
  expect((await gathered(ledger.query.attempts(of))).length).toBe(failed);
  expect(details?.workers[0]?.entities ?? 0).toBe(rows.length);
  const byChunk = Map.groupBy(rows, ({ chunk }) => chunk);
  expect([...byChunk.values()].every((chunk) => chunk.length === size)).toBe(true);
  const blocks = await ledger.query.blocks([...byChunk.keys()]);
  expect(blocks.every((block) => block?.length === 4 * size)).toBe(true);
  return byChunk.size;
}

const missing = missingFor("postgres");

describe.each([
  ["SQLite", undefined],
  ["PostgreSQL", missing],
] as const)("a ledger in %s", (kind, lacking) => {
  // Skipped where the server is not installed; .ci/run installs it.
  describe.skipIf(lacking !== undefined)("used by several processes", () => {
    const folder = mkdtempSync(join(tmpdir(), "reckon-ledger-"));
    let server: TestServer | undefined;
    let files = 0;
    const fresh = (): string => {
      if (server === undefined) return join(folder, `ledger-${++files}.sqlite`);
      statement(server, "SET client_min_messages TO warning; DROP SCHEMA IF EXISTS reckon CASCADE");
      return server.url;
    };

    beforeAll(async () => {
      if (kind === "PostgreSQL") server = await startPostgres();
    });
    afterAll(async () => {
      await server?.end();
      rmSync(folder, { recursive: true, force: true });
    });

    it("[LE2] is found whole by processes that open it at once", async () => {
      const place = fresh();
      const answers = await Promise.all([1, 2, 3, 4].map(() => answerOf(start("open", place))));
      expect(answers).toEqual([["0"], ["0"], ["0"], ["0"]]);
    });

    it("[LE4] [LE6] holds whole records after a kill between and in them, and goes on from there", async () => {
      const place = fresh();
      const [chunks, size] = [9, 3000];
      for (const line of ["begin 0", "done 1", "begin 4"]) {
        const lines = await killedAt(start("record", place, run, 0, chunks, size), line);
        const ledger = await openLedger(place, { clock });
        const found = await wholeChunks(ledger, size);
        const done = lines.filter((each) => each.startsWith("done")).length;
        expect(found).toBeGreaterThanOrEqual(done);
        await ledger.close();
      }
      await answerOf(start("record", place, run, 0, chunks, size));
      const ledger = await openLedger(place, { clock });
      expect(await wholeChunks(ledger, size)).toBe(chunks);
      expect((await ledger.query.run(run))?.sessions).toBe(4);
      await ledger.close();
    }, 180_000);

    it("[LE9] takes records of several processes at once", async () => {
      const place = fresh();
      const runs = ["one", "two", "three"] as RunId[];
      await Promise.all(runs.map((each) => answerOf(start("record", place, each, 0, 20, 200))));
      const ledger = await openLedger(place, { clock });
      for (const each of runs) expect(await wholeChunks(ledger, 200, each)).toBe(20);
      await ledger.close();
    });

    it("[LE8] is read by another process while it is written, whole record by whole record", async () => {
      const place = fresh();
      const [chunks, size] = [40, 500];
      const writer = start("record", place, run, 0, chunks, size);
      const lines = linesOf(writer);
      await lines.next();
      const reader = await openLedger(place, { clock, isReadOnly: true });
      let seen = 0;
      let looks = 0;
      for await (const line of lines) {
        if (!line.startsWith("done")) continue;
        const { counts, workers } = (await reader.query.run(run)) ?? {};
        expect(counts?.entities).toBeGreaterThanOrEqual(seen);
        expect((counts?.entities ?? 0) % size).toBe(0);
        expect(workers?.[0]?.entities).toBe(counts?.entities);
        seen = counts?.entities ?? 0;
        looks++;
      }
      expect([seen, looks]).toEqual([chunks * size, chunks]);
      await reader.close();
    });

    it("[LE8] refuses to write where it is only read", async () => {
      const place = fresh();
      await expect(openLedger(place, { clock, isReadOnly: true })).rejects.toMatchObject({ code: "ledger" });
      const ledger = await openLedger(place, { clock });
      await ledger.beginRun(runStart(1));
      const reader = await openLedger(place, { clock, isReadOnly: true });
      await expect(reader.record(run, [recordOf({ of: [1] })])).rejects.toMatchObject({ code: "ledger" });
      expect((await reader.query.run(run))?.counts.entities).toBe(0);
      await reader.close();
      await ledger.close();
    });
  });
});
