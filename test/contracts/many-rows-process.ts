/**
 * A process that reads or writes many rows with little memory, started by tests with a small heap.
 *
 *   write <file> <rows>      rows as a file of the ending's format
 *   read <file>              entities of a file; prints { rows, digest }: of all keys and deep keys
 *   results <file> <rows>    a result file of so many entities, from a ledger that makes them up
 *   lines <file>             prints { rows }
 */
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import {
  type BatchProgram,
  createResultFile,
  encodeBlock,
  openEntities,
  type ResultRow,
} from "@reckon/batch";
import { createRowSink, openRows, rowFormatOf } from "@reckon/tables";
import { Column, type Scalar } from "@reckon/value";

const stepRows = 4096;
const names = ["id", "minutes", "rate", "club"];
const program = {
  key: "00".repeat(32),
  axis: "player",
  keyColumn: "id",
  readsKey: false,
  sets: [],
  scenarioLines: [],
  columns: ["minutes", "rate", "club"],
  sideTables: {},
  wanted: [
    { id: "game.points", axes: [] },
    { id: "game.share", axes: [] },
  ],
} as unknown as BatchProgram;

/** Rows `from` ≤ i < `to`, as columns. */
function rowsOf(from: number, to: number): readonly Scalar[][] {
  const columns: Scalar[][] = [[], [], [], []];
  for (let i = from; i < to; i++) {
    columns[0]?.push(`player ${i}`);
    columns[1]?.push(i % 97);
    columns[2]?.push(i / 7);
    columns[3]?.push(`club ${i % 12}`);
  }
  return columns;
}

async function write(path: string, rows: number): Promise<void> {
  const format = rowFormatOf(path);
  if (format === undefined) {
    writeSqlite(path, rows);
    return;
  }
  const sink = await createRowSink(path, format, names);
  for (let from = 0; from < rows; from += stepRows)
    await sink.write(rowsOf(from, Math.min(rows, from + stepRows)));
  await sink.finish();
}

function writeSqlite(path: string, rows: number): void {
  const database = new DatabaseSync(path);
  database.exec(
    "pragma journal_mode = off; create table rows (id text, minutes real, rate real, club text); begin",
  );
  const insert = database.prepare("insert into rows values (?, ?, ?, ?)");
  for (let from = 0; from < rows; from += stepRows) {
    const columns = rowsOf(from, Math.min(rows, from + stepRows));
    for (const i of columns[0]?.keys() ?? [])
      insert.run(...columns.map((column) => column[i] as string | number));
  }
  database.exec("commit");
  database.close();
}

async function read(path: string): Promise<{ rows: number; digest: string }> {
  const rows = await openRows(path, { table: "rows" });
  if ("problem" in rows) throw new Error(rows.problem);
  const source = openEntities(rows, program);
  if ("problem" in source) throw new Error(source.problem);
  const digest = createHash("sha256");
  let count = 0;
  for await (const { keys, deepKeys } of source.blocks()) {
    digest.update(keys.join()).update(deepKeys.join());
    count += keys.length;
  }
  await source.close();
  return { rows: count, digest: digest.digest("hex") };
}

async function lines(path: string): Promise<{ rows: number }> {
  const rows = await openRows(path);
  if ("problem" in rows) throw new Error(rows.problem);
  let count = 0;
  for await (const block of rows.blocks({ columns: ["player"] })) count += block.rows;
  await rows.close();
  return { rows: count };
}

async function results(path: string, rows: number): Promise<void> {
  const query = {
    results: async function* (_: string, from = 0) {
      for (let at = from; at < rows; at += stepRows)
        yield Array.from(
          { length: Math.min(stepRows, rows - at) },
          (_each, i): ResultRow => ({
            key: `player ${at + i}`,
            position: at + i,
            state: "succeeded",
            deepKey: "",
            chunk: Math.floor((at + i) / stepRows),
            chunkRow: (at + i) % stepRows,
            errorCode: undefined,
            errorMessage: undefined,
          }),
        );
    },
    problems: async function* () {},
    blocks: async (chunks: readonly number[]) => chunks.map(blockOf),
  };
  const file = await createResultFile(path, rowFormatOf(path) ?? "csv", program, query, "run" as never);
  await file.advance();
  await file.finish();
}

function blockOf(chunk: number): Uint8Array {
  const columns = program.wanted.map(() => new Column({ outer: stepRows, periods: 1 }));
  for (const [attribute, { numbers }] of columns.entries())
    for (let i = 0; i < stepRows; i++) numbers[i] = (chunk * stepRows + i) / (3 + attribute);
  return encodeBlock(stepRows, program.wanted, columns);
}

const [mode = "", path = "", rows = "0"] = process.argv.slice(2);
if (mode === "write") await write(path, Number(rows));
else if (mode === "results") await results(path, Number(rows));
else if (mode === "lines") process.stdout.write(JSON.stringify(await lines(path)));
else process.stdout.write(JSON.stringify(await read(path)));
