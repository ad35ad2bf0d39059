/**
 * From a model on disk to the program of a batch.
 *
 *   1. Texts, scenarios and modules are read (and trusted); the entity axis is found in the declarations.
 *   2. The model is checked over tables without a row, so that no entity is read here.
 *   3. Attributes are sorted; what is kept, with what it needs, becomes the program's text.
 *   4. Invariants are computed, with the heavy work of the request's runtime.
 *   5. The key is made of it all.
 *
 * Cost: the model and its tables but that of the entities, once.
 */
import type { Diagnostic } from "@reckon/formula";
import { type LoadRequest, loadSources, type ModelSources } from "@reckon/host";
import {
  type CheckedAttribute,
  type CheckedModel,
  checkScenario,
  checkScenarioNames,
  type ModelDocument,
  parseModel,
  parseScenario,
  tablesOf,
} from "@reckon/model";
import type { LayingOptions, SheetHost } from "@reckon/sheet";
import type { Table } from "@reckon/value";
import { type AttributeKinds, attributeKinds, keptAttributes } from "../attribute-kinds.ts";
import { BatchError } from "../batch-error.ts";
import type { BatchProgram, ProgramSet, ScenarioLines, SideTable, WantedAttribute } from "../program.ts";
import { noSuchColumns } from "../sources/row-problems.ts";
import { checkEmpty, type EmptyCheck } from "./check-empty.ts";
import { type EntityAxis, entityAxisOf } from "./entity-axis.ts";
import { computeInvariants, type Invariants } from "./invariants.ts";
import { missingColumns } from "./missing-columns.ts";
import { narrowedText, neededParts, readFromOutside, unusedModules } from "./narrowed-model.ts";
import { asksForName, modulesCalled } from "./needed-formulas.ts";
import { openChunkSheet } from "./open-chunk-sheet.ts";
import { programKey } from "./program-key.ts";
import { decodeBlock } from "./result-block.ts";
import { ScenariosForChunks } from "./scenario-for-chunk.ts";
import { scenarioLines, sortedSet } from "./scenario-lines.ts";
import { type ReadColumns, tableColumns, withColumns } from "./table-columns.ts";

export interface PrepareRequest {
  /** With at most one scenario. */
  readonly load: LoadRequest;
  /** The axis whose members are the entities. */
  readonly axis: string;
  /** The attributes whose values are kept; absent: every formula that entities have for themselves. */
  readonly only?: LayingOptions["only"];
  /** The columns of the file that the entities come from. */
  readonly columns: readonly string[];
  /** That file's name, where it stands in the place of the axis's table: a column that it lacks is a problem of the file then. */
  readonly rows?: string;
  readonly errorsFail?: boolean;
}

export type Prepared =
  | { readonly program: BatchProgram; readonly notices: readonly string[] }
  /** What is wrong with what was written. */
  | { readonly diagnostics: readonly Diagnostic[]; readonly render: (diagnostic: Diagnostic) => string }
  /** What kept the files from being read, or was asked for and is not there, as a sentence. */
  | { readonly problem: string };

/**
 * Prepares a batch. Never rejects for what is on disk or in the files.
 *
 * @example
 * ```ts
 * const load = { model: "points.reckon", allowModules: true };
 * const prepared = await prepareProgram({ load, axis: "player", columns: ["id", "minutes", "opponent", "rate"] });
 * if (!("program" in prepared)) throw new Error("the model does not check");
 * prepared.program.wanted.map(({ id }) => id); // ["game.defence", "game.points"]
 * ```
 */
export async function prepareProgram(request: PrepareRequest): Promise<Prepared> {
  const sources = await loadSources(request.load);
  if (!sources.ok)
    return sources.problem === undefined
      ? { diagnostics: sources.diagnostics, render: sources.render }
      : { problem: sources.problem };
  const axis = entityAxisOf(sources.document, request.axis);
  if ("problem" in axis) return axis;
  const host = emptied(sources.host, axis, request.columns);
  const checked = checkEmpty(sources.document, host.table, axis.name);
  if ("diagnostics" in checked) {
    const { document, diagnostics } = checked;
    const { rows, columns } = request;
    const missing = rows === undefined ? [] : missingColumns(document, diagnostics, axis, columns);
    if (rows !== undefined && missing.length > 0) return { problem: noSuchColumns(rows, missing, columns) };
    return { diagnostics, render: sources.render };
  }
  const kinds = kindsOf(checked, axis.name);
  const wanted = wantedIds(request, checked.model, kinds, axis.name);
  if ("problem" in wanted) return wanted;
  return assemble({ request, sources, axis, host, checked, kinds, wanted: wanted.ids });
}

