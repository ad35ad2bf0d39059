/**
 * Checking files without calculating anything and without running their modules: a model with every scenario beside
 * it, or one scenario with its model.
 */
import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Diagnostic, renderDiagnostic } from "@reckon/formula";
import {
  checkExtends,
  checkModel,
  checkScenario,
  checkScenarioNames,
  diagnosticsOf,
  parseModel,
  parseScenario,
} from "@reckon/model";
import { scenariosBeside, withAncestors } from "./scenario-search.ts";
import { plainFileSize, readSource } from "./source-file.ts";
import { isScenarioText } from "./source-kind.ts";
import { TableFiles } from "./table-files.ts";

export interface SourceCheck {
  /** What kept the file from being read, as a sentence. */
  readonly problem?: string;
  readonly diagnostics: readonly Diagnostic[];
  /** The files that were looked at. */
  readonly sources: readonly string[];
  readonly textOf: (source: string) => string | undefined;
  readonly render: (diagnostic: Diagnostic) => string;
}

/** All that is wrong with a model and its scenarios, or with one scenario. Never throws for what is on disk. */
export async function checkSources(source: string): Promise<SourceCheck> {
  const texts = new Map<string, string>();
  const read = await readSource(resolve(source));
  if (read.kind !== "text") {
    return outcome(texts, [], read.kind === "missing" ? `no such file: ${source}` : read.problem);
  }
  texts.set(source, read.text);
  if (!isScenarioText(source, read.text)) {
    return outcome(texts, await checkWithScenarios(source, read.text, texts));
  }
  const document = parseScenario(source, read.text);
  const header = document.items.find((item) => item.declaration?.kind === "scenario")?.declaration;
  if (header?.kind !== "scenario") return outcome(texts, checkAlone(source, read.text));
  const model = await modelBeside(source, header.model.text);
  if (model === undefined) {
    return outcome(
      texts,
      checkAlone(source, read.text),
      `no model \`${header.model.text}\` beside ${source}`,
    );
  }
  texts.set(model.source, model.text);
  const diagnostics = await checkWithScenarios(model.source, model.text, texts, source);
  return outcome(texts, diagnostics);
}

/** The model and its scenarios; with `only`, that scenario and what it extends. */
async function checkWithScenarios(
  source: string,
  text: string,
  texts: Map<string, string>,
  only?: string,
): Promise<readonly Diagnostic[]> {
  const tables = new TableFiles(dirname(resolve(source)));
  const document = parseModel(source, text);
  const checked = checkModel(document, (path) => tables.lookUp(path));
  const diagnostics = [...checked.diagnostics];
  const name = document.items.find((item) => item.declaration?.kind === "model")?.declaration;
  const beside = name?.kind === "model" ? await scenariosBeside(source, name.name.text) : [];
  const wanted =
    only === undefined ? beside : beside.filter((file) => resolve(file.source) === resolve(only));
  const scenarios = [];
  for (const file of withAncestors(wanted, beside)) {
    texts.set(file.source, file.text);
    const scenarioDocument = parseScenario(file.source, file.text);
    // Without a model that holds together, only what is wrong with the file by itself, and its names, can be said.
    if (checked.value === undefined) {
      diagnostics.push(...checkScenarioNames(scenarioDocument, document));
      continue;
    }
    const scenario = checkScenario(scenarioDocument, checked.value);
    diagnostics.push(...scenario.diagnostics);
    if (scenario.value !== undefined)
      scenarios.push({ document: scenarioDocument, scenario: scenario.value });
  }
  // A scenario with errors of its own is left out here, so what extends it is judged once that is mended.
  if (diagnostics.every((each) => each.severity !== "error"))
    diagnostics.push(...checkExtends(scenarios).diagnostics);
  return diagnostics;
}

function checkAlone(source: string, text: string): readonly Diagnostic[] {
  return diagnosticsOf(parseScenario(source, text));
}

/** The model file of that name in the scenario's folder. */
async function modelBeside(
  scenario: string,
  name: string,
): Promise<{ readonly source: string; readonly text: string } | undefined> {
  const folder = dirname(scenario);
  for (const file of (await readdir(resolve(folder))).toSorted()) {
    if (!file.endsWith(".reckon")) continue;
    const source = folder === "." ? file : join(folder, file);
    if ((await plainFileSize(resolve(source))) === undefined) continue;
    const read = await readSource(resolve(source));
    if (read.kind !== "text" || isScenarioText(source, read.text)) continue;
    const header = parseModel(source, read.text).items.find((item) => item.declaration?.kind === "model");
    if (header?.declaration?.kind === "model" && header.declaration.name.text === name) {
      return { source, text: read.text };
    }
  }
  return undefined;
}

function outcome(
  texts: ReadonlyMap<string, string>,
  diagnostics: readonly Diagnostic[],
  problem?: string,
): SourceCheck {
  const textOf = (source: string) => texts.get(source);
  const result = {
    diagnostics,
    sources: [...texts.keys()],
    textOf,
    render: (diagnostic: Diagnostic) => renderDiagnostic(diagnostic, textOf),
  };
  return problem === undefined ? result : { ...result, problem };
}
