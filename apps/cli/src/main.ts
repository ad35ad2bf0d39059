/**
 * The `reckon` command: arguments in, exit code out. `bin/reckon.js` starts it.
 *
 * Data goes to standard output and messages to standard error. A reader that goes away (`reckon run … | head`) ends
 * the program quietly, a batch as Ctrl-C does. What nobody foresaw is one sentence and exit code 2; the stack is shown with RECKON_DEBUG=1.
 * That holds for what a model's module throws behind our back (in a timer, in a promise nobody waits for), too; a
 * watch survives it. What a module prints is a message, so that results in a pipe stay clean.
 */
import { Console } from "node:console";
import { readFileSync } from "node:fs";
import { exitFailure, exitGood } from "./exit-code.ts";
import { type Output, type ProcessOutput, processOutput } from "./output.ts";
import { readArguments } from "./raw-options.ts";
import { type Request, requestOf } from "./request.ts";

/** Runs one command line (without the program's name) to its end. */
export async function main(argv: readonly string[]): Promise<number> {
  const output = processOutput();
  const tell = (cause: unknown) => {
    output.message(`reckon: ${cause instanceof Error ? cause.message : String(cause)}`);
    if (process.env.RECKON_DEBUG && cause instanceof Error) output.message(cause.stack ?? "");
  };
  handleLostOutput(output, tell);
  globalThis.console = new Console(process.stderr, process.stderr);
  const isOwnOutput = argv[0] === "open" || argv[0] === "eval";
  if (!isOwnOutput) process.stdout.write = process.stderr.write.bind(process.stderr);
  process.on("uncaughtException", (cause) => {
    tell(cause);
    if (argv[0] !== "watch") process.exit(exitFailure);
  });
  try {
    const code = await runLine(argv, output);
    await output.drained();
    return code;
  } catch (cause) {
    tell(cause);
    return exitFailure;
  }
}

async function runLine(argv: readonly string[], output: Output): Promise<number> {
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

/** Batches speak in bars and charts: in ASCII where a terminal shows no other. Programs and pipes get what there is. */
async function batchOutput(request: { readonly isJson: boolean }, output: Output): Promise<Output> {
  if (request.isJson || !output.isTerminal) return output;
  const { isPlain, plainOutput } = await import("./plain-output.ts");
  return isPlain(process.env) ? plainOutput(output) : output;
}

/** Each command is imported when it is asked for: `eval` starts without the engine, all but `watch` without the watcher. */
async function runRequest(request: Request, output: Output): Promise<number> {
  switch (request.command) {
    case "run":
      return (await import("./run-command.ts")).runCommand(request, output);
    case "check":
      return (await import("./check-command.ts")).checkCommand(request, output);
    case "fmt":
      return (await import("./fmt-command.ts")).fmtCommand(request, output, readStandardInput);
    case "eval":
      return (await import("./eval-command.ts")).evalCommand(request, output);
    case "eval-lines":
      await (await import("./eval-lines.ts")).evalLines(process.stdin, process.stdout);
      return exitGood;
    case "watch":
      return (await import("./watch-command.ts")).watchCommand(request, output);
    case "open":
      return (await import("./open-command.ts")).openCommand(request, output);
    case "why":
      return (await import("./why-command.ts")).whyCommand(request, output);
    case "diff":
      return (await import("./diff-command.ts")).diffCommand(request, output);
    case "loops":
      return (await import("./loops-command.ts")).loopsCommand(request, output);
    case "plan":
      return (await import("./plan-command.ts")).planCommand(request, output);
    case "cache":
      return (await import("./cache-command.ts")).cacheCommand(request, output);
    case "profile":
      return (await import("./profile-command.ts")).profileCommand(request, output);
    case "batch":
      return (await import("./batch-command.ts")).batchCommand(
        request,
        await batchOutput({ isJson: request.form === "json" }, output),
      );
    case "runs":
      return (await import("./runs-command.ts")).runsCommand(
        request,
        await batchOutput({ isJson: request.isJson || request.action === "export" }, output),
      );
    case "advise":
      return (await import("./advise-command.ts")).adviseCommand(request, await batchOutput(request, output));
    case "worker":
      return (await import("./worker-command.ts")).workerCommand(request, await batchOutput(request, output));
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

/** A reader that goes away is no failure; a full disk is one. A command that has something to leave in order goes on until it has. */
function handleLostOutput(output: ProcessOutput, tell: (cause: unknown) => void): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") {
      if (!output.loseReader()) process.exit(exitGood);
      return;
    }
    tell(new Error(`cannot write the results: ${error.message}`));
    process.exit(exitFailure);
  });
  // Without anybody to read messages the results and the exit code still count.
  process.stderr.on("error", () => {});
}