interface Preparation {
  readonly request: PrepareRequest;
  readonly sources: ModelSources;
  readonly axis: EntityAxis;
  /** Its tables have no rows of entities. */
  readonly host: SheetHost;
  readonly checked: EmptyCheck;
  readonly kinds: AttributeKinds;
  readonly wanted: readonly string[];
}

type Draft = Omit<BatchProgram, "key" | "invariants">;
type Overrides = Pick<BatchProgram, "scenarioLines" | "sets">;

async function assemble(preparation: Preparation): Promise<Prepared> {
  const { sources, axis, host, checked, kinds, wanted } = preparation;
  const { model } = checked;
  const checks = checksOf(kinds, "per-entity");
  const isGiven = (attribute: CheckedAttribute): boolean =>
    kinds.attributes.get(attribute.id) === "invariant" && !isStock(attribute);
  const { document } = checked;
  const { attributes, others, given } = neededParts({ document, model, wanted, checks, isGiven });
  const computed = new Set(attributes);
  for (const { id } of given.values()) computed.delete(id);
  const called = modulesCalled(model, computed, checks);
  const unused = unusedModules(document, called);
  const isPerEntity = (id: string): boolean => kinds.attributes.get(id) === "per-entity";
  const every = overridesOn(preparation, () => true);
  if ("problem" in every) return every;
  const mistakes = mistakesIn(preparation, every);
  if (mistakes.length > 0) return { diagnostics: mistakes, render: sources.render };
  const overrides = overridesOn(preparation, (id) => attributes.has(id) && isPerEntity(id));
  if ("problem" in overrides) return overrides;
  const text = narrowedText(document, [...others, ...unused], given);
  const draft: Draft = {
    model: { source: sources.model.source, text },
    scenarios: sources.scenarios,
    scenario: sources.scenario,
    ...overrides,
    axis: axis.name,
    tablePath: axis.tablePath,
    keyColumn: axis.keyColumn,
    readsKey: attributes.has(`${axis.name}.${axis.keyColumn}`) || asksForName(model, attributes, axis.name),
    wanted: wanted.map((id) => wantedAttribute(model, id, axis.name)),
    leftOut: leftOut(checked, kinds),
    columns: columnsRead(attributes, axis),
    ...tablesNamed(parseModel(sources.model.source, text), attributes, host, axis),
    modules: sources.modules.filter(({ path }) =>
      model.uses.some((use) => use.path === path && called.has(use.name)),
    ),
    laying: laidLike(preparation.request.load.laying),
    errorsFail: preparation.request.errorsFail ?? false,
  };
  const read = readFromOutside(model, computed, checks, isPerEntity);
  const ids = new Set([...[...given.values()].map(({ id }) => id), ...read]);
  const invariants = await invariantsOf(preparation, draft, [...ids]);
  if ("diagnostics" in invariants) return { ...invariants, render: sources.render };
  if ("problem" in invariants) return invariants;
  const keyless = { ...draft, invariants: invariants.block };
  const program = { ...keyless, key: programKey(keyless) };
  const probe = openChunkSheet(program, host, new ScenariosForChunks(program).for(new Set()));
  if (!probe.ok) return { diagnostics: probe.diagnostics, render: sources.render };
  mustBeGiven(given.values(), program);
  probe.value.dispose();
  return {
    program,
    notices: noticesOf(program, (id) => model.attributes.has(id), invariants.failedChecks),
  };
}

/** What reads a stock reads it at another time than it reads other values: it stays what it is. */
function isStock(attribute: CheckedAttribute): boolean {
  return (
    attribute.kind === "formula" && (attribute.integration !== undefined || attribute.hidden !== undefined)
  );
}

