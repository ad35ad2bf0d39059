/** `reckon check`: everything that is wrong, nothing calculated, no module run. */
import { checkSources } from "@reckon/host";
import { type JsonDiagnostic, jsonDiagnostic } from "./diagnostic-json.ts";
import { type ExitCode, exitFailure, exitGood, exitModel } from "./exit-code.ts";
import type { Output } from "./output.ts";
import type { CheckRequest } from "./request.ts";

/** Checks each file; several may name the same scenario, which is then reported once. */
export async function checkCommand(request: CheckRequest, output: Output): Promise<ExitCode> {
  const all: JsonDiagnostic[] = [];
  const seen = new Set<string>();
  const sources = new Set<string>();
  let hasProblem = false;
  for (const file of request.files) {
    const check = await checkSources(file);
    if (check.problem !== undefined) {
      hasProblem = true;
      output.message(`reckon: ${check.problem}`);
    }
    for (const source of check.sources) sources.add(source);
    for (const diagnostic of check.diagnostics) {
      const json = jsonDiagnostic(diagnostic, check.textOf);
      const key = JSON.stringify(json);
      if (seen.has(key)) continue;
      seen.add(key);
      all.push(json);
      if (!request.isJson) output.message(`${check.render(diagnostic)}\n`);
    }
  }
  const errors = all.filter((each) => each.severity === "error").length;
  if (request.isJson) output.data(`${JSON.stringify(all, null, 2)}\n`);
  else if (!hasProblem) output.data(`${summary(sources.size, errors, all.length - errors)}\n`);
  return hasProblem ? exitFailure : errors > 0 ? exitModel : exitGood;
}

function summary(files: number, errors: number, warnings: number): string {
  const count = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const found = [errors > 0 ? count(errors, "error") : "", warnings > 0 ? count(warnings, "warning") : ""];
  const text = found.filter((each) => each !== "").join(" and ");
  return `${count(files, "file")} checked: ${text === "" ? "no problems" : text}`;
}
