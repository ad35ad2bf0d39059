/**
 * Opening a model from disk: model file → scenarios with what they extend → modules (trusted, loaded) → sheet; and
 * afterwards taking over files that changed.
 *
 * `hashOf` is the hash of the text that the sheet has taken over, not of the last text seen: after a save from outside
 * with a mistake in it, the sheet still holds the text before, and saving that over the other one must be refused.
 */
import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { type Diagnostic, renderDiagnostic } from "@reckon/formula";
import { type ModelDocument, parseModel, structureOf, tablesOf } from "@reckon/model";
import { openSheet, type Sheet, type SheetHost, type SheetResult } from "@reckon/sheet";
import type { HostFile, LoadedSheet, LoadFailure, LoadRequest, ModelSources } from "./api.ts";
import { ModelModules } from "./model-modules.ts";
import {
  looksLikeFile,
  readScenario,
  type ScenarioFile,
  scenariosBeside,
  withAncestors,
} from "./scenario-search.ts";
import { hashText, readSource } from "./source-file.ts";
import { TableFiles } from "./table-files.ts";

/** What opening and refreshing share. */
interface Opening {
  readonly request: LoadRequest;
  readonly tables: TableFiles;
  readonly modules: ModelModules;
  /** The last text seen of each source, for messages. */
  readonly texts: Map<string, string>;
  /** Hashes of the texts that were taken over. */
  readonly hashes: Map<string, string>;
}

/**
 * Opens a model with its scenarios, tables and modules. Never throws for what is on disk or in the files.
 *
 * @example
 * ```ts
 * const loaded = await loadSheet({ model: "saas.reckon", scenarios: ["downside"] });
 * if (!loaded.ok) throw new Error(loaded.problem ?? loaded.diagnostics.map(loaded.render).join("\n"));
 * loaded.sheet.get("debt.closing", { month: "2028-12" }, "downside"); // 2000000
 * ```
 */
export async function loadSheet(request: LoadRequest): Promise<LoadedSheet | LoadFailure> {
  const read = await readModel(request);
  if (!read.ok) return read;
  const { opening, document, text, chosen, sets } = read;
  const { profiler } = request;
  request.onStep?.(`calculating ${request.model}`);
  const opened = openSheet({
    model: { source: request.model, text },
    document,
    scenarios: chosen.opened,
    host: hostOf(opening),
    sets,
    ...request.laying,
    ...(profiler === undefined ? {} : { profiler }),
  });
  if (!opened.ok)
    return failure(opening, {
      diagnostics: opened.diagnostics,
      files: filesOf(opening, document, chosen.opened),
    });
  const skipped = addDiscovered(opening, opened.value, chosen.discovered);
  const diagnostics = [...opened.diagnostics, ...skipped];
  return loadedSheet(opening, { sheet: opened.value, document, text }, chosen.requested, diagnostics);
}

/**
 * Reads what a sheet would be opened from, and opens none: model, scenarios with what they extend, modules (trusted and
 * loaded). Tables are read when they are asked for. Never throws for what is on disk or in the files.
 */
export async function loadSources(request: LoadRequest): Promise<ModelSources | LoadFailure> {
  const read = await readModel(request);
  if (!read.ok) return read;
  const { opening, document, text, chosen, sets } = read;
  const textOf = textLookup(opening);
  return {
    ok: true,
    model: { source: request.model, text },
    document,
    scenarios: chosen.opened.map(({ source, text: written }) => ({ source, text: written })),
    scenario: chosen.requested[0] ?? "base",
    sets,
    host: hostOf(opening),
    modules: opening.modules.closures(document),
    render: (diagnostic) => renderDiagnostic(diagnostic, textOf),
  };
}

interface ReadModel {
  readonly ok: true;
  readonly opening: Opening;
  readonly document: ModelDocument;
  readonly text: string;
  readonly chosen: ChosenScenarios;
  readonly sets: ModelSources["sets"];
}

