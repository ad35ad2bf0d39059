/**
 * The ledger's database in PostgreSQL, in a schema of its own, `reckon`.
 *
 *   1. Every connection looks into that schema alone, so that statements are the same as in SQLite.
 *   2. Rows are put in a list a column (`unnest`): one statement for thousands.
 *   3. Whole numbers of 64 bits come as numbers: sizes and times are far below where these lose digits.
 *   4. A server that goes away while a run is recorded is waited for (`patience.ts`): statements and transactions are done again as a
 *      whole, and all that are made from then on may be repeated.
 */
import type { Pool, PoolClient } from "pg";
import {
  type Inserted,
  type InsertShape,
  type LedgerConnection,
  type LedgerDatabase,
  numberOf,
  type SqlColumns,
  type SqlParameters,
  type SqlRow,
  type SqlValue,
  type Statement,
} from "./ledger-database.ts";
import { isAway, ledgerError } from "./ledger-trouble.ts";
import { Patience, type PatienceOptions } from "./patience.ts";

/** With the 4 MB that a server gives, percentiles of 400,000 entities are sorted on the disk: 1.1 s instead of 0.25. */
const session = "SET search_path TO reckon; SET work_mem TO '64MB'";
const connectionsMax = 4;
const connectMs = 10_000;
/** Long enough for the largest run that is forgotten or told. */
const statementMs = 300_000;
/** Rows that are put in take seconds at most: after this the connection is cut, and another one may be tried. */
const insertMs = 60_000;

const timeText = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint) AS now";
const timeNow: Statement = { sqlite: timeText, postgres: timeText };

export interface PostgresOptions {
  readonly isReadOnly: boolean;
  /** Absent: what cannot be done at once fails. */
  readonly patience: PatienceOptions | undefined;
}

export async function connectPostgres(
  url: string,
  { isReadOnly, patience }: PostgresOptions,
): Promise<LedgerDatabase> {
  const name = placeOf(url);
  try {
    const { Pool: ConnectionPool, types } = await import("pg");
    const int8 = types.builtins.INT8;
    const pool = new ConnectionPool({
      connectionString: url,
      max: connectionsMax,
      connectionTimeoutMillis: connectMs,
      query_timeout: statementMs,
      application_name: "reckon",
      allowExitOnIdle: true,
      keepAlive: true,
      onConnect: async (client) => {
        // One that breaks in the middle of a transaction rejects its statements; without a listener it would end the process.
        client.on("error", () => undefined);
        await client.query(session);
        if (isReadOnly) await client.query("SET default_transaction_read_only TO on");
      },
      types: {
        getTypeParser: ((id: number, format: "text") =>
          id === int8 ? Number : types.getTypeParser(id, format)) as typeof types.getTypeParser,
      },
    });
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    pool.on("error", () => undefined);
    const waiting = patience === undefined ? undefined : new Patience(patience, name, isAway);
    const database = new PostgresDatabase(pool, name, waiting);
    try {
      await pool.query("SELECT 1");
      return database;
    } catch (error) {
      await pool.end();
      throw error;
    }
  } catch (error) {
    throw ledgerError(name, error);
  }
}

/** Where it is, without user and password. */
function placeOf(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return "at the given address";
  }
}

/** Who can be asked: the pool, or one of its connections. */
type Asked = Pick<PoolClient, "query">;

class PostgresDatabase implements LedgerDatabase {
  readonly dialect = "postgres";
  readonly name: string;
  private readonly pool: Pool;
  private readonly patience: Patience | undefined;
  private isClosed = false;
  private readonly outside: LedgerConnection;

  constructor(pool: Pool, name: string, patience: Patience | undefined) {
    this.pool = pool;
    this.name = name;
    this.patience = patience;
    this.outside = connectionOver(pool as unknown as Asked);
  }

  all(statement: Statement, parameters?: SqlParameters): Promise<readonly SqlRow[]> {
    return this.guarded(() => this.outside.all(statement, parameters));
  }

  lists(statement: Statement, parameters?: SqlParameters): Promise<readonly (readonly SqlValue[])[]> {
    return this.guarded(() => this.outside.lists(statement, parameters));
  }

  run(statement: Statement, parameters?: SqlParameters): Promise<number> {
    return this.guarded(() => this.outside.run(statement, parameters));
  }

  insert(rows: SqlColumns): Promise<Inserted> {
    return this.guarded(() => this.outside.insert(rows));
  }

  script(sql: string): Promise<void> {
    return this.guarded(() => this.outside.script(sql));
  }

  transaction<T>(body: (connection: LedgerConnection) => Promise<T>): Promise<T> {
    return this.between("BEGIN", body);
  }

