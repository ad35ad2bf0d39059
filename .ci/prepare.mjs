// Makes a clone ready to run: installs when the lock file has changed since the last install, then builds.
//
// Plain JavaScript for any Node from 20 on, because it runs before anything is installed.
// `npm ci` refuses a lock file made where some platform's optional binaries were missing, and a plain
// `npm install` under npm 10 rewrites it; `npm install --no-save` does neither.
// While a step runs, its name and the seconds are on the screen: on a terminal as one line that counts, elsewhere as a
// line every few seconds. A step that takes no time says nothing.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stampFile = join(root, "node_modules", ".reckon-installed");
const isWindows = process.platform === "win32";
const quietMs = 1500;

if (readStamp() !== hashOfLock()) await install();
await build();

/** The hash of everything that decides what gets installed. */
function hashOfLock() {
  const hash = createHash("sha256");
  for (const name of ["package.json", "package-lock.json", ".npmrc"]) {
    const path = join(root, name);
    if (existsSync(path)) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

function readStamp() {
  return existsSync(stampFile) ? readFileSync(stampFile, "utf8") : "";
}

async function install() {
  const env = { ...process.env };
  // npm's scripts put node_modules/.bin first: there the Node being installed would replace the running one. And
  // options meant for that newer Node would stop the older one that npm itself runs on.
  const bin = join("node_modules", ".bin");
  env.PATH = (env.PATH ?? "")
    .split(delimiter)
    .filter((entry) => !entry.endsWith(bin))
    .join(delimiter);
  delete env.NODE_OPTIONS;
  await run("installing packages (once; again only when the lock file changes)", 0, "npm", {
    args: ["install", "--no-save", "--loglevel=error", "--include=dev"],
    env,
    onFailure: "npm install failed; see the messages above",
  });
  mkdirSync(join(root, "node_modules"), { recursive: true });
  writeFileSync(stampFile, hashOfLock());
}

async function build() {
  const turbo = join(root, "node_modules", ".bin", isWindows ? "turbo.cmd" : "turbo");
  await run("building", quietMs, turbo, {
    args: ["run", "build", "--output-logs=errors-only", "--ui=stream"],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
    isSilent: true,
    onFailure: "the build failed; see the messages above",
  });
}

/** Runs one step and shows that it runs. Output is kept back where it is of interest only after a failure. */
async function run(name, afterMs, command, { args, env, isSilent = false, onFailure }) {
  const since = Date.now();
  const progress = showProgress(name, since, afterMs);
  const kept = [];
  const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"], shell: isWindows });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (piece) => {
      if (isSilent) kept.push(piece);
      else progress.print(piece);
    });
  }
  const status = await new Promise((resolve) => {
    child.on("error", (cause) => {
      kept.push(Buffer.from(`${cause.message}\n`));
      resolve(1);
    });
    child.on("close", (code) => resolve(code ?? 1));
  });
  progress.stop(status === 0);
  if (status === 0) return;
  process.stderr.write(Buffer.concat(kept));
  process.stderr.write(`reckon: ${onFailure}\n`);
  process.exit(status);
}

/** A line that counts seconds on a terminal; elsewhere a line at the start and one every few seconds. */
function showProgress(name, since, afterMs) {
  const isTerminal = process.stderr.isTTY === true;
  const seconds = () => `${((Date.now() - since) / 1000).toFixed(isTerminal ? 0 : 1)} s`;
  let isShown = false;
  const show = () => {
    if (Date.now() - since < afterMs) return;
    isShown = true;
    process.stderr.write(
      isTerminal ? `\rreckon: ${name} … ${seconds()}\u001b[K` : `reckon: ${name} … ${seconds()}\n`,
    );
  };
  if (afterMs === 0) show();
  const timer = setInterval(show, isTerminal ? 500 : 5000);
  return {
    print(piece) {
      if (isTerminal) process.stderr.write("\r\u001b[K");
      process.stderr.write(piece);
    },
    stop(isGood) {
      clearInterval(timer);
      if (isTerminal && isShown) process.stderr.write("\r\u001b[K");
      const isWorthSaying = isShown || Date.now() - since >= quietMs;
      if (isGood && isWorthSaying) process.stderr.write(`reckon: ${name.split(" (")[0]}: ${seconds()}\n`);
    },
  };
}
