/** Opening a model for a command: the question about modules, the message while it takes long, the problems. */
import { statSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import {
  type LoadedSheet,
  type LoadFailure,
  type LoadRequest,
  loadSheet,
  type TrustQuestion,
} from "@reckon/host";
import { exitFailure, exitModel } from "./exit-code.ts";
import type { Output } from "./output.ts";
import type { ModelRequest } from "./request.ts";

/** After this long a person at a terminal is told what is going on. */
const patienceMs = 1000;
/** Calculating lets no timer run, so of a model this large it is said at once. */
const largeModelBytes = 1024 * 1024;

/** Opens the sheet, asking at a terminal whether modules may run. */
export async function openModel(
  request: ModelRequest,
  more: { readonly discover?: boolean } = {},
): Promise<LoadedSheet | LoadFailure> {
  const started = performance.now();
  const isLarge = sizeOf(request.model) > largeModelBytes;
  const say = (text: string) => {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stderr.write(`\rreckon: ${text} … ${seconds} s\u001b[K`);
    isSaid = true;
  };
  let isSaid = false;
  let step = `opening ${request.model}`;
  const timer = process.stderr.isTTY ? setInterval(() => say(step), patienceMs) : undefined;
  const load: LoadRequest = {
    model: request.model,
    scenarios: request.scenarios,
    sets: request.sets,
    allowModules: request.allowModules,
    discover: more.discover === true,
    onStep: (text) => {
      step = text;
      if (timer !== undefined && (isLarge || performance.now() - started > patienceMs)) say(step);
    },
    ...(isAsking() ? { ask: askTrust } : {}),
  };
  try {
    return await loadSheet(load);
  } finally {
    clearInterval(timer);
    if (isSaid) process.stderr.write("\r\u001b[K");
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function isAsking(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks on standard error, so that results in a pipe stay clean. Anything but a yes is a no. */
async function askTrust(question: TrustQuestion): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  try {
    process.stderr.write(
      `${question.folder} is opened for the first time, and its model runs code: ${question.modules.join(", ")}\n` +
        "Code can read and change everything that you can. The answer is remembered for this folder.\n",
    );
    const answer = await Promise.race([lines.question("Run it? [y/N] "), closed]);
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    lines.close();
  }
}

/** Prints why a model could not be opened, and gives the exit code. */
export function reportFailure(failure: LoadFailure, output: Output): typeof exitModel | typeof exitFailure {
  for (const diagnostic of failure.diagnostics) output.message(failure.render(diagnostic));
  if (failure.problem === undefined) return exitModel;
  output.message(`reckon: ${failure.problem}`);
  return exitFailure;
}

/** Prints what is wrong without having kept the model from opening. */
export function reportWarnings(loaded: LoadedSheet, output: Output): void {
  for (const diagnostic of loaded.diagnostics) output.message(loaded.render(diagnostic));
}
