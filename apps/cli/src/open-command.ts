/** `reckon open`: the live sheet in a terminal; without one the results, once. */
import type { Output } from "./output.ts";
import type { OpenRequest } from "./request.ts";

/**
 * Starts the terminal app when both ends are a terminal that can be drawn on. The app and what it draws with are
 * imported only then, and what prints results only otherwise: each starts faster without the other. The exit code is
 * the app's: 128 and the signal's number when a signal ended it.
 */
export async function openCommand(request: OpenRequest, output: Output): Promise<number> {
  if (!canDraw()) {
    const { runCommand } = await import("./run-command.ts");
    const run = { command: "run", only: [], format: "table", isFull: false, hasStats: false } as const;
    return runCommand({ ...request, ...run }, output);
  }
  const { openTerminal } = await import("@reckon/terminal");
  const { model, scenarios, sets, allowModules, lazyAboveMs = "off" } = request;
  const cacheSecret = process.env.RECKON_CACHE_SECRET;
  const secret = cacheSecret === undefined || cacheSecret === "" ? {} : { cacheSecret };
  const heavy = { ...request.heavy, ...secret };
  return openTerminal({
    model,
    scenarios: [...scenarios],
    sets: [...sets],
    allowModules,
    heavy,
    lazyAboveMs,
  });
}

function canDraw(): boolean {
  const { TERM, CI } = process.env;
  return (
    process.stdin.isTTY === true && process.stdout.isTTY === true && TERM !== "dumb" && (CI ?? "") === ""
  );
}