  snapshot<T>(body: (connection: LedgerConnection) => Promise<T>): Promise<T> {
    return this.between("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", body);
  }

  async aheadMs(clock: { readonly date: () => number }): Promise<number> {
    const [row = {}] = await this.all(timeNow);
    return numberOf(row, "now") - clock.date();
  }

  async shrink(): Promise<void> {
    // PostgreSQL does so by itself.
  }

  holdOut(): void {
    this.patience?.begin();
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.patience?.end();
    await this.pool.end();
  }

  private between<T>(begin: string, body: (connection: LedgerConnection) => Promise<T>): Promise<T> {
    return this.guarded(async () => {
      const client = await this.pool.connect();
      let broken: Error | undefined;
      try {
        await client.query(begin);
        const result = await body(connectionOver(client));
        await client.query("COMMIT");
        return result;
      } catch (error) {
        broken = isAway(error) ? (error as Error) : await rollBack(client);
        throw error;
      } finally {
        client.release(broken);
      }
    });
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return this.patience === undefined ? await work() : await this.patience.through(work);
    } catch (error) {
      throw ledgerError(this.name, error);
    }
  }
}

/** What is wrong with a connection that cannot even do that. */
async function rollBack(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query("ROLLBACK");
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function connectionOver(asked: Asked): LedgerConnection {
  const query = (statement: Statement, parameters: SqlParameters = {}) => {
    const { text, names } = numbered(statement.postgres);
    return asked.query({ text, values: names.map((name) => parameters[name] ?? null) });
  };
  return {
    all: async (statement, parameters) => (await query(statement, parameters)).rows as SqlRow[],
    lists: async (statement, parameters = {}) => {
      const { text, names } = numbered(statement.postgres);
      const values = names.map((name) => parameters[name] ?? null);
      return (await asked.query<SqlValue[]>({ text, values, rowMode: "array" })).rows;
    },
    run: async (statement, parameters) => (await query(statement, parameters)).rowCount ?? 0,
    insert: async ({ into, rows, columns: given }) => {
      if (rows === 0) return { rows: 0, returned: [] };
      const columns = withoutRepeats(given);
      const query = {
        text: insertText(
          into,
          columns.map((column) => "all" in column),
        ),
        values: columns.map((column) => ("all" in column ? column.all : [...column])),
        query_timeout: insertMs,
      };
      const { rows: back, rowCount } = await asked.query<SqlRow>(query);
      const { returning } = into;
      const returned = returning === undefined ? [] : back.map((row) => row[returning] as SqlValue);
      return { rows: rowCount ?? 0, returned };
    },
    script: async (sql) => void (await asked.query(sql)),
  };
}

interface Numbered {
  readonly text: string;
  readonly names: readonly string[];
}

const numberedTexts = new Map<string, Numbered>();

/** `:run` becomes `$1`; `::` is a cast and stays. */
function numbered(sql: string): Numbered {
  const known = numberedTexts.get(sql);
  if (known !== undefined) return known;
  const names: string[] = [];
  const text = sql.replaceAll(/(?<!:):([a-z]\w*)/gi, (_, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  const made = { text, names };
  numberedTexts.set(sql, made);
  return made;
}

/** A column that has one value is sent as that: half of those of entities are, and taking lists apart is a third of the work. */
function withoutRepeats(columns: SqlColumns["columns"]): SqlColumns["columns"] {
  // One list has to say how many rows there are.
  const kept = columns.findIndex((column) => !("all" in column));
  return columns.map((column, i) => {
    if ("all" in column || i === kept) return column;
    const [first] = column;
    return first !== undefined && column.every((value) => Object.is(value, first)) ? { all: first } : column;
  });
}

/** Where rows are answered they keep their order: a key that counts up is given in it, and `returning` answers in it. */
function insertText(into: InsertShape, isOne: readonly boolean[]): string {
  const { table, columns, conflict, returning } = into;
  const names = columns.map(([name]) => name).join(", ");
  const lists = columns.flatMap(([name, type], i) =>
    isOne[i] ? [] : [{ name, place: `$${i + 1}::${type}[]` }],
  );
  const picked = columns.map(([name, type], i) => (isOne[i] ? `$${i + 1}::${type}` : `given.${name}`));
  const places = lists.map(({ place }) => place).join(", ");
  const own = lists.map(({ name }) => name).join(", ");
  const from =
    returning === undefined
      ? `unnest(${places}) AS given (${own}) WHERE true`
      : `unnest(${places}) WITH ORDINALITY AS given (${own}, given_order) ORDER BY given.given_order`;
  const back = returning === undefined ? "" : ` RETURNING ${returning}`;
  return `INSERT INTO ${table} (${names}) SELECT ${picked.join(", ")} FROM ${from} ${conflict}${back}`;
}
