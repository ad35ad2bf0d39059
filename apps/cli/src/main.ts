/**
 * The `reckon` command: arguments in, exit code out. `bin/reckon.js` starts it.
 *
 * Data goes to standard output and messages to standard error. A reader that goes away (`reckon run … | head`) ends
 * the program quietly. What nobody foresaw is one sentence and exit code 2; the stack is shown with RECKON_DEBUG=1.
 */
import { readFileSync } from "node:fs";
import { checkCommand } from "./check-command.ts";
import { diffCommand } from "./diff-command.ts";
import { evalCommand } from "./eval-command.ts";
import { evalLines } from "./eval-lines.ts";
import { type ExitCode, exitFailure, exitGood } from "./exit-code.ts";
import { fmtCommand } from "./fmt-command.ts";
import { openCommand } from "./open-command.ts";
import { type Output, processOutput } from "./output.ts";
import { readArguments } from "./raw-options.ts";
import { type Request, requestOf } from "./request.ts";
import { runCommand } from "./run-command.ts";
import { watchCommand } from "./watch-command.ts";
import { whyCommand } from "./why-command.ts";

/** Runs one command line (without the program's name) to its end. */
export async function main(argv: readonly string[]): Promise<number> {
  const output = processOutput();
  endQuietlyWithoutReader();
  try {
    const code = await runLine(argv, output);
    await output.drained();
    return code;
  } catch (cause) {
    output.message(`reckon: ${cause instanceof Error ? cause.message : String(cause)}`);
    if (process.env.RECKON_DEBUG && cause instanceof Error) output.message(cause.stack ?? "");
    return exitFailure;
  }
}

async function runLine(argv: readonly string[], output: Output): Promise<ExitCode> {
  const raw = readArguments(argv, readVersion());
  if (raw.kind === "text") {
    output.data(raw.text);
    return exitGood;
  }
  if (raw.kind === "refused") {
    output.message(raw.text.trimEnd());
    return exitFailure;
  }
  const request = requestOf(raw);
  if ("refused" in request) {
    output.message(`reckon: ${request.refused}\nTry: reckon ${raw.command} --help`);
    return exitFailure;
  }
  return runRequest(request, output);
}

async function runRequest(request: Request, output: Output): Promise<ExitCode> {
  switch (request.command) {
    case "run":
      return runCommand(request, output);
    case "check":
      return checkCommand(request, output);
    case "fmt":
      return fmtCommand(request, output, readStandardInput);
    case "eval":
      return evalCommand(request, output);
    case "eval-lines":
      await evalLines(process.stdin, process.stdout);
      return exitGood;
    case "watch":
      return watchCommand(request, output);
    case "open":
      return openCommand(request, output);
    case "why":
      return whyCommand(request, output);
    case "diff":
      return diffCommand(request, output);
  }
}

function readVersion(): string {
  const manifest = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

async function readStandardInput(): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("utf8");
}

function endQuietlyWithoutReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitGood);
    throw error;
  });
}
