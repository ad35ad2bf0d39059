/**
 * Blobs and signs of workers on PostgreSQL: two tables in the schema `<name>`, beside those of BullMQ. All times are the
 * server's own. What has run out is not found, and goes with a later write.
 */
import { BatchError } from "@reckon/batch";
import { runMigrations } from "bullmq";
import { Pool } from "pg";
import type { ServerAddress } from "./server-address.ts";
import { refusePostgres } from "./server-check.ts";
import { commandTimeoutMs, connectTimeoutMs, type ServerStore, type WorkerSign } from "./server-store.ts";
import { queueError } from "./server-trouble.ts";

const connectionsMax = 3;
/** So many writes between two looks for what has run out. */
const writesBetweenCleanings = 200;
/** Any number that other programs are unlikely to take. */
const creationLock = 1380666190;
const now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/** Rejects with `BatchError` when the server cannot be reached or used. */
export async function connectPostgresStore(address: ServerAddress, name: string): Promise<ServerStore> {
  const pool = new Pool({
    connectionString: address.url,
    max: connectionsMax,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: commandTimeoutMs,
    application_name: "reckon",
    allowExitOnIdle: true,
    options: `-c search_path="${name}"`,
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => undefined);
  // And one that breaks while it is used rejects what was asked.
  pool.on("connect", (client) => void client.on("error", () => undefined));
  try {
    const { rows } = await pool.query("SELECT current_setting('server_version_num')::int AS version");
    const refusal = refusePostgres(Number(rows[0]?.version));
    if (refusal !== undefined) throw new BatchError("queue", `The queue at ${address.shown} ${refusal}`);
    await makeTables(pool, name);
    return new PostgresStore(pool);
  } catch (error) {
    await pool.end();
    throw queueError(address.shown, error);
  }
}

/** BullMQ's tables and ours. Several processes may do so at once. */
async function makeTables(pool: Pool, name: string): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client, name, { skipVersionCheck: true });
    await client.query(`
      BEGIN;
      SELECT pg_advisory_xact_lock(${creationLock});
      CREATE TABLE IF NOT EXISTS reckon_blobs (
        name text PRIMARY KEY, bytes bytea NOT NULL, expires_at_ms bigint NOT NULL);
      CREATE INDEX IF NOT EXISTS reckon_blobs_by_expiry ON reckon_blobs (expires_at_ms);
      CREATE TABLE IF NOT EXISTS reckon_workers (
        worker text PRIMARY KEY, sign text NOT NULL, expires_at_ms bigint NOT NULL);
      COMMIT`);
  } finally {
    client.release();
  }
}

class PostgresStore implements ServerStore {
  private readonly pool: Pool;
  private writes = 0;

  constructor(pool: Pool) {
    this.pool = pool;
  }

  async put(name: string, bytes: Uint8Array, liveMs: number): Promise<void> {
    const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    await this.pool.query(
      `INSERT INTO reckon_blobs (name, bytes, expires_at_ms) VALUES ($1, $2, ${now} + $3::bigint)
       ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes, expires_at_ms = excluded.expires_at_ms`,
      [name, value, Math.ceil(liveMs)],
    );
    this.writes += 1;
    if (this.writes % writesBetweenCleanings === 1) {
      await this.pool.query(`DELETE FROM reckon_blobs WHERE expires_at_ms < ${now}`);
    }
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const { rows } = await this.pool.query(
      `SELECT bytes FROM reckon_blobs WHERE name = $1 AND expires_at_ms >= ${now}`,
      [name],
    );
    return (rows as { bytes: Buffer }[])[0]?.bytes;
  }

  async touch(name: string, liveMs: number): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `UPDATE reckon_blobs SET expires_at_ms = ${now} + $2::bigint WHERE name = $1 AND expires_at_ms >= ${now}`,
      [name, Math.ceil(liveMs)],
    );
    return rowCount === 1;
  }

  async drop(names: readonly string[]): Promise<void> {
    if (names.length > 0) {
      await this.pool.query("DELETE FROM reckon_blobs WHERE name = ANY($1::text[])", [names]);
    }
  }

  async beat(sign: WorkerSign, liveMs: number): Promise<number> {
    const { rows } = await this.pool.query(
      `INSERT INTO reckon_workers (worker, sign, expires_at_ms) VALUES ($1, $2, ${now} + $3::bigint)
       ON CONFLICT (worker) DO UPDATE SET sign = excluded.sign, expires_at_ms = excluded.expires_at_ms
       RETURNING ${now} AS now`,
      [sign.worker, JSON.stringify(sign), Math.ceil(liveMs)],
    );
    return Number((rows as { now: string }[])[0]?.now);
  }

  async leave(worker: string): Promise<void> {
    await this.pool.query(`DELETE FROM reckon_workers WHERE worker = $1 OR expires_at_ms < ${now}`, [worker]);
  }

  async workers(): Promise<readonly WorkerSign[]> {
    const { rows } = await this.pool.query(
      `SELECT sign FROM reckon_workers WHERE expires_at_ms >= ${now} ORDER BY worker`,
    );
    return (rows as { sign: string }[]).map(({ sign }) => JSON.parse(sign) as WorkerSign);
  }

  async life(): Promise<string> {
    const { rows } = await this.pool.query("SELECT pg_postmaster_start_time()::text AS life");
    return String((rows as { life: string }[])[0]?.life);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
