/** `reckon open`: the live sheet in a terminal; without one the results, once. */
import type { ExitCode } from "./exit-code.ts";
import type { Output } from "./output.ts";
import type { OpenRequest } from "./request.ts";
import { runCommand } from "./run-command.ts";

/**
 * Starts the terminal app when both ends are a terminal that can be drawn on. The app and what it draws with are
 * imported only then: everything else starts faster without them.
 */
export async function openCommand(request: OpenRequest, output: Output): Promise<ExitCode> {
  if (!canDraw())
    return runCommand({ ...request, command: "run", only: [], format: "table", isFull: false }, output);
  const { openTerminal } = await import("@reckon/terminal");
  const { model, scenarios, sets, allowModules } = request;
  const code = await openTerminal({ model, scenarios: [...scenarios], sets: [...sets], allowModules });
  return code === 0 || code === 1 ? code : 2;
}

function canDraw(): boolean {
  const { TERM, CI } = process.env;
  return (
    process.stdin.isTTY === true && process.stdout.isTTY === true && TERM !== "dumb" && (CI ?? "") === ""
  );
}
