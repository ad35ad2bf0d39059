/**
 * Opening a cache file.
 *
 *   1. The folder is made if it is missing, and the file with it, readable by its owner alone.
 *   2. A database of another program is not touched. Nor is a file that is no database, unless its name says that it is
 *      ours (`reckon….sqlite`): then it is damaged, is put aside as `….broken-<date>`, and a fresh one begun.
 *   3. A file of a later version is left alone; one of an earlier version is brought up to date.
 *
 * Readers and one writer work at the same time (WAL). A writer that finds another waits for up to five seconds, all
 * attempts together.
 */
import { closeSync, existsSync, openSync, readSync, renameSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { applicationId, migrate, schemaVersion, versionOf } from "./disk-schema.ts";
import { DiskTrouble, troubleOf } from "./disk-trouble.ts";
import { makeFolder } from "./make-folder.ts";

const walMs = 1000;
const walWaitMs = 25;

/** How a file is opened. */
interface Opening {
  readonly pagesMax?: number | undefined;
  readonly busyMs: number;
}

/** Throws what SQLite or the file system throw, or `DiskTrouble`. */
export function openDiskFile(path: string, { pagesMax, busyMs }: Opening): DatabaseSync {
  makeFolder(dirname(path));
  closeSync(openSync(path, "a", 0o600));
  const kind = kindOf(path);
  if (kind === "other") throw new DiskTrouble(isOursByName(path) ? "damaged" : "foreign");
  const { DatabaseSync: Database } = process.getBuiltinModule("node:sqlite");
  const database = new Database(path, { timeout: busyMs, enableForeignKeyConstraints: false });
  try {
    if (kind === "database") refuseForeign(database);
    // The first takes effect only before there are tables.
    database.exec("PRAGMA auto_vacuum = INCREMENTAL");
    useWal(database, busyMs);
    database.exec("PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216");
    migrate(database);
    if (pagesMax !== undefined) database.exec(`PRAGMA max_page_count = ${Math.trunc(pagesMax)}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Opens a file of the present version that may be read and not written; `undefined` if it cannot be. Without a log
 * beside it nobody is writing, and it is read as it stands: on a medium that cannot be written there is no other way.
 */
export function openForReading(path: string): DatabaseSync | undefined {
  const { DatabaseSync: Database } = process.getBuiltinModule("node:sqlite");
  const url = pathToFileURL(path);
  if (!existsSync(`${path}-wal`)) url.search = "immutable=1";
  try {
    const database = new Database(url, { readOnly: true });
    const id = Number(database.prepare("PRAGMA application_id").get()?.application_id ?? 0);
    if (id === applicationId && versionOf(database) === schemaVersion) return database;
    database.close();
    return undefined;
  } catch {
    return undefined;
  }
}

/** Puts a damaged file aside and answers its name there; `undefined` if it is not ours by name, or cannot be moved. */
export function putAside(path: string, now: number): string | undefined {
  if (!isOursByName(path) || !existsSync(path)) return undefined;
  const stamp = new Date(now).toISOString().replace(/[:.]/g, "-");
  const aside = `${path}.broken-${stamp}`;
  try {
    renameSync(path, aside);
    // What the log holds belongs to the file; a fresh one must not find it.
    for (const tail of ["-wal", "-shm"])
      if (existsSync(`${path}${tail}`)) renameSync(`${path}${tail}`, `${aside}${tail}`);
    return aside;
  } catch {
    return undefined;
  }
}

function isOursByName(path: string): boolean {
  return /^reckon.*\.(?:sqlite|db)$/.test(basename(path));
}

function kindOf(path: string): "empty" | "database" | "other" {
  const head = Buffer.alloc(16);
  const file = openSync(path, "r");
  try {
    const read = readSync(file, head, 0, 16, 0);
    if (read === 0) return "empty";
    return head.toString("latin1") === "SQLite format 3\0" ? "database" : "other";
  } finally {
    closeSync(file);
  }
}

function refuseForeign(database: DatabaseSync): void {
  const id = Number(database.prepare("PRAGMA application_id").get()?.application_id ?? 0);
  const tables = Number(database.prepare("SELECT count(*) AS n FROM sqlite_master").get()?.n ?? 0);
  // Two processes may begin a file at the same time: without tables it is nobody's yet.
  if (id !== applicationId && tables > 0) throw new DiskTrouble("foreign");
  if (id === applicationId && versionOf(database) > schemaVersion) throw new DiskTrouble("later-version");
}

/** The change to WAL waits for some of the locks that others may have, and not for others. */
function useWal(database: DatabaseSync, busyMs: number): void {
  const began = performance.now();
  for (;;) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (troubleOf(error) !== "locked" || performance.now() - began >= Math.min(busyMs, walMs)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, walWaitMs);
    }
  }
}
