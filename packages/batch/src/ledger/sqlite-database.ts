/**
 * The ledger's database in a SQLite file, or in memory.
 *
 *   1. A file that is a database of another program is not touched, nor is one that is no database.
 *   2. Readers and one writer work at the same time (WAL). A writer that finds another waits up to five seconds.
 *   3. Statements are prepared once. Rows are put in one by one: many in one statement, or as JSON, were no faster
 *      (110,000 rows a second of CPU time on a busy machine against 85,000 and 75,000).
 *
 * SQLite answers in place; promises are here because PostgreSQL does not.
 */
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { BatchError } from "../batch-error.ts";
import type {
  Inserted,
  InsertShape,
  LedgerConnection,
  LedgerDatabase,
  SqlColumns,
  SqlParameters,
  SqlRow,
  SqlValue,
  Statement,
} from "./ledger-database.ts";
import { ledgerError } from "./ledger-trouble.ts";
import { OneAtATime } from "./one-at-a-time.ts";

const waitMsMax = 5000;
const walWaitMs = 25;
const cacheKilobytes = 65_536;
/** 16 MB of log before it is put into the file: with the 4 MB of the default pages are written more often. */
const walPages = 4096;
/** "RCKL": how a file of ours is told from others. */
const applicationId = 0x52434b4c;

export interface SqliteOpening {
  /** `:memory:`, or a path. */
  readonly path: string;
  readonly isReadOnly?: boolean;
  /** How long it waits for another writer; absent: 5 seconds. */
  readonly busyMs?: number;
  /** Of 4 KB; for tests of full disks. */
  readonly pagesMax?: number;
}

/** Throws `BatchError`. */
export function openSqlite(opening: SqliteOpening): LedgerDatabase {
  const { path } = opening;
  try {
    return new SqliteDatabase(path, opened(opening));
  } catch (error) {
    throw ledgerError(path, error);
  }
}

function opened(opening: SqliteOpening): DatabaseSync {
  const { path, isReadOnly = false, busyMs = waitMsMax, pagesMax } = opening;
  if (path !== ":memory:") {
    if (isFolder(path))
      throw new BatchError(
        "ledger",
        `${path} is a folder; name a file, for example ${join(path, "ledger.sqlite")}`,
      );
    if (!existsSync(path)) {
      if (isReadOnly) throw new BatchError("ledger", `There is no ledger ${path}: the first run begins it.`);
      const folder = dirname(path);
      // One that is made for a slip of the hand is found by nobody.
      if (!isFolder(folder))
        throw new BatchError("ledger", `cannot write ${path}: there is no folder ${folder}`);
      closeSync(openSync(path, "a", 0o600));
    }
    if (isOtherFile(path))
      throw new BatchError("ledger", `${path} is no database: it was left as it is. Choose another file.`);
  }
  // Only who uses it loads it.
  const { DatabaseSync: Database } = process.getBuiltinModule("node:sqlite");
  if (isReadOnly) {
    try {
      return readable(new Database(path, { timeout: busyMs, readOnly: true }), path);
    } catch (error) {
      if (!isUnwritable(path, error)) throw error;
      const still = pathToFileURL(resolve(path));
      still.searchParams.set("immutable", "1");
      return readable(new Database(still, { readOnly: true }), path);
    }
  }
  const database = new Database(path, { timeout: busyMs });
  try {
    const isMarked = isOurs(database, path);
    database.exec(`PRAGMA cache_size = -${cacheKilobytes}`);
    // Takes effect only before there are tables, and writes to the file whenever it is said.
    if (!isMarked) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
    useWal(database, busyMs);
    database.exec(`PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${walPages}`);
    if (!isMarked) database.exec(`PRAGMA application_id = ${applicationId}`);
    if (pagesMax !== undefined) database.exec(`PRAGMA max_page_count = ${Math.trunc(pagesMax)}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A database that is only read. Closes it where it cannot be. */
function readable(database: DatabaseSync, path: string): DatabaseSync {
  try {
    isOurs(database, path);
    database.exec(`PRAGMA cache_size = -${cacheKilobytes}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Whether the files beside it, through which readers hear of a writer, could not be made: as on a disk that takes no writes. What
 * stands in a log there would be missed, so it has to be without one.
 */
function isUnwritable(path: string, error: unknown): boolean {
  const code = Number((error as { errcode?: number }).errcode ?? 0) & 0xff;
  if (code !== 14 && code !== 8) return false;
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  return log === undefined || log.size === 0;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // What is there, if anything, is told when it is opened.
    return false;
  }
}

function isOtherFile(path: string): boolean {
  const head = Buffer.alloc(16);
  const file = openedToRead(path);
  try {
    return readSync(file, head, 0, 16, 0) > 0 && head.toString("latin1") !== "SQLite format 3\0";
  } finally {
    closeSync(file);
  }
}

/** Who may not even read it is told so: that it may not be written says too little. */
function openedToRead(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EPERM") throw cause;
    throw new BatchError(
      "ledger",
      `The ledger ${path} may not be read; allow reading, or choose another file.`,
      cause,
    );
  }
}

/** Whether it is marked as ours; one that is nobody's yet is not. Throws at another program's. */
function isOurs(database: DatabaseSync, path: string): boolean {
  // Two processes may begin a file at the same time: without tables it is nobody's yet, and it is marked before it has some.
  const tables = Number(database.prepare("SELECT count(*) AS n FROM sqlite_master").get()?.n ?? 0);
  const id = Number(database.prepare("PRAGMA application_id").get()?.application_id ?? 0);
  if (id !== applicationId && tables > 0)
    throw new BatchError(
      "ledger",
      `${path} is a database of another program: it was left as it is. Choose another file.`,
    );
  return id === applicationId;
}

/** The change to WAL does not wait for every lock that others may have. */
function useWal(database: DatabaseSync, busyMs: number): void {
  for (const began = performance.now(); ; ) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      const code = Number((error as { errcode?: number }).errcode ?? 0) & 0xff;
      if ((code !== 5 && code !== 6) || performance.now() - began >= busyMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, walWaitMs);
    }
  }
}

