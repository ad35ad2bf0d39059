/**
 * Blobs, signs of workers and slots of rates on PostgreSQL: three tables in the schema `<name>`, beside those of BullMQ. All times are the
 * server's own. What has run out is not found, and goes with a later write.
 */
import { BatchError } from "@reckon/batch";
import { runMigrations } from "bullmq";
import { Pool } from "pg";
import type { ServerAddress } from "./server-address.ts";
import { refusePostgres } from "./server-check.ts";
import {
  commandTimeoutMs,
  connectTimeoutMs,
  type ServerStore,
  type SlotRequest,
  type Slots,
  type WorkerSign,
} from "./server-store.ts";
import { queueError } from "./server-trouble.ts";

const connectionsMax = 3;
/** So many writes between two looks for what has run out. */
const writesBetweenCleanings = 200;
/** Any number that other programs are unlikely to take. */
const creationLock = 1380666190;
const slotLock = 1380666191;
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

/*
 * A function, so that what follows the lock sees what others have written before they let go of it, in one round trip. Runs whose
 * locks have one number wait for each other a little longer.
 */
const takeFunction = `
  CREATE OR REPLACE FUNCTION reckon_take_slots(
    for_run text, as_name text, wanted int, most double precision, per_ms bigint, hold_ms bigint)
  RETURNS bigint LANGUAGE plpgsql AS $$
  DECLARE
    at_ms bigint;
    total double precision;
    held record;
  BEGIN
    PERFORM pg_advisory_xact_lock(${slotLock}, hashtext(for_run));
    at_ms := ${now};
    DELETE FROM reckon_slots WHERE run = for_run AND (until_ms <= at_ms OR name = as_name);
    SELECT wanted + COALESCE(sum(count), 0) INTO total FROM reckon_slots WHERE run = for_run;
    FOR held IN SELECT count, until_ms FROM reckon_slots WHERE run = for_run ORDER BY until_ms LOOP
      EXIT WHEN total <= most;
      total := total - held.count;
      IF total <= most THEN
        RETURN CASE WHEN held.until_ms - at_ms > per_ms THEN -1 ELSE held.until_ms - at_ms END;
      END IF;
    END LOOP;
    INSERT INTO reckon_slots VALUES (for_run, as_name, wanted, at_ms + hold_ms);
    RETURN 0;
  END $$;`;

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
      CREATE TABLE IF NOT EXISTS reckon_slots (
        run text, name text, count int NOT NULL, until_ms bigint NOT NULL, PRIMARY KEY (run, name));
      ${takeFunction}
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
      await this.sweepSlots();
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
    await this.sweepSlots();
  }

  async workers(): Promise<readonly WorkerSign[]> {
    const { rows } = await this.pool.query(
      `SELECT sign FROM reckon_workers WHERE expires_at_ms >= ${now} ORDER BY worker`,
    );
    return (rows as { sign: string }[]).map(({ sign }) => JSON.parse(sign) as WorkerSign);
  }

  async takeSlots({ run, name, count, rate, holdMs }: SlotRequest): Promise<number | undefined> {
    const { rows } = await this.pool.query(
      "SELECT reckon_take_slots($1, $2, $3::int, $4::float8, $5::bigint, $6::bigint) AS wait",
      [run, name, count, rate.jobsMax, Math.ceil(rate.perMs), Math.ceil(holdMs)],
    );
    const waitMs = Number((rows as { wait: string }[])[0]?.wait);
    return waitMs < 0 ? undefined : waitMs;
  }

  async keepSlots({ run, name, count }: Slots, liveMs: number): Promise<void> {
    await this.pool.query(
      `INSERT INTO reckon_slots (run, name, count, until_ms) VALUES ($1, $2, $3::int, ${now} + $4::bigint)
       ON CONFLICT (run, name) DO UPDATE SET until_ms = excluded.until_ms`,
      [run, name, count, Math.ceil(liveMs)],
    );
  }

  /** It waits for nobody, so that nobody waits in a circle. */
  private async sweepSlots(): Promise<void> {
    await this.pool.query(
      `DELETE FROM reckon_slots WHERE ctid = ANY(ARRAY(
         SELECT ctid FROM reckon_slots WHERE until_ms < ${now} FOR UPDATE SKIP LOCKED))`,
    );
  }

  async life(): Promise<string> {
    const { rows } = await this.pool.query("SELECT pg_postmaster_start_time()::text AS life");
    return String((rows as { life: string }[])[0]?.life);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
