/** Opening an example from its folder, and the digest of its values that is committed as the expected output. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CellIndex, type ModuleFunction, openSheet, type Sheet, type SheetHost } from "@reckon/sheet";
import { readTable } from "@reckon/tables";
import { type Column, isErrorValue, type Scalar } from "@reckon/value";
import { root } from "../tidy/repository.ts";

const folderOf = (name: string): string => join(root, "docs", "examples", name);

function textIn(name: string, file: string): string {
  return readFileSync(join(folderOf(name), file), "utf8");
}

/** What an example's model needs from outside: its tables and modules. */
export async function exampleHost(name: string): Promise<SheetHost> {
  const modules = new Map<string, Readonly<Record<string, ModuleFunction>>>();
  for (const [, path = ""] of textIn(name, `${name}.reckon`).matchAll(/^use "([^"]+)"/gm)) {
    modules.set(path, await import(join(folderOf(name), path)));
  }
  return {
    table: (path) => readTable(path, textIn(name, path)),
    module: (path) => modules.get(path) ?? { problem: `no module ${path}` },
  };
}

/** The model of `docs/examples/<name>` with all scenarios beside it, opened. */
export async function openExample(name: string): Promise<Sheet> {
  const scenarios = readdirSync(folderOf(name))
    .filter((file) => file.endsWith(".reckon") && file !== `${name}.reckon`)
    .map((source) => ({ source, text: textIn(name, source) }));
  const model = { source: `${name}.reckon`, text: textIn(name, `${name}.reckon`) };
  const opened = openSheet({ model, scenarios, host: await exampleHost(name) });
  if (!opened.ok)
    throw new Error(opened.diagnostics.map(({ source, message }) => `${source}: ${message}`).join("\n"));
  await opened.value.settled();
  return opened.value;
}

/** The numbers of an attribute in cell order; anything else than a number fails. */
export function numbersOf(sheet: Sheet, id: string, scenario?: string): number[] {
  const column = sheet.column(id, scenario);
  return Array.from({ length: column.length }, (_, cell) => {
    const value = column.get(cell);
    if (typeof value !== "number") throw new Error(`${id}@${cell} is ${JSON.stringify(value)}`);
    return value;
  });
}

export function numberAt(sheet: Sheet, id: string, index?: CellIndex, scenario?: string): number {
  const value = sheet.get(id, index, scenario);
  if (typeof value !== "number") throw new Error(`${id} is ${JSON.stringify(value)}`);
  return value;
}

/** What is kept of a column: all of a short one; of a long one its ends, sum, least and greatest. */
type Digest =
  | readonly (Scalar | string)[]
  | { readonly [fact: string]: number | readonly (Scalar | string)[] };

const shortCellsMax = 12;

function digestOf(column: Column): Digest {
  const cells = Array.from({ length: column.length }, (_, cell) => {
    const value = column.get(cell);
    return isErrorValue(value) ? value.code : value;
  });
  if (cells.length <= shortCellsMax) return cells;
  const numbers = cells.filter((value) => typeof value === "number");
  return {
    cells: cells.length,
    first: cells.slice(0, 3),
    last: cells.slice(-3),
    numbers: numbers.length,
    ...(numbers.length === 0 ? {} : sizesOf(numbers)),
  };
}

function sizesOf(numbers: readonly number[]): { sum: number; least: number; greatest: number } {
  return {
    sum: numbers.reduce((sum, value) => sum + value, 0),
    least: Math.min(...numbers),
    greatest: Math.max(...numbers),
  };
}

/** The digests of every attribute in every scenario, and the state of the checks. */
export function digest(sheet: Sheet): Record<string, unknown> {
  return Object.fromEntries(
    sheet.scenarios.map((scenario) => [
      scenario,
      {
        attributes: Object.fromEntries(
          [...sheet.model.attributes.keys()].map((id) => [id, digestOf(sheet.column(id, scenario))]),
        ),
        checks: Object.fromEntries(sheet.checks(scenario).map(({ name, state }) => [name, state])),
      },
    ]),
  );
}

/** The committed digest of an example. `RECKON_UPDATE=1` writes it anew; look at the difference before committing. */
export function expectedDigest(name: string, actual: unknown): unknown {
  const path = join(root, "test", "examples", "expected", `${name}.json`);
  if (process.env.RECKON_UPDATE) writeFileSync(path, `${JSON.stringify(actual, null, 2)}\n`);
  return JSON.parse(readFileSync(path, "utf8"));
}

/** Where two digests differ: numbers by more than `tolerance` of their size, anything else at all. */
export function digestDifferences(
  actual: unknown,
  expected: unknown,
  tolerance: number,
  path = "",
): string[] {
  if (typeof actual === "number" && typeof expected === "number") {
    const isNear = Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected));
    return isNear ? [] : [`${path}: ${actual}, expected ${expected}`];
  }
  if (typeof actual !== "object" || typeof expected !== "object" || actual === null || expected === null) {
    return Object.is(actual, expected) ? [] : [`${path}: ${String(actual)}, expected ${String(expected)}`];
  }
  const keys = new Set([...Object.keys(actual), ...Object.keys(expected)]);
  return [...keys].flatMap((key) =>
    digestDifferences(
      (actual as Record<string, unknown>)[key],
      (expected as Record<string, unknown>)[key],
      tolerance,
      `${path}/${key}`,
    ),
  );
}
