/**
 * Brings a ledger to the newest version, in one transaction.
 *
 *   1. What version it has is read. The newest: done, with nothing written. A later one is refused.
 *   2. In a transaction it is read again, since another process may have been faster (in PostgreSQL behind a lock that only
 *      migrations take), and every step from there on is made.
 */
import { BatchError } from "../batch-error.ts";
import { type LedgerConnection, type LedgerDatabase, numberOf, type Statement } from "./ledger-database.ts";
import { migration0001 } from "./schema/0001-runs.ts";
import { migration0002 } from "./schema/0002-rounds.ts";
import { columnTypes, type Migration } from "./schema/column-types.ts";

const migrations: readonly Migration[] = [migration0001, migration0002];

/** Any number that other programs are unlikely to take. */
const migrationLock = 1380666188;

const hasVersions: Statement = {
  sqlite: "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name = 'ledger_versions'",
  postgres:
    "SELECT count(*) AS n FROM pg_tables WHERE schemaname = 'reckon' AND tablename = 'ledger_versions'",
};
const newestText = "SELECT max(version) AS version FROM ledger_versions";
const newest: Statement = { sqlite: newestText, postgres: newestText };
const addText = "INSERT INTO ledger_versions (version, applied_at_ms) VALUES (:version, :now)";
const add: Statement = { sqlite: addText, postgres: addText };
const versionsTable = `CREATE TABLE IF NOT EXISTS ledger_versions
  (version INTEGER PRIMARY KEY, applied_at_ms BIGINT NOT NULL);`;

export interface Migrating {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Absent: those that there are. */
  readonly steps?: readonly Migration[];
}

export async function migrate(
  database: LedgerDatabase,
  { now, steps = migrations }: Migrating,
): Promise<void> {
  const last = steps.at(-1)?.version ?? 0;
  if ((await versionOf(database, database, last)) === last) return;
  await database.transaction(async (connection) => {
    if (database.dialect === "postgres") {
      await connection.script(`SELECT pg_advisory_xact_lock(${migrationLock})`);
      await connection.script("CREATE SCHEMA IF NOT EXISTS reckon");
    }
    await connection.script(versionsTable);
    const found = await versionOf(database, connection, last);
    for (const { version, statements } of steps) {
      if (version <= found) continue;
      await connection.script(statements(columnTypes[database.dialect], database.dialect));
      await connection.run(add, { version, now });
    }
  });
}

/** For ledgers that are only read: refuses one that lacks a step. */
export async function requireNewest(database: LedgerDatabase): Promise<void> {
  const last = migrations.at(-1)?.version ?? 0;
  const found = await versionOf(database, database, last);
  if (found === 0)
    throw new BatchError("ledger", `There is no ledger ${database.name}: the first run begins it.`);
  if (found < last)
    throw new BatchError(
      "ledger",
      `The ledger ${database.name} has version ${found}: the next run brings it to ${last}.`,
    );
}

/** Throws where the ledger is of a later version. */
async function versionOf(
  database: LedgerDatabase,
  connection: LedgerConnection,
  last: number,
): Promise<number> {
  const [table] = await connection.all(hasVersions);
  if (table === undefined || numberOf(table, "n") === 0) return 0;
  const [row] = await connection.all(newest);
  const found = row === undefined ? 0 : numberOf(row, "version");
  if (found > last)
    throw new BatchError(
      "ledger-newer",
      `The ledger ${database.name} has version ${found}, and this Reckon knows version ${last}: nothing was written. Update Reckon, or choose another ledger.`,
    );
  return found;
}