class SqliteDatabase implements LedgerDatabase {
  readonly dialect = "sqlite";
  readonly name: string;
  private readonly database: DatabaseSync;
  private readonly prepared = new Map<string, StatementSync>();
  private readonly preparedLists = new Map<string, StatementSync>();
  private readonly turns = new OneAtATime();
  private readonly inside: LedgerConnection = {
    all: async (statement, parameters) => this.allNow(statement, parameters),
    lists: async (statement, parameters) => this.listsNow(statement, parameters),
    run: async (statement, parameters) => this.runNow(statement, parameters),
    insert: async (rows) => this.insertNow(rows),
    script: async (sql) => this.database.exec(sql),
  };

  constructor(path: string, database: DatabaseSync) {
    this.name = path === ":memory:" ? "memory" : path;
    this.database = database;
  }

  all(statement: Statement, parameters?: SqlParameters): Promise<readonly SqlRow[]> {
    return this.turn(async () => this.allNow(statement, parameters));
  }

  lists(statement: Statement, parameters?: SqlParameters): Promise<readonly (readonly SqlValue[])[]> {
    return this.turn(async () => this.listsNow(statement, parameters));
  }

  run(statement: Statement, parameters?: SqlParameters): Promise<number> {
    return this.turn(async () => this.runNow(statement, parameters));
  }

  insert(rows: SqlColumns): Promise<Inserted> {
    return this.transaction((connection) => connection.insert(rows));
  }

  script(sql: string): Promise<void> {
    return this.turn(async () => this.database.exec(sql));
  }

  transaction<T>(body: (connection: LedgerConnection) => Promise<T>): Promise<T> {
    return this.between("BEGIN IMMEDIATE", body);
  }

  snapshot<T>(body: (connection: LedgerConnection) => Promise<T>): Promise<T> {
    return this.between("BEGIN DEFERRED", body);
  }

  holdOut(): void {
    // A file does not go away.
  }

  async aheadMs(): Promise<number> {
    return 0;
  }

  shrink(): Promise<void> {
    // Each step gives one page back: all of them are asked for.
    return this.turn(async () => void this.database.prepare("PRAGMA incremental_vacuum").all());
  }

  close(): Promise<void> {
    return this.turns.run(async () => {
      this.prepared.clear();
      this.preparedLists.clear();
      if (this.database.isOpen) this.database.close();
    });
  }

  private between<T>(begin: string, body: (connection: LedgerConnection) => Promise<T>): Promise<T> {
    return this.turn(async () => {
      this.database.exec(begin);
      try {
        const result = await body(this.inside);
        this.database.exec("COMMIT");
        return result;
      } catch (error) {
        // A full disk has rolled it back already.
        if (this.database.isTransaction) this.database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  private turn<T>(work: () => Promise<T>): Promise<T> {
    return this.turns.run(async () => {
      try {
        return await work();
      } catch (error) {
        throw ledgerError(this.name, error);
      }
    });
  }

  private allNow(statement: Statement, parameters: SqlParameters = {}): readonly SqlRow[] {
    return this.statement(statement.sqlite).all(bound(parameters)) as SqlRow[];
  }

  private listsNow(statement: Statement, parameters: SqlParameters = {}): readonly (readonly SqlValue[])[] {
    return this.statement(statement.sqlite, true).all(bound(parameters)) as unknown as SqlValue[][];
  }

  private runNow(statement: Statement, parameters: SqlParameters = {}): number {
    return Number(this.statement(statement.sqlite).run(bound(parameters)).changes);
  }

  private insertNow({ into, rows, columns }: SqlColumns): Inserted {
    const statement = this.statement(insertText(into));
    const values: SqlValue[] = columns.map((column) => ("all" in column ? column.all : null));
    const lists = columns.flatMap((column, at) => ("all" in column ? [] : [{ column, at }]));
    const returned: SqlValue[] = [];
    let put = 0;
    for (let i = 0; i < rows; i++) {
      for (const { column, at } of lists) values[at] = column[i] as SqlValue;
      if (into.returning === undefined) put += Number(statement.run(...values).changes);
      else returned.push(statement.get(...values)?.[into.returning] as SqlValue);
    }
    return { rows: put + returned.length, returned };
  }

  private statement(sql: string, hasLists = false): StatementSync {
    const prepared = hasLists ? this.preparedLists : this.prepared;
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.database.prepare(sql);
    statement.setAllowUnknownNamedParameters(true);
    statement.setReturnArrays(hasLists);
    prepared.set(sql, statement);
    return statement;
  }
}

function insertText({ table, columns, conflict, returning }: InsertShape): string {
  const names = columns.map(([name]) => name).join(", ");
  const places = columns.map(() => "?").join(", ");
  const back = returning === undefined ? "" : ` RETURNING ${returning}`;
  return `INSERT INTO ${table} (${names}) VALUES (${places}) ${conflict}${back}`;
}

/** Lists go as JSON: statements take them apart with `json_each`. */
function bound(parameters: SqlParameters): Record<string, SqlValue> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      Array.isArray(value) ? JSON.stringify(value) : (value as SqlValue),
    ]),
  );
}