/** Throws where a formula has become an input whose values nobody has: 0 would be computed with. */
function mustBeGiven(formulas: Iterable<CheckedAttribute>, { invariants }: BatchProgram): void {
  const known = decodeBlock(invariants)?.attributes.map(({ id }) => id) ?? [];
  for (const { id } of formulas)
    if (!known.includes(id)) throw new BatchError("misuse", `\`${id}\` was not computed before the entities`);
}

/** The invariants that are read, with those that are checked; their sheet has them alone. */
function invariantsOf(
  preparation: Preparation,
  draft: Draft,
  ids: readonly string[],
): Promise<Invariants> | { readonly problem: string } {
  const { checked, host, kinds } = preparation;
  const { document, model } = checked;
  const { attributes, others } = neededParts({
    document,
    model,
    wanted: ids,
    checks: checksOf(kinds, "invariant"),
    isGiven: () => false,
  });
  const overrides = overridesOn(preparation, (id) => attributes.has(id));
  if ("problem" in overrides) return overrides;
  const text = narrowedText(document, [...others]);
  const program = { ...draft, ...overrides, model: { ...draft.model, text } };
  return computeInvariants({ program, host, ids });
}

/** The scenarios' lines and the sets that concern some of the attributes. */
function overridesOn(
  { sources, checked, axis }: Preparation,
  isMeant: (id: string) => boolean,
): Overrides | { readonly problem: string } {
  const attribute = (id: string) => (isMeant(id) ? checked.model.attributes.get(id) : undefined);
  const lines: ScenarioLines[] = [];
  for (const { source, text } of sources.scenarios) {
    const sorted = scenarioLines({ source, text, axis: axis.name, attribute });
    if ("problem" in sorted) return sorted;
    lines.push(sorted);
  }
  const sets: ProgramSet[] = [];
  for (const set of sources.sets) {
    const sorted = sortedSet(set, {
      axis: axis.name,
      attribute,
      isKnown: (id) => checked.model.attributes.has(id),
    });
    if (sorted === undefined) continue;
    if ("problem" in sorted) return sorted;
    sets.push(sorted);
  }
  return { scenarioLines: lines, sets };
}

/** What is wrong with the scenarios as they are written, found without a row. */
function mistakesIn({ sources, checked }: Preparation, every: Overrides): readonly Diagnostic[] {
  const { scenarios, scenario, document } = sources;
  const names = scenarios.flatMap(({ source, text }) =>
    checkScenarioNames(parseScenario(source, text), document),
  );
  const { documents } = new ScenariosForChunks({ scenarios, scenario, ...every }).for(new Set());
  const found = documents.flatMap((each) => checkScenario(each, checked.model).diagnostics);
  return [...names, ...found].filter(({ severity }) => severity === "error");
}

function noticesOf(
  { leftOut: names, axis }: BatchProgram,
  isAttribute: (name: string) => boolean,
  failedChecks: readonly string[],
): string[] {
  const left = names.map(
    ({ name, because }) =>
      `${isAttribute(name) ? "" : "check "}\`${name}\` is left out: ${readsAcross(name, because, axis)}`,
  );
  return [...left, ...failedChecks.map((name) => `check \`${name}\` does not hold, whatever the ${axis}`)];
}

/** The host with tables that have columns and no rows where these would be of entities. */
function emptied(host: SheetHost, axis: EntityAxis, columns: readonly string[]): SheetHost {
  const empty = (source: string, names: readonly string[]): Table => ({
    source,
    rows: 0,
    columns: names.map((name) => ({ name, values: [] })),
    lines: [],
  });
  const tables = new Map([[axis.tablePath, empty(axis.tablePath, columns)]]);
  return {
    ...host,
    table: (path) => {
      const known = tables.get(path);
      if (known !== undefined) return known;
      const found = host.table(path);
      if (!(path in axis.sideTables) || "problem" in found) return found;
      const made = empty(
        path,
        found.columns.map(({ name }) => name),
      );
      tables.set(path, made);
      return made;
    },
  };
}

