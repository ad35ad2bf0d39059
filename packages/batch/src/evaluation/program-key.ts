/** The key of a program: equal for programs that compute equal bits for equal rows. */
import { createHash } from "node:crypto";
import { engineVersion } from "@reckon/engine";
import { type Canonical, encodeCanonical, type Table } from "@reckon/value";
import type { BatchProgram } from "../program.ts";

/** Raised when a program of the same fields means something else. */
const format = 1;

/**
 * SHA-256, in hex, of everything that a value depends on beside the entity's rows: texts, tables, modules, invariants, and
 * the versions of the engine and of V8, whose mathematics differ in last bits. Names of files play no part. Cost: the bytes.
 */
export function programKey(program: Omit<BatchProgram, "key">): string {
  const { model, scenarios, sets, wanted, tables, modules, invariants } = program;
  const content: Canonical = {
    format,
    engine: engineVersion,
    v8: `${process.versions.v8} ${process.arch}`,
    model: model.text,
    scenarios: scenarios.map(({ text }) => text),
    scenario: program.scenario,
    sets: sets.map(({ path, value }) => [path, value]),
    axis: program.axis,
    keyColumn: program.keyColumn,
    wanted: wanted.map(({ id, axes }) => [id, axes.map(({ name, labels }) => [name, labels])]),
    tables: Object.entries(tables).map(([path, table]) => [path, tableContent(table)]),
    sideTables: Object.entries(program.sideTables),
    modules: modules.map(({ path, hash }) => [path, hash]),
    laying: JSON.stringify(program.laying),
    errorsFail: program.errorsFail,
  };
  return createHash("sha256").update(encodeCanonical(content)).update(invariants).digest("hex");
}

function tableContent({ columns }: Table): Canonical {
  return columns.map(({ name, values }) => [name, values]);
}
