/**
 * Where the values of entities are that a run has computed, by their deep keys. Entities with the same key need not be computed.
 *
 *   put ─→ recent (8,192, in memory) ─→ older ones in a file of this process that has no name and goes with it
 *
 * So every key that there was is known, and memory stays what it is however many there are. The first that is said of a key holds,
 * except that it is not to be taken from (`own`): then each of its entities is computed, whatever others have given.
 *
 * Cost: 0.1 µs as long as there are few keys, then 5 to 10 µs a key, on this thread: for entities that take longer than that.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** A row of a chunk in the ledger. */
export interface KnownValues {
  readonly chunk: number;
  readonly chunkRow: number;
  readonly checksFailed: number;
}

/** `own`: an entity with this key has failed, or has an error among its values, which names it. */
export type KnownEntity = KnownValues | "own";

export interface KnownOptions {
  /** Keys held in memory; absent: 8,192. */
  readonly recentMax?: number;
}

const recentKeys = 8_192;

export class KnownEntities {
  readonly #recentMax: number;
  #recent = new Map<string, KnownEntity>();
  #older: OlderKeys | undefined;

  constructor({ recentMax = recentKeys }: KnownOptions = {}) {
    this.#recentMax = recentMax;
  }

  find(deepKey: string): KnownEntity | undefined {
    return this.#recent.get(deepKey) ?? this.#older?.find(deepKey);
  }

  has(deepKey: string): boolean {
    return this.find(deepKey) !== undefined;
  }

  put(deepKey: string, what: KnownEntity): void {
    const before = this.find(deepKey);
    if (before === "own" || (before !== undefined && what !== "own")) return;
    this.#recent.set(deepKey, what);
    if (this.#recent.size < this.#recentMax) return;
    this.#older ??= new OlderKeys();
    this.#older.add(this.#recent);
    this.#recent = new Map();
  }

  /** Forgets all. */
  close(): void {
    this.#recent = new Map();
    this.#older?.close();
    this.#older = undefined;
  }
}

/** A table in a file without a name: SQLite removes it when it is closed, or the process ends in whatever way. */
class OlderKeys {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;

  constructor() {
    this.#database = new DatabaseSync("");
    this.#database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192;
      CREATE TABLE known (deep_key BLOB PRIMARY KEY, chunk INTEGER, chunk_row INTEGER, checks_failed INTEGER) WITHOUT ROWID`);
    this.#insert = this.#database.prepare("INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?)");
    this.#select = this.#database.prepare(
      "SELECT chunk, chunk_row AS chunkRow, checks_failed AS checksFailed FROM known WHERE deep_key = ?",
    );
  }

  find(deepKey: string): KnownEntity | undefined {
    const row = this.#select.get(Buffer.from(deepKey, "hex"));
    if (row === undefined) return undefined;
    if (row.chunk === null) return "own";
    return {
      chunk: Number(row.chunk),
      chunkRow: Number(row.chunkRow),
      checksFailed: Number(row.checksFailed),
    };
  }

  /** In the order of the keys: neighbours are written together. */
  add(keys: ReadonlyMap<string, KnownEntity>): void {
    this.#database.exec("BEGIN");
    for (const deepKey of [...keys.keys()].sort()) {
      const what = keys.get(deepKey) as KnownEntity;
      const bytes = Buffer.from(deepKey, "hex");
      if (what === "own") this.#insert.run(bytes, null, null, null);
      else this.#insert.run(bytes, what.chunk, what.chunkRow, what.checksFailed);
    }
    this.#database.exec("COMMIT");
  }

  close(): void {
    this.#database.close();
  }
}
