/** Constants of the plan, by machine. */
import type { Measure } from "../ledger.ts";
import { statement } from "./dialect.ts";
import { type InsertShape, type LedgerConnection, numberOf, textOf } from "./ledger-database.ts";

const known = statement(
  () => "SELECT name, value, measured_at_ms FROM measures WHERE machine = :machine ORDER BY name",
);
const measureRows: InsertShape = {
  table: "measures",
  columns: [
    ["machine", "text"],
    ["name", "text"],
    ["value", "double precision"],
    ["measured_at_ms", "bigint"],
  ],
  conflict:
    "ON CONFLICT (machine, name) DO UPDATE SET value = excluded.value, measured_at_ms = excluded.measured_at_ms",
};

export async function measuresOf(
  connection: LedgerConnection,
  machine: string,
): Promise<ReadonlyMap<string, Measure>> {
  const rows = await connection.all(known, { machine });
  return new Map(
    rows.map((row) => [
      textOf(row, "name"),
      { value: numberOf(row, "value"), measuredAtMs: numberOf(row, "measured_at_ms") },
    ]),
  );
}

export async function putMeasures(
  connection: LedgerConnection,
  machine: string,
  values: Readonly<Record<string, number>>,
  now: number,
): Promise<void> {
  const names = Object.keys(values);
  await connection.insert({
    into: measureRows,
    rows: names.length,
    columns: [{ all: machine }, names, Object.values(values), { all: now }],
  });
}
