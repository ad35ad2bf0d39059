/** Opening a model for a command: the question about modules, what is said while it takes long, the problems. */
import { statSync } from "node:fs";
import { askAtTerminal, type LoadedSheet, type LoadFailure, type LoadRequest, loadSheet } from "@reckon/host";
import { jsonDiagnostic } from "./diagnostic-json.ts";
import { exitFailure, exitModel } from "./exit-code.ts";
import type { HeavyWork } from "./heavy-work.ts";
import type { ModelRequest } from "./model-request.ts";
import type { Output } from "./output.ts";
import { Progress } from "./progress.ts";

/** Calculating lets no timer run, so of a model this large it is said at once. */
const largeModelBytes = 1024 * 1024;

type More = Pick<LoadRequest, "discover" | "profiler" | "laying"> & {
  readonly progress?: Progress;
  /** Heavy formulas run with it; without it everything runs on this thread, and nothing is kept. */
  readonly work?: HeavyWork;
};

/** Opens the sheet, asking at a terminal whether modules may run. */
export async function openModel(
  request: ModelRequest,
  { progress = new Progress(), work, ...more }: More = {},
): Promise<LoadedSheet | LoadFailure> {
  if (sizeOf(request.model) > largeModelBytes) progress.hurry();
  const ask: LoadRequest["ask"] = async (question) => {
    // The question stays on its line: nothing else is written there until it is answered.
    progress.pause();
    const answer = await askAtTerminal(question);
    progress.resume();
    return answer;
  };
  const load: LoadRequest = {
    model: request.model,
    scenarios: request.scenarios,
    sets: request.sets,
    allowModules: request.allowModules,
    ...more,
    ...(work === undefined ? {} : { runtime: work.runtime, sharesThread: true }),
    onStep: (text) => {
      if (text === `calculating ${request.model}`) work?.begin();
      progress.step(text);
    },
    ...(canAsk() ? { ask } : {}),
  };
  try {
    return await loadSheet(load);
  } finally {
    progress.end();
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    // Opening it says what is wrong with it.
    return 0;
  }
}

/** Whether somebody at a terminal can answer a question. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Prints why a model could not be opened, and gives the exit code. With `--json` all diagnostics are one object on
 * standard output, in the place of results; a file that cannot be read stays a message.
 */
export function reportFailure(
  failure: LoadFailure,
  output: Output,
  isJson: boolean,
): typeof exitModel | typeof exitFailure {
  const { diagnostics, textOf } = failure;
  if (!isJson) reportDiagnostics(failure, output);
  else if (diagnostics.length > 0) {
    const problems = { diagnostics: diagnostics.map((each) => jsonDiagnostic(each, textOf)) };
    output.data(`${JSON.stringify(problems, null, 2)}\n`);
  }
  if (failure.problem !== undefined) output.message(`reckon: ${failure.problem}`);
  const isTyped = diagnostics.length > 0 && diagnostics.every((each) => each.source === "--set");
  return failure.problem !== undefined || isTyped ? exitFailure : exitModel;
}

/** Prints what is wrong without having kept the model from opening. */
export function reportWarnings(loaded: LoadedSheet, output: Output): void {
  reportDiagnostics(loaded, output);
}

/** A file that is no model at all has a mistake in every line; the first ones tell. */
const diagnosticsShownMax = 20;

/** Prints diagnostics, the first ones of very many. */
export function reportDiagnostics(
  { diagnostics, render }: Pick<LoadFailure, "diagnostics" | "render">,
  output: Output,
): void {
  for (const diagnostic of diagnostics.slice(0, diagnosticsShownMax)) output.message(render(diagnostic));
  const rest = diagnostics.length - diagnosticsShownMax;
  if (rest > 0) output.message(`reckon: and ${rest} more like these; \`reckon check\` lists all`);
}
