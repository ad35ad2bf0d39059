/**
 * Rows of a table or view of a SQLite file, `players.sqlite#players`. Only read, in the order of the rowid, of the primary key where there
 * is no rowid; a view as it comes. Integers that a double does not hold exactly are texts; bytes are refused. A row's line is its number, from 1.
 *
 * Memory: a row and the block that is being filled.
 */
import type { DatabaseSync } from "node:sqlite";
import { errorValue, type Scalar, type Table } from "@reckon/value";
import type { RowBlockOptions, RowSource } from "../api.ts";
import { type TableProblem, tableProblem } from "../table-problem.ts";
import { type FilePlace, sizeOfFile } from "./file-bytes.ts";
import { RowTrouble, systemReason } from "./row-trouble.ts";
import { slotsOf, TableBlocks } from "./table-blocks.ts";

interface SqliteTable {
  readonly database: DatabaseSync;
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
  /** ` order by …`, or nothing. */
  readonly order: string;
}

/** `table`: its name; absent where the path does not tell one. */
export async function openSqliteRows(
  place: FilePlace,
  table: string | undefined,
): Promise<RowSource | TableProblem> {
  const bytes = await sizeOfFile(place);
  if (typeof bytes !== "number") return bytes;
  const { DatabaseSync: Database } = process.getBuiltinModule("node:sqlite");
  let database: DatabaseSync | undefined;
  try {
    database = new Database(place.path, { readOnly: true });
    const found = describe(database, place.name, table);
    if ("problem" in found) {
      database.close();
      return found;
    }
    const { rows } = database.prepare(`select count(*) as rows from ${quoted(found.table)}`).get() as {
      rows: number;
    };
    return {
      name: place.name,
      columns: found.columns,
      rows,
      rowsEstimate: rows,
      blocks: (options) => sqliteBlocks(found, options),
      close: async () => found.database.close(),
    };
  } catch (cause) {
    database?.close();
    return tableProblem(place.name, systemReason(cause));
  }
}

function describe(
  database: DatabaseSync,
  name: string,
  table: string | undefined,
): SqliteTable | TableProblem {
  const tables = database
    .prepare(
      "select name, type, wr from pragma_table_list where schema = 'main' and name not like 'sqlite\\_%' escape '\\' order by name",
    )
    .all() as { name: string; type: string; wr: number }[];
  const found = tables.find((each) => each.name === table);
  if (found === undefined) {
    const known = tables.map((each) => `\`${each.name}\``).join(", ");
    const said =
      table === undefined ? "tell the table, as in `file.sqlite#table`" : `has no table \`${table}\``;
    return tableProblem(name, `${said}; there are ${known === "" ? "none" : known}`);
  }
  const columns = database
    .prepare("select name, pk from pragma_table_xinfo(?) where hidden <> 1 order by cid")
    .all(found.name) as { name: string; pk: number }[];
  const keys = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const order =
    found.type === "view" ? "" : found.wr === 0 ? "rowid" : keys.map((key) => quoted(key.name)).join(", ");
  return {
    database,
    name,
    table: found.name,
    columns: columns.map((column) => column.name),
    order: order === "" ? "" : ` order by ${order}`,
  };
}

async function* sqliteBlocks(
  { database, name, table, columns: names, order }: SqliteTable,
  { rowsMax, columns }: RowBlockOptions = {},
): AsyncGenerator<Table, void> {
  const wanted = columns ?? names;
  slotsOf(name, names, wanted);
  const blocks = new TableBlocks(name, wanted, rowsMax);
  try {
    const statement = database.prepare(
      `select ${wanted.map(quoted).join(", ")} from ${quoted(table)}${order}`,
    );
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    let line = 0;
    for (const row of statement.iterate() as Iterable<unknown>) {
      line += 1;
      for (const [i, cell] of (row as readonly unknown[]).entries())
        (blocks.columns[i] as Scalar[]).push(scalarOfSqlite(cell, name, wanted[i] as string, line));
      blocks.endRow(line);
      yield* blocks.take();
    }
  } catch (cause) {
    if (cause instanceof RowTrouble) throw cause;
    throw new RowTrouble("unreadable", tableProblem(name, systemReason(cause)), cause);
  }
  blocks.close();
  yield* blocks.take();
}

function scalarOfSqlite(cell: unknown, name: string, column: string, row: number): Scalar {
  if (cell === null || typeof cell === "string") return cell;
  if (typeof cell === "number") return Number.isFinite(cell) ? cell : errorValue("#NUM!");
  if (typeof cell === "bigint") {
    const value = Number(cell);
    return Number.isSafeInteger(value) ? value : String(cell);
  }
  throw new RowTrouble("unreadable", tableProblem(name, `\`${column}\` holds bytes`, row));
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
