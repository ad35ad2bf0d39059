import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, it } from "vitest";
import type { ChunkId, RunId } from "../entity.ts";
import type { ChunkRecord, RunStart } from "../ledger.ts";
import { migrate } from "./migrate.ts";
import { ledgerOver, openLedger } from "./open-ledger.ts";
import { openSqlite } from "./sqlite-database.ts";

const folder = mkdtempSync(join(tmpdir(), "reckon-ledger-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const freshPath = (): string => join(folder, `${++files}.sqlite`);
const clock = { date: () => 1000 };
const run = "20261121T143000-4f2a91" as RunId;

const start: RunStart = {
  run,
  model: "points",
  modelPath: "/points.reckon",
  scenario: "base",
  axis: "player",
  source: "players.csv",
  programKey: "",
  policy: { retry: { attemptsMax: 1, firstMs: 0, factor: 1, longestMs: 0, jitter: 0 } },
  startedAtMs: 1000,
  versions: { reckon: "", engine: "", node: "", v8: "" },
  machine: "",
};

function recordOf(n: number, blockBytes: number): ChunkRecord {
  return {
    chunk: `c${n}-a1` as ChunkId,
    attempt: 1,
    keys: [`entity ${n}`],
    positions: [n],
    deepKeys: ["00".repeat(16)],
    ended: ["succeeded"],
    outcomes: [{ kind: "succeeded", checksFailed: 0 }],
    block: new Uint8Array(blockBytes),
    figures: {
      worker: "main",
      startedAtMs: 0,
      durationMs: 1,
      cpuMs: 1,
      memoryPeakBytes: 1,
      cacheHits: 0,
      cacheLookUps: 0,
    },
    waitMs: 0,
  };
}

it("[LE9] keeps what was recorded before the disk was full, and takes more when there is room", async () => {
  const path = freshPath();
  const database = openSqlite({ path, pagesMax: 100 });
  await migrate(database, { now: 1 });
  const ledger = ledgerOver(database, clock);
  await ledger.beginRun(start);
  await ledger.record(run, [recordOf(0, 1000)]);
  const refused = ledger.record(run, [recordOf(1, 1000), recordOf(2, 1_000_000)]);
  await expect(refused).rejects.toMatchObject({
    code: "ledger",
    message: expect.stringContaining("full") as unknown,
  });
  expect((await ledger.query.run(run))?.counts).toMatchObject({ entities: 1, succeeded: 1 });
  await ledger.close();
  const roomy = await openLedger(path, { clock });
  expect(await roomy.record(run, [recordOf(1, 1000), recordOf(2, 1_000_000)])).toMatchObject([
    { accepted: 1 },
    { accepted: 1 },
  ]);
  expect((await roomy.query.run(run))?.counts).toMatchObject({ entities: 3 });
  await roomy.close();
});

it("[LE9] says that it is locked, and takes the records when it is free", async () => {
  const path = freshPath();
  await (await openLedger(path, { clock })).close();
  const ledger = ledgerOver(openSqlite({ path, busyMs: 1 }), clock);
  await ledger.beginRun(start);
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  const locked = { code: "ledger", message: expect.stringContaining("locked") as unknown };
  await expect(ledger.record(run, [recordOf(0, 10)])).rejects.toMatchObject(locked);
  await expect(ledger.holdRun(run, "me", 1000)).rejects.toMatchObject(locked);
  expect((await ledger.query.run(run))?.counts.entities).toBe(0);
  other.exec("ROLLBACK");
  other.close();
  expect(await ledger.record(run, [recordOf(0, 10)])).toMatchObject([{ accepted: 1 }]);
  await ledger.close();
});

it("[LE22] gives the room of what was forgotten back to the disk", async () => {
  const path = freshPath();
  const ledger = await openLedger(path, { clock });
  await ledger.beginRun(start);
  await ledger.record(run, [recordOf(0, 3_000_000)]);
  await ledger.forget({ runs: [run] });
  await ledger.close();
  expect(statSync(path).size).toBeLessThan(300_000);
});

it("[LE9] waits in WAL mode, without flushing every transaction", async () => {
  const path = freshPath();
  await (await openLedger(path, { clock })).close();
  const database = new DatabaseSync(path);
  expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  database.close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("touches no file that is another's", async () => {
  const [text, other, unreadable] = [freshPath(), freshPath(), join(folder, "a file", "ledger.sqlite")];
  writeFileSync(text, "key,points\na,1\n");
  await expect(openLedger(text, { clock })).rejects.toMatchObject({ code: "ledger" });
  expect(readFileSync(text, "utf8")).toBe("key,points\na,1\n");
  const database = new DatabaseSync(other);
  database.exec("CREATE TABLE t (x); PRAGMA user_version = 5");
  database.close();
  const before = readFileSync(other);
  await expect(openLedger(other, { clock })).rejects.toMatchObject({
    code: "ledger",
    message: expect.stringContaining("another program") as unknown,
  });
  expect(readFileSync(other).equals(before)).toBe(true);
  writeFileSync(join(folder, "a file"), "");
  await expect(openLedger(unreadable, { clock })).rejects.toMatchObject({ code: "ledger" });
});

it("makes nothing where it is only to read", async () => {
  const path = freshPath();
  await expect(openLedger(path, { clock, isReadOnly: true })).rejects.toMatchObject({
    code: "ledger",
    message: expect.stringContaining("no ledger") as unknown,
  });
  expect(existsSync(path)).toBe(false);
});

it("[LE23] makes no folders, and says where a folder is missing, or where it is one", async () => {
  const missing = join(folder, "state", "of", "mine");
  await expect(openLedger(join(missing, "ledger.sqlite"), { clock })).rejects.toMatchObject({
    code: "ledger",
    message: `cannot write ${join(missing, "ledger.sqlite")}: there is no folder ${missing}`,
  });
  expect(existsSync(join(folder, "state"))).toBe(false);
  await expect(openLedger(folder, { clock })).rejects.toMatchObject({
    code: "ledger",
    message: `${folder} is a folder; name a file, for example ${join(folder, "ledger.sqlite")}`,
  });
});

it("[LE24] is read where nothing can be written beside it, unless a log is left there", async () => {
  const path = freshPath();
  const ledger = await openLedger(path, { clock });
  await ledger.beginRun(start);
  await ledger.close();
  // Stands where a file would have to be written, for whoever runs this test.
  symlinkSync(join(folder, "no folder", "shm"), `${path}-shm`);
  const read = await openLedger(path, { clock, isReadOnly: true });
  expect((await read.query.runs({})).map((row) => row.run)).toEqual([run]);
  await expect(read.beginRun(start)).rejects.toMatchObject({ code: "ledger" });
  await read.close();
  writeFileSync(`${path}-wal`, "what has not come into the file");
  await expect(openLedger(path, { clock, isReadOnly: true })).rejects.toMatchObject({ code: "ledger" });
});

it("says what is damaged", async () => {
  const path = freshPath();
  const ledger = await openLedger(path, { clock });
  await ledger.beginRun(start);
  await ledger.close();
  const bytes = readFileSync(path);
  writeFileSync(path, Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 7)]));
  await expect(openLedger(path, { clock })).rejects.toMatchObject({
    code: "ledger",
    message: expect.stringContaining("damaged") as unknown,
  });
});

it("[QU20] keeps when a worker was seen first and last, in whatever order its chunks come", async () => {
  const path = freshPath();
  const ledger = await openLedger(path, { clock });
  await ledger.beginRun(start);
  for (const [n, startedAtMs] of [500, 200, 300].entries()) {
    const record = recordOf(n, 8);
    await ledger.record(run, [{ ...record, figures: { ...record.figures, startedAtMs, durationMs: 9 } }]);
  }
  await ledger.close();
  const database = new DatabaseSync(path, { readOnly: true });
  expect(database.prepare("SELECT first_seen_at_ms, last_seen_at_ms FROM workers").all()).toMatchObject([
    { first_seen_at_ms: 200, last_seen_at_ms: 509 },
  ]);
  database.close();
});
