/** The key of a program: equal for programs that compute equal bits for equal rows. */
import { createHash } from "node:crypto";
import { engineVersion } from "@reckon/engine";
import { parseModel } from "@reckon/model";
import { type Canonical, encodeCanonical, type Scalar, type Table } from "@reckon/value";
import type { BatchProgram } from "../program.ts";
import { inOrder } from "../sources/row-order.ts";
import { declaredInModel, declaredInScenario } from "./declared-text.ts";

/** Raised when a program of the same fields means something else. */
const format = 2;

/**
 * SHA-256, in hex, of everything that a value depends on beside the entity's rows: declarations, tables, modules, invariants, and
 * the versions of the engine and of V8, whose mathematics differ in last bits. Names of files, comments and layout play no part, nor
 * does the order of columns, or that of rows where inputs alone read them. Cost: the bytes, and sorting such rows.
 */
export function programKey(program: Omit<BatchProgram, "key">): string {
  const { model, scenarios, scenarioLines, sets, wanted, tables, modules, invariants } = program;
  const ordered = tablesOfAxes(model);
  const content: Canonical = {
    format,
    engine: engineVersion,
    v8: `${process.versions.v8} ${process.arch}`,
    model: declaredInModel(model),
    scenarios: scenarios.map((each) =>
      declaredInScenario(each, scenarioLines.find(({ source }) => source === each.source)?.dropped ?? []),
    ),
    scenario: program.scenario,
    sets: sets.map(({ path, value }) => [path, value]),
    axis: program.axis,
    keyColumn: program.keyColumn,
    wanted: wanted.map(({ id, axes }) => [id, axes.map(({ name, labels }) => [name, labels])]),
    tables: Object.entries(tables).map(([path, table]) => [path, tableContent(table, ordered.has(path))]),
    sideTables: Object.entries(program.sideTables).map(([path, { keyColumn, columns }]) => [
      path,
      keyColumn,
      columns,
    ]),
    modules: modules.map(({ path, hash }) => [path, hash]),
    laying: JSON.stringify(program.laying),
    errorsFail: program.errorsFail,
  };
  return createHash("sha256").update(encodeCanonical(content)).update(invariants).digest("hex");
}

/** The order of the rows is that of the members in these. */
function tablesOfAxes({ source, text }: BatchProgram["model"]): ReadonlySet<string> {
  const paths = parseModel(source, text).items.flatMap(({ declaration }) =>
    declaration?.kind === "axis" && declaration.table !== undefined ? [declaration.table.path] : [],
  );
  return new Set(paths);
}

function tableContent({ columns, rows }: Table, isOrdered: boolean): Canonical {
  const byName = columns.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const all = Array.from({ length: rows }, (_, row) => row);
  const order = isOrdered ? all : inOrder(all, byName);
  return byName.map(({ name, values }) => [name, order.map((row): Scalar => values[row] ?? null)]);
}
