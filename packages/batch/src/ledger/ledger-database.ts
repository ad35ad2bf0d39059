/**
 * What the ledger needs of a database, alike for SQLite and PostgreSQL: statements with named parameters (`:run`), rows as
 * plain records, columns of values put in as one, and transactions that do not mix with one another.
 */
export type Dialect = "sqlite" | "postgres";

/** One statement in both dialects; where these agree, the texts are the same. Parameters are `:name`. */
export type Statement = Readonly<Record<Dialect, string>>;

export type SqlValue = string | number | null | Uint8Array;
/** A list stands where a statement says so (`isIn`). */
export type SqlParameters = Readonly<Record<string, SqlValue | readonly string[] | readonly number[]>>;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** Rows to put in, a list of values a column; all of the same length, or one value for all rows. */
export interface SqlColumns {
  readonly into: InsertShape;
  readonly rows: number;
  readonly columns: readonly (readonly SqlValue[] | { readonly all: SqlValue })[];
}

/** A table, the columns to fill with their PostgreSQL types, and what happens to rows that are there. */
export interface InsertShape {
  readonly table: string;
  readonly columns: readonly (readonly [name: string, type: string])[];
  /** `on conflict …`, the same in both dialects. */
  readonly conflict: string;
  /** A column of the rows put in to give back, in the order of the rows. */
  readonly returning?: string;
}

export interface Inserted {
  /** Put in or changed. */
  readonly rows: number;
  /** What `returning` asks for, else nothing. */
  readonly returned: readonly SqlValue[];
}

/** What can be done inside a transaction, and outside as a transaction of one. */
export interface LedgerConnection {
  readonly all: (statement: Statement, parameters?: SqlParameters) => Promise<readonly SqlRow[]>;
  /** The same as lists of values, in the order of the columns: a third less time where there are many rows. */
  readonly lists: (
    statement: Statement,
    parameters?: SqlParameters,
  ) => Promise<readonly (readonly SqlValue[])[]>;
  /** How many rows it changed. */
  readonly run: (statement: Statement, parameters?: SqlParameters) => Promise<number>;
  readonly insert: (rows: SqlColumns) => Promise<Inserted>;
  /** Several statements without parameters, as migrations have them. */
  readonly script: (sql: string) => Promise<void>;
}

export interface LedgerDatabase extends LedgerConnection {
  readonly dialect: Dialect;
  readonly name: string;
  /** All of it, or nothing where `body` rejects. One after another. */
  readonly transaction: <T>(body: (connection: LedgerConnection) => Promise<T>) => Promise<T>;
  /** Reads that belong together: all of them see the ledger as it was at the first. */
  readonly snapshot: <T>(body: (connection: LedgerConnection) => Promise<T>) => Promise<T>;
  /** From now on a server that goes away is waited for, where there is one: what is asked for from then on may be done twice. */
  readonly holdOut: () => void;
  /** What its time is ahead of this clock: processes on several machines compare leases by it. 0 where there is one machine. */
  readonly aheadMs: (clock: { readonly date: () => number }) => Promise<number>;
  /** Gives room of removed rows back to the disk. */
  readonly shrink: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export function textOf(row: SqlRow, column: string): string {
  return String(row[column]);
}

export function maybeText(row: SqlRow, column: string): string | undefined {
  const value = row[column];
  return value === null || value === undefined ? undefined : String(value);
}

export function numberOf(row: SqlRow, column: string): number {
  return Number(row[column] ?? 0);
}

export function maybeNumber(row: SqlRow, column: string): number | undefined {
  const value = row[column];
  return value === null || value === undefined ? undefined : Number(value);
}

/** JSON out of a column: text in SQLite, read already from PostgreSQL. */
export function maybeJson(row: SqlRow, column: string): unknown {
  const value: unknown = row[column];
  if (value === null || value === undefined) return undefined;
  return typeof value === "string" ? JSON.parse(value) : value;
}
