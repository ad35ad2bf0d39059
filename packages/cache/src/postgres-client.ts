/**
 * Results in a PostgreSQL database: one table, `reckon_memo`, made if it is missing.
 *
 * Writing is an upsert of a whole batch, so it may be repeated, and two writers of one key do not meet: keys are written
 * in their order. The day of last use is kept; after its first batch a program deletes what nobody has used for 90 days, a
 * bounded number of entries.
 */
import type { Pool } from "pg";
import type { StoredKey } from "./content-key.ts";
import type { Frames, Sampled, Sizes, StoredFrame } from "./persisted-tier.ts";
import type { ServerClient, ServerLimits } from "./server-client.ts";

const connectionsMax = 4;
/** Any number that other programs are unlikely to take. */
const creationLock = 1380666189;

const createTable = `
  BEGIN;
  SELECT pg_advisory_xact_lock(${creationLock});
  CREATE TABLE IF NOT EXISTS reckon_memo (
    key bytea PRIMARY KEY,
    value bytea NOT NULL,
    name text NOT NULL,
    cost_ms double precision NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX IF NOT EXISTS reckon_memo_by_use ON reckon_memo (used_at);
  COMMIT`;

const upsert = `
  INSERT INTO reckon_memo (key, value, name, cost_ms)
  SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::double precision[])
  ON CONFLICT (key) DO UPDATE SET
    value = excluded.value, name = excluded.name, cost_ms = excluded.cost_ms, stored_at = now(), used_at = now()`;

const select = `
  SELECT key, value, used_at < now() - interval '1 day' AS is_old FROM reckon_memo WHERE key = ANY($1::bytea[])`;

/** Rows that others are at are left to them. */
const forgetUnused = `
  DELETE FROM reckon_memo WHERE key IN (
    SELECT key FROM reckon_memo WHERE used_at < now() - interval '90 days' ORDER BY used_at LIMIT 10000
    FOR UPDATE SKIP LOCKED)`;

export async function connectPostgres(url: string, limits: ServerLimits): Promise<ServerClient> {
  const { Pool: ConnectionPool } = await import("pg");
  const pool = new ConnectionPool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: limits.connectTimeoutMs,
    query_timeout: limits.commandTimeoutMs,
    application_name: "reckon",
    allowExitOnIdle: true,
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => undefined);
  try {
    const { rows } = await pool.query("SELECT to_regclass('reckon_memo') IS NOT NULL AS is_there");
    // Who may read only can still read.
    if (rows[0]?.is_there !== true) await pool.query(createTable);
    return new PostgresClient(pool);
  } catch (error) {
    await pool.end();
    throw error;
  }
}

class PostgresClient implements ServerClient {
  private readonly pool: Pool;
  private hasForgotten = false;
  /** What nobody waits for but the end: a pool that ends leaves out what has not begun. */
  private readonly beside = new Set<Promise<void>>();

  constructor(pool: Pool) {
    this.pool = pool;
  }

  async getMany(keys: readonly StoredKey[]): Promise<Frames> {
    const { rows } = await this.pool.query(select, [keys.map(({ bytes }) => bytes)]);
    const found = new Map<string, Uint8Array>();
    const old: Uint8Array[] = [];
    for (const { key, value, is_old } of rows as { key: Buffer; value: Buffer; is_old: boolean }[]) {
      found.set(key.toString("hex"), value);
      if (is_old) old.push(key);
    }
    if (old.length > 0)
      this.asWell("UPDATE reckon_memo SET used_at = now() WHERE key = ANY($1::bytea[])", [old]);
    return keys.map(({ text }) => found.get(text));
  }

  async setMany(entries: readonly StoredFrame[]): Promise<void> {
    const ordered = [...entries].sort((a, b) => (a.key.text < b.key.text ? -1 : 1));
    await this.pool.query(upsert, [
      ordered.map(({ key }) => key.bytes),
      ordered.map(({ frame }) => Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)),
      // The one character that its texts cannot hold.
      ordered.map(({ name }) => name.replaceAll("\u0000", "\ufffd")),
      ordered.map(({ costMs }) => costMs),
    ]);
    if (this.hasForgotten) return;
    this.hasForgotten = true;
    this.asWell(forgetUnused, []);
  }

  async removeMany(keys: readonly StoredKey[]): Promise<void> {
    await this.pool.query("DELETE FROM reckon_memo WHERE key = ANY($1::bytea[])", [
      keys.map(({ bytes }) => bytes),
    ]);
  }

  async survey(): Promise<Sizes> {
    const { rows } = await this.pool.query(
      "SELECT count(*) AS entries, coalesce(sum(length(value)), 0) AS bytes FROM reckon_memo",
    );
    return { entries: Number(rows[0]?.entries), bytes: Number(rows[0]?.bytes) };
  }

  async sample(n: number): Promise<readonly Sampled[]> {
    const { rows } = await this.pool.query(
      "SELECT key, value FROM reckon_memo WHERE key IN (SELECT key FROM reckon_memo ORDER BY random() LIMIT $1)",
      [n],
    );
    return (rows as { key: Buffer; value: Buffer }[]).map(({ key, value }) => ({
      key: { bytes: key, text: key.toString("hex") },
      frame: value,
    }));
  }

  async clear(): Promise<number> {
    const { rowCount } = await this.pool.query("DELETE FROM reckon_memo");
    return rowCount ?? 0;
  }

  async close(): Promise<void> {
    await Promise.all(this.beside);
    await this.pool.end();
  }

  /** Nobody waits for it, and who may not write goes without. */
  private asWell(text: string, values: readonly unknown[]): void {
    const done = this.pool.query(text, [...values]).then(noop, noop);
    this.beside.add(done);
    void done.then(() => this.beside.delete(done));
  }
}

function noop(): void {}
