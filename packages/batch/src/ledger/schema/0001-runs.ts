/** Version 1 of the ledger: runs, entities, attempts, chunks, and what goes with them. What columns mean: docs/spec/ledger.md. */
import type { Migration } from "./column-types.ts";

export const migration0001: Migration = {
  version: 1,
  statements: ({ integer, big, real, json, bytes, serialKey, byKey }) => `
    CREATE TABLE runs (
      run_id TEXT PRIMARY KEY,
      model TEXT NOT NULL,
      model_path TEXT NOT NULL,
      scenario TEXT NOT NULL,
      axis TEXT NOT NULL,
      source TEXT NOT NULL,
      program_key TEXT NOT NULL,
      state TEXT NOT NULL,
      owner TEXT,
      owner_until_ms ${big},
      strategy TEXT,
      concurrency ${integer} NOT NULL DEFAULT 1,
      chunk_entities ${integer} NOT NULL DEFAULT 0,
      started_at_ms ${big} NOT NULL,
      ended_at_ms ${big},
      counted_at_ms ${big} NOT NULL,
      wall_ms ${real} NOT NULL DEFAULT 0,
      cpu_ms ${real} NOT NULL DEFAULT 0,
      memory_peak_bytes ${big} NOT NULL DEFAULT 0,
      predicted_ms ${real},
      price_per_cpu_second ${real},
      cost ${real},
      entities ${big} NOT NULL DEFAULT 0,
      succeeded ${big} NOT NULL DEFAULT 0,
      failed ${big} NOT NULL DEFAULT 0,
      invalid ${big} NOT NULL DEFAULT 0,
      skipped ${big} NOT NULL DEFAULT 0,
      retried ${big} NOT NULL DEFAULT 0,
      attempts ${big} NOT NULL DEFAULT 0,
      checks_failed ${big} NOT NULL DEFAULT 0,
      computed ${big},
      duration_p50_ms ${real},
      duration_p95_ms ${real},
      duration_p99_ms ${real},
      duration_max_ms ${real},
      wait_p50_ms ${real},
      wait_p95_ms ${real},
      wait_p99_ms ${real},
      wait_max_ms ${real},
      sessions ${integer} NOT NULL DEFAULT 1,
      reckon_version TEXT NOT NULL,
      engine_version TEXT NOT NULL,
      node_version TEXT NOT NULL,
      v8_version TEXT NOT NULL,
      machine TEXT NOT NULL,
      plan_json ${json},
      policy_json ${json},
      summary_json ${json}
    );
    CREATE INDEX runs_by_model ON runs (model_path, started_at_ms);
    CREATE TABLE chunks (
      chunk_id ${serialKey},
      run_id TEXT NOT NULL,
      chunk TEXT NOT NULL,
      entities ${integer} NOT NULL,
      worker TEXT NOT NULL,
      started_at_ms ${big} NOT NULL,
      ended_at_ms ${big} NOT NULL,
      duration_ms ${real} NOT NULL,
      wait_ms ${real} NOT NULL,
      cpu_ms ${real} NOT NULL,
      memory_peak_bytes ${big} NOT NULL,
      cache_hits ${big} NOT NULL,
      cache_look_ups ${big} NOT NULL,
      block ${bytes},
      UNIQUE (run_id, chunk)
    );
    CREATE TABLE entities (
      run_id TEXT NOT NULL,
      entity_key TEXT NOT NULL,
      position ${big} NOT NULL,
      state TEXT NOT NULL,
      attempts ${integer} NOT NULL,
      deep_key ${bytes} NOT NULL,
      chunk_id ${big} NOT NULL,
      chunk_row ${integer} NOT NULL,
      duration_ms ${real} NOT NULL,
      error_code TEXT,
      error_message TEXT,
      error_attribute TEXT,
      checks_failed ${integer} NOT NULL,
      PRIMARY KEY (run_id, position, entity_key)
    )${byKey};
    CREATE UNIQUE INDEX entities_by_key ON entities (run_id, entity_key);
    CREATE INDEX entities_failed ON entities (run_id) WHERE state IN ('failed', 'open');
    CREATE TABLE attempts (
      run_id TEXT NOT NULL,
      entity_key TEXT NOT NULL,
      attempt ${integer} NOT NULL,
      outcome TEXT NOT NULL,
      worker TEXT NOT NULL,
      started_at_ms ${big} NOT NULL,
      duration_ms ${real} NOT NULL,
      wait_ms ${real} NOT NULL,
      error_code TEXT,
      error_attribute TEXT,
      message TEXT,
      PRIMARY KEY (run_id, entity_key, attempt)
    )${byKey};
    CREATE TABLE row_problems (
      run_id TEXT NOT NULL,
      position ${big} NOT NULL,
      line ${big} NOT NULL,
      message TEXT NOT NULL,
      PRIMARY KEY (run_id, position)
    )${byKey};
    CREATE TABLE workers (
      run_id TEXT NOT NULL,
      worker TEXT NOT NULL,
      chunks ${big} NOT NULL,
      entities ${big} NOT NULL,
      cpu_ms ${real} NOT NULL,
      memory_peak_bytes ${big} NOT NULL,
      first_seen_at_ms ${big} NOT NULL,
      last_seen_at_ms ${big} NOT NULL,
      PRIMARY KEY (run_id, worker)
    )${byKey};
    CREATE TABLE values_taken (
      run_id TEXT NOT NULL,
      from_run_id TEXT NOT NULL,
      PRIMARY KEY (run_id, from_run_id)
    )${byKey};
    CREATE TABLE measures (
      machine TEXT NOT NULL,
      name TEXT NOT NULL,
      value ${real} NOT NULL,
      measured_at_ms ${big} NOT NULL,
      PRIMARY KEY (machine, name)
    )${byKey};
    CREATE VIEW entity_times AS
      SELECT e.run_id, e.entity_key, e.state, c.worker, c.started_at_ms, c.ended_at_ms, e.duration_ms, c.wait_ms,
        c.cpu_ms / c.entities AS cpu_ms
      FROM entities e JOIN chunks c ON c.chunk_id = e.chunk_id
      WHERE e.state IN ('succeeded', 'failed');`,
};
