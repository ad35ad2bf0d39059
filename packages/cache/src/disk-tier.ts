/**
 * Results in one SQLite file.
 *
 *   read    what is not yet written, then the file (synchronous, a few microseconds)
 *   write   gathered, and written in one transaction after a moment, or at once when there is much, or when it took
 *           `pendingCostMsMax` to compute, or when that moment has passed and no timer could run: a thread that computes
 *           on and on lets none, and may be killed
 *   use     the time of last use is noted once a minute and entry, and written with the next batch
 *   bound   after a batch that leads beyond `bytesMax`, those go that were not used for longest, down to nine tenths
 *
 * The file is opened at the first read. Trouble is told once. Full, locked: tried again later, and what could not be
 * written is let go. Read-only: read on. Damaged: put aside and begun anew, once. Anything else: off.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { DiskOptions, LifetimeCounts, TierStats } from "./api.ts";
import { BackOff } from "./back-off.ts";
import type { StoredKey } from "./content-key.ts";
import { openDiskFile, openForReading, putAside } from "./disk-file.ts";
import { type DiskTroubleCode, diskNotice, troubleOf } from "./disk-trouble.ts";
import type { Notices } from "./notices.ts";
import type { Frames, PersistedTier, Sampled, Sizes, StoredFrame } from "./persisted-tier.ts";
import { TierCounts } from "./tier-counts.ts";

/** How long a writer waits for another: without it most writes of two processes fail. */
const busyTimeoutMs = 5000;
/** The same after it has waited in vain. */
const impatientMs = 50;
const writeAfterMs = 50;
const pendingBytesMax = 4 << 20;
const pendingMax = 1000;
/** A transaction takes about a hundredth of that. */
const pendingCostMsMax = 100;
const pendingMsMax = 200;
const usedGrainMs = 60_000;
const lookUpMsAtFirst = 0.05;
/** Of a row besides its frame and name: the key twice, two indexes. */
const rowBytes = 150;
/** SQLite holds no more than 1 GB in a value. */
const frameBytesMax = 512 << 20;
const keptShare = 0.9;
const namesMax = 20_000;
/** Batches between two countings of what others wrote. */
const batchesPerCount = 64;

interface Statements {
  readonly read: StatementSync;
  readonly write: StatementSync;
  readonly use: StatementSync;
  readonly remove: StatementSync;
  readonly readName: StatementSync;
  readonly writeName: StatementSync;
  readonly addTotal: StatementSync;
  readonly sizes: StatementSync;
}

const totalNames = ["hits", "misses", "puts", "evictions", "corrupt", "savedMs"] as const;

export class DiskTier implements PersistedTier {
  readonly name = "disk";
  readonly counts: TierCounts = new TierCounts(lookUpMsAtFirst);
  private readonly options: DiskOptions;
  private readonly now: () => number;
  private readonly busyMs: number;
  private readonly notices: Notices;
  private readonly backOff: BackOff;
  private database: DatabaseSync | null = null;
  private statements: Statements | null = null;
  private isOff = false;
  private isReadOnly = false;
  private wasPutAside = false;
  /** Locks are not waited for at the moment. */
  private isImpatient = false;
  private readonly pending = new Map<string, StoredFrame>();
  private pendingBytes = 0;
  /** What computing them took. */
  private pendingCostMs = 0;
  /** When the first of them came. */
  private pendingSince = 0;
  /** They are misses from now on, and stay so while the file cannot be written. */
  private readonly removed = new Map<string, StoredKey>();
  private readonly used = new Map<string, { readonly key: Uint8Array; readonly at: number }>();
  private readonly names = new Map<string, () => string>();
  private readonly told: Record<(typeof totalNames)[number], number> = {
    hits: 0,
    misses: 0,
    puts: 0,
    evictions: 0,
    corrupt: 0,
    savedMs: 0,
  };
  private timer: NodeJS.Timeout | undefined;
  private heldBytes: number | undefined;
  private batches = 0;