/** Everything up to opening: texts, scenarios, sets, modules. */
async function readModel(request: LoadRequest): Promise<ReadModel | LoadFailure> {
  const opening: Opening = {
    request,
    tables: new TableFiles(dirname(resolve(request.model))),
    modules: new ModelModules(request),
    texts: new Map(),
    hashes: new Map(),
  };
  request.onStep?.(`reading ${request.model}`);
  const { profiler } = request;
  profiler?.begin("read", request.model);
  const read = await readSource(resolve(request.model));
  profiler?.end();
  if (read.kind !== "text") {
    const problem = read.kind === "missing" ? `no such file: ${request.model}` : read.problem;
    return failure(opening, { problem, files: [modelFile(request.model)] });
  }
  takeOver(opening, request.model, read.text);
  profiler?.begin("parse", request.model);
  const document = parseModel(request.model, read.text);
  profiler?.end();
  profiler?.begin("read", "scenarios");
  const chosen = await chooseScenarios(request, document);
  profiler?.end();
  if ("problem" in chosen) {
    // A scenario that was asked for as a file may appear: a watch waits for it.
    const typed = (request.scenarios ?? []).filter(looksLikeFile).map((source) => ({ source }));
    return failure(opening, { problem: chosen.problem, files: filesOf(opening, document, typed) });
  }
  for (const { source, text } of chosen.opened) takeOver(opening, source, text);
  const sets = parseSets(request.sets ?? []);
  if ("problem" in sets) return failure(opening, { problem: sets.problem, files: [] });
  const hasModules = opening.modules.files(document).length > 0;
  if (hasModules) profiler?.begin("modules");
  const blocked = await opening.modules.prepare(document);
  if (hasModules) profiler?.end();
  if (blocked.length > 0)
    return failure(opening, { diagnostics: blocked, files: filesOf(opening, document, chosen.opened) });
  return { ok: true, opening, document, text: read.text, chosen, sets: sets.sets };
}

interface ChosenScenarios {
  readonly requested: readonly string[];
  /** Those asked for and what they extend, ancestors first. */
  readonly opened: readonly ScenarioFile[];
  readonly discovered: readonly ScenarioFile[];
}

async function chooseScenarios(
  request: LoadRequest,
  document: ModelDocument,
): Promise<ChosenScenarios | { readonly problem: string }> {
  const modelName = nameOf(document);
  const wanted: ScenarioFile[] = [];
  const requested: string[] = [];
  const isNamed = (request.scenarios ?? []).some((typed) => typed !== "base");
  const isSearched = modelName !== undefined && (isNamed || request.discover === true);
  const beside = isSearched ? await scenariosBeside(request.model, modelName) : [];
  for (const typed of request.scenarios ?? []) {
    if (typed === "base") requested.push("base");
    else {
      const file = looksLikeFile(typed) ? await readScenario(typed) : byName(typed, beside, request.model);
      if ("problem" in file) return file;
      requested.push(file.name);
      if (!wanted.some((other) => other.path === file.path)) wanted.push(file);
    }
  }
  const opened = withAncestors(wanted, beside);
  const names = new Set(opened.map((file) => file.name));
  const others = request.discover === true ? beside.filter((file) => !names.has(file.name)) : [];
  const discovered = withAncestors(others, beside).filter((file) => !names.has(file.name));
  return { requested: requested.length === 0 ? ["base"] : [...new Set(requested)], opened, discovered };
}

function byName(
  name: string,
  beside: readonly ScenarioFile[],
  model: string,
): ScenarioFile | { readonly problem: string } {
  const found = beside.filter((file) => file.name === name);
  if (found.length === 1) return found[0] as ScenarioFile;
  if (found.length > 1) {
    return {
      problem: `scenario \`${name}\` is in ${found.map((file) => file.source).join(" and ")}; give the file`,
    };
  }
  const names = [...new Set(["base", ...beside.map((file) => file.name)])].join(", ");
  return { problem: `no scenario \`${name}\` beside ${model}; there are: ${names}` };
}

/** Adds the scenarios nobody asked for; one with errors is left out, and a warning says so. */
function addDiscovered(opening: Opening, sheet: Sheet, discovered: readonly ScenarioFile[]): Diagnostic[] {
  const warnings: Diagnostic[] = [];
  for (const file of discovered) {
    const added = sheet.addScenario({ source: file.source, text: file.text });
    takeOver(opening, file.source, file.text);
    if (added.ok) continue;
    opening.hashes.delete(file.source);
    warnings.push(...added.diagnostics.map((each) => ({ ...each, severity: "warning" as const })));
  }
  return warnings;
}

function loadedSheet(
  opening: Opening,
  opened: { readonly sheet: Sheet; readonly document: ModelDocument; readonly text: string },
  requested: readonly string[],
  diagnostics: readonly Diagnostic[],
): LoadedSheet {
  const { sheet } = opened;
  let queue: Promise<unknown> = Promise.resolve();
  let parsed = opened.document;
  let parsedText = opened.text;
  const document = (): ModelDocument => {
    const text = sheet.text();
    if (text !== parsedText) parsed = parseModel(opening.request.model, text, parsed);
    parsedText = text;
    return parsed;
  };
  const textOf = textLookup(opening);
  return {
    ok: true,
    sheet,
    requested,
    diagnostics,
    files: () => filesOf(opening, document(), scenariosOf(sheet)),
    render: (diagnostic) => renderDiagnostic(diagnostic, textOf),
    textOf,
    hashOf: (source) => opening.hashes.get(source),
    markSaved: (source, text) => {
      takeOver(opening, source, text);
      sheet.markSaved(source);
    },
    refresh: (file, text) => {
      // One after the other: a reload of the model may load modules, and the next file must see its result.
      const result = queue.then(() => refresh(opening, sheet, document(), file, text));
      queue = result.catch(() => undefined);
      return result;
    },
    dispose: () => {
      const { runtime, model } = opening.request;
      runtime?.learnCosts(resolve(model), sheet.engine.costsByVersion());
      sheet.dispose();
    },
  };
}

