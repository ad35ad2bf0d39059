/**
 * The content of a sheet: its documents with what the checker made of them. Content is accepted as a whole or not at
 * all, so what a sheet shows always holds together.
 *
 * Checking reuses: the same document gives the same checked model, and a scenario is looked at again only when it or
 * the model changed. The one mutable part is the map of attributes: typing a value into an input replaces its entry
 * (see draft.ts), since a new map for each keystroke would cost the size of the model.
 */
import type { Diagnostic } from "@reckon/formula";
import {
  type AttributeTable,
  type CheckedModel,
  type CheckedScenario,
  checkExtends,
  checkModel,
  checkScenario,
  checkScenarioNames,
  type KnownGraph,
  LineFormula,
  type ModelDocument,
  type ScenarioDocument,
} from "@reckon/model";
import { moduleCallsOf } from "@reckon/plan";
import type { ModuleFunction, SheetHost } from "./api.ts";
import { setsName } from "./overlays.ts";
import { Phases } from "./phases.ts";
import { moduleProblem, scenarioNamedBase, unknownModuleFunction } from "./problem.ts";

export interface ScenarioContent {
  readonly document: ScenarioDocument;
  readonly checked: CheckedScenario;
}

/** What is written: the documents alone, scenarios in the order they were opened. */
export interface Documents {
  readonly model: ModelDocument;
  readonly scenarios: readonly ScenarioDocument[];
  /** The `--set` values as a scenario of their own that no file holds. */
  readonly sets?: ScenarioDocument | undefined;
}

export interface Content {
  readonly documents: Documents;
  readonly model: LiveModel;
  readonly scenarios: readonly ScenarioContent[];
  readonly sets?: ScenarioContent | undefined;
  /** The `--set` values, then the scenarios, each behind the one it extends. */
  readonly ordered: readonly CheckedScenario[];
  /** Warnings. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A checked model whose inputs may be replaced one by one. */
export type LiveModel = CheckedModel & { readonly attributes: AttributeTable };

export interface ContentCheck {
  readonly content?: Content;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether the whole model was checked, rather than taken over. */
  readonly hasCheckedModel: boolean;
}

/** Options of a check beside the documents. */
export interface CheckOptions {
  readonly previous?: Content | undefined;
  /** Check the model even where its document is the same, since a table or module changed. */
  readonly isForced?: boolean;
  /** The graph of the previous content's model, where the engine holds exactly that. */
  readonly known?: KnownGraph | undefined;
  readonly phases?: Phases;
}

export function checkContent(
  documents: Documents,
  host: SheetHost,
  options: CheckOptions = {},
): ContentCheck {
  const { phases = new Phases() } = options;
  return phases.in("check", () => contentCheck(documents, host, options));
}

function contentCheck(documents: Documents, host: SheetHost, options: CheckOptions): ContentCheck {
  const { previous, isForced = false } = options;
  const isSame = !isForced && previous?.documents.model === documents.model;
  const checked = isSame ? previous.model : undefined;
  const diagnostics: Diagnostic[] = [];
  let model = checked;
  if (model === undefined) {
    const result = checkModel(documents.model, host.table, previous?.model, options.known);
    diagnostics.push(...result.diagnostics);
    if (result.value !== undefined) {
      // The checker makes a table for each model and writes to none that it gave.
      model = result.value as LiveModel;
      diagnostics.push(...moduleProblems(model, documents.model, host));
    }
  } else
    diagnostics.push(
      ...(previous?.diagnostics.filter(({ source }) => source === documents.model.source) ?? []),
    );
  if (model === undefined) {
    const others = documents.scenarios.flatMap((scenario) => checkScenarioNames(scenario, documents.model));
    return { diagnostics: [...diagnostics, ...others], hasCheckedModel: !isSame };
  }
  const all = scenariosOf(documents, model, previous, diagnostics);
  const sets = all.find(({ checked: { name } }) => name === setsName);
  const scenarios = all.filter((scenario) => scenario !== sets);
  const ordered = hasErrors(diagnostics) ? undefined : inOrder(scenarios, diagnostics);
  if (ordered === undefined) return { diagnostics, hasCheckedModel: !isSame };
  const content: Content = {
    documents,
    model,
    scenarios,
    sets,
    ordered: sets === undefined ? ordered : [sets.checked, ...ordered],
    diagnostics,
  };
  return { content, diagnostics, hasCheckedModel: !isSame };
}

/** Checks each scenario (the `--set` values first) against the model, and what they extend against each other. */
function scenariosOf(
  documents: Documents,
  model: LiveModel,
  previous: Content | undefined,
  diagnostics: Diagnostic[],
): ScenarioContent[] {
  const standing = new Map(
    previous?.model === model
      ? [...previous.scenarios, ...(previous.sets === undefined ? [] : [previous.sets])].map(
          (scenario): [ScenarioDocument, ScenarioContent] => [scenario.document, scenario],
        )
      : [],
  );
  const found: ScenarioContent[] = [];
  for (const document of [
    ...(documents.sets === undefined ? [] : [documents.sets]),
    ...documents.scenarios,
  ]) {
    const same = standing.get(document);
    if (same !== undefined) {
      found.push(same);
      continue;
    }
    const result = checkScenario(document, model);
    diagnostics.push(...result.diagnostics);
    if (result.value === undefined) continue;
    const name = document === documents.sets ? setsName : result.value.name;
    found.push({ document, checked: { ...result.value, name } });
  }
  return found;
}

/** The scenarios, each behind the one it extends; `undefined`, with diagnostics, where that is not possible. */
function inOrder(
  scenarios: readonly ScenarioContent[],
  diagnostics: Diagnostic[],
): readonly CheckedScenario[] | undefined {
  const base = scenarios.find(({ checked }) => checked.name === "base");
  if (base !== undefined) {
    diagnostics.push(scenarioNamedBase(base.document.source));
    return undefined;
  }
  const result = checkExtends(scenarios.map(({ document, checked }) => ({ document, scenario: checked })));
  diagnostics.push(...result.diagnostics);
  return result.value;
}

/** Modules that may not run or do not load, and functions that they do not have. */
function moduleProblems(
  model: CheckedModel,
  document: ModelDocument,
  host: SheetHost,
): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  const functionsOf = new Map<string, readonly string[]>();
  for (const { name, path } of model.uses) {
    const found = host.module(path);
    if (isProblem(found)) problems.push(moduleProblem(document, path, found.problem));
    else functionsOf.set(name, Object.keys(found));
  }
  if (functionsOf.size === 0) return problems;
  for (const attribute of model.attributes.values()) {
    // Plain lines call nothing, and their trees are better not made.
    if (attribute.kind !== "formula" || attribute instanceof LineFormula || !attribute.formula.callsModule)
      continue;
    for (const call of moduleCallsOf(attribute.formula)) {
      const functions = functionsOf.get(call.module);
      if (functions !== undefined && !functions.includes(call.name))
        problems.push(unknownModuleFunction(document, attribute, call, functions));
    }
  }
  return problems;
}

/** A function of a module that the model uses, as the host has it now. */
export function moduleFunction(
  model: CheckedModel,
  host: SheetHost,
  module: string,
  name: string,
): ModuleFunction | undefined {
  const path = model.uses.find((use) => use.name === module)?.path;
  const functions = path === undefined ? undefined : host.module(path);
  return functions === undefined || isProblem(functions) ? undefined : functions[name];
}

function isProblem<T extends object>(
  found: T | { readonly problem: string },
): found is { readonly problem: string } {
  return "problem" in found && typeof found.problem === "string";
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}