  constructor(options: DiskOptions, now: () => number, notices: Notices, busyMs: number = busyTimeoutMs) {
    this.options = options;
    this.busyMs = busyMs;
    this.now = now;
    this.notices = notices;
    this.backOff = new BackOff(now);
  }

  get state(): TierStats["state"] {
    if (this.isOff) return "off";
    return this.backOff.isWaiting ? "waiting" : "on";
  }

  read(keys: readonly StoredKey[]): Frames {
    return keys.map((key) => this.readOne(key));
  }

  private readOne(key: StoredKey): Uint8Array | undefined {
    const pending = this.pending.get(key.text);
    if (pending !== undefined) return pending.frame;
    if (this.removed.has(key.text)) return undefined;
    const row = this.attempt(({ read }) => read.get(key.bytes));
    if (row === undefined) return undefined;
    const at = this.now();
    if (at - Number(row.used_at) >= usedGrainMs) {
      this.used.set(key.text, { key: key.bytes, at });
      this.writeSoon();
    }
    return row.value as Uint8Array;
  }

  write(entry: StoredFrame, isCopy = false): void {
    if (!this.mayWrite || rowBytes + entry.frame.length > Math.min(this.options.bytesMax, frameBytesMax))
      return;
    this.counts.puts++;
    this.forget(entry.key.text);
    if (this.pending.size === 0) this.pendingSince = this.now();
    this.pending.set(entry.key.text, entry);
    this.pendingBytes += entry.frame.length;
    if (!isCopy) this.pendingCostMs += entry.costMs;
    const isMuch = this.pendingBytes > pendingBytesMax || this.pending.size >= pendingMax;
    const isOverdue = this.now() - this.pendingSince >= pendingMsMax;
    if (isMuch || isOverdue || this.pendingCostMs >= pendingCostMsMax) this.writeNow();
    else this.writeSoon();
  }

  remove(key: StoredKey): void {
    this.forget(key.text);
    this.removed.set(key.text, key);
    this.writeSoon();
  }

  /** Notes that an entry is in use, though somebody else answers for it. */
  use(key: StoredKey): void {
    if (!this.mayWrite) return;
    this.used.set(key.text, { key: key.bytes, at: this.now() });
    this.writeSoon();
  }

  /** What is known of a name, as it was given to `writeName`. */
  readName(name: string): string | undefined {
    return (
      this.names.get(name)?.() ??
      (this.attempt(({ readName }) => readName.get(name))?.record as string | undefined)
    );
  }

  writeName(name: string, record: () => string): void {
    if (!this.mayWrite) return;
    this.names.set(name, record);
    this.writeSoon();
  }

  /** The names that were written last. */
  recentNames(n: number): readonly string[] {
    this.writeNow();
    const sql = "SELECT name FROM names ORDER BY at DESC, rowid DESC LIMIT ?";
    const rows = this.attempt((_, database) => database.prepare(sql).all(n)) ?? [];
    return rows.map((row) => row.name as string);
  }

  survey(): Sizes | undefined {
    this.writeNow();
    const row = this.attempt(({ sizes }) => sizes.get());
    return row === undefined ? undefined : { entries: Number(row.entries), bytes: Number(row.bytes) };
  }

  lifetime(): LifetimeCounts | undefined {
    this.writeNow();
    const rows = this.attempt((_, database) => database.prepare("SELECT name, amount FROM totals").all());
    if (rows === undefined) return undefined;
    const amounts = new Map(rows.map((row) => [row.name as string, Number(row.amount)]));
    const of = (name: (typeof totalNames)[number]): number => amounts.get(name) ?? 0;
    return {
      hits: of("hits"),
      misses: of("misses"),
      puts: of("puts"),
      evictions: of("evictions"),
      corrupt: of("corrupt"),
      savedMs: of("savedMs"),
    };
  }

  sample(n: number): readonly Sampled[] {
    this.writeNow();
    const sql =
      "SELECT key, value FROM entries WHERE id IN (SELECT id FROM entries ORDER BY random() LIMIT ?)";
    const rows = this.attempt((_, database) => database.prepare(sql).all(n)) ?? [];
    return rows.map((row) => {
      const bytes = Buffer.from(row.key as Uint8Array);
      return { key: { bytes, text: bytes.toString("hex") }, frame: row.value as Uint8Array };
    });
  }

