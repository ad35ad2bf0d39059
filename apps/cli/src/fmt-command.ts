/** `reckon fmt`: the canonical layout of models and scenarios. */
import { resolve } from "node:path";
import type { Diagnostic } from "@reckon/formula";
import { renderDiagnostic } from "@reckon/formula";
import { isScenarioText, readSource, saveSource } from "@reckon/host";
import {
  diagnosticsOf,
  formatDocument,
  type ModelDocument,
  parseModel,
  parseScenario,
  printDocument,
  type ScenarioDocument,
} from "@reckon/model";
import { type ExitCode, exitFailure, exitGood, exitModel } from "./exit-code.ts";
import { reportDiagnostics } from "./open-model.ts";
import type { Output } from "./output.ts";
import type { FormatRequest } from "./request.ts";

/** Formats each file; the exit code is the worst of them. */
export async function fmtCommand(
  request: FormatRequest,
  output: Output,
  readInput: () => Promise<string>,
): Promise<ExitCode> {
  let worst: ExitCode = exitGood;
  for (const file of request.files) {
    const code = await formatFile(file, request.mode, output, readInput);
    if (code > worst) worst = code;
  }
  return worst;
}

async function formatFile(
  file: string,
  mode: FormatRequest["mode"],
  output: Output,
  readInput: () => Promise<string>,
): Promise<ExitCode> {
  const isInput = file === "-";
  const source = isInput ? "standard input" : file;
  const read = isInput
    ? ({ kind: "text", text: await readInput(), hash: "" } as const)
    : await readSource(resolve(file));
  if (read.kind !== "text") {
    output.message(`reckon: ${read.kind === "missing" ? `no such file: ${file}` : read.problem}`);
    return exitFailure;
  }
  const formatted = formatText(source, read.text);
  if ("diagnostics" in formatted) {
    const render = (each: Diagnostic) => renderDiagnostic(each, () => read.text);
    reportDiagnostics({ diagnostics: formatted.diagnostics, render }, output);
    output.message(`reckon: ${source} is left as it is until it can be read`);
    return exitModel;
  }
  const isFormatted = formatted.text === read.text;
  switch (mode) {
    case "print":
      output.data(formatted.text);
      return exitGood;
    case "check":
      if (!isFormatted) output.data(`${source}\n`);
      return isFormatted ? exitGood : exitModel;
    case "write":
      return isFormatted ? exitGood : writeBack(file, formatted.text, read.hash, output);
  }
}

async function writeBack(file: string, text: string, hash: string, output: Output): Promise<ExitCode> {
  const saved = await saveSource(resolve(file), text, hash);
  switch (saved.kind) {
    case "saved":
      output.message(`formatted ${file}`);
      return exitGood;
    case "changed":
    case "missing":
      output.message(`reckon: ${file} changed while it was being formatted; nothing was written`);
      return exitFailure;
    case "failed":
      output.message(`reckon: ${saved.problem}`);
      return exitFailure;
  }
}

/** The text formatted, or the errors that keep it from being read. */
export function formatText(
  source: string,
  text: string,
): { readonly text: string } | { readonly diagnostics: readonly Diagnostic[] } {
  const document: ModelDocument | ScenarioDocument = isScenarioText(source, text)
    ? parseScenario(source, text)
    : parseModel(source, text);
  const errors = diagnosticsOf(document).filter((each) => each.severity === "error");
  if (errors.length > 0) return { diagnostics: errors };
  return { text: printDocument(formatDocument(document)) };
}
