/** Opening random models, and holding a sheet against the oracle on the text that it would save. */
import { checkModel, checkScenario, parseModel, parseScenario } from "@reckon/model";
import { type ModuleFunction, openSheet, type Sheet, type SheetHost } from "@reckon/sheet";
import { type Column, isErrorValue, type Scalar, sameScalar } from "@reckon/value";
import { looseAttributes } from "../arbitraries/edit.ts";
import type { ModelText } from "../arbitraries/model.ts";
import { type OracleModules, type OracleValues, recompute } from "../oracle/oracle.ts";

type ModuleFunctions = Readonly<Record<string, ModuleFunction>>;

/** Inside loops and behind them values agree within this part of their size; random loops declare 1e-11. */
const looseToleranceDefault = 1e-8;

export const emptyHost: SheetHost = {
  table: (path) => ({ problem: `no table ${path}` }),
  module: (path) => ({ problem: `no module ${path}` }),
};

/** The sheet over a random model; a model that does not open is a fault of its generator. */
export function open({ text, scenarios }: ModelText): Sheet {
  const model = { source: "random.reckon", text };
  const opened = openSheet({ model, scenarios, host: emptyHost });
  if (!opened.ok)
    throw new Error(`the random model does not open:\n${text}\n${problems(opened.diagnostics)}`);
  return opened.value;
}

/** Naive values by scenario, of the text that the sheet would save. */
function oracleOf(sheet: Sheet, host: SheetHost): ReadonlyMap<string, OracleValues> {
  const model = accepted(checkModel(parseModel(sheet.sourceOf(), sheet.text()), host.table));
  const modules: OracleModules = (module, name) => {
    const used = host.module(model.uses.find((use) => use.name === module)?.path ?? "");
    return "problem" in used && typeof used.problem === "string"
      ? undefined
      : (used as ModuleFunctions)[name];
  };
  const checked = new Map(
    sheet.scenarios.slice(1).map((name) => {
      const document = parseScenario(sheet.sourceOf(name), sheet.text(name));
      return [name, accepted(checkScenario(document, model))] as const;
    }),
  );
  const chainOf = (name: string): (typeof checked extends Map<string, infer S> ? S : never)[] => {
    const scenario = checked.get(name);
    if (scenario === undefined) return [];
    return [...(scenario.extends === undefined ? [] : chainOf(scenario.extends)), scenario];
  };
  return new Map(sheet.scenarios.map((name) => [name, recompute(model, chainOf(name), modules)]));
}

/** The first cells where the sheet and the oracle differ, as sentences. */
export function differences(
  sheet: Sheet,
  host: SheetHost = emptyHost,
  looseTolerance: number = looseToleranceDefault,
): string[] {
  const expected = oracleOf(sheet, host);
  const loose = looseAttributes(sheet);
  const found: string[] = [];
  for (const name of sheet.scenarios) {
    for (const [id, column] of expected.get(name) ?? []) {
      if (id.startsWith("check ")) continue;
      const actual = sheet.column(id, name);
      found.push(...columnDifferences(`${name}: ${id}`, actual, column, loose.has(id) ? looseTolerance : 0));
    }
    for (const { name: check, state } of sheet.checks(name)) {
      const wanted = checkState(expected.get(name)?.get(`check ${check}`));
      if (state !== wanted) found.push(`${name}: check ${check} is ${state}, should be ${wanted}`);
    }
  }
  return found.slice(0, 5);
}

/** An error anywhere is an error, else a cell that is not true fails. */
function checkState(column: Column | undefined): string {
  const cells = Array.from({ length: column?.length ?? 0 }, (_, cell) => column?.get(cell));
  if (cells.some(isErrorValue)) return "error";
  return cells.every((value) => value === true) ? "pass" : "fail";
}

function columnDifferences(name: string, actual: Column, expected: Column, tolerance: number): string[] {
  const found: string[] = [];
  for (let cell = 0; cell < expected.length; cell++) {
    const [left, right] = [actual.get(cell), expected.get(cell)];
    if (!agree(left, right, tolerance))
      found.push(`${name}@${cell} is ${show(left)}, should be ${show(right)}`);
  }
  return found;
}

function agree(left: Scalar, right: Scalar, tolerance: number): boolean {
  if (sameScalar(left, right)) return true;
  if (tolerance === 0) return false;
  if (isErrorValue(left) && isErrorValue(right)) return left.code === right.code;
  if (typeof left !== "number" || typeof right !== "number") return false;
  return Math.abs(left - right) <= tolerance * Math.max(1, Math.abs(left));
}

function show(value: Scalar): string {
  return Object.is(value, -0) ? "-0" : JSON.stringify(value);
}

/** All values of all scenarios, to compare two states of a sheet. */
export function snapshot(sheet: Sheet): Record<string, readonly Scalar[]> {
  const values: Record<string, readonly Scalar[]> = {};
  for (const name of sheet.scenarios) {
    for (const id of sheet.model.attributes.keys()) {
      const column = sheet.column(id, name);
      values[`${name}: ${id}`] = Array.from({ length: column.length }, (_, cell) => column.get(cell));
    }
  }
  return values;
}

function accepted<T>(result: {
  readonly value?: T;
  readonly diagnostics: readonly { message: string }[];
}): T {
  if (result.value === undefined)
    throw new Error(`the sheet's text does not check: ${problems(result.diagnostics)}`);
  return result.value;
}

function problems(diagnostics: readonly { readonly message: string }[]): string {
  return diagnostics.map(({ message }) => message).join("\n");
}
