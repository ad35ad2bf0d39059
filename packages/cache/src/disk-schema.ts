/**
 * The tables of the cache file, as steps: a file of version n has the first n, and opening it takes the others.
 *
 * Values lie behind everything else in their row, so that reading what stands before them skips their pages. The index
 * by use holds the bytes too: what is kept, and what goes next, is known without touching a row.
 */
import type { DatabaseSync } from "node:sqlite";

/** "RCKM": how a file of ours is told from others. */
export const applicationId = 0x52434b4d;

const steps: readonly string[] = [
  `CREATE TABLE entries (
     id INTEGER PRIMARY KEY,
     key BLOB NOT NULL UNIQUE,
     used_at INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     stored_at INTEGER NOT NULL,
     cost_ms REAL NOT NULL,
     name TEXT NOT NULL,
     value BLOB NOT NULL
   );
   CREATE INDEX entries_by_use ON entries (used_at, bytes);`,
  `CREATE TABLE names (name TEXT PRIMARY KEY, at INTEGER NOT NULL, record TEXT NOT NULL);
   CREATE TABLE totals (name TEXT PRIMARY KEY, amount REAL NOT NULL) WITHOUT ROWID;`,
];

/** The version of the files that this program writes. */
export const schemaVersion: number = steps.length;

export function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version ?? 0);
}

/** Brings the file from whatever version it has to `version`, in one transaction; two processes may do it at once. */
export function migrate(database: DatabaseSync, version: number = schemaVersion): void {
  if (versionOf(database) >= version) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have been faster.
    for (let at = versionOf(database); at < version; at++) database.exec(steps[at] as string);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
