/**
 * Finding scenarios: by path, or by name among the files beside the model whose header names the model.
 *
 * The folder is read once per search. A file is looked into only when its name ends as a scenario's may and, for JSON
 * and YAML (which are data more often than scenarios), when the word `scenario` stands in it. Cost: the size of those
 * files.
 */
import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseScenario, type ScenarioDocument, type ScenarioHeader } from "@reckon/model";
import { plainFileSize, readSource } from "./source-file.ts";

export interface ScenarioFile {
  readonly name: string;
  readonly source: string;
  readonly path: string;
  readonly text: string;
  readonly hash: string;
  /** Name of the model it is for. */
  readonly model: string;
  /** The scenario it extends; absent for the model itself. */
  readonly extends?: string;
}

/** A file larger than this is not looked into when searching by name: it is data. */
const searchedBytesMax = 4 * 1024 * 1024;
const scenarioFileName = /\.(reckon|json|ya?ml)$/i;

/** Whether what was typed for a scenario is meant as a file: it has a folder or a scenario's file ending in it. */
export function looksLikeFile(typed: string): boolean {
  return scenarioFileName.test(typed) || typed.includes("/") || typed.includes("\\");
}

/** Reads one scenario file, or says in a sentence why it cannot be one. */
export async function readScenario(source: string): Promise<ScenarioFile | { readonly problem: string }> {
  const path = resolve(source);
  const read = await readSource(path);
  switch (read.kind) {
    case "missing":
      return { problem: `no such file: ${source}` };
    case "unreadable":
      return { problem: read.problem };
    case "text":
      return scenarioFile(source, path, read.text, read.hash) ?? { problem: `${source} is not a scenario` };
  }
}

/** Every scenario file beside the model that is for the model called `modelName`, by file name. */
export async function scenariosBeside(modelSource: string, modelName: string): Promise<ScenarioFile[]> {
  const folder = dirname(modelSource);
  const found: ScenarioFile[] = [];
  for (const name of (await readdir(resolve(folder))).toSorted()) {
    if (!scenarioFileName.test(name)) continue;
    const source = folder === "." ? name : join(folder, name);
    const path = resolve(source);
    if (((await plainFileSize(path)) ?? Number.POSITIVE_INFINITY) > searchedBytesMax) continue;
    const read = await readSource(path);
    if (read.kind !== "text" || !/\bscenario\b/.test(read.text)) continue;
    const scenario = scenarioFile(source, path, read.text, read.hash);
    if (scenario?.model === modelName) found.push(scenario);
  }
  return found;
}

function scenarioFile(source: string, path: string, text: string, hash: string): ScenarioFile | undefined {
  const header = headerOf(parseScenario(source, text));
  if (header === undefined) return undefined;
  const file = { name: header.name.text, source, path, text, hash, model: header.model.text };
  const parent = header.extends?.text;
  return parent === undefined || parent === "base" ? file : { ...file, extends: parent };
}

function headerOf(document: ScenarioDocument): ScenarioHeader | undefined {
  for (const { declaration } of document.items) {
    if (declaration?.kind === "scenario") return declaration;
  }
  return undefined;
}

/**
 * The wanted scenarios with what they extend, each before those that extend it, none twice. A scenario that extends
 * one that is not among `beside` stands alone: opening it says what is missing. A circle ends where it closes.
 */
export function withAncestors(
  wanted: readonly ScenarioFile[],
  beside: readonly ScenarioFile[],
): ScenarioFile[] {
  const byName = new Map([...beside, ...wanted].map((file) => [file.name, file]));
  const ordered = new Set<ScenarioFile>();
  for (const file of wanted) {
    const chain: ScenarioFile[] = [];
    let at: ScenarioFile | undefined = file;
    while (at !== undefined && !ordered.has(at) && !chain.includes(at)) {
      chain.push(at);
      at = at.extends === undefined ? undefined : byName.get(at.extends);
    }
    for (const link of chain.toReversed()) ordered.add(link);
  }
  return [...ordered];
}
