/** The types of columns in the two dialects, for migrations that are written once. */
import type { Dialect } from "../ledger-database.ts";

export interface ColumnTypes {
  readonly integer: string;
  readonly big: string;
  readonly real: string;
  readonly json: string;
  readonly bytes: string;
  /** A number that counts up by itself, and is the key. */
  readonly serialKey: string;
  /** After a table whose key is its order on the disk. */
  readonly byKey: string;
}

export const columnTypes: Readonly<Record<Dialect, ColumnTypes>> = {
  sqlite: {
    integer: "INTEGER",
    big: "INTEGER",
    real: "REAL",
    json: "TEXT",
    bytes: "BLOB",
    serialKey: "INTEGER PRIMARY KEY AUTOINCREMENT",
    byKey: " WITHOUT ROWID",
  },
  postgres: {
    integer: "integer",
    big: "bigint",
    real: "double precision",
    json: "jsonb",
    bytes: "bytea",
    serialKey: "bigserial PRIMARY KEY",
    byKey: "",
  },
};

/** One step from a version of the ledger to the next. */
export interface Migration {
  readonly version: number;
  /** Statements, each ended by a semicolon. */
  readonly statements: (types: ColumnTypes, dialect: Dialect) => string;
}
