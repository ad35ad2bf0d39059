import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { statement } from "./dialect.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { migrate, requireNewest } from "./migrate.ts";
import { migration0001 } from "./schema/0001-runs.ts";
import type { Migration } from "./schema/column-types.ts";
import { openSqlite } from "./sqlite-database.ts";

const folder = mkdtempSync(join(tmpdir(), "reckon-ledger-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const freshPath = (): string => join(folder, `${++files}.sqlite`);

const step2: Migration = {
  version: 2,
  statements: ({ big }) =>
    `ALTER TABLE measures ADD COLUMN runs ${big} NOT NULL DEFAULT 7; CREATE TABLE more (x ${big});`,
};
const broken: Migration = {
  version: 3,
  statements: ({ big }) => `CREATE TABLE half (x ${big}); INSERT INTO no_such_table VALUES (1);`,
};

const versions = statement(() => "SELECT version, applied_at_ms FROM ledger_versions ORDER BY version");
const tables = statement(() => "SELECT count(*) AS n FROM sqlite_master WHERE name IN ('more', 'half')");

async function versionsOf(database: LedgerDatabase): Promise<unknown[]> {
  return (await database.all(versions)).map(({ version, applied_at_ms }) => [version, applied_at_ms]);
}

it("[LE2] makes the steps that are missing, once, and keeps what there is", async () => {
  const database = openSqlite({ path: freshPath() });
  await migrate(database, { now: 5, steps: [migration0001] });
  await database.run(statement(() => "INSERT INTO measures VALUES ('m', 'spawn_ms', 30.5, 1)"));
  await migrate(database, { now: 6, steps: [migration0001] });
  await migrate(database, { now: 7, steps: [migration0001, step2] });
  await migrate(database, { now: 8, steps: [migration0001, step2] });
  expect(await versionsOf(database)).toEqual([
    [1, 5],
    [2, 7],
  ]);
  const [row] = await database.all(statement(() => "SELECT * FROM measures"));
  expect({ ...row }).toEqual({ machine: "m", name: "spawn_ms", value: 30.5, measured_at_ms: 1, runs: 7 });
  await database.close();
});

it("[LE2] makes all steps or none", async () => {
  const path = freshPath();
  const database = openSqlite({ path });
  await migrate(database, { now: 1, steps: [migration0001] });
  await expect(migrate(database, { now: 2, steps: [migration0001, step2, broken] })).rejects.toMatchObject({
    code: "ledger",
    message: expect.stringContaining(path) as unknown,
  });
  expect(await versionsOf(database)).toEqual([[1, 1]]);
  expect((await database.all(tables))[0]?.n).toBe(0);
  await database.close();
});

it("[LE3] refuses a later version with both, and writes nothing", async () => {
  const path = freshPath();
  const database = openSqlite({ path });
  await migrate(database, { now: 1, steps: [migration0001, { ...step2, version: 99 }] });
  const refusal = {
    code: "ledger-newer",
    message: expect.stringMatching(/has version 99, .* version [12]:/) as unknown,
  };
  await expect(migrate(database, { now: 2, steps: [migration0001] })).rejects.toMatchObject(refusal);
  await expect(requireNewest(database)).rejects.toMatchObject(refusal);
  expect(await versionsOf(database)).toEqual([
    [1, 1],
    [99, 1],
  ]);
  await database.close();
});

it("[LE2] refuses to read one that lacks a step", async () => {
  const database = openSqlite({ path: freshPath() });
  await database.script(
    "CREATE TABLE ledger_versions (version INTEGER PRIMARY KEY, applied_at_ms BIGINT NOT NULL)",
  );
  await expect(requireNewest(database)).rejects.toMatchObject({ code: "ledger" });
  await database.close();
});
