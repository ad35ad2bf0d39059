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
  /**
   * `FROM … WHERE …`: the run's rows `e` of `entities` under the keys of a list, each looked up by itself. Both databases would walk
   * over the run where they think that it is small, and they think so until they have counted.
   */
  readonly byKey: (keys: string) => string;
  /** Behind that: whether the row's deep key is the one that stands at the key's place in a list of 16 bytes each. */
  readonly hasDeepKey: (deepKeys: string) => string;
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
    byKey: (keys) =>
      `FROM json_each(:${keys}) AS given CROSS JOIN entities AS e WHERE e.run_id = :run AND e.entity_key = given.value`,
    hasDeepKey: (deepKeys) => `e.deep_key = substr(:${deepKeys}, 1 + 16 * given.key, 16)`,
  },
  postgres: {
    isIn: (column, name) => `${column} = ANY(:${name}::text[])`,
    isInNumbers: (column, name) => `${column} = ANY(:${name}::bigint[])`,
    given: (name) => `unnest(:${name}::text[]) AS given (value)`,
    isNone: (name) => `:${name}::text[] IS NULL`,
    percentile: (column, share) => `percentile_cont(${share}) WITHIN GROUP (ORDER BY ${column})`,
    forUpdate: "FOR UPDATE",
    json: (name) => `:${name}::jsonb`,
    byKey: (keys) =>
      `FROM unnest(:${keys}::text[]) WITH ORDINALITY AS given (value, place) CROSS JOIN LATERAL
    (SELECT * FROM entities WHERE run_id = :run AND entity_key = given.value OFFSET 0) AS e WHERE true`,
    hasDeepKey: (deepKeys) => `e.deep_key = substr(:${deepKeys}::bytea, (16 * given.place - 15)::int, 16)`,
  },
};

/** A statement written once for both. */
export function statement(write: (pieces: Pieces) => string): Statement {
  return { sqlite: write(pieces.sqlite), postgres: write(pieces.postgres) };
}