async function refresh(
  opening: Opening,
  sheet: Sheet,
  document: ModelDocument,
  file: HostFile,
  text: string,
): Promise<SheetResult<void>> {
  switch (file.kind) {
    case "model":
    case "scenario": {
      opening.texts.set(file.source, text);
      if (file.kind === "model") {
        const blocked = await opening.modules.prepare(parseModel(file.source, text));
        if (blocked.length > 0) return { ok: false, diagnostics: blocked };
      }
      const result = sheet.reload(file.source, text);
      if (result.ok) takeOver(opening, file.source, text);
      return result;
    }
    case "table":
      opening.tables.replace(file.source, text, hashText(text));
      return sheet.reloadHostFile(file.source);
    case "module": {
      const failed = await opening.modules.reload(file.source, document);
      return failed.length > 0 ? { ok: false, diagnostics: failed } : sheet.reloadHostFile(file.source);
    }
  }
}

function hostOf(opening: Opening): SheetHost {
  return {
    ...heavyParts(opening.request),
    table: (path) => opening.tables.lookUp(path),
    module: (path) => opening.modules.lookUp(path),
    now: () => performance.now(),
    after: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
  };
}

function heavyParts({ runtime, sharesThread, model }: LoadRequest): Partial<SheetHost> {
  if (runtime === undefined) return {};
  const { executor, memoStore, calls, formulaProgram } = runtime;
  return {
    executor,
    calls,
    formulaProgram,
    knownCosts: runtime.knownCosts(resolve(model)),
    ...(memoStore === undefined ? {} : { memoStore }),
    ...(sharesThread === true
      ? { sharing: { defer: (resume) => setImmediate(resume), cores: availableParallelism() } }
      : {}),
  };
}

/** Records that the sheet holds this text of the source. */
function takeOver(opening: Opening, source: string, text: string): void {
  opening.texts.set(source, text);
  opening.hashes.set(source, hashText(text));
}

function filesOf(
  opening: Opening,
  document: ModelDocument,
  scenarios: readonly { readonly source: string }[],
): readonly HostFile[] {
  const hashed = (file: HostFile, hash: string | undefined): HostFile =>
    hash === undefined ? file : { ...file, hash };
  return [
    hashed(modelFile(opening.request.model), opening.hashes.get(opening.request.model)),
    ...scenarios.map(({ source }) =>
      hashed({ kind: "scenario", path: resolve(source), source }, opening.hashes.get(source)),
    ),
    ...tablesOf(document).map(({ path: source }) =>
      hashed({ kind: "table", path: opening.tables.pathOf(source), source }, opening.tables.hashOf(source)),
    ),
    ...opening.modules.files(document),
  ];
}

function modelFile(source: string): HostFile {
  return { kind: "model", path: resolve(source), source };
}

function scenariosOf(sheet: Sheet): readonly { readonly source: string }[] {
  return sheet.scenarios.filter((name) => name !== "base").map((name) => ({ source: sheet.sourceOf(name) }));
}

function nameOf(document: ModelDocument): string | undefined {
  for (const { declaration } of structureOf(document)) {
    if (declaration?.kind === "model") return declaration.name.text;
  }
  return undefined;
}

function textLookup(opening: Opening): (source: string) => string | undefined {
  return (source) => opening.texts.get(source) ?? opening.tables.textOf(source);
}

function failure(
  opening: Opening,
  what: { problem?: string; diagnostics?: readonly Diagnostic[]; files: readonly HostFile[] },
): LoadFailure {
  const textOf = textLookup(opening);
  const result = {
    ok: false as const,
    diagnostics: what.diagnostics ?? [],
    files: what.files,
    textOf,
    render: (diagnostic: Diagnostic) => renderDiagnostic(diagnostic, textOf),
  };
  return what.problem === undefined ? result : { ...result, problem: what.problem };
}

/** `block.attribute[index]=value`, at the first `=` outside the brackets. */
function parseSets(
  typed: readonly string[],
): { readonly sets: { path: string; value: string }[] } | { readonly problem: string } {
  const sets: { path: string; value: string }[] = [];
  for (const set of typed) {
    const match = /^\s*([^=[\]]+(?:\[[^\]]*\])?)\s*=(.*)$/s.exec(set);
    const [, path = "", value = ""] = match ?? [];
    if (path.trim() === "" || value.trim() === "") {
      return {
        problem: `cannot read --set ${set}: write block.attribute=value or block.attribute[index]=value`,
      };
    }
    sets.push({ path: path.trim(), value: value.trim() });
  }
  return { sets };
}