function kindsOf({ model, naming }: EmptyCheck, axis: string): AttributeKinds {
  return attributeKinds(model, axis, naming);
}

function checksOf(kinds: AttributeKinds, wanted: "per-entity" | "invariant"): ReadonlySet<string> {
  return new Set([...kinds.checks].flatMap(([name, kind]) => (kind === wanted ? [name] : [])));
}

function wantedIds(
  { only, load }: PrepareRequest,
  model: CheckedModel,
  kinds: AttributeKinds,
  axis: string,
): { readonly ids: readonly string[] } | { readonly problem: string } {
  const asked = typeof only === "function" ? only(model) : only;
  const ids = asked ?? keptAttributes(model, axis, kinds).map(({ id }) => id);
  for (const id of ids) {
    const kind = kinds.attributes.get(id);
    if (kind === undefined) return { problem: `${load.model} has no attribute \`${id}\`` };
    if (kind === "invariant")
      return { problem: `\`${id}\` is the same for every \`${axis}\`: reckon run shows it` };
    const because = kinds.because.get(id);
    if (kind === "across") return { problem: `\`${id}\` cannot be kept: ${readsAcross(id, because, axis)}` };
  }
  if (ids.length === 0) return { problem: `${load.model} computes nothing for a single \`${axis}\`` };
  const order = [...model.attributes.keys()];
  return { ids: [...new Set(ids)].toSorted((a, b) => order.indexOf(a) - order.indexOf(b)) };
}

function readsAcross(name: string, because: string | undefined, axis: string): string {
  const reads = `reads more of \`${axis}\` than the current one`;
  return because === undefined || because === name
    ? `it ${reads}`
    : `it needs \`${because}\`, which ${reads}`;
}

function wantedAttribute(model: CheckedModel, id: string, axis: string): WantedAttribute {
  const axes = model.attributes.get(id)?.axes ?? [];
  return {
    id,
    axes: axes.filter(({ name }) => name !== axis).map(({ name, labels }) => ({ name, labels })),
  };
}

function leftOut({ checks, model }: EmptyCheck, kinds: AttributeKinds): BatchProgram["leftOut"] {
  const named = checks.map((name) => ({ name, because: name }));
  for (const name of [...model.attributes.keys(), ...kinds.checks.keys()]) {
    const because = kinds.because.get(name);
    if (because !== undefined) named.push({ name, because });
  }
  return named;
}

function columnsRead(attributes: ReadonlySet<string>, { name }: EntityAxis): readonly string[] {
  return [...attributes].flatMap((id) => (id.startsWith(`${name}.`) ? [id.slice(name.length + 1)] : []));
}

/** The tables that are left to be read, as far as they are. */
function tablesNamed(
  document: ModelDocument,
  attributes: ReadonlySet<string>,
  host: SheetHost,
  { tablePath, sideTables }: EntityAxis,
): Pick<BatchProgram, "tables" | "sideTables"> {
  const tables: Record<string, Table> = Object.create(null);
  const sides: Record<string, SideTable> = Object.create(null);
  const columnsOf = (path: string): readonly string[] => {
    const table = host.table(path);
    return "problem" in table ? [] : table.columns.map(({ name }) => name);
  };
  const columns = tableColumns({ document, attributes, columnsOf });
  for (const { path } of tablesOf(document)) {
    if (path === tablePath) continue;
    const key = sideTables[path];
    const table = host.table(path);
    const read = columns.get(path) ?? { keys: new Set(), values: new Set() };
    if (key !== undefined) sides[path] = { keyColumn: key, columns: sideColumns(read, key) };
    else if (!("problem" in table)) tables[path] = withColumns(table, read);
  }
  return { tables, sideTables: sides };
}

/** The key's column is among them only where an input takes its values from it. */
function sideColumns({ keys, values }: ReadColumns, keyColumn: string): readonly string[] {
  const others = [...keys].filter((name) => name !== keyColumn);
  return [...new Set([...others, ...values])].toSorted();
}

function laidLike({ optimise, loops }: LayingOptions = {}): BatchProgram["laying"] {
  return {
    ...(optimise === undefined ? {} : { optimise }),
    ...(loops === undefined ? {} : { loops }),
  };
}
