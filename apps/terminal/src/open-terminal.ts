/**
 * Opening the app: the terminal is checked and the model loaded before anything is drawn, so that problems are
 * reported as plain text and the trust question is asked at a plain prompt. The screen's code is loaded meanwhile.
 */
import { enableCompileCache } from "node:module";
import {
  askAtTerminal,
  createRuntime,
  type LoadedSheet,
  type LoadFailure,
  loadSheet,
  type Runtime,
  type RuntimeOptions,
  saveSource,
  watchFiles,
} from "@reckon/host";
import { chooseGlyphs } from "./screen/glyphs.ts";
import { makeTheme } from "./screen/theme.ts";
import { liveLaying } from "./session/live-laying.ts";

export interface OpenRequest {
  /** Path of the model file. */
  readonly model: string;
  /** Scenario files, or names of scenarios beside the model; the first is shown. */
  readonly scenarios: string[];
  /** `block.attribute=value` */
  readonly sets: string[];
  /** Runs the model's formula modules without asking. */
  readonly allowModules: boolean;
  /** What heavy formulas run with. */
  readonly heavy?: Pick<RuntimeOptions, "threads" | "cache" | "cacheSecret" | "verifyShare">;
  /** What takes longer is left stale; `off`: nothing is; absent: 2,000. */
  readonly lazyAboveMs?: number | "off";
}

const exitModelErrors = 1;
const exitUsage = 2;
const lazyMsDefault = 2_000;

/**
 * Opens a model in the terminal and stays until the user quits. The exit code: 0, 1 when the model has errors, 2
 * when there is no terminal or a file cannot be read, 128 and the signal's number when a signal ended it.
 *
 * Needs a terminal on standard input and output; the caller prints results instead where there is none.
 *
 * @example
 * ```ts
 * const exitCode = await openTerminal({ model: "saas.reckon", scenarios: [], sets: [], allowModules: false }); // 2 where there is no terminal
 * ```
 */
export async function openTerminal(request: OpenRequest): Promise<number> {
  const { stdin, stdout, stderr, env } = process;
  if (!stdin.isTTY || !stdout.isTTY || env.TERM === "dumb") {
    stderr.write("reckon: this needs a terminal; `reckon run` prints the results instead\n");
    return exitUsage;
  }
  const isColoured = env.NO_COLOR === undefined || env.NO_COLOR === "";
  // The renderer's colour library does not know NO_COLOR and decides when it is loaded.
  if (!isColoured) env.FORCE_COLOR = "0";
  // From the second start on, Node takes the screen's code compiled from its own cache.
  enableCompileCache();
  const program = import("./program.tsx");
  // Told on the screen once that is there.
  let tell = (notice: string): void => void stderr.write(`reckon: ${notice}\n`);
  const runtime = createRuntime({ ...request.heavy, onNotice: (notice) => tell(notice) });
  try {
    return await open(request, runtime, async (loaded) => {
      const theme = makeTheme({ isColoured, glyphs: chooseGlyphs(env) });
      const { runProgram } = await program;
      const files = { saveSource, watchFiles };
      const onNotices = (told: (notice: string) => void): void => {
        tell = told;
      };
      return runProgram({ loaded, files, runtime, onNotices, theme, stdin, stdout });
    });
  } finally {
    await runtime.close();
  }
}

async function open(
  request: OpenRequest,
  runtime: Runtime,
  run: (loaded: LoadedSheet) => Promise<number>,
): Promise<number> {
  const { lazyAboveMs = lazyMsDefault } = request;
  const loaded = await loadSheet({
    model: request.model,
    scenarios: request.scenarios,
    sets: request.sets,
    allowModules: request.allowModules,
    discover: true,
    laying: lazyAboveMs === "off" ? liveLaying : { ...liveLaying, lazyAboveMs },
    runtime,
    ask: askAtTerminal,
  });
  if (!loaded.ok) {
    process.stderr.write(failureText(loaded));
    return loaded.problem === undefined ? exitModelErrors : exitUsage;
  }
  try {
    return await run(loaded);
  } finally {
    loaded.dispose();
  }
}

function failureText(failure: LoadFailure): string {
  const texts = failure.diagnostics.map((diagnostic) => failure.render(diagnostic));
  return [...(failure.problem === undefined ? [] : [`reckon: ${failure.problem}`]), ...texts]
    .map((text) => `${text}\n`)
    .join("\n");
}
