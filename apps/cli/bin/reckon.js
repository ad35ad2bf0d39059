#!/usr/bin/env node
// The `reckon` command: finds a Node that is new enough, then hands over to the built program.
//
// Plain JavaScript that Node 20 runs, because `node_modules/.bin/reckon` called directly uses the system's Node. Where
// that one is older than 24, the program runs under the Node that npm installed as the package `node`; standard
// streams, signals and the exit code pass through.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as nodeModule from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const nodeMajorMin = 24;
/** Ends pastes and styles, leaves the alternate screen, shows the cursor: harmless when already done. */
const restoreScreen = "\u001b[?2026l\u001b[?2004l\u001b[0m\u001b[?1049l\u001b[?25h";
const program = new URL("../dist/main.js", import.meta.url);

process.env.NODE_ENV ??= "production";
// Inside a folder of the workspace npx changes to that workspace's root; paths are meant from where it was typed. A
// program that npx has started may start this one anywhere else, and means that place.
const { npm_command: npmCommand, INIT_CWD: typedIn } = process.env;
if (npmCommand === "exec" && typedIn && !relative(process.cwd(), typedIn).startsWith(".."))
  process.chdir(typedIn);

if (!existsSync(program)) {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  refuse(`not built yet; run \`npm start\` once in ${root}`);
} else if (Number(process.versions.node.split(".")[0]) < nodeMajorMin) {
  runUnderNewerNode();
} else {
  nodeModule.enableCompileCache?.();
  await runProgram();
}

async function runProgram() {
  let main;
  try {
    ({ main } = await import(program.href));
  } catch (cause) {
    refuse(`cannot start: ${cause.message}; run \`npm start\` once to install and build again`);
    return;
  }
  // What a model's module leaves running (a timer, a socket) must not keep the command from ending.
  process.exit(await main(process.argv.slice(2)));
}

function runUnderNewerNode() {
  const node = newerNode();
  if (node === undefined) {
    refuse(`needs Node ${nodeMajorMin} or newer; this is ${process.versions.node}`);
    return;
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
    // Already done above; doing it again would be wrong after a change of directory by the user's own program.
    env: { ...process.env, npm_command: "" },
  });
  // The program decides what a signal means. A terminal sends Ctrl-C to both processes, so it may come there twice.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (cause) => refuse(`cannot start ${node}: ${cause.message}`));
  child.on("exit", (code, signal) => {
    // Killed or out of memory, the terminal app cannot give the screen back itself.
    if (signal !== null && process.argv[2] === "open" && process.stdout.isTTY)
      process.stdout.write(restoreScreen);
    if (signal === null) process.exitCode = code ?? 2;
    else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}

/** The Node of the package `node`, wherever npm put it. */
function newerNode() {
  try {
    const manifest = nodeModule.createRequire(import.meta.url).resolve("node/package.json");
    const path = join(dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function refuse(text) {
  process.stderr.write(`reckon: ${text}\n`);
  process.exitCode = 2;
}
