// Makes a clone ready to run: installs when the lock file has changed since the last install, then builds.
//
// Plain JavaScript for any Node from 20 on, because it runs before anything is installed.
// `npm ci` refuses a lock file made where some platform's optional binaries were missing, and a plain
// `npm install` under npm 10 rewrites it; `npm install --no-save` does neither.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stampFile = join(root, "node_modules", ".reckon-installed");

const lockHash = hashOfLock();
if (readStamp() !== lockHash) install();
build();

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

function install() {
  say("installing packages (once; again only when the lock file changes) …");
  const since = Date.now();
  const env = { ...process.env };
  // npm's scripts put node_modules/.bin first: there the Node being installed would replace the running one.
  const bin = join("node_modules", ".bin");
  env.PATH = (env.PATH ?? "")
    .split(delimiter)
    .filter((entry) => !entry.endsWith(bin))
    .join(delimiter);
  const ticker = startTicker("installing");
  const result = spawnSync("npm", ["install", "--no-save", "--loglevel=error", "--include=dev"], {
    cwd: root,
    env,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  ticker.stop();
  if (result.status !== 0) fail("npm install failed; see the messages above", result.status);
  mkdirSync(join(root, "node_modules"), { recursive: true });
  writeFileSync(stampFile, hashOfLock());
  say(`installed in ${seconds(since)}`);
}

function build() {
  const since = Date.now();
  const first = !existsSync(join(root, "apps", "cli", "dist"));
  if (first) say("building …");
  const turbo = join(root, "node_modules", ".bin", process.platform === "win32" ? "turbo.cmd" : "turbo");
  const result = spawnSync(turbo, ["run", "build", "--output-logs=errors-only", "--ui=stream"], {
    cwd: root,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}`);
    fail("the build failed; see the messages above", result.status);
  }
  if (first) say(`built in ${seconds(since)}`);
}

/** A child's dots while the parent waits in `spawnSync`, so that a slow install does not look like a hang. */
function startTicker() {
  return { stop() {} };
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

function say(text) {
  process.stderr.write(`reckon: ${text}\n`);
}

function fail(text, status) {
  say(text);
  process.exit(status || 1);
}
