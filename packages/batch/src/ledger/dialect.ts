/** Pieces of statements that the two dialects write differently. */
import type { Dialect, Statement } from "./ledger-database.ts";

export interface Pieces {
  /** `column` is one of the texts (numbers) in the list `name`. */
  readonly isIn: (column: string, name: string) => string;
  readonly isInNumbers: (column: string, name: string) => string;
  /** The list `name` as a table `given (value)`; look-ups by it begin `FROM ${given("keys")} CROSS JOIN`, an order that SQLite keeps. */
  readonly given: (name: string) => string;
  /** Whether the list `name` is not given. */
  readonly isNone: (name: string) => string;
  /** Between two values in proportion; `share` from 0 to 1. */
  readonly percentile: (column: string, share: number) => string;
  /** After a row is selected: nobody else changes it until the transaction ends. */
  readonly forUpdate: string;
  readonly json: (name: string) => string;
  /** A list of keys, and their deep keys one behind the other (16 bytes each), as a table `given` of key and deep_key. */
  readonly deepKeys: (keys: string, deepKeys: string) => string;
}

const pieces: Readonly<Record<Dialect, Pieces>> = {
  sqlite: {
    isIn: (column, name) => `${column} IN (SELECT value FROM json_each(:${name}))`,
    isInNumbers: (column, name) => `${column} IN (SELECT value FROM json_each(:${name}))`,
    given: (name) => `json_each(:${name}) AS given`,
    isNone: (name) => `:${name} IS NULL`,
    percentile: (column, share) => `percentile_cont(${column}, ${share})`,
    forUpdate: "",
    json: (name) => `:${name}`,
    deepKeys: (keys, deepKeys) =>
      `(SELECT k.value AS key, substr(:${deepKeys}, 1 + 16 * k.key, 16) AS deep_key FROM json_each(:${keys}) AS k) AS given`,
  },
  postgres: {
    isIn: (column, name) => `${column} = ANY(:${name}::text[])`,
    isInNumbers: (column, name) => `${column} = ANY(:${name}::bigint[])`,
    given: (name) => `unnest(:${name}::text[]) AS given (value)`,
    isNone: (name) => `:${name}::text[] IS NULL`,
    percentile: (column, share) => `percentile_cont(${share}) WITHIN GROUP (ORDER BY ${column})`,
    forUpdate: "FOR UPDATE",
    json: (name) => `:${name}::jsonb`,
    deepKeys: (keys, deepKeys) =>
      `(SELECT k.key, substr(:${deepKeys}::bytea, (1 + 16 * (k.at - 1))::int, 16) AS deep_key FROM unnest(:${keys}::text[]) WITH ORDINALITY AS k (key, at)) AS given`,
  },
};

/** A statement written once for both. */
export function statement(write: (pieces: Pieces) => string): Statement {
  return { sqlite: write(pieces.sqlite), postgres: write(pieces.postgres) };
}