  clear(): number {
    this.writeNow();
    this.names.clear();
    const count = this.attempt((_, database) => {
      const { changes } = database.prepare("DELETE FROM entries").run();
      database.exec("DELETE FROM names; DELETE FROM totals; PRAGMA incremental_vacuum");
      database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
      return Number(changes);
    });
    this.heldBytes = undefined;
    return count ?? 0;
  }

  async flush(): Promise<void> {
    this.writeNow();
  }

  async close(): Promise<void> {
    this.writeNow();
    clearTimeout(this.timer);
    this.isOff = true;
    this.letGo();
  }

  private get mayWrite(): boolean {
    return !this.isOff && !this.isReadOnly && !this.backOff.isWaiting;
  }

  private forget(text: string): void {
    const pending = this.pending.get(text);
    if (pending === undefined) return;
    this.pending.delete(text);
    this.pendingBytes -= pending.frame.length;
  }

  private writeSoon(): void {
    if (this.timer !== undefined) return;
    // A process that has nothing else to do is not kept alive for it: whoever wants all of it kept calls `close`.
    this.timer = setTimeout(() => this.writeNow(), writeAfterMs).unref();
  }

  private writeNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const isNothing = this.pending.size + this.removed.size + this.used.size + this.names.size === 0;
    if (isNothing && this.unwritten().length === 0) return;
    if (this.mayWrite) this.attempt((statements, database) => this.writeBatch(statements, database));
    this.pending.clear();
    this.pendingBytes = 0;
    this.pendingCostMs = 0;
    this.used.clear();
    this.names.clear();
  }

  private writeBatch(statements: Statements, database: DatabaseSync): void {
    const totals = this.unwritten();
    let added = 0;
    database.exec("BEGIN IMMEDIATE");
    for (const key of this.removed.values()) statements.remove.run(key.bytes);
    const at = Math.trunc(this.now());
    for (const { key, name, costMs, frame } of this.pending.values()) {
      const bytes = rowBytes + name.length + frame.length;
      statements.write.run(key.bytes, at, bytes, at, costMs, name, frame);
      added += bytes;
    }
    for (const { key, at: usedAt } of this.used.values()) statements.use.run(Math.trunc(usedAt), key);
    for (const [name, record] of this.names) statements.writeName.run(name, at, record());
    for (const [name, amount] of totals) statements.addTotal.run(name, amount);
    const evicted = this.keepBound(statements, database, added);
    database.exec("COMMIT");
    this.removed.clear();
    for (const [name, amount] of totals) this.told[name] += amount;
    this.counts.evictions += evicted;
    if (this.isImpatient) database.exec(`PRAGMA busy_timeout = ${this.busyMs}`);
    this.isImpatient = false;
    this.backOff.succeeded();
  }

  /** The counts that the file does not know of yet. */
  private unwritten(): [(typeof totalNames)[number], number][] {
    return totalNames
      .map((name): [(typeof totalNames)[number], number] => [name, this.counts[name] - this.told[name]])
      .filter(([, amount]) => amount !== 0);
  }

  private keepBound(statements: Statements, database: DatabaseSync, added: number): number {
    this.heldBytes = (this.heldBytes ?? Number.POSITIVE_INFINITY) + added;
    const isTimeToCount = this.batches++ % batchesPerCount === 0;
    const { bytesMax } = this.options;
    if (this.heldBytes <= bytesMax && !isTimeToCount) return 0;
    this.heldBytes = Number(statements.sizes.get()?.bytes ?? 0);
    if (isTimeToCount) {
      database
        .prepare("DELETE FROM names WHERE rowid NOT IN (SELECT rowid FROM names ORDER BY at DESC LIMIT ?)")
        .run(namesMax);
    }
    if (this.heldBytes <= bytesMax) return 0;
    const oldest = database.prepare("SELECT id, bytes FROM entries ORDER BY used_at, bytes").iterate();
    const ids: number[] = [];
    for (const row of oldest) {
      if (this.heldBytes <= bytesMax * keptShare) break;
      ids.push(Number(row.id));
      this.heldBytes -= Number(row.bytes);
    }
    const evict = database.prepare("DELETE FROM entries WHERE id = ?");
    for (const id of ids) evict.run(id);
    return ids.length;
  }

  /** Does something with the file; in trouble it answers `undefined` and sees to it. */
  private attempt<T>(action: (statements: Statements, database: DatabaseSync) => T): T | undefined {
    // What is open can be read while writing is in trouble.
    if (this.isOff || (this.database === null && this.backOff.isWaiting)) return undefined;
    try {
      this.database ??= this.opened();
      this.statements ??= prepare(this.database);
      return action(this.statements, this.database);
    } catch (error) {
      this.inTrouble(troubleOf(error));
      return undefined;
    }
  }

  private opened(): DatabaseSync {
    const { path, pagesMax } = this.options;
    try {
      return openDiskFile(path, { pagesMax, busyMs: this.isImpatient ? impatientMs : this.busyMs });
    } catch (error) {
      const code = troubleOf(error);
      const readable = code === "read-only" ? openForReading(path) : undefined;
      if (readable === undefined) throw error;
      this.isReadOnly = true;
      this.notices.tell(diskNotice(path, code, undefined));
      return readable;
    }
  }

  private inTrouble(code: DiskTroubleCode): void {
    const { path } = this.options;
    if (this.database?.isTransaction) {
      try {
        this.database.exec("ROLLBACK");
      } catch {
        this.letGo();
      }
    }
    let aside: string | undefined;
    if (code === "damaged") {
      this.letGo();
      // A second time is no accident of the file.
      if (!this.wasPutAside) aside = putAside(path, this.now());
      this.wasPutAside = true;
      if (aside === undefined) this.isOff = true;
    } else if (code === "full" || code === "locked") {
      this.backOff.failed();
      this.beImpatient();
    } else if (code === "read-only" && this.database !== null) {
      this.isReadOnly = true;
    } else {
      this.letGo();
      this.isOff = true;
    }
    this.notices.tell(diskNotice(path, code, aside));
  }

  /** Waiting for a lock stops the whole thread: once is enough. */
  private beImpatient(): void {
    this.isImpatient = true;
    this.database?.exec(`PRAGMA busy_timeout = ${impatientMs}`);
  }

  private letGo(): void {
    const { database } = this;
    this.database = null;
    this.statements = null;
    this.heldBytes = undefined;
    try {
      database?.close();
    } catch {
      // Closing a damaged file may fail as well; there is nothing left to save.
      this.database = null;
    }
  }
}

function prepare(database: DatabaseSync): Statements {
  return {
    read: database.prepare("SELECT used_at, value FROM entries WHERE key = ?"),
    write: database.prepare(
      "INSERT INTO entries (key, used_at, bytes, stored_at, cost_ms, name, value) VALUES (?, ?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT (key) DO UPDATE SET used_at = excluded.used_at, bytes = excluded.bytes, " +
        "stored_at = excluded.stored_at, cost_ms = excluded.cost_ms, name = excluded.name, value = excluded.value",
    ),
    use: database.prepare("UPDATE entries SET used_at = ? WHERE key = ?"),
    remove: database.prepare("DELETE FROM entries WHERE key = ?"),
    readName: database.prepare("SELECT record FROM names WHERE name = ?"),
    writeName: database.prepare(
      "INSERT INTO names (name, at, record) VALUES (?, ?, ?) " +
        "ON CONFLICT (name) DO UPDATE SET at = excluded.at, record = excluded.record",
    ),
    addTotal: database.prepare(
      "INSERT INTO totals (name, amount) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET amount = amount + excluded.amount",
    ),
    sizes: database.prepare("SELECT count(*) AS entries, coalesce(sum(bytes), 0) AS bytes FROM entries"),
  };
}
